"""`compile`: a tape that was kept.

Every training step makes the same walk, through modules and their checks, tensors and nodes, to the same rules in the
same order. On a small network the walk takes longer than the arithmetic. `compile` writes down which rule was called on
which arrays, and from then on plays this tape: a flat program, forward and back, that calls one rule after the other on
plain arrays. (glass.py records, program.py writes the program, watch.py looks at what else could matter.)

A kept tape could go wrong in three ways. For each there is a guard, and where one strikes, the call is made as always:

* *Somebody asks for a number*: `if x.max() > 1`, `x.item()`. While a call is recorded every array stands behind glass.
  Who computes with it leaves a step on the tape; who asks for a number leaves the question with its answer. When the
  tape is played the question is asked again, and another answer ends it.
* *Something else than an array decides*: a module's attribute, a global, what an outer function holds. All that the
  functions which ran can reach by name is looked at; when the tape is played the very same must stand there.
* *The call does more than compute*: it draws, counts, prints, walks back. dlcore's own draws are steps. What leaves
  anything else changed, or reaches what cannot be watched (a file, the clock, foreign dice), is not kept.
"""

import copy
import gc
import operator
import sys
from collections.abc import Callable
from functools import update_wrapper
from types import MethodType
from typing import Any

import numpy as np

from dlcore.compiler.glass import Tape, array_of, bare, glazed, picture, put_back, same
from dlcore.compiler.program import Other, arrival, program, renew, standing, ways
from dlcore.compiler.watch import HOLD, Names, Watch, at_home
from dlcore.dtypes import Default
from dlcore.tensor import Node, Tensor, wrap
from dlcore.tensor.graph import unbroadcast
from dlcore.tensor.recording import Mode
from dlcore.tensor.tensor import quiet

MOST = 16  #: so many times a function is recorded; one that is always different is in the end left alone


def compile(model: Any = None, *, explain: bool = False, **theirs: Any) -> Any:  # noqa: A001
    """The same model or function, but faster: its steps are recorded once and then played.

    Args:
        model: a module, or a function of tensors; without it, a decorator.
        explain: print when a call is recorded, and why one is not.
        theirs: PyTorch's other settings (backend, mode …) are accepted and change nothing.

    Returns:
        A module that shares all parameters and parts with `model`; or a function. Results, gradients, buffers and draws
        are the same to the bit. The first call looks who takes part, the second is recorded, from the third on the
        program is played. Several tensors with gradients are not handed out by a program: compile model and loss
        together. Not looked at is what somebody puts onto a tensor that is given as an argument (`x.mask = …`), and
        whether dlcore's and NumPy's own functions are still what they were.

    Twin: torch.compile, which does more: it writes programs for the processor, in which several rules become one.

    >>> import dlcore
    >>> from dlcore import nn
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    >>> fast, x = compile(model), dlcore.ones(5, 2)
    >>> all((fast(x) == model(x)).all() for call in range(3))
    True
    >>> print(*[line.strip() for line in fast.forward.text.splitlines() if "tanh" in line])
    v6, (p3_0,) = tanh(v5)
    """
    if model is None:
        return lambda function: compile(function, explain=explain)
    if not hasattr(model, "forward"):
        return Compiled(model, explain)
    twin = copy.copy(model)
    vars(twin)["forward"] = Compiled(twin.forward, explain)
    return twin


class Compiled:
    """A function and the programs that were recorded of it."""

    recording = False  # of whichever function: those that it calls are recorded with it

    def __init__(self, function: Callable[..., Any], explain: bool = False) -> None:
        self.function, self.explain, self.left = function, explain, MOST
        self.programs: list[tuple] = []
        self.ran: dict[Any, str] = {}
        update_wrapper(self, function, updated=())

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else MethodType(self, owner)

    def __getstate__(self) -> dict:  # programs speak of the very tensors that they were recorded with
        return vars(self) | {"left": MOST, "programs": [], "ran": {}}

    def __call__(self, *args: Any, **named: Any) -> Any:
        if Compiled.recording or sys.getprofile():
            return self.function(*args, **named)
        for forward, saved, _ in self.programs:
            try:
                return quiet.run(forward, args, named)
            except Exception:  # another call, or a fault, of which the call itself will say more
                put_back(saved)
                saved.clear()
        return record(self, args, named) if self.left > 0 else self.function(*args, **named)

    @property
    def text(self) -> str:
        """The programs, to be read."""
        return "\n\n".join([text for *_, text in self.programs])

    def say(self, what: str) -> None:
        """Explain, if asked to."""
        if self.explain:
            print(f"compile: {getattr(self, '__qualname__', 'a function')}: {what}")


HOLD.insert(0, (Compiled, lambda watch, x, name: [x.function]))


def record(compiled: Compiled, args: tuple, named: dict) -> Any:
    """Make a call as always, and keep its tape if nothing speaks against it."""
    words = Names(Other, Node, Mode, Default, wrap, same, picture, renew, ways, np.asarray)
    words.update(is_=operator.is_, fit=fit, saved=[])
    tape, watch = Tape(words), Watch(compiled.ran, words)
    places = {**{f"args[{i}]": x for i, x in enumerate(args)}, **{f"named[{key!r}]": x for key, x in named.items()}}
    try:
        lines = [f"if len(args) != {len(args)} or [*named] != {[*named]}: raise Other"]
        lines += [f"if {check}: raise Other" for place, x in places.items() for check in arrival(tape, watch, x, place)]
        watch.look(compiled.function)
        lines += standing(tape, watch)
        look = eval(f"lambda: (Mode.recording, Default.dtype, {', '.join(watch.places)})", dict(words))
        words.update(look=look, there=look())
        y = recorded(compiled, tape, args, named)
    except Exception as fault:
        put_back(tape.kept)
        compiled.say(f"made as always: {type(fault).__name__}: {fault}")
        y = compiled.function(*args, **named)
        compiled.left -= 1  # not where the call itself fails, too
        return y
    compiled.left -= 1
    try:
        if not unchanged(words["there"], look()):
            tape.refuse("it leaves something changed")
        keep(compiled, tape, watch, lines, y)
    except Exception as fault:  # the call itself went well
        compiled.say(f"made as always: {type(fault).__name__}: {fault}")
    return bare(y)


def recorded(compiled: Compiled, tape: Tape, args: tuple, named: dict) -> Any:
    """Make the call behind glass; whatever it does to the tensors that it is given or finds is refused."""

    def state() -> tuple:
        tensors = [x for _, x in tape.inputs if isinstance(x, Tensor)]
        return tuple([y for x in tensors for y in (array_of(x), x.requires_grad, x.grad_fn, len(x.hooks or ()))])

    def behind(x: Any) -> Any:
        return tape.glass(x) if type(x) is np.ndarray else x

    before, collects, Compiled.recording = state(), gc.isenabled(), True
    gc.disable()  # what others have left for the collector to call is no part of this
    try:
        with glazed(tape, compiled.ran):
            y = compiled.function(*map(behind, args), **{key: behind(x) for key, x in named.items()})
    finally:
        Compiled.recording = False
        if collects:
            gc.enable()
    if not unchanged(before, state()):
        tape.refuse("it leaves a tensor changed")
    return y


def unchanged(before: tuple, now: tuple) -> bool:
    """Whether the very same stands in all places."""
    return len(before) == len(now) and all(map(operator.is_, before, now))


def keep(compiled: Compiled, tape: Tape, watch: Watch, lines: list[str], y: Any) -> None:
    """Write the program of a tape, unless something speaks against it."""
    unread = {code for code, home in compiled.ran.items() if not at_home(home)} - watch.read
    names = ", ".join(sorted({code.co_name for code in unread}))
    why = watch.why or tape.why or (f"it runs {names}, which is not to be found" if unread else "")
    text = "" if why else program(tape, lines, y)
    if unread - watch.known and not watch.why:
        compiled.say(f"seen: {names}")
    elif why or tape.why:
        compiled.left = max(compiled.left - 4, 0)
        compiled.say(f"made as always: {why or tape.why}")
    else:
        space = dict(tape.names)
        exec(text, space)
        compiled.programs.append((space["forward"], space["saved"], text))
        compiled.say(f"recorded: {len(tape.steps)} steps")
    tape.glasses.clear()  # glass and tape hold each other, and all arrays of the call


def fit(g: np.ndarray, shape: tuple, dtype: Any) -> np.ndarray:
    """A gradient in the shape and dtype of what it is the gradient of."""
    return unbroadcast(g, shape).astype(dtype, copy=False)
