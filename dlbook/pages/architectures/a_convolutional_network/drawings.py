"""Drawings of the page "A convolutional network"."""

import numpy as np
from matplotlib.patches import Rectangle

from dlbook.page import stepping
from dlbook.pages.architectures.a_convolutional_network.experiment import BOOK, digits
from dlbook.pages.architectures.a_convolutional_network.signals import motifs
from dlbook.pages.ink import arrow, write
from dlcore.palette import LIGHT
from dlcore.viz import on_paper, panels

# The network that the page does by hand: where the bar of the 7 meets its stem, is a stroke upright or across?
SEVEN = digits("test")[0][BOOK, 0]  # (8, 8)
CUT = 3, 2  # the upper left corner of what is looked at
IMAGE = (SEVEN[CUT[0] : CUT[0] + 4, CUT[1] : CUT[1] + 4] > 0.5).astype(int)  # (H, W)
UPRIGHT = np.array([[-1, 2, -1]] * 3)
FILTERS = np.stack([UPRIGHT, UPRIGHT.T])  # (O, k, k)
WINDOWS = np.lib.stride_tricks.sliding_window_view(IMAGE, (3, 3))  # (H', W', k, k)
MAPS = np.einsum("ijuv,ouv->oij", WINDOWS, FILTERS)  # (O, 2, 2)
KEPT = np.maximum(MAPS, 0)
LARGEST = KEPT.max(axis=(1, 2))  # (O,)
LINEAR = np.array([[0.5, -0.5], [-0.5, 0.5]])  # (K, O)
SCORES = LINEAR @ LARGEST  # (K,)
SHARES = np.exp(SCORES) / np.exp(SCORES).sum()
NAMES = "upright", "across"

_CELL, _ROWS, _SUMS = 2.8, (32.0, 18.5), (5.0, 1.6)  # tenths of an inch
_IMAGE, _FILTER, _MAP, _KEPT, _LARGEST = 0.4, 13.4, 24.4, 32.6, 41.4  # left edges


def _signed(number):
    """A number with a true minus."""
    return f"{number:g}".replace("-", "−")


def _sum_of(kind):
    """A score as the sum that it is."""
    (a, b), (one, other) = LINEAR[kind], LARGEST
    return f"{_signed(a)} · {one} {'−' if b < 0 else '+'} {abs(b):g} · {other} = {_signed(SCORES[kind])}"


@stepping(
    "1 × 4 × 4 pixels of the 7, and two filters. One looks for strokes upright, the other for strokes across.",
    f"The first filter at its four places: {MAPS[0, 1, 0]} where the stem fills its middle column, less elsewhere.",
    f"The second at the same four places: {MAPS[1, 0, 0]} and {MAPS[1, 0, 1]} along the bar. Two maps: 2 × 2 × 2.",
    "ReLU keeps what is positive: “not here” is 0, however much not.",
    f"The largest of each map: {LARGEST[0]} for upright, {LARGEST[1]} for across. Where they stood is forgotten.",
    f"The linear layer: {_sum_of(0)} for upright, {_sum_of(1)} for across.",
    f"Softmax: {SHARES[0]:.2f} for upright, {SHARES[1]:.2f} for across.",
)
def network_by_hand(step):
    """Draw an image, two filters, two maps, what ReLU and pooling leave, two scores, two shares."""
    [ax] = panels(1, size=(4.6, 3.7))
    ax.set(xlim=(0, 46), ylim=(0, 37), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    middle = (_ROWS[0] + _ROWS[1]) / 2 - 4.2
    _seven(ax, _IMAGE + 0.2, 36.4, 1.05)
    _grid(ax, _IMAGE, middle + 2 * _CELL - 2, "image", IMAGE, "input", step == 1)
    for number, top in enumerate(_ROWS):
        _grid(ax, _FILTER, top, NAMES[number], FILTERS[number], "weight", step == 1)
        if step >= number + 2:
            _grid(ax, _MAP, top - _CELL / 2, f"map {number + 1}", MAPS[number], "activation", step == number + 2)
        if step >= 4:
            _grid(ax, _KEPT, top - _CELL / 2, "ReLU", KEPT[number], "activation", step == 4)
            arrow(ax, _MAP + 2 * _CELL + 0.4, _KEPT - 0.4, top - 1.5 * _CELL)
        if step >= 5:
            _grid(ax, _LARGEST, top - _CELL, "largest", LARGEST[number : number + 1, None], "activation", step == 5)
            arrow(ax, _KEPT + 2 * _CELL + 0.4, _LARGEST - 0.4, top - 1.5 * _CELL)
        if step >= 6:
            write(ax, 0.4, _SUMS[number], f"{NAMES[number]}: {_sum_of(number)}", ha="left", weight=_weight(step == 6))
        if step >= 7:
            write(ax, 45.6, _SUMS[number], f"softmax {SHARES[number]:.2f}", ha="right", weight="bold")
    return ax.figure


def _seven(ax, x, top, side):
    """The 7 from its upper left corner, ink dark on light paper, with a frame around what is looked at."""
    picture = on_paper(SEVEN[None])[0].transpose(1, 2, 0)  # a picture keeps its colours on a dark page
    ax.imshow(picture, extent=(x, x + 8 * side, top - 8 * side, top), interpolation="nearest", aspect="auto")
    ax.set(xlim=(0, 46), ylim=(0, 37))
    corner = x + CUT[1] * side, top - (CUT[0] + 4) * side
    ax.add_patch(Rectangle(corner, 4 * side, 4 * side, lw=2, ec=LIGHT["loss"], fc="none"))


def _weight(new):
    return "bold" if new else "normal"


def _grid(ax, x, top, title, numbers, name, new):
    """A table of numbers from its upper left corner, with its name above it; new ones on a yellow ground."""
    rows, columns = numbers.shape
    write(ax, x + columns * _CELL / 2, top + 1.5, title, color=LIGHT[name])
    if new:
        corner = x, top - rows * _CELL
        ax.add_patch(Rectangle(corner, columns * _CELL, rows * _CELL, lw=0, fc=LIGHT["highlight"], alpha=0.3))
    for (i, j), entry in np.ndenumerate(numbers):
        corner = x + j * _CELL, top - (i + 1) * _CELL
        ax.add_patch(Rectangle(corner, _CELL, _CELL, lw=1, ec=LIGHT[name], fc="none"))
        write(ax, corner[0] + _CELL / 2, corner[1] + _CELL / 2, _signed(entry))


def residual_block():
    """Draw a block: two convolutions, and the way around them."""
    [ax] = panels(1, size=(4.6, 1.7))
    ax.set(xlim=(0, 46), ylim=(0, 17), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    parts = ((3, "x", "input"), (14, "conv\nnorm\nReLU", "weight"), (26, "conv\nnorm", "weight"), (35, "+", "ink"),
             (42, "ReLU", "activation"))  # fmt: skip
    for (x, word, name), wide in zip(parts, (2, 4, 4, 1.6, 3), strict=True):
        ax.add_patch(Rectangle((x - wide, 2), 2 * wide, 7, lw=1.2, ec=LIGHT[name], fc="none"))
        write(ax, x, 5.5, word, color=LIGHT[name])
    for start, end in ((5, 10), (18, 22), (30, 33.4), (36.6, 39)):
        arrow(ax, start, end, 5.5)
    look = {"arrowstyle": "-|>", "color": LIGHT["input"], "lw": 1.6, "shrinkA": 0, "shrinkB": 0}
    ax.plot([7.2, 7.2, 35], [5.5, 13.5, 13.5], color=LIGHT["input"], lw=1.6)
    ax.annotate("", xy=(35, 9), xytext=(35, 13.6), arrowprops=look)
    write(ax, 20, 15.2, "around: what came in", color=LIGHT["input"])
    return ax.figure


def four_motifs():
    """Draw the four motifs, and a signal that hides the first."""
    axes = panels(1, 2, size=(4.6, 3.4))
    for number, wave in enumerate(motifs()):
        axes[0].plot(np.arange(12) + 16 * number, 2 * wave, color=LIGHT["weight"], lw=2, ls="-")
        axes[0].text(5.5 + 16 * number, 1.62, f"motif {number + 1}", ha="center", color=LIGHT["weight"])
    rng = np.random.default_rng(4)
    signal = 0.3 * rng.normal(size=64)
    signal[38:50] += 2 * motifs()[0]
    axes[1].add_patch(Rectangle((38, -2), 11, 4.2, lw=0, fc=LIGHT["highlight"], alpha=0.3))
    axes[1].plot(signal, color=LIGHT["input"], lw=1.5)
    axes[0].set(xlim=(-1, 63), ylim=(-2, 2.2), xticks=[], ylabel="value")
    axes[1].set(xlim=(-1, 63), ylim=(-2, 2.2), xlabel="time step", ylabel="value")
    return axes[0].figure
