"""A small network as it is drawn on a blackboard: units in columns, weights as lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle

from dlcore.palette import LIGHT
from dlcore.viz.look import array, bare, canvas, number

#: Layers with more units than this are drawn with a gap in the middle.
MOST = 8


def network(
    layers: Sequence[int],
    weights: Sequence[Any] | None = None,
    names: Sequence[str] | None = None,
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    values: Sequence[Any] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a fully connected network: inputs blue, units green, weights orange.

    With weights given, a line's width is the size of its weight; negative weights are dashed.

    Args:
        layers: number of units per layer, from the inputs to the outputs.
        weights: one (out, in) matrix per gap between layers, as in Linear.weight.
        names: a text below each layer.
        inputs, outputs: a text beside each input and each output unit.
        values: per layer, a number to write into each unit.
        ax: axes to draw on.

    Returns:
        The axes; a layer of more than 8 units shows the first and last ones and says how many there are.

    Raises:
        ValueError: if there is no layer, a layer has no unit, or one of the other arguments does not match.

    >>> ax = network([2, 3, 1], inputs=["x₁", "x₂"])
    >>> len(ax.patches)
    6
    """
    _check(layers, weights, names, inputs, outputs, values)
    shown = [_shown(n) for n in layers]
    tallest = max(map(len, shown))
    ax = bare(canvas(ax, (1.45 * len(layers) + 0.9, max(1.6, 0.52 * tallest + 0.6))))
    spots = [
        np.stack([np.full(len(units), 1.4 * i), (len(units) - 1) / 2.0 - np.arange(len(units))], axis=1)
        for i, units in enumerate(shown)
    ]
    for i in range(len(layers) - 1):
        matrix = None if weights is None else array(weights[i])
        _lines(ax, spots[i], spots[i + 1], shown[i], shown[i + 1], matrix)
    for i, (place, units) in enumerate(zip(spots, shown, strict=True)):
        row = None if values is None else array(values[i]).reshape(-1)
        _units(ax, place, units, f"⋮ {layers[i]}", LIGHT["input" if i == 0 else "activation"], row)
        if names:
            ax.text(1.4 * i, -tallest / 2 - 0.12, names[i], ha="center", va="top", fontsize=9, color=LIGHT["ink"])
    _beside(ax, spots[0], shown[0], inputs, -0.45, "right", LIGHT["input"])
    _beside(ax, spots[-1], shown[-1], outputs, 0.45, "left", LIGHT["activation"])
    ax.set(xlim=(-1.0, 1.4 * (len(layers) - 1) + 1.0), ylim=(-tallest / 2 - (0.6 if names else 0.1), tallest / 2 + 0.1))
    ax.set_aspect("equal")
    return ax


def _units(ax: Axes, spots: Any, units: list[int | None], gap: str, colour: str, row: np.ndarray | None) -> None:
    for (x, y), unit in zip(spots, units, strict=True):
        if unit is None:
            ground = {"facecolor": LIGHT["paper"], "linewidth": 0, "pad": 2.0}
            ax.text(x, y, gap, ha="center", va="center", fontsize=9, color=LIGHT["muted"], bbox=ground)
            continue
        ax.add_patch(Circle((x, y), 0.32, facecolor=LIGHT["paper"], edgecolor=colour, linewidth=1.4, zorder=3))
        if row is not None:
            ax.text(x, y, number(float(row[unit])), ha="center", va="center", fontsize=7.5, color=colour, zorder=4)


def _check(layers: Sequence[int], weights: Any, names: Any, inputs: Any, outputs: Any, values: Any) -> None:
    if not layers or min(layers) < 1:
        raise ValueError(f"network: layers must be a list of numbers of units, each at least 1; got {list(layers)!r}.")
    counts = ((names, len(layers), "names"), (inputs, layers[0], "inputs"), (outputs, layers[-1], "outputs"))
    for given, wanted, what in (*counts, (values, len(layers), "values"), (weights, len(layers) - 1, "weights")):
        if given is not None and len(given) != wanted:
            raise ValueError(f"network: layers {list(layers)} need {wanted} {what}; got {len(given)}.")
    for i, w in enumerate(weights or ()):
        if array(w).shape != (layers[i + 1], layers[i]):
            raise ValueError(
                f"network: weights {i} must have shape ({layers[i + 1]}, {layers[i]}), (out, in); got {array(w).shape}."
            )


def _shown(n: int) -> list[int | None]:
    """Which units are drawn; None is the gap."""
    if n <= MOST:
        return list(range(n))
    return [*range(MOST // 2), None, *range(n - MOST // 2 + 1, n)]


def _lines(ax: Axes, left: Any, right: Any, from_units: list, to_units: list, matrix: np.ndarray | None) -> None:
    lines, widths, styles = [], [], []
    largest = 1.0 if matrix is None else float(np.abs(matrix).max()) or 1.0
    for a, source in zip(left, from_units, strict=True):
        for b, target in zip(right, to_units, strict=True):
            if source is None or target is None:
                continue
            w = 0.12 if matrix is None else float(matrix[target, source]) / largest
            lines.append([a, b])
            widths.append(0.25 + 2.4 * abs(w))
            styles.append("-" if w >= 0 else (0, (3, 1.5)))
    ax.add_collection(LineCollection(lines, colors=LIGHT["weight"], linewidths=widths, linestyles=styles, alpha=0.8))


def _beside(ax: Axes, spots: Any, units: list, texts: Any, shift: float, ha: Any, colour: str) -> None:
    for (x, y), unit in zip(spots, units, strict=True):
        if texts is not None and unit is not None:
            ax.text(x + shift, y, texts[unit], ha=ha, va="center", fontsize=9.5, color=colour)
