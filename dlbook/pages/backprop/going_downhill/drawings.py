"""Drawings of the page "Going downhill"."""

import numpy as np

from dlbook.page.steps import stepping
from dlcore.palette import LIGHT
from dlcore.viz import label, panels

CURVATURE, RATES = 4, (0.1, 0.25, 0.4, 0.5, 0.6)
#: what each rate of the page's table does
DOES = ("walks down", "arrives at once", "overshoots, and still gets down", "swings for ever", "climbs out")


def _places(rate, count=3):
    """Where gradient descent on ½ c w² goes from w = 1: the start and `count` more."""
    return (1 - rate * CURVATURE) ** np.arange(count + 1)


def _told(rate):
    """One step's sentence."""
    factor, *_ = _places(rate)[1:]
    way = ", ".join(f"{w + 0:.3g}" for w in _places(rate))
    does = DOES[RATES.index(rate)]
    return f"Rate {rate:g}: each step multiplies w by {factor:.3g}. It goes {way} …: it {does}.".replace("-", "−")


@stepping(*(_told(rate) for rate in RATES))
def five_rates(step):
    """Three steps in the valley L = ½ · 4 w², at one rate of the table."""
    ax = panels(1, size=(4.6, 2.9))[0]
    w = np.linspace(-2.7, 2.7, 200)
    ax.plot(w, CURVATURE / 2 * w**2, color=LIGHT["loss"], lw=2, ls="-")
    at = _places(RATES[step - 1])
    ax.plot(at, CURVATURE / 2 * at**2, color=LIGHT["ink"], lw=1, ls=(0, (3, 2)), clip_on=True)
    ax.plot(at, CURVATURE / 2 * at**2, "o", color=LIGHT["weight"], ms=7, ls="", clip_on=True)
    for number, place in enumerate(at):
        height = CURVATURE / 2 * place**2
        if height < 8.2 and not any(np.isclose(place, at[:number])):
            way = (9, -4) if place > 0 or np.isclose(place, 0) else (-9, -4)
            if number and abs(place - at[number - 1]) < 0.2:
                way = (-9, 6)  # beside the last number, not over it
            words = f"{place + 0:.3g}".replace("-", "−")
            note = ax.annotate(words, (place, height), xytext=way, textcoords="offset points", color=LIGHT["ink"],
                               fontsize=10, ha="left" if way[0] > 0 else "right")  # fmt: skip
            note.set_in_layout(False)
    label(ax, "weight w", "loss", title=f"rate {RATES[step - 1]:g}").set(xlim=(-2.7, 2.7), ylim=(-0.5, 8.5))
    return ax.figure
