"""Drawings of the page "Why bend the line"."""

import numpy as np

from dlcore.palette import CLASSES, LIGHT
from dlcore.viz import label, panels, points

_CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
_CLASS = np.array([0, 1, 1, 0])  # exclusive or
_INK = {"color": LIGHT["ink"], "fontsize": 10}


def exclusive_or_unfolded():
    """Draw exclusive or before and after its two ReLU units: where one straight cut goes when it is unfolded."""
    left, right = panels(2, size=(5.8, 3.0))
    hidden = np.maximum(_CORNERS @ np.array([[1, -1], [-1, 1]]), 0)  # (4, 2)
    low, high = -0.35, 1.35
    for side in (-1, 1):  # where x₁ - x₂ = ±½
        edge = np.array([[low, low - side / 2], [high, high - side / 2]])
        left.plot(*edge.T, color=LIGHT["ink"], lw=1.6, ls="-")
    left.plot([low, high], [low, high], color=LIGHT["muted"], lw=1.2, ls=(0, (5, 3)))
    left.fill([low, 0.85, low], [0.15, high, high], color=CLASSES[1], alpha=0.14, lw=0)
    left.fill([0.15, high, high], [low, 0.85, low], color=CLASSES[1], alpha=0.14, lw=0)
    left.text(0.59, 0.5, "crease", rotation=45, rotation_mode="anchor", ha="center", va="top", **_INK)
    right.plot([low, 0.85], [0.85, low], color=LIGHT["ink"], lw=1.6, ls="-")
    right.fill([low, high, high, 0.85, low], [high, high, low, low, 0.85], color=CLASSES[1], alpha=0.14, lw=0)
    points(_CORNERS, _CLASS, size=70, ax=left)
    points(hidden, _CLASS, size=70, labels=("h₁", "h₂"), ax=right)
    for x in _CORNERS:
        left.annotate(f"({x[0]}, {x[1]})", x, xytext=(0, -16), textcoords="offset points", ha="center", **_INK)
    for at, words in (((0, 0), "two points"), ((0, 1), "(0, 1)"), ((1, 0), "(1, 0)")):
        right.annotate(words, at, xytext=(0, -16), textcoords="offset points", ha="center", **_INK)
    for ax, title in ((left, "What goes in"), (right, "What the units make of it")):
        label(ax, title=title).set(xlim=(low, high), ylim=(low, high), xticks=[0, 1], yticks=[0, 1])
    return left.figure
