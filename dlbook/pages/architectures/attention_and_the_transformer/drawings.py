"""Drawings of the page "Attention and the Transformer"."""

import numpy as np
from matplotlib.patches import Rectangle

from dlbook.page import stepping
from dlbook.pages.ink import write
from dlcore.palette import LIGHT
from dlcore.viz import panels

# The look-up that the page does by hand: "he" asks three words.
WORDS = ("Anna", "Ben", "he")
QUERY = np.array([0, 2, 2, 0])  # (D,)
KEYS = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]])  # (T, D)
VALUES = np.array([[1, 0], [0, 1], [0, 0]])  # (T, 2)
SCORES = KEYS @ QUERY  # (T,)
ROOT = np.sqrt(len(QUERY))
HALVED = SCORES / ROOT  # (T,)
POWERS = np.exp(HALVED)  # (T,)
SHARES = POWERS / POWERS.sum()  # (T,)
ANSWER = SHARES @ VALUES  # (2,)

#: Where things stand, in tenths of an inch: rows and columns by their middle, cells of vectors by their width.
_ROWS, _PLACES, _ASKS, _HEADS, _SUMS, _HOW = (20.5, 17.0, 13.5), 31.8, 28.5, 24.2, 8.8, (4.0, 1.0)
_KEY, _SCORE, _HALF, _POWER, _SHARE, _VALUE, _CELL = 7.0, 23.2, 27.2, 31.2, 35.4, 38.4, 3.4


def _vector(numbers, form="d"):
    """(0, 2, 2, 0), never broken over two lines."""
    return f"({', '.join(f'{number:{form}}' for number in numbers)})".replace(" ", "\u00a0")


@stepping(
    f"“he” asks. Its query {_vector(QUERY)} says: I look for something that goes with *he* and is a name.",
    f"Every word wears a key, with the same four places. Anna goes with *she* and is a name: {_vector(KEYS[0])}.",
    "The query meets Anna’s key: multiply place by place, and add. "
    f"The score is {SCORES[0]}, all of it from “is a name”.",
    f"So do the others. Ben’s key fits in both places and scores {SCORES[1]}. “he” has an empty key: {SCORES[2]}.",
    f"Every score is divided by {ROOT:g}, the square root of the {len(QUERY)} places: "
    "{:g}, {:g} and {:g}.".format(*HALVED),
    f"Softmax, first half: *e* to the power of each. Now all are positive, and their sum is {POWERS.sum():.2f}.",
    "Softmax, second half: each is divided by that sum. The shares {:.2f}, {:.2f} and {:.2f} sum to 1.".format(*SHARES),
    "Every word gives of its value as much as its share. "
    f"The answer is {_vector(ANSWER, '.2f')}: mostly Ben, with some Anna in it.",
)
def attention_by_hand(step):
    """Draw the look-up by hand as a table that fills from left to right; what is new has a yellow ground."""
    [ax] = panels(1, size=(4.6, 3.4))
    ax.set(xlim=(0, 46), ylim=(-0.5, 33.5), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    _asking(ax, new=step in (1, 3))
    if step >= 2:
        _keys(ax, new=(0, 1, 2) if step == 2 else (0,) if step == 3 else ())
    if step >= 3:
        _column(ax, _SCORE, "score", SCORES if step > 3 else SCORES[:1], new=step in (3, 4))
    if step >= 5:
        _column(ax, _HALF, f"÷ {ROOT:g}", HALVED, new=step == 5)
    if step >= 6:
        _column(ax, _POWER, "eˣ", POWERS, ".2f", total=f"{POWERS.sum():.2f}", new=step == 6)
    if step >= 7:
        _column(ax, _SHARE, "share", SHARES, ".2f", total="1", name="activation", new=step == 7)
    if step >= 8:
        _values(ax)
    for y, line in zip(_HOW, _how(step), strict=False):
        write(ax, 45.6, y, line, ha="right", color=LIGHT["muted"])
    return ax.figure


def _how(step):
    """The arithmetic of a step, written out for one word, or for each place of the answer."""
    products = [" + ".join(f"{a}·{b}" for a, b in zip(QUERY, key, strict=True)) for key in KEYS]
    blends = [" + ".join(f"{a:.2f}·{b}" for a, b in zip(SHARES, place, strict=True)) for place in VALUES.T]
    return {
        3: [f"Anna: {products[0]} = {SCORES[0]}"],
        4: [f"Ben: {products[1]} = {SCORES[1]}", f"he: {products[2]} = {SCORES[2]}"],
        5: [f"Ben: {SCORES[1]} ÷ {ROOT:g} = {HALVED[1]:g}"],
        6: [" + ".join(f"{power:.2f}" for power in POWERS) + f" = {POWERS.sum():.2f}"],
        7: [f"Ben: {POWERS[1]:.2f} ÷ {POWERS.sum():.2f} = {SHARES[1]:.2f}"],
        8: [f"{blend} = {answer:.2f}" for blend, answer in zip(blends, ANSWER, strict=True)],
    }.get(step, [])


def _ground(ax, x, y, width, name="highlight", strength=0.3):
    """A tinted ground of one row's height, from its left edge."""
    ax.add_patch(Rectangle((x, y - 1.5), width, 3, lw=0, fc=LIGHT[name], alpha=strength))


def _cells(ax, x, y, numbers, name, new=False, width=_CELL):
    """A vector as a row of boxes, from its left edge."""
    if new:
        _ground(ax, x, y, width * len(numbers))
    for i, number in enumerate(numbers):
        ax.add_patch(Rectangle((x + i * width, y - 1.5), width, 3, lw=1, ec=LIGHT[name], fc="none"))
        write(ax, x + (i + 0.5) * width, y, number)


def _asking(ax, new):
    """The query, under the names of its places, and the three words below it."""
    for i, place in enumerate(("she", "he", "name", "verb")):
        write(ax, _KEY + (i + 0.5) * _CELL, _PLACES, place, fontsize=8.5, color=LIGHT["muted"])
    write(ax, 0.4, _ASKS, "he asks", ha="left", color=LIGHT["input"], weight="bold")
    _cells(ax, _KEY, _ASKS, QUERY, "input", new)
    write(ax, _KEY + 4 * _CELL + 1, _ASKS, "query", ha="left", color=LIGHT["input"])
    for word, y in zip(WORDS, _ROWS, strict=True):
        write(ax, 0.4, y, word, ha="left")


def _keys(ax, new):
    write(ax, _KEY + 2 * _CELL, _HEADS, "key")
    for i, (key, y) in enumerate(zip(KEYS, _ROWS, strict=True)):
        _cells(ax, _KEY, y, key, "muted", new=i in new)


def _column(ax, x, head, numbers, form="g", total="", name="ink", new=False):
    """One number a word, below a head, with what they sum to."""
    write(ax, x, _HEADS, head)
    for number, y in zip(numbers, _ROWS, strict=False):
        if new:
            _ground(ax, x - 1.9, y, 3.8)
        write(ax, x, y, f"{number:{form}}", color=LIGHT[name])
    write(ax, x, _SUMS, total, color=LIGHT[name])


def _values(ax):
    """The values, each on a ground as strong as its share, and the blend of them."""
    write(ax, _VALUE + _CELL, _HEADS, "value")
    for value, share, y in zip(VALUES, SHARES, _ROWS, strict=True):
        _ground(ax, _VALUE, y, 2 * _CELL, "activation", share / 2)
        _cells(ax, _VALUE, y, value, "muted")
    write(ax, 0.4, _SUMS, "answer", ha="left", color=LIGHT["activation"], weight="bold")
    _cells(ax, _VALUE - 0.2, _SUMS, [f"{part:.2f}" for part in ANSWER], "activation", new=True, width=3.6)
