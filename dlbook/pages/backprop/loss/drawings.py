"""Drawings of the page "Loss"."""

import numpy as np

from dlbook.pages.ink import arrow, write
from dlcore import viz
from dlcore.palette import LIGHT

# The example that the page does by hand: three scores, and it was a dog.
CLASSES = ("cat", "dog", "bird")
SCORES = np.array([2.0, 1.0, 0.0])  # (K,)
RIGHT = 1
POWERS = np.exp(SCORES)
SHARES = POWERS / POWERS.sum()
SLOPES = SHARES - np.eye(3)[RIGHT]

#: Where things stand, in tenths of an inch.
_ROWS, _HEADS, _SUM = (21, 15, 9), 26, 3
_CLASS, _SCORE, _POWER, _SHARE, _LOSS, _SLOPE = 2, 9, 16.5, 24.5, 33, 42


def from_scores_to_loss():
    """Draw three scores on their way to a loss, and the slope of the loss by each score."""
    [ax] = viz.panels(1, size=(4.6, 3))
    ax.set(xlim=(0, 46), ylim=(0, 30), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    heads = ("score z", "power eᶻ", "p", "loss −ln p", "slope")
    for x, head in zip((_SCORE, _POWER, _SHARE, _LOSS, _SLOPE), heads, strict=True):
        write(ax, x, _HEADS, head, color=LIGHT["muted"], fontsize=9)
    for k, y in enumerate(_ROWS):
        right = k == RIGHT
        write(ax, _CLASS, y, CLASSES[k], weight="bold" if right else "normal")
        write(ax, _SCORE, y, f"{SCORES[k]:g}", color=LIGHT["activation"])
        write(ax, _POWER, y, f"{POWERS[k]:.2f}")
        write(ax, _SHARE, y, f"{SHARES[k]:.3f}", color=LIGHT["activation"], weight="bold" if right else "normal")
        write(ax, _SLOPE, y, f"{SLOPES[k]:+.3f}".replace("-", "−"), color=LIGHT["gradient"])
        arrow(ax, _SCORE + 2, _POWER - 3, y)
        arrow(ax, _POWER + 3, _SHARE - 3, y)
    arrow(ax, _SHARE + 3, _LOSS - 3, _ROWS[RIGHT])
    write(ax, _LOSS, _ROWS[RIGHT], f"{-np.log(SHARES[RIGHT]):.3f}", color=LIGHT["loss"], weight="bold")
    write(ax, _POWER, _SUM, f"sum {POWERS.sum():.2f}", color=LIGHT["muted"])
    write(ax, _SHARE, _SUM, "sum 1", color=LIGHT["muted"])
    return ax.figure
