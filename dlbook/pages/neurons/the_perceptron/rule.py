"""The perceptron, and the points that the page and its checks show it."""

from typing import NamedTuple

import numpy as np

PASSES = 30

# The example that the page does by hand: sunny and windy, each 0, 1 or 2; and whether I cycled.
MORNINGS = np.array([[2, 1], [1, 0], [0, 1], [1, 2]], dtype=float)  # (N, D)
CYCLED = np.array([1, 1, 0, 0])  # (N,)
CORNERS, EITHER = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float), np.array([0, 1, 1, 0])


def with_one(x):
    """Examples (N, D + 1) with a last input that is always 1: its weight is the bias."""
    return np.column_stack([x, np.ones(len(x))])


# The perceptron ----------------------------------------------------------------------------------------------------


class Run(NamedTuple):
    """What a perceptron learned: weights (D + 1,), the bias last, in three versions; and how it went."""

    last: np.ndarray  # as they are at the end
    pocket: np.ndarray  # those that misread fewest training examples
    averaged: np.ndarray  # the mean over all examples looked at
    mistakes: list  # in each pass


def learn(x, y, passes=PASSES, order=None, shrink=False, keep=True):
    """The page's perceptron, from one mistake to the next instead of from one example to the next.

    Args:
        x, y: examples (N, D), labels (N,) 0 or 1.
        passes: at most so many; a pass without a mistake is the last.
        order: seed of the orders of the passes; as the examples come, if None.
        shrink: whether pass n takes steps of 1/n.
        keep: whether to keep a pocket, which costs a look at all examples after each mistake.
    """
    x, y, rng = with_one(x), np.asarray(y).astype(bool), np.random.default_rng(order)
    w = total = pocket = np.zeros(x.shape[1])
    fewest, mistakes = misread(w, x, y), []
    for n in range(1, passes + 1):
        rows = np.arange(len(x)) if order is None else rng.permutation(len(x))
        seen, wrong, at = x[rows], y[rows], 0
        mistakes.append(0)
        while at < len(x):
            off = (seen[at:] @ w >= 0) != wrong[at:]
            ahead = off.argmax() if off.any() else len(off)
            total, at = total + ahead * w, at + ahead
            if at < len(x):
                w = w + (1 if wrong[at] else -1) * seen[at] / (n if shrink else 1)
                total, at = total + w, at + 1
                mistakes[-1] += 1
                if keep and (few := misread(w, x, y)) < fewest:
                    pocket, fewest = w, few
        if mistakes[-1] == 0:
            break
    return Run(w, pocket, total, mistakes)


def misread(w, x, y):
    """How many of the examples (N, D + 1) get the wrong answer."""
    return int(((x @ w >= 0) != y).sum())


def right(w, x, y):
    """Percent of examples x (N, D) that weights (D + 1,) read rightly."""
    return 100 * np.mean((with_one(x) @ w >= 0) == y)


def cloud(n, margin, seed=0):
    """Points (n, 2) in a square, none nearer than `margin` to a hidden border, and the side that each is on (n,)."""
    rng, border = np.random.default_rng(seed), np.array([0.6, -0.7, 0.2])
    points = rng.uniform(-1, 1, (4 * n + 100, 2))
    z = with_one(points) @ border / np.linalg.norm(border)
    far = np.flatnonzero(np.abs(z) >= margin)[:n]
    return points[far], (z[far] >= 0).astype(int)
