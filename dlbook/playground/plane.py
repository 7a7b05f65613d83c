"""Two numbers an example: the picture is the plane, and what the network answers everywhere in it."""

from functools import lru_cache

import numpy as np

import dlcore
from dlbook.playground.measure import answers, scaled

NOUN = "points"
SIDE = 50  # numbers along each side of the large picture; those of the units have every second
CLASSES = ("blue", "orange")


@lru_cache(4)
def grid(span):
    """The places of the large picture, row by row from the top."""
    line = np.linspace(-span, span, SIDE, dtype=np.float32)
    return dlcore.tensor(np.stack(np.meshgrid(line, -line), axis=-1).reshape(-1, 2))


def pictures(run):
    """The picture of the output, from 0 to 255, those of the units, from -127 to 127, and what is to be seen."""
    units, z = answers(run.model, grid(run.span))
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-z))
    output = np.rint(np.nan_to_num(255 * p)).astype(np.uint8)
    small = [one.reshape(SIDE, SIDE, -1)[::2, ::2].reshape(-1, one.shape[1]).T for one in units]
    return output, [scaled(one) for one in small], regions(p.reshape(SIDE, SIDE) > 0.5)


def regions(orange):
    """Where the two colours lie.

    >>> regions(np.eye(3) < 0)
    'The whole square is blue.'
    """
    share = orange.mean()
    if share in (0, 1):
        return f"The whole square is {CLASSES[int(share)]}."
    edge = np.concatenate([orange[0], orange[-1], orange[:, 0], orange[:, -1]])
    if edge.all() or not edge.any():
        inner, outer = CLASSES if edge.all() else CLASSES[::-1]
        return f"{inner.title()} ({share if inner == 'orange' else 1 - share:.0%} of the square) lies inside {outer}."
    return f"Blue holds {1 - share:.0%} of the square and orange {share:.0%}; their border reaches the edge."
