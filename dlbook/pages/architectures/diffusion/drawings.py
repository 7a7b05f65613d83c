"""Drawings of the page "Diffusion"."""

import numpy as np

from dlbook.page.steps import stepping
from dlbook.pages.ink import write
from dlcore.palette import LIGHT
from dlcore.viz import panels

# What the page does by hand: a point at 2, two steps of noise, and a network that names it nearly right.
CLEAN, BETA, DRAWN = 2.0, 0.36, (0.5, -1.0)
NAMED, FRESH = -0.4, 1.0
STEP_KEPT, STEP_NOISE = np.sqrt(1 - BETA), np.sqrt(BETA)
KEPT = (1 - BETA) ** np.arange(3)  # 1, 0.64, 0.4096


def _forth():
    """Where the point is after no, one and two steps."""
    places = [CLEAN]
    for noise in DRAWN:
        places.append(STEP_KEPT * places[-1] + STEP_NOISE * noise)
    return places


PLACES = _forth()
NOISE = np.sqrt(1 - KEPT[2])
TOGETHER = (PLACES[2] - np.sqrt(KEPT[2]) * CLEAN) / NOISE  # one noise that does what the two did
POINT = (PLACES[2] - NOISE * NAMED) / np.sqrt(KEPT[2])
SPREAD = np.sqrt((1 - KEPT[1]) / (1 - KEPT[2]) * (1 - KEPT[2] / KEPT[1]))
AGAIN = np.sqrt(1 - KEPT[1] - SPREAD**2)
BACK = STEP_KEPT * POINT + AGAIN * NAMED + SPREAD * FRESH
ROWS = (14.0, 8.0, 2.0)  # heights of the three levels


def _told(value, digits=2):
    return f"{round(float(value), digits):g}".replace("-", "−")


@stepping(
    f"A clean point, at {_told(CLEAN)}. Nothing but signal: ᾱ = 1.",
    f"One step of noise. It shrinks to {_told(STEP_KEPT)} · 2 = {_told(STEP_KEPT * CLEAN)}, and {_told(STEP_NOISE)} "
    f"times a random {_told(DRAWN[0])} moves it to {_told(PLACES[1])}.",
    f"Another. It shrinks to {_told(STEP_KEPT * PLACES[1])}, and a random {_told(DRAWN[1])} moves it to "
    f"{_told(PLACES[2])}.",
    f"Both in one jump: {_told(np.sqrt(KEPT[2]))} · 2 = {_told(np.sqrt(KEPT[2]) * CLEAN)}, and {_told(NOISE, 3)} times "
    f"{_told(TOGETHER)} moves it to {_told(PLACES[2])} as well.",
    f"Back. A network names the noise: {_told(NAMED)}, not quite right. Taken out, the clean point should lie at "
    f"{_told(POINT)}.",
    f"One level only, as if {_told(POINT)} had taken one step of noise: some of the noise that was named, some fresh. "
    f"It arrives at {_told(BACK)}.",
)
def there_and_back(step):
    """A point on a line, two steps into noise, and one step back."""
    ax = panels(1, size=(4.6, 2.9))[0]
    ax.set(xlim=(-0.75, 2.45), ylim=(-2.2, 17.6))
    ax.axis("off")
    for y, kept in zip(ROWS, KEPT, strict=True):
        ax.plot([-0.05, 2.4], [y, y], "-", color=LIGHT["grid"], lw=1)
        write(ax, -0.42, y, f"ᾱ = {_told(kept)}", color=LIGHT["muted"])
    for x in (0, 1, 2):
        write(ax, x, -0.9, f"{x}", color=LIGHT["muted"])
    _dot(ax, CLEAN, 0, "input")
    write(ax, CLEAN, ROWS[0] + 1.9, _told(CLEAN))
    if step in (2, 3):
        for k in range(step - 1):
            _forward(ax, k)
    if step >= 4:
        _dot(ax, PLACES[2], 2, "input")
    if step == 4:
        _way(ax, (CLEAN, 0), (np.sqrt(KEPT[2]) * CLEAN, 2), "muted", f"· {_told(np.sqrt(KEPT[2]))}")
        _shift(ax, np.sqrt(KEPT[2]) * CLEAN, PLACES[2], 2, f"{_told(NOISE, 3)} · ({_told(TOGETHER)})")
    if step >= 5:
        write(ax, PLACES[2], ROWS[2] + 1.7, _told(PLACES[2]))
        _way(ax, (PLACES[2], 2), (POINT, 0), "gradient", "")
        ax.plot(POINT, ROWS[0], "D", color=LIGHT["gradient"], ms=7, mfc=LIGHT["paper"])
        write(ax, POINT - 0.1, ROWS[0] + 1.9, _told(POINT), ha="right", color=LIGHT["gradient"])
    if step == 6:
        _way(ax, (POINT, 0), (STEP_KEPT * POINT, 1), "muted", "")
        _dot(ax, BACK, 1, "activation")
        _shift(ax, STEP_KEPT * POINT, BACK, 1, "")
        words = f"{_told(AGAIN, 3)} · ({_told(NAMED)})\n+ {_told(SPREAD, 3)} · {_told(FRESH)}"
        write(ax, 2.45, ROWS[1] - 2.6, words, ha="right", color=LIGHT["loss"])
    return ax.figure


def _dot(ax, x, level, colour):
    ax.plot(x, ROWS[level], "o", color=LIGHT[colour], ms=8, zorder=3)


def _way(ax, start, end, colour, words):
    """A dashed line from a place on one level to a place on another."""
    (x, level), (to, below) = start, end
    ax.plot([x, to], [ROWS[level], ROWS[below]], "--", color=LIGHT[colour], lw=1.3)
    if words:
        write(ax, (x + to) / 2 + 0.07, (ROWS[level] + ROWS[below]) / 2, words, ha="left")


def _shift(ax, start, end, level, words):
    """An arrow along a level: what noise moves."""
    look = {"arrowstyle": "-|>", "color": LIGHT["loss"], "lw": 1.6, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=(end, ROWS[level]), xytext=(start, ROWS[level]), arrowprops=look)
    write(ax, (start + end) / 2, ROWS[level] - 1.6, words, color=LIGHT["loss"])


def _forward(ax, k):
    """One step into noise, from level k to the next."""
    shrunk = STEP_KEPT * PLACES[k]
    _way(ax, (PLACES[k], k), (shrunk, k + 1), "muted", f"· {_told(STEP_KEPT)}")
    _shift(ax, shrunk, PLACES[k + 1], k + 1, "")
    drawn = _told(DRAWN[k]) if DRAWN[k] > 0 else f"({_told(DRAWN[k])})"
    write(ax, min(shrunk, PLACES[k + 1]) - 0.1, ROWS[k + 1] + 1.2, f"{_told(STEP_NOISE)} · {drawn}", ha="right",
          color=LIGHT["loss"])  # fmt: skip
    _dot(ax, PLACES[k + 1], k + 1, "input")
    write(ax, PLACES[k + 1] + (0.06 if DRAWN[k] > 0 else -0.06), ROWS[k + 1] + 1.6, _told(PLACES[k + 1]))
