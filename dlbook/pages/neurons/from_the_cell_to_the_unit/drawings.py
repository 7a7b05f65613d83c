"""Drawings of the part on neurons."""

import numpy as np

from dlbook.page import stepping
from dlcore.palette import LIGHT
from dlcore.viz import panels
from dlcore.viz.look import number

_INK = {"color": LIGHT["ink"], "va": "center", "fontsize": 10}
_HEIGHTS = (3.7, 2.5, 1.3)  # where the three inputs arrive


def cell_and_unit():
    """Draw a nerve cell above an artificial unit, matching parts below each other and in the same colour."""
    axes = panels(1, rows=2, size=(5.6, 4.7))
    for ax, title in zip(axes, ("A nerve cell", "A unit"), strict=True):
        ax.set(xlim=(0, 10.6), ylim=(0.2, 5.0), aspect="equal")
        ax.set_axis_off()
        ax.text(0, 4.8, title, weight="bold", **_INK)
    _cell(axes[0])
    _unit(axes[1])
    return axes[0].figure


def _curve(ax, start, end, width, name, bend=1.0):
    """Draw a smooth branch from start to end; with bend 1 it leaves and arrives level, with 0 it is straight."""
    t = np.linspace(0, 1, 40)
    ease = t + (3 * t**2 - 2 * t**3 - t) * bend
    x, y = start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * ease
    ax.plot(x, y, color=LIGHT[name], lw=width, ls="-", solid_capstyle="round")


def _cell(ax):
    """Draw incoming axons, synapses, dendrites, soma, axon and its branches."""
    for y, strength in zip(_HEIGHTS, (9, 5, 7), strict=True):
        _curve(ax, (0.1, y), (1.3, y), 2.0, "input")
        ax.plot(1.45, y, marker=">", color=LIGHT["weight"], ms=strength, ls="none")
        _curve(ax, (1.75, y), (4.4, 2.5 + (y - 2.5) * 0.35), 2.6, "muted")
        for side in (0.36, -0.36):
            _curve(ax, (1.85, y + side), (2.55, y + (2.5 - y) * 0.05), 1.3, "muted", bend=0.3)
    angle = np.linspace(0, 2 * np.pi, 80)
    ax.fill(4.9 + 0.95 * np.cos(angle), 2.5 + 0.85 * np.sin(angle), color=LIGHT["muted"], alpha=0.4, lw=0, ls="-")
    _curve(ax, (5.85, 2.5), (8.7, 2.5), 3.0, "activation")
    for y in (3.3, 2.5, 1.7):
        _curve(ax, (8.6, 2.5), (9.8, y), 2.0, "activation")
        ax.plot(10.0, y, marker=">", color=LIGHT["activation"], ms=6, ls="none")
    ax.plot([5.95, 5.95], [2.05, 2.95], color=LIGHT["weight"], lw=2.6, ls="-")
    ax.text(6.1, 1.6, "threshold", ha="left", **_INK)
    for x, y, word in ((1.45, 0.5, "synapses"), (3.1, 0.5, "dendrites"), (4.9, 2.5, "soma"), (7.4, 2.95, "axon")):
        ax.text(x, y, word, ha="center", **_INK)
    ax.text(9.3, 1.1, "to other cells", ha="center", **_INK)


def _unit(ax):
    """Draw inputs, weights, the sum with its bias, the activation and the answer."""
    for y, name, width, sign in zip(_HEIGHTS, "₁₂₃", (3.2, 1.4, 2.2), ("-", "-", "--"), strict=True):
        ax.plot([0.75, 4.0], [y, 2.5 + (y - 2.5) * 0.3], color=LIGHT["weight"], lw=width, ls=sign)
        ax.plot(0.5, y, "o", color=LIGHT["input"], ms=17)
        ax.text(0.5, y, f"x{name}", ha="center", **{**_INK, "color": LIGHT["paper"]})
        ax.text(1.9, y + (2.5 - y) * 0.25 + 0.32, f"w{name}", ha="center", **_INK)
    ax.plot([4.9, 4.9], [0.95, 1.7], color=LIGHT["weight"], lw=2.4, ls="-")
    ax.text(4.9, 0.6, "bias b", ha="center", **_INK)
    ax.plot(4.9, 2.5, "o", color=LIGHT["muted"], ms=44, alpha=0.35, mew=0)
    ax.text(4.9, 2.5, "sum z", ha="center", **_INK)
    ax.plot([5.8, 6.6], [2.5, 2.5], color=LIGHT["muted"], lw=1.8, ls="-")
    ax.plot([6.75, 7.2, 7.75], [2.2, 2.2, 2.95], color=LIGHT["activation"], lw=2.4, ls="-")
    ax.plot([6.6, 7.9, 7.9, 6.6, 6.6], [1.9, 1.9, 3.1, 3.1, 1.9], color=LIGHT["muted"], lw=1, ls="-")
    ax.text(7.25, 1.5, "activation f", ha="center", **_INK)
    ax.plot([7.95, 9.5], [2.5, 2.5], color=LIGHT["activation"], lw=2.6, ls="-")
    ax.plot(9.55, 2.5, marker=">", color=LIGHT["activation"], ms=9)
    ax.text(9.3, 2.95, "answer a", ha="center", **_INK)
    ax.text(0.5, 0.5, "inputs", ha="center", **_INK)
    ax.text(2.5, 0.5, "weights", ha="center", **_INK)


# The unit that the page computes by hand.
INPUTS, WEIGHTS, BIAS = (1.0, 0.5), (2.0, -3.0), 0.25
PRODUCTS = tuple(w * x for w, x in zip(WEIGHTS, INPUTS, strict=True))
SUM = sum(PRODUCTS) + BIAS
_NAMES = ("sunny", "windy")


@stepping(
    f"Two inputs come in: it is sunny, {INPUTS[0]:g}, and half windy, {INPUTS[1]:g}.",
    f"Each meets its weight: {WEIGHTS[0]:g} times {INPUTS[0]:g} is {PRODUCTS[0]:g}, "
    f"{number(WEIGHTS[1])} times {INPUTS[1]:g} is {number(PRODUCTS[1])}.",
    f"The products and the bias are added up: {PRODUCTS[0]:g} − {-PRODUCTS[1]:g} + {BIAS:g} = {SUM:g}. This is z.",
    f"ReLU lets pass what is positive. The answer is {max(SUM, 0):g}: cycle.",
)
def a_unit_by_hand(step):
    """Draw a unit with the numbers of the page, as far as it has been computed."""
    [ax] = panels(1, size=(4.6, 2.3))
    ax.set(xlim=(0, 46), ylim=(0, 23), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    for y, name, x, w, product in zip((17, 6), _NAMES, INPUTS, WEIGHTS, PRODUCTS, strict=True):
        ax.plot(
            [5.5, 25], [y, 11.5 + (y - 11.5) * 0.25], color=LIGHT["weight"], lw=1 + abs(w), ls="-" if w > 0 else "--"
        )
        ax.plot(4, y, "o", color=LIGHT["input"], ms=26)
        ax.text(4, y, f"{x:g}", ha="center", **{**_INK, "color": LIGHT["paper"]})
        ax.text(4, y + 4 * (1 if y > 11 else -1), name, ha="center", **_INK)
        shown = f"× {number(w)}" + (f" = {number(product)}" if step > 1 else "")
        ax.text(12.5, y + (2.6 if y > 11 else -2.6), shown, ha="center", **{**_INK, "color": LIGHT["weight"]})
    ax.plot(27, 11.5, "o", color=LIGHT["muted"], ms=46, alpha=0.35, mew=0)
    ax.text(27, 11.5, f"z = {SUM:g}" if step > 2 else "z", ha="center", **_INK)
    ax.text(27, 2.8, f"bias + {BIAS:g}", ha="center", **{**_INK, "color": LIGHT["weight"]})
    ax.plot([27, 27], [4.2, 7.6], color=LIGHT["weight"], lw=2, ls="-")
    ax.plot([30.8, 34], [11.5, 11.5], color=LIGHT["muted"], lw=1.8, ls="-")
    ax.plot([34.4, 36, 37.8], [10.2, 10.2, 13.2], color=LIGHT["activation"], lw=2.4, ls="-")
    ax.text(36.2, 6.6, "ReLU", ha="center", **_INK)
    ax.plot([38.4, 41], [11.5, 11.5], color=LIGHT["activation"], lw=2.4, ls="-")
    if step > 3:
        ax.text(43.4, 11.5, f"{max(SUM, 0):g}", ha="center", **{**_INK, "color": LIGHT["activation"], "weight": "bold"})
    return ax.figure
