"""Drawings of the page "Vanishing and exploding"."""

import numpy as np
from matplotlib.patches import Rectangle

from dlbook.page.steps import stepping
from dlbook.pages.backprop.vanishing_and_exploding.experiment import normalise, normalise_back
from dlbook.pages.ink import arrow, write
from dlcore.palette import LIGHT
from dlcore.viz import panels

# What the page does by hand: four layers of one unit each, and five sums of one unit.
LAYERS = 4
WEIGHTS = (0.5, 2.0, 1.0)
SUMS = np.array([1.0, 3.0, 4.0, 5.0, 7.0])
ARRIVES = np.array([1.0, 0.0, 0.0, 0.0, 0.0])  # the gradient of the normalised sums


def _factor(weight, residual=False):
    """By what one layer multiplies the gradient."""
    return weight + residual


def _chain(weight, residual=False):
    """The gradient that reaches the digit's side of each layer, from the first layer to behind the last."""
    return _factor(weight, residual) ** np.arange(LAYERS, -1, -1.0)


def _told(value):
    return f"{value:.3g}"


def _squeezed(weight):
    return normalise(weight * SUMS, 0)[0]


_RAW, _SPREAD = normalise(SUMS, 0)
BACK = normalise_back(ARRIVES, _RAW, _SPREAD, 0)


@stepping(
    f"Weights of ½. Each layer halves what comes back: of 1, {_told(_chain(0.5)[0])} arrives. It vanishes.",
    f"Weights of 2. Each layer doubles it: {_told(_chain(2.0)[0])} arrives. It explodes.",
    "Weights of 1, a start that fits: all of it arrives.",
    f"Weights of ½, residual: 1 goes around the layer, ½ through it, together {_factor(0.5, True):g}. "
    f"{_told(_chain(0.5, True)[0])} arrives. It no longer vanishes.",
    f"Weights of 2, residual: {_factor(2.0, True):g} times a layer, and {_told(_chain(2.0, True)[0])} arrives. It "
    "explodes all the more.",
    "Normalised: five sums of one unit. With weights of ½ or of 2 in front, mean 0 and spread 1 make the same of them.",
)
def on_its_way(step):
    """What a layer does to the gradient, with weights of ½, 2 and 1, residual, and normalised."""
    ax = panels(1, size=(4.6, 2.3))[0]
    ax.set(xlim=(-2.5, 48), ylim=(-2.6, 21.2))
    ax.axis("off")
    if step == 6:
        return _five_sums(ax)
    weight, residual = [(0.5, False), (2.0, False), (1.0, False), (0.5, True), (2.0, True)][step - 1]
    lengths = _chain(weight, residual)
    write(ax, 22.5, 19.2, f"weights of {weight:g}" + ", residual" * residual)
    for k in range(LAYERS):
        x = 5 + 10 * k
        ax.add_patch(Rectangle((x, 9.2), 5, 4, facecolor="none", edgecolor=LIGHT["ink"], lw=1.2))
        write(ax, x + 2.5, 11.2, f"× {weight:g}", color=LIGHT["weight"])
        if residual:
            ax.plot([x - 1.5, x - 1.5, x + 6.5, x + 6.5], [11.2, 16, 16, 11.2], "-", color=LIGHT["activation"], lw=1.4)
            write(ax, x + 2.5, 17.2, "+ 1", color=LIGHT["activation"])
        arrow(ax, x + 10, x + 5.2, 11.2)
    arrow(ax, 5, 0.2, 11.2)
    for k, length in enumerate(lengths):
        write(ax, 10 * k + 2.4, 6.2, _told(length), color=LIGHT["gradient"])
        tall = 0.3 + 0.32 * (4 + np.log2(length))  # each doubling is one step longer
        ax.plot([10 * k + 2.4] * 2, [1, 1 + tall], "-", color=LIGHT["gradient"], lw=7, solid_capstyle="butt")
    write(ax, 2.4, -0.6, "digit", color=LIGHT["muted"])
    write(ax, 42.4, -0.6, "loss", color=LIGHT["muted"])
    return ax.figure


def _five_sums(ax):
    """The sums with weights of ½ and 2 in front, and what normalising makes of them."""
    write(ax, 22.5, 19.2, "five sums of one unit, normalised")
    rows = ((14.5, "× 0.5", 0.5 * SUMS), (9.5, "× 2", 2 * SUMS))
    for y, word, sums in rows:
        write(ax, 2, y, word, color=LIGHT["weight"])
        ax.plot([6, 46], [y, y], "-", color=LIGHT["grid"], lw=1)
        ax.plot(8 + 2.6 * sums, [y] * 5, "o", color=LIGHT["activation"], ms=7)
        write(ax, 8 + 2.6 * sums[0], y + 2.1, f"{sums[0]:g}")
        write(ax, 8 + 2.6 * sums[-1], y + 2.1, f"{sums[-1]:g}")
    places = _squeezed(0.5), _squeezed(2.0)
    ax.plot([6, 46], [2.5, 2.5], "-", color=LIGHT["grid"], lw=1)
    ax.plot(26 + 10 * places[0], [2.5] * 5, "o", color=LIGHT["activation"], ms=9, mfc="none")
    ax.plot(26 + 10 * places[1], [2.5] * 5, "x", color=LIGHT["ink"], ms=6)
    write(ax, 2, 2.5, "both")
    for place in places[0][[0, 2, 4]]:
        write(ax, 26 + 10 * place, 0, f"{round(float(place), 2) + 0:g}".replace("-", "−"))
    return ax.figure
