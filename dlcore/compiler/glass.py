"""Recording: a call is made while every array stands behind glass, and a tape takes down what is done with it."""

import operator
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from dlcore.compiler.watch import SIMPLE, Names
from dlcore.ops import RULES
from dlcore.rng import Generator
from dlcore.tensor import Tensor
from dlcore.tensor.graph import Writes, births
from dlcore.tensor.protocols import Numbers
from dlcore.tensor.tensor import quiet

SLOTS = ((Tensor, "array"), (Tensor, "grad"), (Generator, "numpy"), (Writes, "note"))  # where glass is put in
OWN = ARRAY, GRAD, NUMPY, _ = tuple([vars(owner)[name] for owner, name in SLOTS])
#: What the layout of arrays decides, and so is known to be the same.
FREE = {np.shape, np.ndim, np.size, np.result_type, np.may_share_memory, np.shares_memory}


class Glass(NDArrayOperatorsMixin):
    """An array behind glass: its shape may be seen, everything else goes by way of the tape.

    Who computes with it gets another glass, and a step is on the tape. Who wants to know a number gets it, and the
    question is on the tape with its answer.
    """

    __slots__ = ("tape", "value", "name", "__weakref__")
    __class__ = property(lambda self: type(self.value))  # type: ignore[assignment]

    def __init__(self, tape, value, name):
        self.tape, self.value, self.name = tape, value, name

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        return iter([self[i] for i in range(len(self))])

    def __getattr__(self, name):
        if name.startswith("__"):  # NumPy asks for ways past the glass
            raise AttributeError(name)
        found = getattr(type(self.value), name)
        if callable(found):
            return lambda *args, **options: note(self.tape, found, (self, *args), options)
        return note(self.tape, operator.attrgetter(name), (self,), {})

    def __array__(self, dtype=None, copy=None):
        return np.array(ask(self.tape, f"asarray({self.name})", self.value.copy()), dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if any(isinstance(x, Numbers) for x in inputs):
            return NotImplemented  # array + tensor is the tensor's business
        return note(self.tape, ufunc if method == "__call__" else getattr(ufunc, method), inputs, options)

    def __array_function__(self, function, types, args, options):
        return note(self.tape, function, args, options)


def _noting(function: Any, most: int = 9) -> Any:
    return lambda self, *args: note(self.tape, function, (self, *args)[:most], {})


for _name in "shape dtype ndim size strides flags itemsize nbytes".split():
    setattr(Glass, _name, property(operator.attrgetter(f"value.{_name}")))
for _function in (bool, float, int, complex, str, repr, format):
    setattr(Glass, f"__{_function.__name__}__", _noting(_function))
for _name in "index getitem setitem contains".split():
    setattr(Glass, f"__{_name}__", _noting(getattr(operator, _name)))
for _name in ("__copy__", "__deepcopy__"):
    setattr(Glass, _name, _noting(np.copy, most=1))


class Dice:
    """A generator of dlcore's whose draws are steps on the tape."""

    def __init__(self, tape, generator):
        self.tape, self.generator = tape, generator

    def __getattr__(self, name):
        found = getattr(NUMPY.__get__(self.generator), name)
        self.tape.keep(self.generator)
        if callable(found):
            return lambda *args, **options: note(self.tape, draw, (self.generator, name, *args), options)
        self.tape.refuse("it moves a generator by hand")
        return found


def draw(generator: Generator, name: str, *args: Any, **options: Any) -> Any:
    """Draw from where the generator stands now."""
    return getattr(NUMPY.__get__(generator), name)(*args, **options)


def picture(x: Any) -> tuple:
    """An array or a generator, and how it is now."""
    return x, (x.copy() if isinstance(x, np.ndarray) else NUMPY.__get__(x).bit_generator.state)


def put_back(pictures: list) -> None:
    """Let arrays and generators be as they were."""
    for x, was in pictures:
        if isinstance(x, np.ndarray):
            x[...] = was
        else:
            NUMPY.__get__(x).bit_generator.state = was


def bare(x: Any) -> Any:
    """What stands behind the glass, at any place in x."""
    if type(x) is Glass:
        return x.value
    if isinstance(x, tuple):
        return type(x)(*map(bare, x)) if hasattr(x, "_fields") else tuple(map(bare, x))
    if type(x) is slice:
        return slice(bare(x.start), bare(x.stop), bare(x.step))
    return [bare(y) for y in x] if type(x) is list else {k: bare(y) for k, y in x.items()} if type(x) is dict else x


def array_of(x: Any) -> Any:
    """The array in a tensor, without glass; an array itself."""
    return ARRAY.__get__(x) if isinstance(x, Tensor) else x


def within(x: Any) -> Iterator[Any]:
    """What stands in tuples, lists and dictionaries, at any depth."""
    if isinstance(x, tuple | list | dict):
        for part in x.values() if isinstance(x, dict) else x:
            yield from within(part)
    else:
        yield x


def same(x: Any, y: Any) -> bool:
    """Whether two answers are the same to the bit.

    >>> same(0.0, -0.0), same(np.nan, np.nan), same(1, True)
    (False, True, False)
    """
    if isinstance(x, np.ndarray):
        return x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()
    return type(x) is type(y) and repr(x) == repr(y)


class Step(NamedTuple):
    """One call on the tape: its text and the names of its results; of a rule also its pullbacks, and when it ran."""

    call: str
    outs: list[str]
    several: bool
    check: str
    pulls: Any
    born: int
    number: bool  # whether NumPy gave a number, which the engine takes as an array


class Tape:
    """What one call did: its steps as text, with the names of their arrays."""

    def __init__(self, names: Names) -> None:
        self.names, self.why, self.start, self.run = names, "", next(births), quiet.run
        self.glasses: dict[int, Glass] = {}
        self.inputs: list[tuple[str, Any]] = []  # the tensors and arrays that are given or found, by name
        self.steps: list[Step] = []
        self.kept: list[tuple] = []  # pictures of what the call overwrites or draws from

    def refuse(self, why: str) -> str:
        """Remember why this call cannot be kept; it goes on all the same."""
        self.why = self.why or why
        return ""

    def glass(self, array: Any, hint: str = "") -> Glass:
        """The glass before an array: of an input or a step's result (hint "v"), or else of a constant."""
        if id(array) not in self.glasses:
            name = f"v{len(self.glasses)}" if hint else self.names.of(array)
            self.glasses[id(array)] = Glass(self, array, name)
        return self.glasses[id(array)]

    def keep(self, x: Any) -> None:
        """Take a picture of what is about to change: a generator, or the inputs that share memory with an array."""
        arrays = [array_of(y) for _, y in self.inputs] if isinstance(x, np.ndarray) else []
        shared = [y for y in arrays if np.may_share_memory(x, y)] if isinstance(x, np.ndarray) else [x]
        self.kept += [picture(y) for y in shared if not any(y is z for z, _ in self.kept)]

    def rule(self, rule: Any, *inputs: Any, **options: Any) -> tuple:
        """Run a rule as the engine does, and write it down."""
        if RULES.get(rule.__name__) is not rule:
            self.refuse(f"{rule.__name__} is no rule of dlcore.ops")
        born = next(births)
        value, pulls = self.run(rule, *bare(inputs), **bare(options))
        whole = bare(value) if type(value) is tuple else np.asarray(bare(value))
        write(self, rule, inputs, options, whole, pulls, born, isinstance(value, np.generic))
        return whole, pulls


def note(tape: Tape, function: Any, args: tuple, options: dict) -> Any:
    """Carry out what is asked of arrays behind glass, and write it down."""
    if function in FREE:
        return function(*bare(args), **bare(options))
    outs = [x for x in within(options.get("out", ())) if x is not None]
    for x in outs:
        mine = type(x) is not Glass or x.name in tape.names  # a constant, which the next call would find changed
        tape.refuse("it writes into an array of its own") if mine else tape.keep(bare(x))
    arrays = [bare(x) for x in within((args, options)) if isinstance(x, np.ndarray)]
    before = [a.copy() for a in arrays]
    value = function(*bare(args), **bare(options))
    for a, was in zip(arrays, before, strict=True):
        if not same(a, was) and not any(a is bare(x) for x in outs):
            tape.refuse("it changes an array in place")
    return write(tape, function, args, options, value)


def write(
    tape: Tape,
    function: Any,
    args: tuple,
    options: dict,
    value: Any,
    pulls: Any = (),
    born: int = 0,
    number: bool = False,
) -> Any:
    """Put a step on the tape, or a question; return the result behind glass."""
    words = [written(tape.names, x) for x in args]
    words += [f"{key}={written(tape.names, x)}" for key, x in options.items()]
    call = f"{tape.names.of(function, getattr(function, '__name__', 'f'))}({', '.join(words)})"
    parts = value if type(value) in (tuple, list) else [value]
    if not parts or not all(isinstance(part, np.ndarray | np.generic) for part in parts):
        return ask(tape, call, value)
    glasses = [tape.glass(part, "v") for part in parts]
    fixed = isinstance(function, np.ufunc) or born and function is not RULES["getitem"]  # else numbers may decide
    check = "" if fixed else " or ".join([f"{g.name}.shape != {g.value.shape}" for g in glasses])
    tape.steps.append(Step(call, [g.name for g in glasses], parts is value, check, pulls, born, number))
    return type(value)(glasses) if parts is value else glasses[0]


def ask(tape: Tape, call: str, answer: Any) -> Any:
    """Put a question on the tape, with its answer."""
    if not all(isinstance(x, (*SIMPLE, np.ndarray)) for x in within(answer)):
        tape.refuse(f"it asks for a {type(answer).__name__}")
    tape.steps.append(Step("", [], False, f"not same({call}, {tape.names.of(answer)})", (), 0, False))
    return answer


def written(names: Names, x: Any) -> str:
    """How x is written in a program."""
    if type(x) is Glass:
        return x.name
    if isinstance(x, tuple | list):
        inner = "".join([f"{written(names, y)}, " for y in x])
        return f"({inner})" if isinstance(x, tuple) else f"[{inner}]"
    if type(x) is slice:
        return f"slice({written(names, x.start)}, {written(names, x.stop)}, {written(names, x.step)})"
    return repr(x) if type(x) in (bool, int, str, type(None)) else names.of(x)


@contextmanager
def glazed(tape: Tape, ran: dict) -> Iterator[None]:
    """For a while let this thread see arrays through glass only, and take down whose code runs."""
    mine, nested = get_ident(), quiet.run_nested

    def seen(slot: Any, show: Any, put: Any) -> Any:
        return property(lambda x: show(x) if get_ident() == mine else slot.__get__(x), put)

    def refusing(why: str, function: Any) -> Any:
        return lambda *args: tape.refuse(why) or function(*map(bare, args))

    looked, moved = refusing("it looks at a gradient", GRAD.__get__), refusing("it moves a generator", NUMPY.__set__)
    changed = refusing("it changes a gradient", GRAD.__set__)
    array = seen(ARRAY, lambda x: tape.glass(ARRAY.__get__(x)), lambda x, a: ARRAY.__set__(x, bare(a)))
    grad = seen(GRAD, looked, lambda x, g: GRAD.__set__(x, g) if g is None else changed(x, g))
    write = refusing("it changes a tensor in place", Writes.note)
    for place, window in zip(SLOTS, (array, grad, seen(NUMPY, lambda x: Dice(tape, x), moved), write), strict=True):
        setattr(*place, window)
    vars(quiet).update(run=tape.rule, run_nested=refusing("it walks back, or changes weights", nested))
    sys.setprofile(lambda frame, event, arg: ran.setdefault(frame.f_code, str(frame.f_globals.get("__name__"))))
    try:
        yield
    finally:
        sys.setprofile(None)
        for place, own in zip(SLOTS, OWN, strict=True):
            setattr(*place, own)
        vars(quiet).update(run=tape.run)
        del vars(quiet)["run_nested"]
