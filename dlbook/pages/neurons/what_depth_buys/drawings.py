"""A strip of paper folded three times, cut once, unfolded."""

import numpy as np

from dlbook.page import stepping
from dlbook.pages.ink import write
from dlbook.pages.neurons.what_depth_buys.folds import answers, folded
from dlcore import viz
from dlcore.palette import LIGHT

PLACES = np.linspace(0, 1, 9)  # the marks on the strip
MARKS = np.stack([PLACES, *(answers(folded(times), PLACES[:, None])[:, 0] for times in (1, 2, 3))])  # (4, 9)
CUT = 0.5


def _fraction(value):
    """An eighth as it is written by hand."""
    return {0: "0", 1: "⅛", 2: "¼", 3: "⅜", 4: "½", 5: "⅝", 6: "¾", 7: "⅞", 8: "1"}[round(8 * value)]


def _where(times, at):
    """The marks that lie at a place after so many folds."""
    named = [_fraction(x) for x, y in zip(PLACES, MARKS[times], strict=True) if y == at]
    return f"{', '.join(named[:-1])} and {named[-1]}"


@stepping(
    "A strip of paper: every input x from 0 to 1, with a mark at each eighth.",
    f"The first layer folds it at ½ and pulls it out to its old length: {_where(1, 0.5)} now lie at ½. The answer is "
    "one tooth, of 2 pieces.",
    f"The second layer knows nothing of the first fold. It folds what lies there, two plies: {_where(2, 1)} lie at 1. "
    "Two teeth, 4 pieces.",
    f"The third folds four plies at once: {_where(3, 1)} lie at 1. Four teeth, 8 pieces.",
    "Now one cut through the middle, at ½, goes through 8 plies. Unfolded: 8 cuts.",
)
def folding(step):
    """The strip with its plies, and below what the network answers to each place of it."""
    times = min(step - 1, 3)
    strip, graph = viz.panels(1, rows=2, size=(4.6, 3.9))
    plies = 2**times
    gap = 0.1
    for ply in range(plies):
        y = gap * (ply - (plies - 1) / 2)
        strip.plot([0, 1], [y, y], color=LIGHT["input"], lw=2, ls="-")
        if ply:  # the crease that joins it to the ply before
            turn, side = np.linspace(-np.pi / 2, np.pi / 2, 20), ply % 2
            bow = (1 if side else 0) + (1 if side else -1) * 0.02 * np.cos(turn)
            strip.plot(bow, y - gap / 2 + gap / 2 * np.sin(turn), color=LIGHT["input"], lw=2, ls="-")
    ply = np.minimum(PLACES * plies, plies - 1e-9).astype(int)
    heights = gap * (ply - (plies - 1) / 2)
    strip.plot(MARKS[times], heights, "o", color=LIGHT["ink"], ms=4, ls="")
    if times < 3:
        for k in np.flatnonzero((ply == 0) | (ply == plies - 1)):  # the lowest ply and the highest are named
            side = -0.15 if times and ply[k] == 0 else 0.15
            write(strip, MARKS[times, k], heights[k] + side, _fraction(PLACES[k]), fontsize=10)
    strip.set(xlim=(-0.08, 1.08), ylim=(-0.48, 0.48), yticks=[], xticks=[0, 0.5, 1], xticklabels=["0", "½", "1"])
    strip.spines["left"].set_visible(False)
    strip.set_title("where each place of the strip lies", fontsize=10)
    graph.plot(PLACES, MARKS[times], color=LIGHT["activation"], lw=2.2, ls="-")
    graph.plot(PLACES, MARKS[times], "o", color=LIGHT["ink"], ms=4, ls="")
    if step == 5:
        strip.plot([CUT, CUT], [-0.46, 0.46], color=LIGHT["loss"], lw=1.8, ls=(0, (4, 2)))
        graph.axhline(CUT, color=LIGHT["loss"], lw=1.8, ls=(0, (4, 2)))
        cuts = (np.arange(8) + 0.5) / 8
        graph.plot(cuts, np.full(8, CUT), "|", color=LIGHT["loss"], ms=13, mew=2.2, ls="")
    viz.label(graph, "input x", "answer").set(xlim=(-0.08, 1.08), ylim=(-0.08, 1.12), yticks=[0, 0.5, 1],
                                             xticks=[0, 0.5, 1], xticklabels=["0", "½", "1"])  # fmt: skip
    return strip.figure
