"""Drawings of the page "Overfitting"."""

import numpy as np

from dlbook.page.steps import stepping
from dlbook.pages.ink import arrow, write
from dlcore.palette import LIGHT
from dlcore.viz import label, panels

# What the page does by hand: four measurements of y = x, and what a line and a cubic make of them.
X, Y = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 2.0, 1.0, 3.0])
LINE, CUBIC = np.polyfit(X, Y, 1), np.polyfit(X, Y, 3)
NEW = 4.0


def _miss(curve):
    """The mean square miss at the four points."""
    return round(float(np.mean((np.polyval(curve, X) - Y) ** 2)), 6)


@stepping(
    "Four measurements. What is measured follows the grey line, y = x; each measurement is a little off.",
    f"The best straight line goes through none of them: its mean square miss is {_miss(LINE):g}.",
    f"The cubic goes through all four. Its miss is {_miss(CUBIC):g}.",
    f"Now ask for x = {NEW:g}. The line says {np.polyval(LINE, NEW):g}, the cubic {np.polyval(CUBIC, NEW):.0f}; "
    f"{NEW:g} is right.",
)
def through_the_points(step):
    """A line and a cubic through four points, and what they say at a fifth."""
    ax = panels(1, size=(4.6, 3.1))[0]
    fine = np.linspace(-0.2, NEW, 200)
    ax.plot(fine, fine, "-", color=LIGHT["muted"], lw=1.2)
    write(ax, 3.75, 2.6, "y = x", color=LIGHT["muted"])
    if step > 1:
        ax.plot(fine, np.polyval(LINE, fine), "--", color=LIGHT["activation"], lw=2)
    if step > 2:
        ax.plot(fine, np.polyval(CUBIC, fine), "-", color=LIGHT["loss"], lw=2)
        write(ax, 2.75, 7.2, "cubic", color=LIGHT["loss"])
    if step > 1:
        write(ax, 0.1, 1.9, "line", color=LIGHT["activation"])
    ax.plot(X, Y, "o", color=LIGHT["ink"], ms=7)
    if step > 3:
        ax.plot(NEW, np.polyval(LINE, NEW), "s", color=LIGHT["activation"], ms=8)
        ax.plot(NEW, np.polyval(CUBIC, NEW), "D", color=LIGHT["loss"], ms=8)
        write(ax, 3.55, 13.9, f"{np.polyval(CUBIC, NEW):.0f}", color=LIGHT["loss"])
        write(ax, 4.02, 5.4, f"{np.polyval(LINE, NEW):g}", color=LIGHT["activation"])
    label(ax, "x", "y").set(xlim=(-0.3, 4.3), ylim=(-1, 15))
    return ax.figure


# Dropout: four hidden answers, their outer weights, two masks.
H, V, P = np.array([2.0, 1.0, 4.0, 3.0]), np.array([2.0, 2.0, 0.5, 1.0]), 0.5
KEPT = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]])
SCALED = H * KEPT * np.array([[1], [1 / (1 - P)], [1 / (1 - P)]])  # what goes on, for each mask
SUMS = SCALED @ V


def _listed(values):
    return "(" + ", ".join(f"{value:g}" for value in values) + ")"


@stepping(
    f"All four units answer, {_listed(H)}. Times the outer weights {_listed(V)} that makes {SUMS[0]:g}.",
    f"The first coin tosses drop units 2 and 4. The others count double: {_listed(SCALED[1])} makes {SUMS[1]:g}.",
    f"Other tosses drop units 1 and 3: {_listed(SCALED[2])} makes {SUMS[2]:g}. On average it is {SUMS[0]:g} again.",
)
def half_the_units(step):
    """Four hidden units and their sum: whole, and with two of them dropped."""
    ax = panels(1, size=(4.6, 2.9))[0]
    ax.set(xlim=(0, 46), ylim=(0, 29))
    ax.axis("off")
    write(ax, 5, 27, "answer")
    write(ax, 17, 27, "goes on")
    write(ax, 28.5, 27, "weight")
    for unit, y in enumerate((22, 16, 10, 4)):
        on = KEPT[step - 1][unit]
        ink = LIGHT["activation"] if on else LIGHT["muted"]
        ax.plot(5, y, "o", ms=24, mfc="none", mec=LIGHT["activation"], mew=1.5)
        write(ax, 5, y, f"{H[unit]:g}", color=LIGHT["activation"])
        ax.plot(17, y, "o" if on else "X", ms=24 if on else 9, mfc="none" if on else ink, mec=ink, mew=1.5)
        if on:
            write(ax, 17, y, f"{SCALED[step - 1][unit]:g}", color=ink)
            arrow(ax, 8, 14, y)
            ax.plot([20, 38.5], [y, 13], "-", color=LIGHT["weight"], lw=1.2)
            write(ax, 28.5, y + (13 - y) * 0.46 + 1.3, f"· {V[unit]:g}", color=LIGHT["weight"])
    ax.plot(41.5, 13, "o", ms=30, mfc="none", mec=LIGHT["ink"], mew=1.5)
    write(ax, 41.5, 13, f"{SUMS[step - 1]:g}")
    return ax.figure
