"""Exercises of the page "Loss": right answers pass, each usual mistake is named in its own words."""

import math

import numpy as np
from exercise_tests import held

from dlbook.pages.backprop.loss.exercises import (
    COUNT_MISTAKES,
    LOGIT_MISTAKES,
    PROBABILITY_MISTAKES,
    check,
    picked,
    stable,
)


def by_hand(z, y):
    """Without NumPy's help, and stable."""
    rows = [math.log(sum(math.exp(v - max(row)) for v in row)) + max(row) - row[c] for row, c in zip(z, y, strict=True)]
    return sum(rows) / len(rows)


def unstable(z, y):
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return -np.log(picked(p, y)).mean()


RIGHT = [
    ("3.1a", np.log2(26)),
    ("3.1a", 4.7),
    ("3.1b", lambda p, y: -np.log(picked(p, y)).mean()),
    ("3.1b", lambda p, y: sum(-math.log(row[c]) for row, c in zip(p, y, strict=True)) / len(y)),
    ("3.1c", stable),
    ("3.1c", by_hand),
    ("3.1d", lambda s, k: (np.exp(s) - k * s).mean()),
    ("3.1d", lambda s, k: np.mean([math.exp(a) - c * a + math.lgamma(c + 1) for a, c in zip(s, k, strict=True)])),
]
WRONG = [
    ("3.1a", np.log(26), "That is in nats."),
    ("3.1a", 1 / 26, "The loss is minus its logarithm."),
    ("3.1a", -np.log2(26), "The sign"),
    ("3.1a", [4.7], "One number is asked for."),
    *(("3.1b", wrong, words) for wrong, words in PROBABILITY_MISTAKES),
    *(("3.1c", wrong, words) for wrong, words in LOGIT_MISTAKES),
    ("3.1c", unstable, "subtract each row's largest first"),
    *(("3.1d", wrong, words) for wrong, words in COUNT_MISTAKES),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)
