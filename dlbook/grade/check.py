"""What the student sees: ``check("q1", answer)`` and ``hint("q1")``, from data that the notebook carries."""

import base64
import contextlib
import copy
import time
import warnings
import zlib

import numpy as np

from dlbook.grade import wire
from dlbook.grade.errors import describe, explain
from dlbook.grade.recipe import call_of
from dlbook.grade.verdict import diagnose, diagnose_sealed

LINE = 100
FORMAT = 1  # of what a notebook carries; a notebook lives longer than a version of this package


def pack_checks(title, variant, questions, checks):
    """The visible checks of a notebook as one word of text."""
    tree = {"format": FORMAT, "title": title, "variant": variant, "questions": questions, "checks": checks}
    return base64.b64encode(zlib.compress(wire.pack(tree), 9)).decode()


def unpack_checks(text):
    """The reverse of ``pack_checks``.

    Raises:
        ValueError: if the text has been damaged.
    """
    try:
        tree = wire.unpack(zlib.decompress(base64.b64decode("".join(text.split()))))
    except (ValueError, zlib.error, wire.WireError):
        raise ValueError("The cell with the checks is damaged: copy it again from the assignment.") from None
    if tree["format"] != FORMAT:
        raise ValueError("This notebook and the book's package are of different versions: run the set-up cell again.")
    return tree


@contextlib.contextmanager
def undisturbed():
    """Chance is fixed and warnings are silent (nbgrader gives 0 points for any); both are restored after."""
    state = np.random.get_state()
    np.random.seed(0)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(state)


def try_check(check, answer):
    """Try one check on an answer in this process; None if it passes, else what to tell."""
    if answer is Ellipsis:
        return "Not answered yet."
    call, inputs = call_of(check["recipe"]), copy.deepcopy(check["inputs"])
    try:
        with undisturbed():
            got = wire.as_data(call(answer, *inputs))
    except NotImplementedError:
        return "Not answered yet."
    except Exception as error:
        place = getattr(getattr(answer, "__code__", None), "co_filename", "nowhere")
        return explain(describe(error, place))
    if check["value"]:
        return diagnose_sealed(check, got)
    return diagnose(check, check["expected"], got, wire.as_data(inputs), wire.as_data(check["inputs"]))


def wrapped(text, indent):
    """Lines of at most ``LINE`` characters."""
    words, lines = text.split(" "), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) + indent > LINE:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return ("\n" + " " * indent).join(lines)


class Checks:
    """The checks of one notebook; ``check`` in it is an instance's ``check``, ``hint`` its ``hint``."""

    def __init__(self, data):
        self.data, self.told = data, {}

    def known(self, key):
        """The data of a question.

        Raises:
            KeyError: naming the questions that there are.
        """
        if key not in self.data["questions"]:
            raise KeyError(f"there is no question {key!r}; there are {', '.join(self.data['questions'])}")
        return self.data["questions"][key]

    def check(self, key, answer):
        """Try the visible checks of a question and print one line for each."""
        question, passed, start = self.known(key), 0, time.perf_counter()
        mine = [check for check in self.data["checks"] if check["question"] == key]
        print(f"{key} · {question['title']}")
        for check in mine:
            problem = try_check(check, answer)
            passed += problem is None
            print(f"  {'✓' if problem is None else '✗'} {check['check']}" + (":" if problem else ""))
            if problem:
                print("      " + wrapped(problem, 6))
        print(self.summary(question, mine, passed, time.perf_counter() - start))

    def summary(self, question, mine, passed, seconds):
        """The last line: how many pass, and what they are worth."""
        seen, all_points = sum(check["points"] for check in mine), question["points"]
        rest = f", {all_points - seen:g} on checks that run when you hand in" if all_points > seen else ""
        slow = f" It took {seconds:.1f} s: a shorter way would be kinder to everybody." if seconds > 2 else ""
        return f"  {passed} of {len(mine)} pass. The question is worth {all_points:g} points{rest}.{slow}"

    def hint(self, key):
        """Print the next hint of a question, the same again when there are no more."""
        steps = self.known(key)["hints"]
        if not steps:
            print(f"{key} has no hints: its text says all there is.")
            return
        step = self.told[key] = min(self.told.get(key, 0) + 1, len(steps))
        print(f"{key}, hint {step} of {len(steps)}: " + wrapped(steps[step - 1], 0))
        if step < len(steps):
            print(f'Not enough? Try on your own first, then run hint("{key}") again.')


def notebook_checks(text):
    """``check`` and ``hint`` for a notebook, from the text that the notebook carries."""
    checks = Checks(unpack_checks(text))
    return checks.check, checks.hint
