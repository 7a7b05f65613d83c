"""Two layers on a sunny morning, number by number."""

import numpy as np

from dlbook.page import stepping
from dlbook.pages.ink import write
from dlbook.pages.neurons.layers.experiment import B1, B2, MORNINGS, W1, W2
from dlcore import viz
from dlcore.palette import LIGHT

Z = MORNINGS @ W1.T + B1  # (2, 3), a row for each morning
H = np.maximum(Z, 0)
SCORES = H @ W2.T + B2  # (2, 2)

_COLUMNS = (5, 23, 41)  # where inputs, hidden units and outputs stand
_ROWS = {2: (31, 21), 3: (33, 26, 19)}
_NAMES = (("sunny", "windy"), ("h₁", "h₂", "h₃"), ("bicycle", "bus"))


def _number(value):
    return f"{value + 0.0:g}".replace("-", "−")  # + 0.0: no minus zero


def _numbers(values):
    return f"({', '.join(map(_number, values))})"


def _sum(weights, inputs, bias):
    """A weighted sum with its bias, written out, without what is 0."""
    parts = [f"{_number(w)} · {_number(x)}" for w, x in zip(weights, inputs, strict=True) if w != 0]
    parts += [_number(bias)] if bias != 0 else []
    return " + ".join(parts).replace("+ −", "− ")


_SUNNY = MORNINGS[0]


@stepping(
    f"A sunny morning with some wind comes in, x = {_numbers(_SUNNY)}: a list of two numbers.",
    f"Each row of W₁ is one unit, and weighs both: {_sum(W1[0], _SUNNY, B1[0])} = {_number(Z[0, 0])}, "
    f"{_sum(W1[1], _SUNNY, B1[1])} = {_number(Z[0, 1])}, {_sum(W1[2], _SUNNY, B1[2])} = {_number(Z[0, 2])}.",
    f"ReLU bends each sum by itself: {_numbers(Z[0])} becomes h = {_numbers(H[0])}. The second unit is off.",
    f"The rows of W₂ weigh these three: {_sum(W2[0], H[0], B2[0])} = {_number(SCORES[0, 0])} for the bicycle, "
    f"{_sum(W2[1], H[0], B2[1])} = {_number(SCORES[0, 1])} for the bus. The bicycle wins.",
    f"The other morning, {_numbers(MORNINGS[1])}, goes the same way: h = {_numbers(H[1])}, scores "
    f"{_numbers(SCORES[1])}. The bus wins. The weights are the same for both.",
)
def two_layers(step):
    """Inputs, hidden units, scores; below them the two matrices, the one at work in colour."""
    ax = viz.panels(1, size=(4.6, 3.5))[0]
    ax.figure.set_layout_engine("none")
    ax.set(xlim=(0, 46), ylim=(0, 38), position=(0, 0, 1, 1))
    ax.set_axis_off()
    morning = 1 if step == 5 else 0
    known = {1: 1, 2: 2, 3: 2, 4: 3, 5: 3}[step]  # so many columns carry numbers
    middle = Z[morning] if step == 2 else H[morning]
    _wires(ax, W1, 0, step in (2, 5))
    _wires(ax, W2, 1, step in (4, 5))
    for k, values in enumerate((MORNINGS[morning], middle, SCORES[morning])):
        colour = LIGHT["input"] if k == 0 else LIGHT["muted"] if k == 1 and step == 2 else LIGHT["activation"]
        for y, value, name in zip(_ROWS[len(values)], values, _NAMES[k], strict=True):
            ax.plot(_COLUMNS[k], y, "o", ms=27, color=colour if k < known else LIGHT["grid"], mew=0)
            if k < known:
                write(ax, _COLUMNS[k], y, _number(value), color=LIGHT["paper"], weight="bold")
            name = name.replace("h", "z") if k == 1 and step == 2 else name
            write(ax, _COLUMNS[k], y - 4 if k != 1 else y + 3.4, name, fontsize=9)
    _matrix(ax, 13, "W₁", W1, B1, step in (2, 5))
    _matrix(ax, 33, "W₂", W2, B2, step in (4, 5))
    return ax.figure


def _wires(ax, weights, k, works):
    """A line from each input to each unit whose weight is not 0, with the weight on it; dashed if negative."""
    n_out, n_in = weights.shape
    for i in range(n_out):
        for j in range(n_in):
            w = weights[i, j]
            if w == 0:
                continue
            ends = np.array([_COLUMNS[k] + 2.4, _COLUMNS[k + 1] - 2.4]), np.array([_ROWS[n_in][j], _ROWS[n_out][i]])
            colour = LIGHT["weight"] if works else LIGHT["grid"]
            ax.plot(*ends, color=colour, lw=1.2 * abs(w), ls="-" if w > 0 else (0, (3, 2)), zorder=0)
            if works:
                at = 0.32 if j % 2 == i % 2 else 0.68
                x, y = (end[0] + at * (end[1] - end[0]) for end in ends)
                look = {"boxstyle": "square,pad=0.15", "fc": LIGHT["paper"], "ec": "none"}
                write(ax, x, y, _number(w), color=LIGHT["weight"], fontsize=9, bbox=look)


def _matrix(ax, x, name, weights, bias, works):
    """A matrix and its biases, written as a table, with their shapes."""
    colour, high = LIGHT["weight"] if works else LIGHT["muted"], len(weights)
    write(ax, x - 8, 7.2, f"{name} =", color=colour)
    across = 3.2 * weights.shape[1]
    for i, row in enumerate(np.column_stack([weights, bias])):
        y = 7.2 + 3.1 * ((high - 1) / 2 - i)
        for j, value in enumerate(row):
            gap = 1.9 if j == weights.shape[1] else 0
            write(ax, x - 3.6 + 3.2 * j + gap, y, _number(value), color=colour)
    low, top = 7.2 - 1.55 * high, 7.2 + 1.55 * high
    for left, right in ((-5.2, across - 5.2), (across - 3.9, across + 0.5)):
        for side, turn in ((left, 0.6), (right, -0.6)):
            ends = np.array([side + turn, side, side, side + turn]) + x
            ax.plot(ends, [low, low, top, top], color=colour, lw=1, ls="-")
    write(ax, x - 1, 0.6 if high == 3 else 2.1, f"{weights.shape} and ({high},)", color=colour, fontsize=9)
