"""Drawings of the page "Outputs"."""

import numpy as np

from dlbook.page.steps import stepping
from dlbook.pages.ink import arrow, write
from dlcore import viz
from dlcore.palette import LIGHT

# The example that the page does by hand: three of a network's scores for a digit.
CLASSES = ("“7”", "“1”", "“4”")
SCORES = np.array([3.0, 1.0, 0.0])  # (K,)
WARM = 2  # the temperature of the last step


def _powers(scores, temperature=1.0):
    return np.exp(scores / temperature)


def _shares(scores, temperature=1.0):
    return _powers(scores, temperature) / _powers(scores, temperature).sum()


SHARES, WARM_SHARES = _shares(SCORES), _shares(SCORES, WARM)
LOWERED = SCORES - SCORES.max()

_ROWS, _HEADS, _SUM = (19, 13, 7), 25, 1.5
_CLASS, _SCORE, _POWER, _SHARE, _BAR = 2.5, 9.5, 18, 27, 31


def _listed(values, digits):
    words = [f"{v:.{digits}f}".replace("-", "−") for v in values]
    return f"{', '.join(words[:-1])} and {words[-1]}"


@stepping(
    f"The last layer gives a score for each digit. Here are three: {_listed(SCORES, 0)}. A score may be any number.",
    f"Each becomes a power of e: {_listed(_powers(SCORES), 2)}. All are positive, and together they are "
    f"{_powers(SCORES).sum():.2f}.",
    f"Each power is divided by their sum: {_listed(SHARES, 3)}. Together they are 1.",
    f"Lower all scores by the largest, {SCORES.max():.0f}. The powers are smaller, {_listed(_powers(LOWERED), 2)}; the "
    "shares are the same. No power can overflow.",
    f"Or divide all scores by a temperature of {WARM} first. The order stays; the shares come closer together: "
    f"{_listed(WARM_SHARES, 3)}.",
)
def from_scores_to_shares(step):
    """What softmax does to three scores, and what a temperature changes."""
    ax = viz.panels(1, size=(4.6, 2.8))[0]
    ax.set(xlim=(0, 46), ylim=(0, 28), position=(0, 0, 1, 1))
    ax.figure.set_layout_engine("none")
    ax.set_axis_off()
    scores = {4: LOWERED, 5: SCORES / WARM}.get(step, SCORES)
    head = {4: f"z − {SCORES.max():.0f}", 5: f"z / {WARM}"}.get(step, "score z")
    powers, shares = _powers(scores), _shares(scores)
    for x, words, first in ((_SCORE, head, 1), (_POWER, "power of e", 2), (_SHARE, "share", 3)):
        if step >= first:
            write(ax, x, _HEADS, words, color=LIGHT["muted"])
    for k, y in enumerate(_ROWS):
        write(ax, _CLASS, y, CLASSES[k])
        write(ax, _SCORE, y, f"{scores[k]:.2g}".replace("-", "−"), color=LIGHT["weight"])
        if step >= 2:
            write(ax, _POWER, y, f"{powers[k]:.2f}")
            arrow(ax, _SCORE + 2.2, _POWER - 3.2, y)
        if step >= 3:
            write(ax, _SHARE, y, f"{shares[k]:.3f}", color=LIGHT["activation"])
            arrow(ax, _POWER + 3.2, _SHARE - 3, y)
            ax.barh(y, 14 * shares[k], left=_BAR, height=3.4, color=LIGHT["activation"])
    if step >= 2:
        write(ax, _POWER, _SUM, f"sum {powers.sum():.2f}", color=LIGHT["muted"])
    if step >= 3:
        write(ax, _SHARE, _SUM, "sum 1", color=LIGHT["muted"])
    return ax.figure
