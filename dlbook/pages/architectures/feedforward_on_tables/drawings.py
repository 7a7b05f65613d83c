"""Drawings of the page "Feedforward on tables"."""

import numpy as np
from matplotlib.patches import Circle, Rectangle
from sklearn.tree import DecisionTreeClassifier

from dlbook.page.steps import stepping
from dlbook.pages.ink import write
from dlcore.palette import CLASSES, LIGHT
from dlcore.viz import panels

# What the page does by hand: a patient of the diabetes table, the training half's numbers and a small network, rounded.
PATIENT = {"body mass index": 21.6, "blood pressure": 87.0, "sex": 1}
MEAN, SPREAD = np.array([26.5, 94.5]), np.array([4.6, 14.2])
ROW = np.array([-1.1, -0.5, 1.0, 0.0])  # standardised, to one decimal, and one-hot
W1 = np.array([[-0.5, -0.3, 0.0, 0.1], [0.6, 0.4, 0.0, 0.0]])  # (units, D)
B1 = np.array([1.5, 1.1])
W2, B2 = np.array([-0.4, 0.4]), 0.1
HIDDEN = np.maximum(W1 @ ROW + B1, 0)
ANSWER = W2 @ HIDDEN + B2
TARGET_MEAN, TARGET_SPREAD, TRUTH = 150, 77, 75
TOLD = TARGET_MEAN + TARGET_SPREAD * ANSWER

_Y, _RAW_Y = (19.5, 14.5, 9.5, 4.5), (19.5, 13.2, 7.0)
_RAW, _IN, _UNIT, _OUT = 5.5, 14.5, 27.5, 39.5
_UNITS = (16.0, 7.0)


def _said(value, digits=2):
    return f"{value:.{digits}f}".replace("-", "−")


@stepping(
    f"A new patient: body mass index {PATIENT['body mass index']}, blood pressure {PATIENT['blood pressure']:.0f}, "
    f"sex noted as {PATIENT['sex']}. Three columns, three units of measurement.",
    f"Numbers are standardised by the training rows: ({PATIENT['body mass index']} − {MEAN[0]}) / {SPREAD[0]} = "
    f"{_said(ROW[0], 1)} and {_said(ROW[1], 1)}. The category becomes two columns, one for each name: 1 and 0.",
    "Each hidden unit weighs all four: the first "
    f"{_said(-0.5 * ROW[0])} + {_said(-0.3 * ROW[1])} + 0 + 0 + 1.5 = {_said(HIDDEN[0])}, the second "
    f"{_said(HIDDEN[1])}. Both are positive, so ReLU lets them through.",
    f"The answer: −0.4 · {_said(HIDDEN[0])} + 0.4 · {_said(HIDDEN[1])} + 0.1 = {_said(ANSWER)} spreads from the mean.",
    f"And back into the units of the table: {TARGET_MEAN} + {TARGET_SPREAD} · ({_said(ANSWER)}) = {TOLD:.0f}. "
    f"A year later {TRUTH} was measured; the mean of all would have said {TARGET_MEAN}.",
)
def one_row(step):
    """One row of a table on its way through a small network."""
    ax = panels(1, size=(4.6, 2.7))[0]
    ax.set(xlim=(0, 46), ylim=(0, 27), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.axis("off")
    for x, head in ((_RAW, "the row"), (_IN, "columns"), (_UNIT, "hidden"), (_OUT, "answer")):
        write(ax, x, 25, head, color=LIGHT["muted"])
    for name, value, y in zip(("BMI", "pressure", "sex"), PATIENT.values(), _RAW_Y, strict=True):
        _cell(ax, _RAW, y, f"{value:g}", new=step == 1)
        write(ax, _RAW, y + 2.7, name, color=LIGHT["muted"])
    if step >= 2:
        for y, value in zip(_Y, ROW, strict=True):
            _cell(ax, _IN, y, _said(value, 1) if y > 10 else f"{value:.0f}", new=step == 2)
        for start, end in zip((*_RAW_Y, _RAW_Y[2]), _Y, strict=True):
            ax.plot([_RAW + 3, _IN - 3], [start, end], "-", color=LIGHT["muted"], lw=1)
    if step >= 3:
        _weights(ax)
        for y, value in zip(_UNITS, HIDDEN, strict=True):
            _disc(ax, _UNIT, y, _said(value), new=step == 3)
    if step >= 4:
        for y, weight in zip(_UNITS, W2, strict=True):
            ax.plot([_UNIT + 2.6, _OUT - 2.6], [y, 11.5], "-", color=LIGHT["weight"], lw=1 + 2 * abs(weight))
            write(ax, _UNIT + 6, (y + 11.5) / 2 + (1.6 if y > 11 else -1.6), _said(weight, 1), color=LIGHT["weight"])
        _disc(ax, _OUT, 11.5, _said(ANSWER), new=step == 4)
    if step >= 5:
        write(ax, _OUT, 6.2, f"{TOLD:.0f}", weight="bold", color=LIGHT["activation"])
        write(ax, _OUT, 3.2, f"measured: {TRUTH}", color=LIGHT["muted"])
    return ax.figure


def _weights(ax):
    """A line from each column to each unit, as thick as its weight is large; its number at the column's end."""
    for unit, y in enumerate(_UNITS):
        for column, start in enumerate(_Y):
            weight = W1[unit, column]
            look = {"color": LIGHT["weight"], "lw": 0.6 + 3 * abs(weight), "ls": "-" if weight else ":"}
            ax.plot([_IN + 3, _UNIT - 2.6], [start, y], **look)


def _cell(ax, x, y, text, new):
    ax.add_patch(Rectangle((x - 3, y - 1.5), 6, 3, fc="none", ec=LIGHT["input"], lw=1.2))
    if new:
        ax.add_patch(Rectangle((x - 3, y - 1.5), 6, 3, lw=0, fc=LIGHT["highlight"], alpha=0.3))
    write(ax, x, y, text.replace("-", "−"))


def _disc(ax, x, y, text, new):
    ax.add_patch(Circle((x, y), 2.6, fc=LIGHT["paper"], ec=LIGHT["activation"], lw=1.4, zorder=3))
    if new:
        ax.add_patch(Circle((x, y), 2.6, lw=0, fc=LIGHT["highlight"], alpha=0.3, zorder=4))
    write(ax, x, y, text, zorder=5, fontsize=9.5)


# What mixing does to a tree: of two columns one decides, and then both are turned by an eighth of a circle.
POINTS = np.random.default_rng(3).uniform(-1, 1, (60, 2))
NAMES = (POINTS[:, 0] > 0).astype(int)
TURN = np.array([[1, 1], [-1, 1]]) / 2**0.5


def _grown(points):
    """A tree that names all points rightly."""
    return DecisionTreeClassifier(random_state=0).fit(points, NAMES)


def stairs():
    """The same rows before and after a turn, and where a tree changes its mind."""
    axes = panels(2, size=(4.6, 2.6))
    for ax, points, title in zip(axes, (POINTS, POINTS @ TURN), ("as measured", "mixed"), strict=True):
        tree, line = _grown(points), np.linspace(-1.5, 1.5, 240)
        across, up = np.meshgrid(line, line)
        named = tree.predict(np.c_[across.ravel(), up.ravel()]).reshape(across.shape)
        ax.contour(across, up, named, [0.5], colors=[LIGHT["weight"]], linewidths=2)
        for k, mark in enumerate("os"):
            ax.plot(*points[NAMES == k].T, mark, color=CLASSES[k], ms=4)
        asks = tree.tree_.node_count // 2
        ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), xticks=[], yticks=[], xlabel="column 1", ylabel="column 2")
        ax.set_title(f"{title}: {asks} question" + "s" * (asks > 1), fontsize=10)
        ax.set_aspect("equal")
    return axes[0].figure
