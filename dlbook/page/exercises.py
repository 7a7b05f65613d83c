"""Check an exercise at once: try the answer, name the usual mistake, never raise, never give the solution away.

The checks of a page live in its room, `dlbook/pages/<part>/<page>/exercises.py`, under a line `check = Exercises()`;
the page imports `check` from there. One of them looks like this:

    @check.exercise("1.2a")
    def bias_of_an_or(bias):
        for x, fires in ((0, 0), 0), ((1, 0), 1):
            got = float(x[0] + x[1] + bias >= 0)
            same(got, fires, f"with inputs {x} the unit", mistakes=[(…, "You moved the threshold the wrong way: …")])

A check returns when the answer is right and raises `Mistake` or `NotYet` when not; `call` and `same` do so for it.
"""

import inspect
import linecache
import traceback
from copy import deepcopy

import numpy as np

from dlbook.page.show import box_rules, colour, inline, publish, unmarked

_HEADS = {"passed": "Right.", "not yet": "Not yet.", "not right": "Not quite.", "broken": "This check could not run."}
_WRITE = "Write the body of the function, then run this cell again."
_RETURN = "Your function returned nothing here. Let every way through it end with `return …`."
_COLOURS = {"passed": "activation", "not yet": "muted", "not right": "loss", "broken": "muted"}


class Mistake(Exception):  # noqa: N818 - it is not an error of the program but a finding about the answer
    """The answer is not right; the message says how one can tell, in the words of the subject."""


class NotYet(Exception):  # noqa: N818
    """The answer has not been started: the skeleton is untouched."""


class Result:
    """What a check found: `.passed`, `.status` ("passed", "not yet", "not right", "broken") and `.message`."""

    def __init__(self, exercise_id, status, message):
        self.exercise, self.status, self.message = exercise_id, status, message
        self.passed = status == "passed"

    def __bool__(self):
        return self.passed

    def __repr__(self):
        return f"{self.exercise}: {_HEADS[self.status]} {unmarked(self.message)}".rstrip()

    def _ipython_display_(self):
        """Show nothing: `check` has already shown the box."""

    def bundle(self):
        """Return the box as HTML and as plain text."""
        lines = "".join(f"<p>{inline(line)}</p>" for line in self.message.splitlines() if line.strip())
        html = (
            f"<style>{box_rules()}</style>"
            f'<div class="dl-box dl-check dl-check-{self.status.replace(" ", "-")}" role="status" '
            f'style="--dl-box:{colour(_COLOURS[self.status])}"><p><strong>Exercise {self.exercise}. '
            f"{_HEADS[self.status]}</strong></p>{lines}</div>"
        )
        return {"text/html": html, "text/plain": repr(self)}


class Exercises:
    """The exercises of one page: `@check.exercise(id)` adds one, `check(id, answer)` tries an answer."""

    def __init__(self):
        self.checks = {}

    def exercise(self, exercise_id):
        """Make the decorated function the check of an exercise."""

        def register(function):
            if exercise_id in self.checks:
                known = self.checks[exercise_id].__name__
                raise ValueError(f"exercise({exercise_id!r}): already checked by {known}; ids must be unique.")
            self.checks[exercise_id] = function
            return function

        return register

    def __call__(self, exercise_id, answer):
        """Try an answer, show in a box what was found, and return it as a Result; never raises."""
        result = self.judge(exercise_id, answer)
        publish(result.bundle())
        return result

    def judge(self, exercise_id, answer):
        """Try an answer and return the Result without showing it."""
        if exercise_id not in self.checks:
            known = " or ".join(sorted(self.checks))
            return Result(exercise_id, "broken", f"There is no exercise of that name. Did you mean {known}?")
        if answer is None or answer is Ellipsis:
            return Result(exercise_id, "not yet", "Replace the `...` by your answer, then run this cell again.")
        try:
            praise = self.checks[exercise_id](deepcopy(answer) if isinstance(answer, np.ndarray) else answer)
            return Result(exercise_id, "passed", praise or "")
        except NotYet as finding:
            return Result(exercise_id, "not yet", str(finding))
        except Mistake as finding:
            return Result(exercise_id, "not right", str(finding))
        except Exception as error:  # a defect of the check, not of the answer: say so, do not blame the reader
            return Result(exercise_id, "broken", _own_defect(error, answer))


def _own_defect(error, answer):
    """Say where a check itself failed."""
    where, kind = traceback.extract_tb(error.__traceback__)[-1], type(answer).__name__
    said = f"{type(error).__name__}: {error} (in {where.name}, line {where.lineno})."
    return f"It stumbled over this kind of answer ({kind}). {said}"


def call(function, *args, **kwargs):
    """Call the reader's function on copies of the arguments; turn whatever goes wrong into a Mistake or NotYet."""
    if not callable(function):
        kind = type(function).__name__
        raise Mistake(f"I expected a function and received a value of type {kind}. Pass its name, without brackets.")
    own_args, own_kwargs = deepcopy((args, kwargs))
    try:
        answer = function(*own_args, **own_kwargs)
    except NotImplementedError:
        raise NotYet(_WRITE) from None
    except (Exception, SystemExit) as error:
        raise Mistake(_stopped(function, error)) from None
    if answer is None or answer is Ellipsis:
        raise NotYet(_WRITE if _is_skeleton(function) else _RETURN)
    if not _unchanged(args, own_args):
        raise Mistake("Your function changes the array that it is given. Work on a new array, such as `x = x + …`.")
    return answer


def call_or_explain(function, *args, phrase, words):
    """Call the reader's function; put words before a Mistake that holds the phrase, which alone would not help."""
    try:
        with np.errstate(all="ignore"):
            return call(function, *args)
    except Mistake as finding:
        if phrase in str(finding):
            raise Mistake(f"{words}\n{finding}") from None
        raise


def same(got, want, given, mistakes=(), unit="", rtol=1e-5, atol=1e-7, show=True):
    """Raise Mistake unless `got` equals the array or number `want`, in shape and in value.

    Args:
        got: what the reader's code gave: a number, list, array or tensor.
        want: what is right.
        given: the case in words, to begin a sentence: "For a current of 2 nA".
        mistakes: pairs (what a usual mistake would give, the words that name the mistake), tried in this order.
        unit: printed after numbers.
        show: whether the right value may be shown.
    """
    got, want = as_array(got, given), np.asarray(want)
    if got.shape == want.shape and np.allclose(got, want, rtol=rtol, atol=atol):
        return
    for wrong, words in mistakes:
        wrong = np.asarray(wrong)
        if got.shape == wrong.shape and np.allclose(got, wrong, rtol=rtol, atol=atol):
            raise Mistake(words)
    if got.shape != want.shape:
        raise Mistake(f"{given}: expected {_shape(want)}, received {_shape(got)}.")
    if not np.isfinite(got).all():
        raise Mistake(f"{given}: received {_value(got, unit)}; there is a division by zero or an overflow on the way.")
    expected = f"expected {_value(want, unit)}, " if show else ""
    raise Mistake(f"{given}: {expected}received {_value(got, unit)}.")


def as_array(got, given):
    """Turn a number, list, array or tensor into an array of numbers, or say what it is instead."""
    if callable(got) and not hasattr(got, "__array__"):
        raise Mistake(f"{given}: expected a number, received a function. Call it, with brackets and its inputs.")
    for step in ("detach", "numpy"):
        got = getattr(got, step)() if hasattr(got, step) else got
    try:
        array = np.asarray(got)
    except ValueError:
        raise Mistake(f"{given}: expected numbers, received a list whose rows differ in length.") from None
    if array.dtype.kind not in "biuf":
        raise Mistake(f"{given}: expected a number, received {type(got).__name__} ({str(got)[:60]!r}).")
    return array.astype(float)


def _shape(array):
    if array.shape == ():
        return "a single number"
    return f"an array of shape {array.shape}"


def _value(array, unit):
    if array.ndim == 0:
        return f"{array:.4g} {unit}".rstrip()
    text = np.array2string(array, precision=4, threshold=8, edgeitems=2, separator=", ").replace("\n", "")
    return f"{text} {unit}".rstrip()


def _unchanged(before, after):
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if isinstance(a, np.ndarray)]
    return all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in pairs)


def _stopped(function, error):
    """Say in one or two lines where the reader's code stopped, quoting that line."""
    what = f"`{type(error).__name__}: {error}`" if str(error) else f"`{type(error).__name__}`"
    file = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    if isinstance(error, TypeError) and not frames:
        return f"I could not call your function: {what}. Compare its parameters with those of the skeleton."
    if not frames:
        return f"Your code stopped with {what}."
    line = linecache.getline(frames[-1].filename, frames[-1].lineno).strip()
    line = line if len(line) < 80 else line[:77] + "…"
    first = inspect.unwrap(function).__code__.co_firstlineno
    place = f"at its line {frames[-1].lineno - first + 1}" if frames[-1].lineno >= first else "in a helper of yours"
    return f"Your function stopped {place}" + (f", `{line}`,\n" if line else ",\n") + f"with {what}."


def _is_skeleton(function):
    """Whether a function's body does nothing: only a docstring, `pass` or `...` (constants compile away)."""
    code = getattr(function, "__code__", None)
    return code is not None and not code.co_names and not set(code.co_consts[1:]) - {None}
