"""Drawings of the page "The black box"."""

import numpy as np

from dlbook.page import stepping
from dlcore.palette import LIGHT
from dlcore.viz import panels

# The cake that the page shares out by hand: f = x₁ x₂.
POINT = np.array([3.0, 2.0])
ANSWER = POINT.prod()
PARTS = np.array([0.25, 0.5, 0.75, 1.0])  # of the way


def _slopes(at):
    """The gradient of x₁ x₂ at (…, 2)."""
    return np.asarray(at)[..., ::-1]


MEAN = _slopes(POINT / 2)  # the gradient grows evenly from 0, so its mean is that of the middle
SHARES = {1: POINT * _slopes(POINT), 2: np.full(2, ANSWER), 4: POINT * MEAN}
_A, _B = POINT
_TIMES, _OUT, _IG = ((*shares, shares.sum()) for shares in SHARES.values())


@stepping(
    f"At the end of the way the gradient is ({_slopes(POINT)[0]:g}, {_slopes(POINT)[1]:g}). Times the inputs: "
    "{:g} and {:g}, together {:g}: twice the answer.".format(*_TIMES),
    f"Leave out one input and you stand on an axis, where f is 0. Each seems to be worth {ANSWER:g}, together "
    f"{_OUT[2]:g}.",
    f"Go there slowly: the gradient grows on the way, from (0, 0) to ({_B:g}, {_A:g}). Its mean is ({MEAN[0]:g}, "
    f"{MEAN[1]:g}).",
    "The mean gradient times the inputs gives {:g} and {:g}, together {:g}: the answer.".format(*_IG),
)
def sharing_out_a_product(step):
    """Draw the plane of the two inputs with the way through it, and the shares that a method gives."""
    plane, bars = panels(2, size=(4.6, 2.7))
    _plane(plane, step)
    shares = SHARES.get(step)
    if shares is not None:
        bars.bar(
            ["x₁", "x₂", "both"], [*shares, shares.sum()], color=[LIGHT["input"]] * 2 + [LIGHT["muted"]], width=0.6
        )
        for place, height in enumerate([*shares, shares.sum()]):
            bars.text(place, height + 0.3, f"{height:g}", ha="center", fontsize=10, color=LIGHT["ink"])
    bars.axhline(ANSWER, color=LIGHT["activation"], ls="--", lw=1.2)
    bars.set(xlim=(-0.5, 2.5), ylim=(0, 14), xticks=[0, 1, 2], xticklabels=["x₁", "x₂", "both"])
    bars.set_ylabel(f"share (dashed: f = {ANSWER:g})")
    return plane.figure


def _plane(ax, step):
    ax.plot(*np.stack([0 * POINT, POINT], 1), color=LIGHT["muted"], lw=1.2)
    ax.plot(*POINT, "o", color=LIGHT["input"])
    ax.set(xlim=(-0.2, 5.4), ylim=(-0.2, 5.4), xlabel="x₁", ylabel="x₂", xticks=range(6), yticks=range(6))
    ax.text(_A + 0.2, _B - 0.55, f"({_A:g}, {_B:g})", fontsize=10, color=LIGHT["input"])
    if step == 2:
        for end in ((0, _B), (_A, 0)):
            ax.annotate("", end, POINT, arrowprops={"arrowstyle": "->", "color": LIGHT["loss"], "lw": 1.5})
        ax.text(0.15, _B + 0.2, "f = 0", fontsize=10, color=LIGHT["loss"])
        ax.text(_A - 0.1, 0.15, "f = 0", fontsize=10, color=LIGHT["loss"], ha="right")
        return
    for part in PARTS if step > 2 else PARTS[-1:]:
        at = part * POINT
        tip = at + _slopes(at)
        ax.annotate("", tip, at, arrowprops={"arrowstyle": "->", "color": LIGHT["gradient"], "lw": 1.5})
    ax.text(5.3, 5.0, f"({_B:g}, {_A:g})", ha="right", va="bottom", fontsize=10, color=LIGHT["gradient"])
    if step > 2:
        ax.text(0.1, 4.4, f"mean ({MEAN[0]:g}, {MEAN[1]:g})", fontsize=10, color=LIGHT["gradient"])
