"""Exercises of the page "Convolution": right answers pass, each usual mistake is named in its own words."""

import numpy as np
from exercise_tests import held

from dlbook.exercises.part4_convolution import (
    GRADIENT_MISTAKES,
    MOVES,
    POOL_MISTAKES,
    SIZE_MISTAKES,
    one_at,
    weight_gradient,
)


def size(h, k, stride=1, padding=0):
    return (h + 2 * padding - k) // stride + 1


def with_defaults(wrong):
    return lambda h, k, stride=1, padding=0: wrong(h, k, stride, padding)


def pool(x):
    return np.maximum(
        np.maximum(x[0::2, 0::2], x[0::2, 1::2]),
        np.maximum(x[1::2, 0::2], x[1::2, 1::2]),
    )


def gradient(x, g):
    windows = np.lib.stride_tricks.sliding_window_view(x, g.shape)
    return np.einsum("abij,ij->ab", windows, g)


RIGHT = [
    ("4.2a", 3),
    ("4.2a", np.int64(3)),
    ("4.2b", size),
    ("4.2c", one_at(1, 0)),
    ("4.2c", [[0, 0, 0], [1, 0, 0], [0, 0, 0]]),
    ("4.2c", one_at(1, 0)[None, None]),
    ("4.2d", pool),
    ("4.2d", lambda x: x.reshape(x.shape[0] // 2, 2, -1, 2).max((1, 3)).tolist()),
    ("4.2e", weight_gradient),
    ("4.2e", gradient),
]
WRONG = [
    ("4.2a", 6, "*and* 6 below"),
    ("4.2a", 7, "size of the filter"),
    ("4.2a", 2, "gets a map of 26"),
    ("4.2a", 3.5, "one whole number"),
    ("4.2a", (3, 3), "one whole number"),
    *(("4.2b", with_defaults(wrong), words) for wrong, words in SIZE_MISTAKES),
    *(("4.2c", one_at(*place), words) for place, words in MOVES.items()),
    ("4.2c", one_at(1, 0) * 2, "changes the brightness"),
    ("4.2c", np.ones((3, 3)), "mixes several pixels"),
    ("4.2c", np.eye(4), "received an array of shape (4, 4)"),
    ("4.2c", one_at(0, 0), "just to the left of it"),
    *(("4.2d", wrong, words) for wrong, words in POOL_MISTAKES),
    ("4.2d", lambda x: np.maximum(pool(x), 0), "negative, and not 0"),
    *(("4.2e", wrong, words) for wrong, words in GRADIENT_MISTAKES),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(RIGHT, WRONG)
