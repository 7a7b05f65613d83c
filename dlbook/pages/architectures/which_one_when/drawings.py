"""Drawings of the page "Which one when"."""

import numpy as np

from dlbook.page.steps import stepping
from dlbook.pages.architectures.which_one_when import experiment as lab
from dlbook.pages.ink import write
from dlcore.palette import LIGHT
from dlcore.viz import panels

# What the page does by hand: one row, and the same row slid and mixed, for four readers.
ROW = np.array([0, 1, 3, 0])
ORDERS = {"as it is": ROW, "slid": np.array([0, 0, 1, 3]), "mixed": np.array([3, 0, 0, 1])}
LAYER, FILTER, KEEP = np.array([1, 2, -1, 1]), np.array([-1, 1]), 0.5


def _by_layer(x):
    """A weight for each place."""
    return float(LAYER @ x)


def _by_filter(x):
    """Two weights, slid; the largest answer."""
    return float(np.max(FILTER[0] * x[:-1] + FILTER[1] * x[1:]))


def _by_state(x):
    """One rule at every step; the last state."""
    h = 0.0
    for number in x:
        h = KEEP * h + number
    return float(h)


def _by_attention(x):
    """All numbers, each by its share; places are not told."""
    powers = np.exp(x)
    return float(powers @ x / powers.sum())


READERS = {"layer": _by_layer, "filter": _by_filter, "state": _by_state, "attention": _by_attention}
ANSWERS = {name: [read(x) for x in ORDERS.values()] for name, read in READERS.items()}


def _said(value):
    """A number with two decimals at most and a true minus."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−")


def _told(name):
    return ", ".join(_said(value) for value in ANSWERS[name])


@stepping(
    "One row of four numbers, the same row slid by one place, and mixed.",
    f"A layer has a weight for each place: {_told('layer')}. Nothing is used twice, so nothing need stay.",
    f"A filter has two weights, used at every place; the largest answer: {_told('filter')}. Sliding changes nothing.",
    f"A state follows one rule at every step, half of the old plus the new: {_told('state')}. The order decides.",
    f"Attention takes every number by its share and knows no places: {_told('attention')}. No order changes it.",
)
def four_readers(step):
    """Three orders of a row, read by four readers; what a reader uses again has one colour."""
    ax = panels(1, size=(4.6, 3.1))[0]
    ax.set(xlim=(0, 46), ylim=(0, 31), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.axis("off")
    for number, (name, row) in enumerate(ORDERS.items()):
        left = 13 + 12 * number
        write(ax, left + 1.5 * _GAP, 29.3, name, color=LIGHT["muted"])
        for place, value in enumerate(row):
            write(ax, left + _GAP * place, 25.8, f"{value}", color=LIGHT["input"], weight="bold")
        for line, (reader, answers) in enumerate(ANSWERS.items()):
            y = 20 - 5.6 * line
            if number == 0 and step >= line + 2:
                write(ax, 0.5, y, reader, ha="left", weight="bold" if step == line + 2 else "normal")
            if step >= line + 2:
                _links(ax, reader, left, y + 1.7)
                same = number and np.isclose(answers[number], answers[0])
                write(ax, left + 1.5 * _GAP, y - 1.7, _said(answers[number]), weight="bold" if same else "normal",
                      color=LIGHT["activation" if same else "ink"])  # fmt: skip
    return ax.figure


_GAP = 2.4  # between two places, in tenths of an inch
_STYLES = ("-", "--", ":", "-.")


def _links(ax, reader, left, y):
    """What the reader does between the four places, over its answer: weights of its own differ in their dashes."""
    places = left + _GAP * np.arange(4)
    look = {"color": LIGHT["weight"], "lw": 1.8}
    if reader == "layer":
        for place, style in zip(places, _STYLES, strict=True):
            ax.plot([place, left + 1.5 * _GAP], [y + 1.2, y - 1.6], ls=style, **look)
    elif reader == "filter":
        for start in places[:-1]:
            middle = start + _GAP / 2
            ax.plot([start + 0.4, middle], [y + 1, y - 0.8], ls="-", **look)
            ax.plot([start + _GAP - 0.4, middle], [y + 1, y - 0.8], ls="--", **look)
    elif reader == "state":
        for start in places[:-1]:
            ax.annotate("", (start + _GAP - 0.2, y), (start + 0.3, y), arrowprops={"arrowstyle": "->", **look})
    else:
        for start in places:
            for end in places[places > start]:
                across = np.linspace(0, np.pi, 20)
                x = (start + end) / 2 - np.cos(across) * (end - start) / 2
                ax.plot(x, y - 0.8 + 0.22 * np.sin(across) * (end - start), ls="-", color=LIGHT["weight"], lw=1.1)


MARKS = dict(zip(lab.KINDS, ("o", "s", "^", "D"), strict=True))
COLOURS = dict(zip(lab.KINDS, ("input", "activation", "weight", "gradient"), strict=True))


def contest_dots():
    """For each kind of data what each architecture names rightly, with columns in order and shuffled."""
    axes = panels(2, 2, size=(4.6, 4.6))
    for ax, name in zip(axes, lab.DATA, strict=True):
        for place, kind in enumerate(lab.KINDS):
            ordered, shuffled = (100 * part for part in lab.contest(kind, name))
            colour = LIGHT[COLOURS[kind]]
            ax.plot([place - 0.15, place + 0.2], [ordered.mean(), shuffled.mean()], "-", color=colour, lw=1)
            ax.plot([place - 0.15] * len(ordered), ordered, MARKS[kind], color=colour, ms=4)
            ax.plot([place + 0.2] * len(shuffled), shuffled, MARKS[kind], color=colour, ms=4, mfc="none")
        best = 100 * max(lab.rival(who, name).mean() for who in lab.RIVALS)
        ax.axhline(best, color=LIGHT["muted"], ls="--", lw=1)
        ax.set(ylim=(15, 103), xlim=(-0.6, 3.6), xticks=range(4), title=name)
        ax.set_xticklabels(["M", "C", "G", "T"])
    for ax in axes[::2]:
        ax.set_ylabel("new examples right (%)")
    return axes[0].figure
