"""Drawings of the page "Optimisers"."""

import numpy as np

from dlbook.page.steps import stepping
from dlbook.pages.backprop.optimisers.experiment import adam, momentum
from dlbook.pages.ink import write
from dlcore.palette import LIGHT
from dlcore.viz import label, panels

# What the page does by hand: L = ½ (w₁² + 10 w₂²), from (4, 1).
BENDS, START = np.array([1.0, 10.0]), np.array([4.0, 1.0])
RATE, MU = 0.15, 0.5  # of momentum
STRIDE, BETA = 0.5, 0.5  # of Adam: its rate, and both its β


def _walk(step, rate, count, **own):
    """The rows (w, g, m, v) before the first step and after each."""
    w, m, v, rows = START, 0 * START, 0 * START, []
    for t in range(1, count + 1):
        g = BENDS * w
        rows.append((w, g, m, v))
        w, m, v = step(w, g, m, v, t, rate, **own)
    return [*rows, (w, BENDS * w, m, v)]


ROLLED = _walk(momentum, RATE, 3, mu=MU)
STRODE = _walk(adam, STRIDE, 2, beta1=BETA, beta2=BETA)


def _pair(values, digits=3):
    """Two numbers as the page writes them."""
    return "({}, {})".format(*(f"{round(float(v), digits) + 0:g}".replace("-", "−") for v in values))


def _ratio(t):
    """The corrected m and v of Adam's step t."""
    _, _, m, v = STRODE[t]
    return m / (1 - BETA**t), v / (1 - BETA**t)


@stepping(
    f"We stand at {_pair(START)}, where the slopes are {_pair(ROLLED[0][1])}: ten times as steep across the valley.",
    f"Momentum, step 1. Nothing is remembered, so m is the slopes, {_pair(ROLLED[1][2])}, and w goes to "
    f"{_pair(ROLLED[1][0])}.",
    f"Step 2. The slopes {_pair(ROLLED[1][1])} are added to half of m. Along the valley they agree, and m grows; "
    f"across it they cancel: m is {_pair(ROLLED[2][2])}, and w goes to {_pair(ROLLED[2][0])}.",
    f"Step 3. m is {_pair(ROLLED[3][2])}: what was remembered along the valley makes the step longer than the slope "
    f"alone would. w goes to {_pair(ROLLED[3][0], 4)}.",
    f"Adam, step 1, from the start again. Both slopes are divided by their own size: {_pair(_ratio(1)[0])} over "
    f"{_pair(np.sqrt(_ratio(1)[1]))} is (1, 1). w goes to {_pair(STRODE[1][0])}, as far across as along.",
    f"Step 2. {_pair(_ratio(2)[0])} over {_pair(np.sqrt(_ratio(2)[1]))} is "
    f"{_pair(_ratio(2)[0] / np.sqrt(_ratio(2)[1]))}. w goes to {_pair(STRODE[2][0])}.",
)
def two_ways(step):
    """Three steps of momentum and two of Adam in a valley ten times as steep across as along."""
    ax = panels(1, size=(4.6, 2.9))[0]
    across, along = np.meshgrid(np.linspace(-1, 4.6, 120), np.linspace(-1.1, 1.6, 80))
    height = (BENDS[0] * across**2 + BENDS[1] * along**2) / 2
    ax.contour(across, along, height, levels=[0.3, 1, 2.5, 5, 9, 14], colors=[LIGHT["loss"]], linewidths=0.7, alpha=0.6)
    rolled = np.array([row[0] for row in ROLLED])[: min(step, 4)]
    strode = np.array([row[0] for row in STRODE])[: max(step - 3, 0)]
    ax.plot(*rolled.T, "s-", color=LIGHT["input"], ms=6, lw=1.6)
    if step > 4:
        ax.plot(*strode.T, "D--", color=LIGHT["gradient"], ms=6, lw=1.6)
    ax.plot(*START, "o", color=LIGHT["ink"], ms=8)
    if step > 1:
        write(ax, 2.1, -0.75, "momentum", color=LIGHT["input"])
    if step > 4:
        write(ax, 3.0, 0.62, "Adam", color=LIGHT["gradient"])
    words = {1: "g = " + _pair(ROLLED[0][1])}
    words |= {t + 1: "m = " + _pair(ROLLED[t][2]) for t in (1, 2, 3)}
    words |= {t + 4: "step = 0.5 · " + _pair(_ratio(t)[0] / np.sqrt(_ratio(t)[1])) for t in (1, 2)}
    label(ax, "weight w₁", "weight w₂", title=words[step]).set(xlim=(-0.6, 4.6), ylim=(-1.1, 1.6))
    return ax.figure
