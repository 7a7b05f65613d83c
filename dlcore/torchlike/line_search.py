"""How far to go along a direction: until the loss falls and its slope flattens enough, the strong Wolfe conditions.

Source: Nocedal & Wright (2006), Numerical optimization, algorithms 3.5 (`search`) and 3.6 (`zoom`), equation 3.59.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

ENOUGH, FLAT = 1e-4, 0.9  # of the fall that the slope promises; of the slope at the start


class Place(NamedTuple):
    """How far along the direction, and what is found there: the loss, its slope along the direction, the gradient."""

    t: float
    loss: float
    slope: float
    gradient: Any = None


Look = Callable[[float], Place]


def between(a: Place, b: Place, low: float, high: float) -> float:
    """Where the cubic through two places with these slopes is lowest, within bounds.

    >>> between(Place(0, 1.0, -2.0), Place(3, 4.0, 4.0), 0, 3)  # (t - 1)²
    1.0
    """
    a, b = (a, b) if a.t <= b.t else (b, a)
    d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t)
    square = d1**2 - a.slope * b.slope
    if square < 0:
        return (low + high) / 2
    d2 = math.sqrt(square)
    t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    return min(max(t, low), high)


def search(look: Look, start: Place, t: float, least: float, most: int) -> tuple[Place, int]:
    """A place that meets the conditions, or the best that was found; and how many places were looked at.

    least: an interval (of t) below which it is not worth to look on; most: how many places after the first.
    """
    before, here = start, look(t)
    for n in range(most):
        if here.loss > start.loss + ENOUGH * here.t * start.slope or (n > 1 and here.loss >= before.loss):
            return zoom(look, start, before, here, n, least, most)
        if abs(here.slope) <= -FLAT * start.slope:
            return here, n + 1
        if here.slope >= 0:
            return zoom(look, start, before, here, n, least, most)
        further = between(before, here, here.t + 0.01 * (here.t - before.t), 10 * here.t)
        before, here = here, look(further)
    return min(start, here, key=lambda place: place.loss), most + 1


def zoom(look: Look, start: Place, a: Place, b: Place, n: int, least: float, most: int) -> tuple[Place, int]:
    """The same between two places that enclose such a one."""
    low, high = (a, b) if a.loss <= b.loss else (b, a)
    stuck = False
    while n < most and abs(high.t - low.t) >= least:
        t, stuck = away_from_the_ends(between(low, high, *sorted((low.t, high.t))), low.t, high.t, stuck)
        here, n = look(t), n + 1
        if here.loss > start.loss + ENOUGH * t * start.slope or here.loss >= low.loss:
            low, high = (low, here) if low.loss <= here.loss else (here, low)
        elif abs(here.slope) <= -FLAT * start.slope:
            return here, n + 1
        else:
            low, high = here, low if here.slope * (high.t - low.t) >= 0 else high
    return low, n + 1


def away_from_the_ends(t: float, a: float, b: float, stuck: bool) -> tuple[float, bool]:
    """t; or, where it lies within a tenth of an end for the second time or beyond it, a tenth away from that end."""
    low, high = min(a, b), max(a, b)
    margin = 0.1 * (high - low)
    if min(high - t, t - low) >= margin:
        return t, False
    if not stuck and low < t < high:
        return t, True
    return (high - margin if abs(t - high) < abs(t - low) else low + margin), False
