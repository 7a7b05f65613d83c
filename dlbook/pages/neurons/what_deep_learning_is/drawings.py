"""Six digits on the axis of one feature, and a threshold that goes through the gaps between them."""

import numpy as np
from matplotlib.collections import PolyCollection

from dlbook.page import stepping
from dlbook.pages.neurons.what_deep_learning_is.experiment import left, pair
from dlcore.palette import LIGHT
from dlcore.viz import panels

SIX = (90, 34, 45, 174, 89, 84)  # rows of the threes and eights to learn from
_X, EIGHT = (part[list(SIX)] for part in pair())
FEATURE = left(_X).round(2)  # (6,)
_LINE = np.sort(FEATURE)
GAPS = (_LINE[1:] + _LINE[:-1]) / 2  # (5,), a threshold in each gap
_ABOVE, _BELOW, _SIZE = 11.5, 1.5, 5.6  # where threes and eights hang, and their size, in tenths of an inch


def _listed(numbers):
    return " and ".join(f"{number:.2f}" for number in numbers) or "none"


def _mistaken(threshold):
    """Which threes are called 8, and which eights 3, if “8” is said above the threshold: their features."""
    return FEATURE[~EIGHT & (FEATURE > threshold)], FEATURE[EIGHT & (FEATURE <= threshold)]


def _says(threshold):
    threes, eights = (sorted(part) for part in _mistaken(threshold))
    count = len(threes) + len(eights)
    return (
        f"Threshold {threshold:.3g}: {count} mistake{'s' * (count != 1)}. "
        f"Threes called 8: {_listed(threes)}. Eights called 3: {_listed(eights)}."
    )


@stepping(
    "Six digits, each at its feature: the share of its ink in its left half. Threes hang above the line, eights below.",
    *map(_says, GAPS),
)
def a_threshold_by_hand(step):
    """Draw the digits on the axis of their feature, the threshold of this step, and a ring around each mistake."""
    [ax] = panels(1, size=(4.6, 2.5))
    ax.set(xlim=(0, 46), ylim=(-2, 23), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    ax.plot([1, 45], [9.5, 9.5], color=LIGHT["muted"], lw=1.2, ls="-")
    threshold = GAPS[step - 2] if step > 1 else None
    wrong = np.concatenate(_mistaken(threshold)) if step > 1 else ()
    for image, eight, feature in zip(_X, EIGHT, FEATURE, strict=True):
        _digit(ax, image, _at(feature), _BELOW if eight else _ABOVE, feature, feature in wrong)
    if threshold is not None:
        ax.plot([_at(threshold)] * 2, [0, 19.5], color=LIGHT["weight"], lw=2.4, ls="-", zorder=0)
        ax.text(_at(threshold), 21.2, "← says 3   says 8 →", color=LIGHT["weight"], ha="center", fontsize=10)
    return ax.figure


def _at(feature):
    """The place of a feature on the line, in tenths of an inch."""
    return 4 + (feature - 0.35) / 0.22 * 38


def _digit(ax, image, x, y, feature, wrong):
    """Draw an image, its feature, and a frame around it where it is called wrongly."""
    side = _SIZE / 8
    rows, columns = np.indices((8, 8)).reshape(2, -1)
    corners = np.array([[0, 0], [0, side], [side, side], [side, 0]])
    places = np.stack([x - _SIZE / 2 + columns * side, y + (7 - rows) * side], axis=1)
    cells = PolyCollection(corners + places[:, None], facecolors=LIGHT["ink"], alpha=image.ravel(), linewidths=0)
    ax.add_collection(cells)
    colour = LIGHT["loss"] if wrong else LIGHT["grid"]
    frame = np.array([[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]) * (_SIZE + 0.6) + [x - _SIZE / 2 - 0.3, y - 0.3]
    ax.fill(*frame.T, color=LIGHT["paper"], lw=0, ls="-", zorder=0.5)
    ax.plot(*frame.T, color=colour, lw=2.4 if wrong else 0.8, ls="-")
    words = f"{feature:.2f}" + (" wrong" if wrong else "")
    above = y > 9
    box = {"facecolor": LIGHT["paper"], "edgecolor": "none", "pad": 1}
    at = {"ha": "center", "va": "center", "fontsize": 10, "bbox": box}
    ax.text(x, y + _SIZE + 1.4 if above else y - 1.6, words, color=LIGHT["ink"], **at)
    ax.plot([x, x], [9.5, y - 0.3 if above else y + _SIZE + 0.3], color=LIGHT["muted"], lw=0.8, ls="-")
    ax.plot(x, 9.5, "o", color=LIGHT["input"], ms=5)
