"""Drawings of the page "The same in PyTorch": where in a training step one can look."""

import numpy as np

from dlbook.pages.ink import arrow, write
from dlcore import viz
from dlcore.palette import LIGHT

WEIGHTS, GRADIENT, RATE = np.array([3.0, 4.0]), np.array([0.3, -0.4]), 0.1  # the hand calculation's
RATIO = np.linalg.norm(RATE * GRADIENT) / np.linalg.norm(WEIGHTS)

STATIONS = (
    ("batch", "input", ("pixels from 0 to 1, ten kinds", "mixed, each label fits its image")),
    ("scores", "activation", ("the same digit asked twice, alone and", "in company, gets the same scores")),
    ("loss", "loss", (f"begins near ln 10 = {np.log(10):.2f};", "on one batch it goes to nearly 0")),
    ("gradients", "gradient", ("each layer has one,", "and it does not pile up")),
    ("step", "weight", (f"update / weights = 0.05 / 5 = {RATIO:.2f};", "0: stuck. Near 1: far too much")),
    ("new digits", "ink", ("more right than by a", "comparison with ten averages")),
)


def where_to_look():
    """Draw a training step from top to bottom, and beside each station what a check looks at."""
    ax = viz.panels(1, size=(4.6, 4.2))[0]
    ax.set(xlim=(0, 46), ylim=(0, 60))
    ax.axis("off")
    for row, (name, colour, lines) in enumerate(STATIONS):
        y = 55 - 10 * row
        box = {"boxstyle": "round,pad=0.4", "fc": "none", "ec": LIGHT[colour], "lw": 1.8}
        write(ax, 6.5, y, name, bbox=box)
        arrow(ax, 12.6, 15.6, y)
        for line, words in enumerate(lines):
            write(ax, 16.5, y + 2 - 4 * line, words, ha="left")
        if row:
            look = {"arrowstyle": "-|>", "color": LIGHT["muted"], "lw": 1}
            ax.annotate("", xy=(6.5, y + 3.4), xytext=(6.5, y + 6.6), arrowprops=look)
    return ax.figure
