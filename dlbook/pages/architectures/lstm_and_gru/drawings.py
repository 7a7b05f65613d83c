"""Drawings of the page "LSTM and GRU"."""

import numpy as np
from matplotlib.patches import Rectangle

from dlbook.page import stepping
from dlbook.pages.ink import write
from dlcore.palette import LIGHT
from dlcore.viz import panels

# The step that the page does by hand: one unit, an input, the last answer, the last memory.
X, H, C = 1.0, 0.5, 2.0
WEIGHTS = {"i": (1, 2, 0), "f": (2, -2, 0), "g": (-1, 0, 0), "o": (1, -2, -1)}  # of x, of h, bias
SUMS = {gate: wx * X + wh * H + b for gate, (wx, wh, b) in WEIGHTS.items()}
OPEN = {gate: np.tanh(a) if gate == "g" else 1 / (1 + np.exp(-a)) for gate, a in SUMS.items()}
KEPT, ADDED = OPEN["f"] * C, OPEN["i"] * OPEN["g"]
C_NEW = KEPT + ADDED
H_NEW = OPEN["o"] * np.tanh(C_NEW)

#: Where things stand, in tenths of an inch.
_BELT, _MEET, _GATES, _BUS, _BELOW = 26.5, 20.5, 15.0, 9.6, 6.4
_AT = {"f": 12.5, "i": 20.0, "g": 27.5, "o": 35.0}
_PLUS, _END = 23.75, 42.2


def _signed(number):
    """A number with two places and a true minus sign."""
    return f"{number:.2f}".replace("-", "−")


@stepping(
    f"The cell gets three numbers: the input {X:g}, its last answer {H:g}, and on the belt its memory {C:g}.",
    f"The forget gate weighs input and last answer: 2 · {X:g} − 2 · {H:g} = {SUMS['f']:g}. "
    f"The sigmoid makes {_signed(OPEN['f'])} of it.",
    f"The memory is multiplied by it: {_signed(OPEN['f'])} · {C:g} = {_signed(KEPT)} is kept.",
    f"What could be written? The candidate is tanh({SUMS['g']:g}) = {_signed(OPEN['g'])}.".replace("-", "−"),
    f"How much of it? The input gate is open by {_signed(OPEN['i'])}: {_signed(ADDED)} is to be written.",
    f"It is added to what was kept: {_signed(KEPT)} − {_signed(-ADDED)} = {_signed(C_NEW)}, the new memory.",
    f"The output gate shows {_signed(OPEN['o'])} of tanh({_signed(C_NEW)}) = {_signed(np.tanh(C_NEW))}: "
    f"the answer is {_signed(H_NEW)}. Memory and answer go on to the next step.",
)
def lstm_step(step):
    """Draw one step of an LSTM with a single unit: the belt of the memory, and the gates that rule it."""
    [ax] = panels(1, size=(4.6, 3.2))
    ax.set(xlim=(0, 46), ylim=(0, 32), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    _frame(ax)
    for name, since, shown in (("f", 2, "forget"), ("g", 4, "candidate"), ("i", 5, "input"), ("o", 7, "output")):
        _gate(ax, name, shown, step, since)
    if step >= 3:
        _number(ax, 18.1, _BELT, KEPT, new=step == 3, up=True)
    if step >= 5:
        _number(ax, _PLUS + 0.4, _MEET + 2.9, ADDED, new=step == 5, ha="left")
    if step >= 6:
        _number(ax, 31.5, _BELT, C_NEW, new=step == 6, up=True)
    if step >= 7:
        _number(ax, _END, _BELOW, H_NEW, new=True)
    return ax.figure


def _frame(ax):
    """The belt, the ways in, and the places where things meet."""
    _line(ax, (5.5, _BELT), (_END + 3, _BELT), "weight", 2.5, head=True)
    for x, y, sign in ((_AT["f"], _BELT, "×"), (_PLUS, _BELT, "+"), (_PLUS, _MEET, "×"), (_END, _GATES, "×")):
        ax.plot(x, y, "o", ms=13, mfc=LIGHT["paper"], mec=LIGHT["ink"], mew=1, zorder=3)
        write(ax, x, y - 0.1, sign, zorder=4)
    _line(ax, (_AT["f"], _GATES + 2.2), (_AT["f"], _BELT - 1.4))
    for name in "ig":
        ax.plot([_AT[name]] * 2 + [_PLUS], [_GATES + 2.2, _MEET, _MEET], color=LIGHT["muted"], lw=1, ls="-", zorder=1)
    _line(ax, (_PLUS, _MEET + 1.3), (_PLUS, _BELT - 1.4))
    _line(ax, (_END, _BELT), (_END, _GATES + 1.4))
    write(ax, _END - 0.6, _MEET + 1.2, "tanh", ha="right", color=LIGHT["muted"])
    _line(ax, (_AT["o"] + 3.4, _GATES), (_END - 1.3, _GATES))
    _line(ax, (_END, _GATES - 1.4), (_END, _BELOW + 1.7))
    ax.plot([2.4, 2.4, _AT["o"]], [_BELOW - 1, _BUS, _BUS], color=LIGHT["muted"], lw=1, ls="-", zorder=1)
    ax.plot([9.4, 9.4], [_BELOW - 1, _BUS], color=LIGHT["muted"], lw=1, ls="-", zorder=1)
    for x in _AT.values():
        _line(ax, (x, _BUS), (x, _GATES - 2.2))
    for x, y, value, words, name in (
        (2.4, _BELOW - 2.2, X, "input", "input"),
        (9.4, _BELOW - 2.2, H, "last answer", "activation"),
        (3.2, _BELT, C, "memory", "weight"),
    ):
        write(ax, x, y, f"{value:g}", color=LIGHT[name], weight="bold")
        write(ax, max(x, 3), y + (2.4 if words == "memory" else -2.4), words, color=LIGHT[name], fontsize=9)
    write(ax, _END, _BELOW - 4.6, "answer", color=LIGHT["activation"], fontsize=9)
    write(ax, _END, _BELT + 2.4, "memory", color=LIGHT["weight"], fontsize=9)


def _line(ax, start, end, name="muted", lw=1, head=True):
    style = {"arrowstyle": "-|>" if head else "-", "color": LIGHT[name], "lw": lw, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=end, xytext=start, arrowprops=style, zorder=1)


def _gate(ax, name, words, step, since):
    """A box that is grey until its step has come, then says what it lets through."""
    x, known = _AT[name], step >= since
    fill = LIGHT["highlight"] if step == since else LIGHT["paper"]
    ax.add_patch(Rectangle((x - 3.4, _GATES - 2.1), 6.8, 4.2, fc=LIGHT["paper"], ec="none", zorder=2))
    box = Rectangle(
        (x - 3.4, _GATES - 2.1), 6.8, 4.2, lw=1, fc=fill, ec=LIGHT["ink"], alpha=0.3 if step == since else 1, zorder=2
    )
    ax.add_patch(box)
    shown = _signed(OPEN[name]) if known else "?"
    write(ax, x, _GATES, shown, color=LIGHT["ink" if known else "muted"], zorder=4)
    write(ax, x, _GATES - 3.4, words, fontsize=9, color=LIGHT["muted"], zorder=4,
          bbox={"fc": LIGHT["paper"], "ec": "none", "pad": 1})  # fmt: skip


def _number(ax, x, y, number, new, up=False, ha="center"):
    """A number beside a line; new ones on a yellow ground."""
    y = y + 2.4 if up else y
    if new:
        left = x - 2.3 if ha == "center" else x - 0.3
        ax.add_patch(Rectangle((left, y - 1.4), 4.6, 2.8, lw=0, fc=LIGHT["highlight"], alpha=0.3))
    write(ax, x, y, _signed(number), ha=ha)
