"""`compile`: a tape that was kept.

Every training step makes the same walk, through modules and their checks, tensors and nodes, to the same rules in the
same order. On a small network the walk takes longer than the arithmetic. `compile` writes down which rule was called on
which arrays, and from then on plays this tape: a flat program that calls one rule after the other on plain arrays.

A kept tape could go wrong in three ways. For each there is a guard, and where one strikes, the call is made as always:

* *Somebody asks for a number*: `if x.max() > 1`, `x.item()`. While a call is recorded every array stands behind glass
  (`Glass`). Who computes with it leaves a step on the tape; who asks for a number leaves the question and its answer.
  When the tape is played the question is asked again, and another answer ends it.
* *Something else than an array decides*: a module's attribute, a global, what an outer function holds. `Watch` goes
  through all that the functions which ran can reach by name; when the tape is played the very same must stand there.
* *The call does more than compute*: it draws, counts, prints, walks back. dlcore's own draws are steps. What leaves
  anything else changed, or reaches what cannot be watched (a file, the clock, foreign dice), is not kept.
"""

import copy
import operator
import re
import sys
from bisect import bisect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from types import MethodType
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from dlcore.dtypes import Default
from dlcore.ops import RULES
from dlcore.rng import Generator
from dlcore.tensor.graph import Node, Writes, births
from dlcore.tensor.protocols import Numbers
from dlcore.tensor.recording import Mode
from dlcore.tensor.tensor import Tensor, quiet, wrap
from dlcore.watch import HOLD, SIMPLE, TRUSTED, Names, Watch

ARRAY, GRAD, NUMPY = (vars(c)[name] for c, name in ((Tensor, "array"), (Tensor, "grad"), (Generator, "numpy")))
#: What the layout of arrays decides, and so is known to be the same.
FREE = {np.shape, np.ndim, np.size, np.result_type, np.may_share_memory, np.shares_memory}
MOST = 16  # so many times a function is recorded


class Other(Exception):  # noqa: N818
    """This call is not the one that was recorded."""


def bare(x: Any) -> Any:
    """What stands behind the glass, at any place in x."""
    if type(x) is Glass:
        return x.value
    if isinstance(x, tuple):
        return type(x)(*map(bare, x)) if hasattr(x, "_fields") else tuple(map(bare, x))
    if type(x) is slice:
        return slice(bare(x.start), bare(x.stop), bare(x.step))
    return [bare(y) for y in x] if type(x) is list else {k: bare(y) for k, y in x.items()} if type(x) is dict else x


def within(x: Any) -> Iterator[Any]:
    """What stands in tuples, lists and dictionaries, at any depth."""
    if isinstance(x, tuple | list | dict):
        for part in x.values() if isinstance(x, dict) else x:
            yield from within(part)
    else:
        yield x


def same(x: Any, y: Any) -> bool:
    """Whether two answers are the same to the bit."""
    if isinstance(x, np.ndarray):
        return x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()
    return type(x) is type(y) and repr(x) == repr(y)


def renew(arrays: tuple, known: list) -> None:
    """Take over arrays that have come into the place of others, if they are like them."""
    for a, b in zip(arrays, known, strict=True):
        if a.shape != b.shape or a.strides != b.strides or a.dtype != b.dtype:
            raise Other
    known[:] = arrays


def roll(generator: Generator, name: str, *args: Any, **options: Any) -> Any:
    """A draw, from where the generator stands now."""
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


class Glass(NDArrayOperatorsMixin):
    """An array behind glass: its shape may be seen, everything else goes by way of the tape."""

    __slots__ = ("tape", "value", "name", "__weakref__")
    __class__ = property(lambda self: np.ndarray)  # type: ignore[assignment]

    def __init__(self, tape, value, name):
        self.tape, self.value, self.name = tape, value, name

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        return iter([self[i] for i in range(len(self))])

    def __getattr__(self, name):
        found = getattr(type(self.value), name)
        if callable(found):
            return lambda *args, **options: self.tape.note(found, (self, *args), options)
        return self.tape.note(operator.attrgetter(name), (self,), {})

    def __array__(self, dtype=None, copy=None):
        return np.array(self.tape.ask(f"asarray({self.name})", self.value.copy()), dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if any(isinstance(x, Numbers) for x in inputs):
            return NotImplemented  # array + tensor is the tensor's business
        return self.tape.note(ufunc if method == "__call__" else getattr(ufunc, method), inputs, options)

    def __array_function__(self, function, types, args, options):
        return self.tape.note(function, args, options)


def _noting(function: Any, most: int = 9) -> Any:
    return lambda self, *args: self.tape.note(function, (self, *args)[:most], {})


for _name in "shape dtype ndim size strides flags itemsize nbytes base".split():
    setattr(Glass, _name, property(operator.attrgetter(f"value.{_name}")))
for _function in (bool, float, int, complex, str, repr, format):
    setattr(Glass, f"__{_function.__name__}__", _noting(_function))
for _name in "index getitem setitem contains".split():
    setattr(Glass, f"__{_name}__", _noting(getattr(operator, _name)))
Glass.__copy__ = Glass.__deepcopy__ = _noting(np.copy, 1)  # type: ignore[attr-defined]


class Dice:
    """A generator of dlcore's whose draws are written down."""

    def __init__(self, tape, generator):
        self.tape, self.generator = tape, generator

    def __getattr__(self, name):
        self.tape.keep(self.generator)
        return lambda *args, **options: self.tape.note(roll, (self.generator, name, *args), options)


@dataclass
class Step:
    """One call on the tape: its text, the names of its results; of a rule, its pullbacks and when it ran."""

    call: str
    outs: list[str]
    several: bool
    check: str
    pulls: Any
    born: int


class Tape:
    """What one call did: its steps as text, with the names of their arrays."""

    def __init__(self, names: Names) -> None:
        self.names, self.why, self.start, self.run = names, "", next(births), quiet.run
        self.glasses: dict[int, Glass] = {}
        self.inputs: list[tuple[str, Any]] = []
        self.steps: list[Step] = []
        self.kept: list[tuple] = []  # pictures of what the call overwrites or draws from

    def refuse(self, why: str) -> None:
        """Remember why this call cannot be kept; it goes on all the same."""
        self.why = self.why or why

    def glass(self, array: Any, hint: str = "") -> Glass:
        """The glass before an array: of an input or a step's result (`hint` v), or else of a constant."""
        if id(array) not in self.glasses:
            name = f"v{len(self.glasses)}" if hint else self.names.of(array)
            self.glasses[id(array)] = Glass(self, array, name)
        return self.glasses[id(array)]

    def keep(self, x: Any) -> None:
        """Take a picture of what is about to change: a generator, or the inputs that share memory with an array."""
        inputs = [bare(array_of(y)) for _, y in self.inputs]
        shared = [y for y in inputs if np.may_share_memory(x, y)] if isinstance(x, np.ndarray) else [x]
        self.kept += [picture(y) for y in shared if not any(y is z for z, _ in self.kept)]

    def rule(self, rule: Any, *inputs: Any, **options: Any) -> tuple:
        """Run a rule as the engine does, and write it down."""
        if RULES.get(rule.__name__) is not rule:
            self.refuse(f"{rule.__name__} is no rule of dlcore.ops")
        born = next(births)
        value, pulls = self.run(rule, *bare(inputs), **bare(options))
        value = tuple(map(bare, value)) if type(value) is tuple else np.asarray(bare(value))
        self.write(rule, inputs, options, value, pulls, born)
        return value, pulls

    def note(self, function: Any, args: tuple, options: dict) -> Any:
        """Carry out what is asked of arrays behind glass, and write it down."""
        if function in FREE:
            return function(*bare(args), **bare(options))
        outs = [x for x in within(options.get("out", ())) if x is not None]
        for x in outs:
            self.keep(bare(x)) if type(x) is Glass else self.refuse("it writes into an array of its own")
        arrays = [bare(x) for x in within((args, options)) if isinstance(x, np.ndarray)]
        before = [a.copy() for a in arrays]
        value = function(*bare(args), **bare(options))
        for a, was in zip(arrays, before, strict=True):
            if not same(a, was) and not any(a is bare(x) for x in outs):
                self.refuse("it changes an array in place")
        return self.write(function, args, options, value)

    def write(self, function: Any, args: tuple, options: dict, value: Any, pulls: Any = (), born: int = 0) -> Any:
        """Put a step on the tape, or a question; return its result behind glass."""
        named = [f"{key}={text(self.names, x)}" for key, x in options.items()]
        call = f"{self.names.of(function, getattr(function, '__name__', 'f'))}"
        call += f"({', '.join([*[text(self.names, x) for x in args], *named])})"
        parts = value if type(value) in (tuple, list) else [value]
        if not parts or not all(isinstance(part, np.ndarray | np.generic) for part in parts):
            return self.ask(call, value)
        glasses = [self.glass(part, "v") for part in parts]
        fixed = born and function is not RULES["getitem"] or isinstance(function, np.ufunc)
        check = "" if fixed else " or ".join(f"{g.name}.shape != {g.value.shape}" for g in glasses)
        self.steps.append(Step(call, [g.name for g in glasses], parts is value, check, pulls, born))
        return type(value)(glasses) if parts is value else glasses[0]

    def ask(self, call: str, answer: Any) -> Any:
        """Put a question on the tape, with its answer."""
        if not all(isinstance(x, (*SIMPLE, np.ndarray)) for x in within(answer)):
            self.refuse(f"it asks for a {type(answer).__name__}")
        self.steps.append(Step("", [], False, f"not same({call}, {self.names.of(answer)})", (), 0))
        return answer


def array_of(x: Any) -> Any:
    """The array in a tensor, without glass; an array itself."""
    return ARRAY.__get__(x) if isinstance(x, Tensor) else x


def text(names: Names, x: Any) -> str:
    """How x is written in a program."""
    if type(x) is Glass:
        return x.name
    if isinstance(x, tuple | list):
        inner = "".join(f"{text(names, y)}, " for y in x)
        return f"({inner})" if isinstance(x, tuple) else f"[{inner}]"
    if type(x) is slice:
        return f"slice({text(names, x.start)}, {text(names, x.stop)}, {text(names, x.step)})"
    return repr(x) if type(x) in (bool, int, str, type(None)) else names.of(x)


@contextmanager
def glazed(tape: Tape, ran: dict) -> Iterator[None]:
    """Let everybody see arrays through glass for a while, and take down whose code runs."""
    nested = quiet.run_nested

    def walk(*args: Any) -> Any:
        tape.refuse("it walks back, or changes weights")
        return nested(*args)

    def gradient(x: Any, value: Any) -> None:
        if value is not None:
            tape.refuse("it changes a gradient")
        GRAD.__set__(x, value)

    def look(x: Any) -> Any:
        tape.refuse("it looks at a gradient")
        return GRAD.__get__(x)

    def written(*arrays: Any) -> None:
        tape.refuse("it changes a tensor in place")
        note(*map(bare, arrays))

    note, Compiled.recording = Writes.note, True
    Tensor.array = property(lambda x: tape.glass(ARRAY.__get__(x)), lambda x, a: ARRAY.__set__(x, bare(a)))
    Tensor.grad, Generator.numpy = property(look, gradient), property(lambda x: Dice(tape, x))
    quiet.run, quiet.run_nested, Writes.note = tape.rule, walk, written
    sys.setprofile(lambda frame, event, arg: ran.setdefault(frame.f_code, frame.f_globals.get("__name__", "")))
    try:
        yield
    finally:
        sys.setprofile(None)
        Tensor.array, Tensor.grad, Generator.numpy = ARRAY, GRAD, NUMPY
        quiet.run, Writes.note, Compiled.recording = tape.run, note, False
        del quiet.run_nested


def arrival(tape: Tape, x: Any, place: str) -> list[str]:
    """Put an argument's array behind glass; write down how one is known that is like it."""
    before = next((name for name, y in tape.inputs if y is x), "")
    if before or not isinstance(x, (Tensor, np.ndarray, tuple, *SIMPLE)):
        return [f"{place} is not {before or tape.names.of(x)}"]
    if isinstance(x, SIMPLE):
        return [f"not same({place}, {tape.names.of(x)})"]
    kind = f"type({place}) is not {tape.names.of(type(x))}"
    if isinstance(x, tuple):
        parts = [check for i, y in enumerate(x) for check in arrival(tape, y, f"{place}[{i}]")]
        return [f"{kind} or len({place}) != {len(x)}", *parts]
    name, array = f"a{len(tape.inputs)}", array_of(x)
    others = "".join(f" or {name} is {other}" for other, _ in tape.inputs)
    tape.inputs.append((name, x))
    if id(array) in tape.glasses:
        tape.refuse("two arguments share one array")
    v = tape.glass(array, "v").name
    checks = [f"({name} := {place}) is None or {kind}{others}"]
    if isinstance(x, Tensor):
        checks.append(f"{name}.requires_grad is not {x.requires_grad} or ({name}.grad_fn is None) is not {x.grad_fn is None}")
    inner = f"{name}.array" if isinstance(x, Tensor) else name
    checks.append(f"({v} := {inner}).shape != {array.shape} or {v}.strides != {array.strides} or {v}.dtype != {tape.names.of(array.dtype)}")
    return checks


def nodes_of(tape: Tape, outputs: list) -> dict[Any, str]:
    """The nodes that a way back from the outputs passes, with their names."""
    todo, found = [y.grad_fn for y in outputs if y.grad_fn], {}
    for node in todo:  # the list grows while it is read
        if node.age > tape.start and node not in found:
            found[node] = f"n{node.age}"
            todo += [source for source in node.inputs if type(source) is Node]
            if node.hooks:
                tape.refuse("a hook waits for a gradient inside of it")
    return found


def back(tape: Tape, step: Step, node: Node, found: dict, origins: dict) -> str:
    """The line that makes a step's node anew."""
    edges, at = [], 0
    for source, pull in node.edges:
        at = next((i for i in range(at, len(step.pulls)) if step.pulls[i] is pull), at)
        name = found.get(source) if type(source) is Node else None
        name = name or origins.get(id(source)) or tape.refuse("it makes a leaf of its own")
        edges.append(f"({name}, {None if pull is None else f'q[{at}]'})")
        at += 1
    size = f"{node.shape}, {tape.names.of(node.dtype)}, {node.outputs}, {node.index}"
    line = f"{found[node]} = Node({node.rule!r}, [{', '.join(edges)}], {size})"
    return line if node.step == node.rule else f"{line}; {found[node]}.step = {node.step!r}"


def returned(tape: Tape, y: Any, found: dict, memo: dict) -> str:
    """How what the call returned is made from the arrays at the end."""
    if type(y) is Glass:
        return y.name
    if isinstance(y, tuple) and type(y) is not tuple:
        return f"{tape.names.of(type(y))}({', '.join(returned(tape, x, found, memo) for x in y)})"
    if type(y) in (tuple, list):
        inner = "".join(f"{returned(tape, x, found, memo)}, " for x in y)
        return f"({inner})" if type(y) is tuple else f"[{inner}]"
    if type(y) is dict:
        return "{" + ", ".join(f"{k!r}: {returned(tape, x, found, memo)}" for k, x in y.items()) + "}"
    if id(y) in memo:
        return memo[id(y)]
    if type(y) is not Tensor:
        return tape.names.of(y) if isinstance(y, SIMPLE) else str(tape.refuse(f"it returns a {type(y).__name__}"))
    root = y
    while hasattr(root, "shown"):
        root = root.shown[0]
    if root is not y and id(root) in memo:
        tape.refuse("it returns a view of what it was given")
    memo[id(y)] = f"y{len(memo)}"
    node = f", {found[y.grad_fn]}" if y.grad_fn else ""
    return f"({memo[id(y)]} := wrap({tape.glass(ARRAY.__get__(y)).name}{node}))"


def lines_of(tape: Tape, found: dict, origins: dict) -> Iterator[str]:
    """A line for each step and each question, and one for each node that is needed on the way back."""
    rules = [step.born for step in tape.steps if step.born]
    made: dict[int, list[Node]] = {}
    for node in sorted(found, key=lambda node: node.age):
        made.setdefault(rules[bisect(rules, node.age) - 1], []).append(node)
    for step in tape.steps:
        outs = ", ".join(step.outs) + "," * (step.several and len(step.outs) == 1)
        outs = f"({outs})" if step.several else outs
        nodes = made.get(step.born, []) if step.born else []
        if nodes:
            yield f"{outs}, q = {step.call}"
        elif step.outs:
            yield f"{outs} = {step.call}{'[0]' if step.born else ''}"
        yield from [back(tape, step, node, found, origins) for node in nodes]
        yield from ["del q"] * bool(nodes)
        yield from [f"if {step.check}: raise Other"] * bool(step.check)


def written(tape: Tape, lines: list[str], y: Any) -> str:
    """The whole program as Python's text."""
    found = nodes_of(tape, [x for x in within(y) if isinstance(x, Tensor)])
    tensors = [(name, x) for name, x in tape.inputs if isinstance(x, Tensor)]
    origins = {id(x.grad_fn or x): f"{name}.grad_fn" if x.grad_fn else name for name, x in tensors}
    kept = ", ".join(f"picture({text(tape.names, tape.glasses.get(id(x), x))})" for x, _ in tape.kept)
    lines = lines + [f"saved[:] = [{kept}]"] * bool(kept) + [*lines_of(tape, found, origins)] + ["saved.clear()"] * bool(kept)
    end = f"return {returned(tape, y, found, {id(x): name for name, x in tensors})}"
    used, body = set(re.findall(r"\bv\d+\b", end)), [end]
    for line in reversed(lines):  # an array goes as soon as nobody needs it any more
        last = set(re.findall(r"\bv\d+\b", line)) - used
        used |= last
        body += [f"del {', '.join(sorted(last))}"] * bool(last) + [line]
    return "\n    ".join(["def program(args, named):", *reversed(body)])


class Compiled:
    """A function with the programs that were recorded of it; see `compile`."""

    recording = False

    def __init__(self, function: Callable[..., Any], explain: bool) -> None:
        self.function, self.explain, self.left = function, explain, MOST
        self.programs: list[Any] = []
        self.ran: dict[Any, str] = {}
        update_wrapper(self, function, updated=())

    def __get__(self, owner: Any, kind: Any = None) -> Any:
        return self if owner is None else MethodType(self, owner)

    def __getstate__(self) -> dict:
        return vars(self) | {"programs": [], "left": MOST, "ran": {}}

    def __call__(self, *args: Any, **named: Any) -> Any:
        if Compiled.recording or sys.getprofile():
            return self.function(*args, **named)
        for play, saved, _ in self.programs:
            try:
                return quiet.run(play, args, named)
            except Exception:  # whatever it is, the call itself says it better
                put_back(saved)
                saved.clear()
        return record(self, args, named) if self.left else self.function(*args, **named)

    @property
    def text(self) -> str:
        """The programs, to be read."""
        return "\n\n".join([text for *_, text in self.programs])

    def say(self, what: str) -> None:
        """Explain, if asked to."""
        if self.explain:
            print(f"compile: {getattr(self, '__qualname__', 'a function')}: {what}")


def standing(tape: Tape, watch: Watch) -> list[str]:
    """Put the arrays of watched tensors behind glass; write down what must stand where it stood."""
    lines = ["if len(now := look()) != len(there) or not all(map(is_, now, there)): raise Other"]
    given = {id(x): name for name, x in tape.inputs}
    lines += [f"if {given[id(x)]} is not {tape.names.of(x)}: raise Other" for x in watch.tensors if id(x) in given]
    mine = [(tape.names.of(x), x) for x in watch.tensors if id(x) not in given]
    tape.inputs += mine
    arrays = [ARRAY.__get__(x) for _, x in mine]
    if len({id(array) for array in arrays} | tape.glasses.keys()) < len(arrays) + len(tape.glasses):
        tape.refuse("two tensors share one array")
    tape.names["known"] += arrays
    if mine:
        lines.append(f"arrays = {', '.join(f'{name}.array' for name, _ in mine)},")
        lines.append("if not all(map(is_, arrays, known)): renew(arrays, known)")
        lines.append(f"{', '.join(tape.glass(array, 'v').name for array in arrays)}, = arrays")
    return lines


def slots(tape: Tape) -> list:
    """What a call must not change in the tensors that it is given or finds."""
    tensors = [x for _, x in tape.inputs if isinstance(x, Tensor)]
    return [y for x in tensors for y in (ARRAY.__get__(x), x.requires_grad, x.grad_fn, len(x.hooks or ()))]


def unchanged(before: Any, now: Any) -> bool:
    return len(before) == len(now) and all(map(operator.is_, before, now))


def record(compiled: Compiled, args: tuple, named: dict) -> Any:
    """Make a call as always, and keep its tape if nothing speaks against it."""
    compiled.left -= 1
    names = Names(Other, Node, Mode, Default, wrap, same, picture, renew, np.asarray)
    names.update(is_=operator.is_, known=[], saved=[])
    tape, watch = Tape(names), Watch(compiled.ran, names)
    lines = [f"if len(args) != {len(args)} or [*named] != {[*named]}: raise Other"]
    for place, x in [(f"args[{i}]", x) for i, x in enumerate(args)] + [(f"named[{k!r}]", x) for k, x in named.items()]:
        lines += [f"if {check}: raise Other" for check in arrival(tape, x, place)]
    watch.look(compiled.function, *[x for x in within((args, named)) if not isinstance(x, Tensor | np.ndarray)])
    lines += standing(tape, watch)
    look = eval(f"lambda: (Mode.recording, Default.dtype, {', '.join(watch.places)})", dict(names))
    names.update(look=look, there=look())
    before = slots(tape)
    given = [tape.glass(x) if type(x) is np.ndarray else x for x in args], {k: tape.glass(x) if type(x) is np.ndarray else x for k, x in named.items()}
    try:
        with glazed(tape, compiled.ran):
            y = compiled.function(*given[0], **given[1])
    except Exception:
        put_back(tape.kept)
        return compiled.function(*args, **named)
    if not unchanged(names["there"], look()) or not unchanged(before, slots(tape)):
        tape.refuse("it leaves something changed")
    new = {code for code, where in compiled.ran.items() if where.split(".")[0] not in TRUSTED} - watch.read
    why = watch.why or tape.why
    if not why and not new:
        text = written(tape, lines, y)
        why = tape.why
    if why: 
        compiled.left = max(compiled.left - 4, 0)
        compiled.say(f"made as always: {why}")
    elif new:
        compiled.say(f"looked at, {len(new)} functions took part")
    else:
        space = dict(names)
        exec(text, space)
        compiled.programs.append((space["program"], names["saved"], text))
        compiled.say(f"recorded, {len(tape.steps)} steps")
    return bare(y)


def compile(model: Any = None, *, explain: bool = False, **theirs: Any) -> Any:  # noqa: A001
    """..."""
    if model is None:
        return lambda function: compile(function, explain=explain)
    if not hasattr(model, "forward"):
        return Compiled(model, explain)
    twin = copy.copy(model)
    vars(twin)["forward"] = Compiled(twin.forward, explain)
    return twin
