"""Playing: from a tape to a flat program, forward and back, written out as plain Python."""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from typing import Any
from weakref import ref

import numpy as np

from dlcore.compiler.glass import Glass, Step, Tape, array_of, within, written
from dlcore.compiler.watch import SIMPLE, Watch
from dlcore.tensor import Node, Tensor


class Other(Exception):  # noqa: N818
    """This call is not the one that was recorded."""


def arrival(tape: Tape, watch: Watch, x: Any, place: str) -> Iterator[str]:
    """Yield what is to be asked of an argument that comes in the place of x: is it like it, or the very same."""
    before = next((name for name, y in tape.inputs if y is x), "")
    if before:
        yield f"{place} is not {before}"
    elif type(x) is tuple:
        yield f"type({place}) is not {tape.names.of(tuple)} or len({place}) != {len(x)}"
        for i, part in enumerate(x):
            yield from arrival(tape, watch, part, f"{place}[{i}]")
    elif isinstance(x, Tensor | np.ndarray):
        yield from numbers(tape, x, place)
    elif isinstance(x, SIMPLE):
        yield f"not same({place}, {tape.names.of(x)})"
    else:
        watch.look(x)
        yield f"{place} is not {tape.names.of(x)}"


def numbers(tape: Tape, x: Any, place: str) -> Iterator[str]:
    """Put an argument's array behind glass; yield what is to be asked of one that comes in its place."""
    name, array = f"a{len(tape.inputs)}", array_of(x)
    others = "".join([f" or {name} is {other}" for other, _ in tape.inputs])
    yield f"({name} := {place}) is None or type({name}) is not {tape.names.of(type(x), type(x).__name__)}{others}"
    tape.inputs.append((name, x))
    if isinstance(x, Tensor):
        leaf = x.grad_fn is None
        yield f"{name}.requires_grad is not {x.requires_grad} or ({name}.grad_fn is None) is not {leaf}"
        name += ".array"
    if id(array) in tape.glasses:
        tape.refuse("two of its tensors share one array")
    v, dtype = tape.glass(array, "v").name, tape.names.of(array.dtype, str(array.dtype))
    yield f"({v} := {name}).shape != {array.shape} or {v}.strides != {array.strides} or {v}.dtype != {dtype}"


def standing(tape: Tape, watch: Watch) -> Iterator[str]:
    """Put the arrays of watched tensors behind glass; yield lines that look whether all stands where it stood."""
    yield "if len(now := look()) != len(there) or not all(map(is_, now, there)): raise Other"
    given = {id(x): name for name, x in tape.inputs}
    for x in watch.tensors:
        if id(x) in given:
            yield f"if {given[id(x)]} is not {tape.names.of(x)}: raise Other"
    found = [(tape.names.of(x), x) for x in watch.tensors if id(x) not in given]
    tape.inputs += found
    arrays = [array_of(x) for _, x in found]
    if len({id(array) for array in arrays} | tape.glasses.keys()) < len(arrays) + len(tape.glasses):
        tape.refuse("two of its tensors share one array")
    if found:
        tape.names["known"] = arrays
        yield f"arrays = {', '.join([f'{name}.array' for name, _ in found])},"
        yield "if not all(map(is_, arrays, known)): renew(arrays, known)"
        yield f"{', '.join([tape.glass(array, 'v').name for array in arrays])}, = arrays"


def renew(arrays: tuple, known: list) -> None:
    """Take over arrays that have come into the place of others, if they are like them."""
    for a, b in zip(arrays, known, strict=True):
        if a.shape != b.shape or a.strides != b.strides or a.dtype != b.dtype:
            raise Other
    known[:] = arrays


def passed(tape: Tape, root: Node) -> dict[Node, Step]:
    """The nodes that the way back from `root` passes, and the steps that made them."""
    rules = {step.born: step for step in tape.steps if step.born}
    todo, born, found = [root], sorted(rules), {}
    for node in todo:  # the list grows while it is read
        if node not in found:
            found[node] = rules[born[bisect(born, node.age) - 1]]
            todo += [source for source in node.inputs if type(source) is Node and source.age > tape.start]
        if node.hooks:
            tape.refuse("a hook waits inside of it for a gradient")
    return found


def origins(tape: Tape) -> dict[int, str]:
    """Where gradients leave the program: the leaves, or the nodes that made what was given."""
    tensors = [(name, x) for name, x in tape.inputs if isinstance(x, Tensor)]
    return {id(x.grad_fn or x): f"{name}.grad_fn" if x.grad_fn else name for name, x in tensors}


class WayBack:
    """The way back from a tensor through the steps of a tape, as the lines of a generator of gradients.

    Each leaf's share is handed out as soon as it is known, in the order in which the engine would come to it.
    """

    def __init__(self, tape: Tape, root: Node) -> None:
        self.tape, self.steps, self.origins = tape, passed(tape, root), origins(tape)
        self.uses = Counter(source for node in self.steps for source in node.inputs)
        self.g = {node: f"g{node.age - tape.start}" for node in self.steps}
        self.pulls, self.leaves, self.begun = list[str](), list[str](), set[Node]()

    def lines(self) -> Iterator[str]:
        """Go from node to node, the youngest first."""
        for node in sorted(self.steps, key=lambda node: -node.age):
            step, at = self.steps[node], 0
            for source, pull in node.edges:
                if pull is None:
                    yield self.gathered(node, source)
                    continue
                at = next(i for i in range(at, len(step.pulls)) if step.pulls[i] is pull)
                self.pulls.append(f"p{step.born - self.tape.start}_{at}")
                yield from self.inner(node, source) if source in self.steps else self.leaf(node, source)
                at += 1

    def begins(self, source: Node) -> bool:
        """Whether this is the first gradient that comes to a node."""
        first = source not in self.begun
        self.begun.add(source)
        return first

    def gathered(self, node: Node, source: Node) -> str:
        """One of several values: its gradient goes into the list of its rule."""
        parts = [self.g[node] if i == node.index else "None" for i in range(source.outputs)]
        rest = f" = [{', '.join(parts)}]" if self.begins(source) else f"[{node.index}] = {self.g[node]}"
        return f"{self.g[source]}{rest}"

    def leaf(self, node: Node, source: Any) -> Iterator[str]:
        """A leaf's share is handed out, as a view if others still need it."""
        self.leaves.append(self.origins.get(id(source)) or self.tape.refuse("it makes a leaf of its own"))
        yield f"t = {self.pulls[-1]}({self.g[node]})"
        yield f"yield t[...] if t is {self.g[node]} else t"

    def inner(self, node: Node, source: Node) -> Iterator[str]:
        """A gradient goes on, in its value's shape; a second one is added, in place where memory is not borrowed."""
        first, to, lent = self.begins(source), self.g[source], f"lent_{self.g[source]}"
        t, dtype = to if first else "t", self.tape.names.of(source.dtype, str(source.dtype))
        yield f"{t} = {self.pulls[-1]}({self.g[node]})"
        if first and self.uses[source] > 1:
            yield f"{lent} = {t} is {self.g[node]} or {t}.base is not None"
        yield f"if {t}.shape != {source.shape} or {t}.dtype is not {dtype}: {t} = fit({t}, {source.shape}, {dtype})"
        if not first:
            yield f"if {lent}: {to}, {lent} = {to} + t, False"
            yield f"else: {to} += t"


def ways(node: Node, back: Any, tape: list, leaves: list) -> Node:
    """Give a node an edge to each leaf; the pullbacks take turns in one walk back."""
    walk: Any = None
    alive = ref(node)

    def first(g):
        nonlocal walk
        walk = back(tape, g, alive().edges is not None)  # the graph is to be used again
        return next(walk)

    def further(g):
        return next(walk)

    node.edges = [(leaf, further) for leaf in leaves]
    node.edges[0] = leaves[0], first
    return node


def returned(tape: Tape, y: Any, memo: dict) -> str:
    """How what the call returned is made from the arrays at the end."""
    if type(y) is Glass:
        return y.name
    if isinstance(y, tuple | list):
        parts = [returned(tape, x, memo) for x in y]
        if type(y) not in (tuple, list):
            return f"{tape.names.of(type(y))}({', '.join(parts)})"
        return f"({''.join([f'{part}, ' for part in parts])})" if type(y) is tuple else f"[{', '.join(parts)}]"
    if id(y) in memo:
        return memo[id(y)]
    if isinstance(y, SIMPLE):
        return tape.names.of(y)
    base = y
    while hasattr(base, "shown"):
        base = base.shown[0]
    if type(y) is not Tensor or base is not y and id(base) in memo:
        tape.refuse(f"it returns a {type(y).__name__}, or a view of what it was given")
        return ""
    memo[id(y)] = f"y{len(memo)}"
    return f"({memo[id(y)]} := wrap({tape.glass(array_of(y)).name}{', node' * y.requires_grad}))"


def program(tape: Tape, lines: list[str], y: Any) -> str:
    """The whole program as Python's text: `forward`, and `back` if there is a way back."""
    tensors = {id(x): name for name, x in tape.inputs if isinstance(x, Tensor)}
    made = [x for x in within(y) if isinstance(x, Tensor) and id(x) not in tensors]
    roots = {x.grad_fn for x in made if x.requires_grad}
    if len(roots) > 1 or None in roots:
        tape.refuse("it returns several tensors with gradients, or a leaf")
    fixed = [c for c in tape.names.values() if isinstance(c, np.ndarray)]
    for array in map(array_of, made):
        if id(array) not in tape.glasses or any(np.may_share_memory(array, c) for c in fixed):
            tape.refuse("it returns what it did not compute")  # and who changes it would change the program
    end, back, way = f"return {returned(tape, y, tensors)}", "", None
    for root in roots if not tape.why else ():
        way = WayBack(tape, root)
        body, pulls = list(way.lines()), ", ".join(way.pulls)
        head = [f"def back(tape, {way.g[root]}, again):", f"{pulls}, = tape", "if not again: tape.clear()"]
        back = "\n\n" + "\n    ".join([*head, *freed(body, r"\b[gp]\d+(?:_\d+)?\b")])
        node = f"Node({root.rule!r}, [], {root.shape}, {tape.names.of(root.dtype, str(root.dtype))})"
        named = f"node.step = {root.step!r}\n    " * (root.step != root.rule)  # what print calls it
        end = f"node = ways({node}, back, [{pulls}], [{', '.join(way.leaves)}])\n    {named}{end}"
    kept = ", ".join([f"picture({written(tape.names, tape.glasses.get(id(x), x))})" for x, _ in tape.kept])
    lines = [*lines, *[f"saved[:] = [{kept}]"] * bool(kept), *forward(tape, way), *["saved.clear()"] * bool(kept), end]
    return "\n    ".join(["def forward(args, named):", *freed(lines, r"\bv\d+\b")]) + back


def forward(tape: Tape, way: WayBack | None) -> Iterator[str]:
    """A line for each step and each question; of a rule's pullbacks those are kept that the way back needs."""
    needed = set(way.pulls if way else ())
    for step in tape.steps:
        outs = ", ".join(step.outs) + "," * (len(step.outs) == 1)
        outs = f"({outs})" if step.several else outs.rstrip(",")
        pulls = [name if (name := f"p{step.born - tape.start}_{i}") in needed else "_" for i in range(len(step.pulls))]
        if set(pulls) - {"_"}:
            yield f"{outs}, ({', '.join(pulls)},) = {step.call}"
        elif step.outs:
            yield f"{outs} = {step.call}{'[0]' * bool(step.born)}"
        if step.number:
            yield f"{outs} = asarray({outs})"
        if step.check:
            yield f"if {step.check}: raise Other"


def freed(lines: list[str], pattern: str) -> list[str]:
    """The lines, and after each a `del` of the names that come no more: memory is given back as soon as it can be."""
    used: set[str] = set(re.findall(pattern, lines[-1]))
    body = [lines[-1]]
    for line in lines[-2::-1]:
        last = sorted(set(re.findall(pattern, line)) - used)
        used.update(last)
        body += [f"del {', '.join(last)}"] * bool(last) + [line]
    return body[::-1]
