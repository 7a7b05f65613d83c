"""Drawings of the page "Adversarial examples"."""

import numpy as np

from dlbook.page import stepping
from dlcore.palette import LIGHT
from dlcore.viz import panels
from dlcore.viz.look import number

# The unit that the page attacks by hand.
WEIGHTS, BIAS = np.array([2.0, -1.0, 0.5, -1.5]), -0.2
INPUT, SIZE = np.array([0.5, 0.2, 0.8, 0.4]), 0.1
TERMS = WEIGHTS * INPUT
SHIFTS = -SIZE * np.abs(WEIGHTS)  # of each product, when its input moves by SIZE in the worse direction
BEFORE = TERMS.sum() + BIAS
AFTER = BEFORE + SHIFTS.sum()


def _and(values):
    *some, last = map(number, values)
    return f"{', '.join(some)} and {last}"


@stepping(
    f"Four products, {_and(TERMS)}, and the bias of {number(BIAS)}: together {number(BEFORE)}, a yes.",
    f"Each input moves by {SIZE} in its worse direction. The products fall by {_and(-SHIFTS)}: all pushes agree.",
    f"Together they fall by {number(-SHIFTS.sum())}, and {number(BEFORE)} becomes {number(AFTER)}: a no.",
)
def worst_change(step):
    """Draw the products as bars, what the attack takes from each, and the sum."""
    [ax] = panels(1, size=(4.6, 2.7))
    ends = TERMS + SHIFTS * (step > 1)
    ax.bar(range(4), TERMS if step < 3 else ends, color=LIGHT["input"], width=0.6)
    if step > 1:
        for place, (start, end) in enumerate(zip(TERMS, ends, strict=True)):
            look = {"arrowstyle": "->", "color": LIGHT["loss"], "lw": 1.6}
            ax.annotate("", (place + 0.38, end), (place + 0.38, start), arrowprops=look)
    ax.bar(4, BIAS, color=LIGHT["weight"], width=0.6)
    z = AFTER if step == 3 else BEFORE
    ax.bar(5, z, color=LIGHT["activation"], width=0.6)
    shown = [*(ends if step == 3 else TERMS), BIAS, z]
    for place, value in enumerate(shown):
        where = {"ha": "center", "va": "bottom" if value > 0 else "top"}
        ax.text(place, value + (0.04 if value > 0 else -0.04), number(value), fontsize=10, color=LIGHT["ink"], **where)
    ax.axhline(0, color=LIGHT["muted"], lw=0.8)
    names = ["w₁x₁", "w₂x₂", "w₃x₃", "w₄x₄", "b", "z"]
    ax.set(xlim=(-0.6, 5.6), ylim=(-1.1, 1.3), xticks=range(6), xticklabels=names, ylabel="part of the sum")
    return ax.figure
