"""Drawings of the page "The mathematics you need"."""

import numpy as np

from dlbook.live import number_text
from dlbook.page import stepping
from dlcore.palette import LIGHT
from dlcore.viz import panels

W = np.array([[2, 0, 1], [-1, 3, 1]])  # (units, D)
X = np.array([1, 2, -1])  # (D,)


def _in_words(row):
    """One row times x, as one writes it by hand.

    >>> _in_words(0)
    '2 · 1 + 0 · 2 + 1 · (−1) = 1'
    """
    products = " + ".join(
        f"{number_text(w)} · {number_text(x) if x >= 0 else f'({number_text(x)})'}"
        for w, x in zip(W[row], X, strict=True)
    )
    return f"{products} = {number_text(W[row] @ X)}"


@stepping(
    "A table W of shape (2, 3), two rows of three numbers, and a list x of three. The inner numbers agree: 3 and 3.",
    f"The first row meets x, number by number: {_in_words(0)}.",
    f"The second row does the same: {_in_words(1)}.",
    "Two rows gave two numbers. Shapes: (2, 3) times (3) is (2); the inner 3 is gone.",
)
def rows_meet_the_list(step):
    """Draw W, x and what comes out, with the row that is at work: none, the first, the second, all."""
    work, known = ([], [0], [1], [0, 1])[step - 1], step - 1
    ax = panels(1, size=(4.6, 2.1))[0]
    ax.set(xlim=(-0.2, 9.6), ylim=(-0.6, 3.4))
    ax.set_axis_off()
    for i, row in enumerate(W):
        for j, value in enumerate(row):
            _cell(ax, j, 1.6 - i, value, "weight", i in work)
    for j, value in enumerate(X):
        _cell(ax, 4.4, 2.1 - j, value, "input", bool(work))
    for i, value in enumerate(W @ X):
        _cell(ax, 7.6, 1.6 - i, value if known > i else None, "activation", i in work)
    ink = {"color": LIGHT["ink"], "ha": "center", "va": "center", "fontsize": 11}
    for x, name in ((1.5, "W (2, 3)"), (4.9, "x (3)"), (8.1, "W x (2)")):
        ax.text(x, 3.3, name, **ink)
    ax.text(3.75, 1.6, "·", **ink)
    ax.text(6.6, 1.6, "=", **ink)
    return ax.figure


def _cell(ax, x, y, value, colour, strong):
    """Draw one number in its box; a strong one is framed, one that is not known yet is empty."""
    corners = np.array([[0.06, 0.06], [0.94, 0.06], [0.94, 0.94], [0.06, 0.94], [0.06, 0.06]]) + (x, y)
    ax.fill(*corners.T, color=LIGHT[colour], alpha=0.45 if strong else 0.15, lw=0, ls="-")
    ax.plot(*corners.T, color=LIGHT[colour], lw=2 if strong else 0.8, ls="-")
    if value is not None:
        ax.text(x + 0.5, y + 0.5, number_text(value), color=LIGHT["ink"], ha="center", va="center", fontsize=12)
