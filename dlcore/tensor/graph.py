"""The record of a computation, and the walk back through it.

Each operation that must be differentiated leaves one Node: its age, and an edge (input, pullback) for each input that
needs a gradient. A node is always younger than its inputs, so sorting the reachable nodes by age *is* the backward
order: no recursion, any depth, shared parts and diamonds included.
"""

from itertools import count
from operator import attrgetter
from types import FunctionType
from typing import Any
from weakref import ref

import numpy as np

from dlcore.printing import step_name

births, _age = count(1), attrgetter("age")


class Node:
    """One step of a computation.

    rule: its name ("mul"); step: the same, or what print calls it; shape, dtype: of its value; edges: (input's node or
    leaf, pullback) of each input that needs a gradient, or None once the graph was freed; hooks: called with the
    gradient; outputs: how many values the rule gave; index: which of them this one is (None if there is only one).
    """

    __slots__ = ("age", "rule", "step", "shape", "dtype", "edges", "hooks", "outputs", "index", "__weakref__")

    def __init__(self, rule: str, edges: list, shape: Any, dtype: Any, outputs: int = 1, index: int | None = None):
        self.age = next(births)
        self.rule = self.step = rule
        self.shape, self.dtype, self.outputs, self.index = shape, dtype, outputs, index
        self.edges: Any = edges
        self.hooks: Any = None

    def __repr__(self) -> str:
        return f"<{self.name()}>"

    def name(self) -> str:
        """What PyTorch calls such a step."""
        return step_name(self.step, self.shape)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """As in PyTorch, where each rule has a class of its own, whose name scripts print."""
        return type(self.name(), (Node,), {})

    @property
    def inputs(self) -> list:
        """The nodes and leaves that this step's gradient flows to."""
        return [source for source, _ in self.edges or ()]


def unbroadcast(g: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Undo broadcasting: a number that was used many times gets the sum of the gradients of its uses.

    >>> unbroadcast(np.ones((3, 2)), (1, 2))
    array([[3., 3.]])
    """
    g = np.broadcast_to(g, np.broadcast_shapes(g.shape, shape))
    extra = g.ndim - len(shape)
    axes = tuple([i for i in range(g.ndim) if i < extra or (shape[i - extra] == 1 != g.shape[i])])
    return g.sum(axes, keepdims=True).reshape(shape)


def reachable(root: Any) -> list[Node]:
    """Every node that `root` was computed from, itself included, youngest first."""
    seen, todo = {root}, [root]
    for node in todo:  # the list grows while it is read
        if node.edges is None:
            raise RuntimeError(
                f"backward: the graph was freed at <{node.rule}> by an earlier backward. "
                "Compute the loss again, or keep the graph with loss.backward(retain_graph=True)."
            )
        for source, _ in node.edges:
            if type(source) is Node and source not in seen:
                seen.add(source)
                todo.append(source)
    todo.sort(key=_age, reverse=True)
    return todo


def backpropagate(root: Node, gradient: np.ndarray, retain_graph: bool = False) -> list:
    """Walk from `root` to the leaves; return (leaf, gradient, whether its memory is borrowed) for each.

    The first gradient that a node gets may be borrowed: `g` itself or a view, which others hold too. What a pullback
    returns otherwise is new by contract, and so is a sum of two: later contributions are added to it in place.
    """
    grads: dict[Any, Any] = {root: gradient}
    borrowed = {root}
    for node in reachable(root):
        g = grads.pop(node)
        if node.hooks:
            g = run_hooks(node.hooks, g)
        if node.age < Writes.latest:
            Writes.check(node)
        edges = node.edges
        if not retain_graph:  # before the pullbacks are called: they may look whether they will be needed again
            node.edges = node.hooks = None
        for source, pullback in edges:
            if pullback is None:  # one of several values: hand g to its place in the rule's list
                grads.setdefault(source, [None] * source.outputs)[node.index] = g
                continue
            part, like = pullback(g), source if type(source) is Node else source.array
            lent = part is g or part.base is not None
            if part.shape != like.shape or part.dtype is not like.dtype:
                part, lent = unbroadcast(part, like.shape).astype(like.dtype, copy=False), False
            total = grads.get(source)
            if total is None:
                grads[source] = part
                if lent:
                    borrowed.add(source)
            elif source in borrowed:
                grads[source] = total + part
                borrowed.remove(source)
            else:
                total += part
                grads[source] = total  # a number, unlike an array, cannot be changed in place
    return [(leaf, g, leaf in borrowed) for leaf, g in grads.items()]


def run_hooks(hooks: dict, value: Any, *context: Any) -> Any:
    """Show a value (and before it, where it comes from) to each hook; what a hook returns takes the value's place."""
    for hook in list(hooks.values()):
        answer = hook(*context, value)
        value = value if answer is None else answer
    return value


class Writes:
    """Which arrays were overwritten in place, and when: what a pullback kept must still be what it was.

    The usual case costs one comparison of two integers per node. Only when something was written after the node was
    born are the arrays that its pullbacks kept (their closures) compared with the arrays that were written.
    """

    latest = 0
    _arrays: dict[int, list] = {}  # by id: [when, the array if it still lives]

    @classmethod
    def note(cls, *arrays: np.ndarray) -> None:
        """Remember that these arrays, or those that they are views of, were just overwritten."""
        cls.latest = now = next(births)
        for array in arrays:
            while isinstance(array.base, np.ndarray):
                array = array.base
            entry = cls._arrays.get(id(array))
            if entry:
                entry[0] = now
            else:
                cls._add(array)

    @classmethod
    def _add(cls, array: np.ndarray) -> None:
        key = id(array)
        cls._arrays[key] = [cls.latest, ref(array, lambda _: cls._arrays.pop(key, None))]

    @classmethod
    def check(cls, node: Node) -> None:
        """Raise an error if `node` needs an array that was overwritten after it was kept."""
        written = [a() for age, a in list(cls._arrays.values()) if age > node.age]
        kept = [array for _, pullback in node.edges for array in _kept(pullback)]
        if any(np.may_share_memory(a, b) for a in kept for b in written if b is not None):
            raise RuntimeError(
                f"backward: <{node.rule}> needs an array that was changed in place after it was used. "
                "Write y = y + 1 instead of y += 1 or y[i] = 1, or change a copy: y.clone()."
            )


def _kept(pullback: Any) -> list[np.ndarray]:
    cells = [cell.cell_contents for cell in getattr(pullback, "__closure__", None) or ()]
    cells += [f for kept in cells if type(kept) is list for f in kept if isinstance(f, FunctionType)]
    arrays = [a for a in cells if isinstance(a, np.ndarray)]
    return arrays + [a for f in cells if isinstance(f, FunctionType) for a in _kept(f)]
