"""A computation as a picture: every step with its value and its gradient, every arrow a chain-rule factor at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from dlcore.palette import LIGHT
from dlcore.tensor import Tensor
from dlcore.tensor import graph as engine
from dlcore.tensor import tensor as recorder
from dlcore.viz.layout import layered
from dlcore.viz.look import bare, canvas, number

SYMBOLS = {"add": "+", "sub": "−", "mul": "×", "div": "÷", "matmul": "@", "neg": "−", "pow": "^", "square": "( )²"}
BOX = (0.8, 0.6)  # inches
PITCH = (1.24, 0.72)  # inches from box to box, when the computation runs to the right
PITCH_DOWN = (0.94, 1.0)  # … and when it runs down
MARGIN = np.array([BOX[0] / 2 + 0.05, BOX[1] / 2 + 0.05])


@dataclass
class Picture:
    """What there is to draw: nodes with every consumer before its inputs, values and gradients by node."""

    nodes: list[Any]
    edges: list[tuple[Any, Any]]
    values: dict[Any, np.ndarray]
    gradients: dict[Any, np.ndarray]
    parts: list[np.ndarray]
    names: dict[Any, str] = field(default_factory=dict)


@contextmanager
def record() -> Iterator[dict[Any, np.ndarray]]:
    """Keep the value of every step that is computed inside the block; the engine itself keeps only what it needs."""
    values: dict[Any, np.ndarray] = {}
    wrap = recorder.wrap

    def noting(array: np.ndarray, node: Any = None) -> Any:
        if node is not None:
            values[node] = array
        return wrap(array, node)

    recorder.wrap = noting  # type: ignore[misc,assignment]
    try:
        yield values
    finally:
        recorder.wrap = wrap  # type: ignore[misc]


def trace(output: Tensor | Callable[[], Tensor], **names: Tensor) -> Picture:
    """Collect a computation's steps, values, gradients and the part of the gradient that flows along each edge.

    The gradients are found by a walk of their own: no tensor's `.grad` is touched, and the graph is not freed.

    Args:
        output: a function without arguments that computes the result; or the result itself, a tensor with a graph, in
            which case only named tensors and leaves have a value.
        names: tensors by name.

    Returns:
        A Picture.

    Raises:
        ValueError: if the output is no tensor that was computed from one with requires_grad=True, or has more than one
            element.

    >>> a = Tensor([3.0], requires_grad=True)
    >>> picture = trace(lambda: a * a + a, a=a)
    >>> picture.gradients[a], [part.item() for part in picture.parts]
    (array([7.], dtype=float32), [1.0, 1.0, 3.0, 3.0])
    """
    values: dict[Any, np.ndarray] = {}
    if not isinstance(output, Tensor):
        with record() as values:
            output = output()
    root = output.grad_fn if isinstance(output, Tensor) else None
    if root is None or output.array.size != 1:
        raise ValueError(
            "viz.graph: expected one number that was computed from tensors with requires_grad=True, and a graph that "
            f"is still there; got {output!r}."
        )
    picture = Picture([], [], values, {root: np.ones_like(output.array)}, [])
    for name, tensor in {"": output, **names}.items():
        node = tensor.grad_fn or tensor
        picture.values[node] = tensor.array
        if name:
            picture.names[node] = name
    for node in engine.reachable(root):
        _back(picture, node)
    leaves = dict.fromkeys(source for source, _ in picture.edges if isinstance(source, Tensor))
    picture.nodes += leaves
    picture.values.update({leaf: leaf.array for leaf in leaves})
    return picture


def _back(picture: Picture, node: Any) -> None:
    """Hand the gradient of one node to its inputs."""
    g: Any = picture.gradients[node]
    picture.nodes.append(node)
    for source, pullback in node.edges:
        if pullback is None:  # one of several values of a rule: the rule's own node gathers all their gradients
            gathered: Any = picture.gradients.setdefault(source, [None] * source.outputs)  # type: ignore[arg-type]
            gathered[node.index] = part = g
        else:
            part = engine.unbroadcast(pullback(g), source.shape)
            picture.gradients[source] = picture.gradients[source] + part if source in picture.gradients else part
        picture.edges.append((source, node))
        picture.parts.append(part)


def graph(
    output: Tensor | Callable[[], Tensor],
    inputs: Sequence[str] = (),
    down: bool | None = None,
    ax: Axes | None = None,
    **names: Tensor,
) -> Axes:
    """Draw how a number was computed: values in green forwards, gradients in purple backwards.

        graph(lambda: (w * x + b - t) ** 2, w=w, x=x, b=b, t=t, inputs=["x", "t"])

    Each box shows a name or an operation, its value, and after ∂ the gradient of the output with respect to it. Where
    a value is used more than once, each arrow carries its part of the gradient: the parts add up to what the box says.
    Constants are left out: give them requires_grad=True to see them. Readable up to about 25 boxes.

    Args:
        output: a function without arguments that computes one number; or that number itself, a tensor with a
            graph (then the steps between have a value only if they are named).
        inputs: names of leaves that are inputs, drawn blue; the others are drawn orange, as weights.
        down: let the computation run down the page instead of to the right; by default if it has more than 6 steps.
        ax: axes to draw on; without one the figure is as large as the graph needs.
        names: tensors by name, leaves and intermediate ones.

    Returns:
        The axes, one unit to an inch.

    Raises:
        ValueError: as for `trace`.

    >>> w = Tensor([2.0], requires_grad=True)
    >>> [t.get_text() for t in graph(lambda: w * w, w=w).texts][-3:]
    ['w', '2', '∂ 4']
    """
    picture = trace(output, **names)
    place, routes = layered(picture.nodes, picture.edges)
    steps = max(x for x, _ in place.values())
    down = steps > 6 if down is None else down

    def inches(p: tuple[float, float]) -> tuple[float, float]:
        return (p[1] * PITCH_DOWN[0], -p[0] * PITCH_DOWN[1]) if down else (p[0] * PITCH[0], -p[1] * PITCH[1])

    spots = np.array([inches(p) for p in [*place.values(), *(p for route in routes for p in route)]])
    (left, low), (right, high) = spots.min(axis=0) - MARGIN, spots.max(axis=0) + MARGIN
    scale = _scale(ax, right - left) if ax is not None else 1.0
    ax = bare(canvas(ax, (right - left + 0.1, high - low + 0.1)))
    ax.set(xlim=(left, right), ylim=(low, high), aspect="equal")
    uses = {node: sum(source is node for source, _ in picture.edges) for node in picture.nodes}
    for (source, _), (route, parts) in _merged(picture, routes).items():
        text = " + ".join(map(_short, parts)) if uses[source] > 1 else ""
        _arrow(ax, [inches(p) for p in route], down, text, scale)
    for node in picture.nodes:
        _box(ax, inches(place[node]), picture, node, scale, inputs)
    return ax


def _merged(picture: Picture, routes: list) -> dict[tuple[Any, Any], tuple[list, list]]:
    """One arrow for all edges between the same two boxes (a * a): edge -> (route, parts of the gradient)."""
    arrows: dict[tuple[Any, Any], tuple[list, list]] = {}
    for edge, route, part in zip(picture.edges, routes, picture.parts, strict=True):
        arrows.setdefault(edge, (route, []))[1].append(part)
    return arrows


def _scale(ax: Axes, width: float) -> float:
    """How many inches of paper an inch of the drawing gets: the type follows."""
    figure: Any = ax.get_figure(root=True)
    return float(np.clip(ax.get_position().width * figure.get_figwidth() / width, 0.4, 1.0))


def _short(x: Any) -> str:
    """One number as it is; an array by its shape."""
    return number(float(x.reshape(()))) if getattr(x, "size", 0) == 1 else "×".join(map(str, np.shape(x)))


def _box(ax: Axes, centre: tuple[float, float], picture: Picture, node: Any, scale: float, inputs: Any) -> None:
    x, y = centre
    leaf, end = isinstance(node, Tensor), node is picture.nodes[0]
    kind = LIGHT["input" if picture.names.get(node) in inputs else "weight"]
    edge = LIGHT["loss"] if end else kind if leaf else LIGHT["muted"]
    corner = (x - BOX[0] / 2, y - BOX[1] / 2)
    shape = "round,pad=0,rounding_size=0.09"
    ax.add_patch(FancyBboxPatch(corner, *BOX, boxstyle=shape, facecolor=LIGHT["paper"], edgecolor=edge, linewidth=1.1))
    title = "leaf" if leaf else SYMBOLS.get(node.rule, node.rule.replace("_", " "))
    if node in picture.names:
        title = picture.names[node] + ("" if leaf else f" = {title}")
    value = _short(picture.values[node]) if node in picture.values else ""
    lines = (
        (0.165, title, kind if leaf else LIGHT["ink"], 9 if len(title) < 11 else 7.5, "bold"),
        (-0.015, value, LIGHT["activation"], 8, "normal"),
        (-0.175, "∂ " + _short(picture.gradients[node]), LIGHT["gradient"], 8, "normal"),
    )
    for up, text, ink, size, weight in lines:
        ax.text(x, y + up, text, ha="center", va="center", fontsize=size * scale, color=ink, weight=weight)


def _arrow(ax: Axes, route: list[tuple[float, float]], down: bool, text: str, scale: float) -> None:
    """A smooth line through the route, leaving and arriving in the direction of the computation."""
    p = np.array(route)
    ahead = np.array([0.0, -1.0]) if down else np.array([1.0, 0.0])
    half = BOX[1] / 2 if down else BOX[0] / 2
    p[0] += half * ahead
    p[-1] -= (half + 0.05) * ahead
    points, codes = [p[0]], [Path.MOVETO]
    for a, b in zip(p, p[1:], strict=False):
        reach = abs((b - a) @ ahead) * 0.5 * ahead
        points += [a + reach, b - reach, b]
        codes += [Path.CURVE4] * 3
    ax.add_patch(PathPatch(Path(points, codes), fill=False, edgecolor=LIGHT["muted"], linewidth=0.9, capstyle="butt"))
    side = np.array([-ahead[1], ahead[0]])
    tip = p[-1] + 0.05 * ahead
    head = [tip, tip - 0.09 * ahead + 0.04 * side, tip - 0.09 * ahead - 0.04 * side]
    ax.fill(*zip(*head, strict=True), color=LIGHT["muted"], linewidth=0, linestyle="-")
    if text:
        a, b = points[0], points[3]
        at = (a + 3 * points[1] + 3 * points[2] + b) / 8  # the middle of the first piece
        ground = {"facecolor": LIGHT["paper"], "linewidth": 0, "pad": 1.0}
        ax.text(
            at[0], at[1], text, ha="center", va="center", fontsize=7.5 * scale, color=LIGHT["gradient"], bbox=ground
        )
