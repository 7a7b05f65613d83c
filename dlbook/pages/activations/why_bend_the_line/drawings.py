"""Drawings of the page "Why bend the line"."""

import numpy as np

from dlbook.page.steps import stepping
from dlcore.palette import CLASSES, LIGHT
from dlcore.viz import label, panels, points

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
CLASS = np.array([0, 1, 1, 0])  # exclusive or
SUMS = CORNERS @ np.array([[1, -1], [-1, 1]])  # (4, 2): what the two units add up, before they bend it
HIDDEN = np.maximum(SUMS, 0)  # (4, 2)
CUT = 0.5  # of h₁ + h₂

_LOW, _HIGH = -1.35, 1.6
_INK = {"color": LIGHT["ink"], "fontsize": 10}


def _pair(row):
    return f"({row[0]}, {row[1]})".replace("-", "−")


@stepping(
    f"The four inputs of exclusive or. {_pair(CORNERS[1])} and {_pair(CORNERS[2])} are to get a 1. No straight line "
    "has both of them on one side and the other two on the other.",
    f"Each unit takes its weighted sum. {_pair(CORNERS[1])} becomes {_pair(SUMS[1])}, {_pair(CORNERS[2])} becomes "
    f"{_pair(SUMS[2])}, and the other two fall together on {_pair(SUMS[0])}. All lie on one straight line, the ones at "
    "either end of it.",
    f"The ReLUs bend the line: what was negative becomes 0. {_pair(SUMS[1])} moves to {_pair(HIDDEN[1])}, "
    f"{_pair(SUMS[2])} to {_pair(HIDDEN[2])}.",
    f"Now one straight cut is enough: h₁ + h₂ = {CUT:g}.",
    "The same cut seen in the inputs, unfolded along the crease, is two: the network says 1 where the tint is.",
)
def exclusive_or_unfolded(step):
    """What two ReLU units do to exclusive or: a line is bent, so that one straight cut becomes two."""
    ax = panels(1, size=(4.6, 3.4))[0]
    inputs = step in (1, 5)
    if step == 5:
        _unfolded(ax)
    if step in (2, 3):
        ax.plot([_LOW, -_LOW], [-_LOW, _LOW], color=LIGHT["muted"], lw=1.4, ls="-" if step == 2 else (0, (2, 3)))
    if step in (3, 4):
        ax.plot([0, 0, _HIGH], [_HIGH, 0, 0], color=LIGHT["activation"], lw=2.2, ls="-")
    if step == 3:
        for before, after in zip(SUMS[1:3], HIDDEN[1:3], strict=True):
            way = {"arrowstyle": "->", "color": LIGHT["ink"], "shrinkA": 6, "shrinkB": 9}
            ax.annotate("", after, xytext=before, arrowprops=way)
    if step == 4:
        ends = [_LOW, CUT - _LOW]
        ax.fill([*ends, _HIGH, _HIGH], [*ends[::-1], _LOW, _HIGH], color=CLASSES[1], alpha=0.14, lw=0, ls="-")
        ax.plot(ends, ends[::-1], color=LIGHT["ink"], lw=1.6, ls="-")
    at = CORNERS if inputs else SUMS if step == 2 else HIDDEN
    points(at, CLASS, size=70, ax=ax)
    for place in at if inputs else at[1:]:
        twice = not inputs and not any(place)
        words, way = (f"{_pair(place)}, twice", (-64, -16)) if twice else (_pair(place), (8, 9))
        ax.annotate(words, place, xytext=way, textcoords="offset points", **_INK)
    names = ("input x₁", "input x₂") if inputs else ("x₁ − x₂", "x₂ − x₁") if step == 2 else ("h₁", "h₂")
    label(ax, *names).set(xlim=(_LOW, _HIGH), ylim=(_LOW, _HIGH), xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    ax.set_aspect("equal")
    return ax.figure


def _unfolded(ax):
    """Where |x₁ - x₂| is the cut, and the crease."""
    ends = np.array([_LOW, _HIGH])
    for side in (-CUT, CUT):
        ax.plot(ends + side, ends, color=LIGHT["ink"], lw=1.6, ls="-")
    ax.fill([_LOW, _HIGH - CUT, _LOW], [_LOW + CUT, _HIGH, _HIGH], color=CLASSES[1], alpha=0.14, lw=0, ls="-")
    ax.fill([_LOW + CUT, _HIGH, _HIGH], [_LOW, _HIGH - CUT, _LOW], color=CLASSES[1], alpha=0.14, lw=0, ls="-")
    ax.plot(ends, ends, color=LIGHT["muted"], lw=1.2, ls=(0, (5, 3)))
    ax.text(-0.75, -0.83, "crease", rotation=45, rotation_mode="anchor", ha="center", va="top", **_INK)
