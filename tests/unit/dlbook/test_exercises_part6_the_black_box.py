"""Exercises of the page "The black box": right answers pass, each usual mistake is named in its own words."""

import numpy as np
from exercise_tests import held

from dlbook.exercises.part6_the_black_box import (
    DELETE_MISTAKES,
    INTEGRATED_MISTAKES,
    OUT_MISTAKES,
    SHARES_MISTAKES,
    delete,
    integrated,
    leave_one_out,
)


def deleting(wrong):
    return lambda image, importance, n, fill=0.0: wrong(image, importance, n, fill)


def sharing(wrong):
    return lambda gradient, x, baseline, points=50: wrong(gradient, x, baseline, points)


def forgets_to_copy(f, x):
    falls = []
    for i in range(len(x)):
        before = f(x)
        x[i] = 0
        falls.append(before - f(x))
    return falls


RIGHT = [
    ("6.4a", [6, 6]),
    ("6.4a", (6.0, 6.0)),
    ("6.4b", leave_one_out),
    ("6.4b", lambda f, x: [f(x) - f(np.where(np.arange(len(x)) == i, 0, x)) for i in range(len(x))]),
    ("6.4c", delete),
    ("6.4d", sharing(integrated)),
]
WRONG = [
    *(("6.4a", wrong, words) for wrong, words in SHARES_MISTAKES),
    ("6.4a", [4, 4], "add up to 8"),
    ("6.4a", 12, "two numbers"),
    ("6.4a", [5, 7], "received [5"),
    *(("6.4b", wrong, words) for wrong, words in OUT_MISTAKES),
    ("6.4b", forgets_to_copy, "changes the array"),
    *(("6.4c", deleting(wrong), words) for wrong, words in DELETE_MISTAKES),
    ("6.4c", lambda image, importance, n, fill=0.5: delete(image, importance, n, fill), "When no fill is given"),
    *(("6.4d", sharing(wrong), words) for wrong, words in INTEGRATED_MISTAKES),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(RIGHT, WRONG)
