"""Exercises of the page "Going downhill": right answers pass, each usual mistake is named in its own words."""

import numpy as np
import pytest
from exercise_tests import held

from dlbook.pages.backprop.going_downhill.exercises import (
    CAREFUL_MISTAKES,
    LIMIT_MISTAKES,
    ONE_STEP_MISTAKES,
    check,
    reference,
)
from dlbook.pages.backprop.going_downhill.figures import step_size


def cut(order, size):
    return [order[i : i + size] for i in range(0, len(order), size)]


def by_power_iteration(x):
    v = np.ones(x.shape[1])
    for _ in range(2000):
        v = x.T @ (x @ v)
        v = v / np.linalg.norm(v)
    return 1 / (v @ (x.T @ (x @ v)) / len(x))


def with_curvatures(words):
    """An answer that makes one of the usual mistakes."""
    wrong = next(function for function, text in LIMIT_MISTAKES if text == words)
    return lambda x: wrong(np.linalg.eigvalsh(2 * x.T @ x / len(x)), len(x))


def endless(loss, slope, w, rate, count):
    for _ in range(count):
        g = slope(w)
        while loss(w - rate * g) >= loss(w):
            rate = rate / 2
        w = w - rate * g
    return w, rate


RIGHT = [
    ("3.3a", 0.1),
    ("3.3a", 1 / 10),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n), size)),
    ("3.3b", lambda n, size, rng: [list(rows) for rows in cut(rng.permutation(n), size)]),
    ("3.3b", lambda n, size, rng: (rows for rows in cut(rng.permutation(n), size))),
    ("3.3c", lambda x: 1 / np.linalg.eigvalsh(x.T @ x / len(x))[-1]),
    ("3.3c", by_power_iteration),
    ("3.3d", reference),
]
WRONG = [
    ("3.3a", [0.1], "One number is asked for."),
    ("3.3a", 0.3, "received 0.3"),
    *(("3.3a", value, words) for value, words in ONE_STEP_MISTAKES),
    ("3.3b", lambda n, size, rng: cut(np.arange(n), size), "in their old order"),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n), size)[: n // size], "the last batch"),
    ("3.3b", lambda n, size, rng: cut(rng.integers(0, n, n), size), "had its turn before"),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n) + 1, size), "expected 0 to 9"),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n), size + 1), "expected batches of [3, 3, 3, 1]"),
    ("3.3b", lambda n, size, rng: rng.permutation(n), "expected a list of arrays"),
    ("3.3b", lambda n, size, rng: cut(np.random.default_rng(7).permutation(n), size), "does not come from `rng`"),
    ("3.3b", lambda n, size, rng: cut(np.random.default_rng().permutation(n), size), "does not come from `rng`"),
    *(("3.3c", with_curvatures(words), words) for _, words in LIMIT_MISTAKES),
    *(("3.3d", lambda *a, kind=kind: reference(*a, **kind), words) for kind, words in CAREFUL_MISTAKES),
    ("3.3d", lambda loss, slope, w, rate, count: reference(loss, slope, w, rate, count)[0], "return two things"),
    ("3.3d", endless, "does not end"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


@pytest.mark.parametrize(("surface", "limit"), [("round bowl", 2.0), ("valley", 0.2)])
def test_step_size_limit_is_exact(surface, limit):
    """Below the limit the loss shrinks, at it the steepest direction swings, beyond it the loss grows."""
    figure = step_size
    rates = figure.controls["rate"].positions()
    at = rates.index(limit)
    losses = [figure(rate=rate, surface=surface).tables["loss"]["loss"] for rate in rates[at - 1 : at + 2]]
    assert losses[0][-1] < losses[0][0] < losses[2][-1]
    assert losses[1][-1] == pytest.approx(losses[1][-2])
    assert figure(surface=surface).tables["limit"]["rate"].item() == limit
