"""Exercises of the first page: right answers pass, each usual mistake is named in its own words."""

import numpy as np
from exercise_tests import held

from dlbook.pages.neurons.what_deep_learning_is.exercises import TOP_MISTAKES, check, fewest


def nearest(x, y, new):
    return np.array([y[((x - image) ** 2).sum(1).argmin()] for image in new])


def nearest_at_once(x, y, new):
    square = (x**2).sum(1) - 2 * new @ x.T  # the part of the distance that depends on x
    return y[square.argmin(1)].tolist()


RIGHT = [
    ("1.1a", 0.375),
    ("1.1a", np.float32(0.379)),
    ("1.1a", 0.37),
    ("1.1b", lambda x: x[:, :4].sum((1, 2)) / x.sum((1, 2))),
    ("1.1b", lambda x: [image[:4].sum() / image.sum() for image in x]),
    ("1.1c", fewest),
    ("1.1d", nearest),
    ("1.1d", nearest_at_once),
]
WRONG = [
    ("1.1a", 0.5, "takes the 1 with 0.38 for a 0"),
    ("1.1a", 0.1, "there are 3 mistakes: zeros called 1: [0.3, 0.37, 0.43]"),
    ("1.1a", 0.405, "ones called 0: [0.38]"),
    ("1.1a", [0.375], "One number is asked for."),
    *(("1.1b", wrong, words) for wrong, words in TOP_MISTAKES),
    ("1.1c", lambda feature, yes: fewest(feature, ~yes), "opposite answer"),
    ("1.1c", lambda feature, yes: fewest(feature, yes, above=False), "it should be only above it"),
    (
        "1.1c",
        lambda feature, yes: int(np.argmin([((feature > t) != yes).sum() for t in feature])),
        "a place in the array",
    ),
    ("1.1d", lambda x, y, new: ((new[:, None] - x) ** 2).sum(2).argmin(1), "Look up their classes in y."),
    ("1.1d", lambda x, y, new: y[((new[:, None] - x) ** 2).sum(2).argmax(1)], "use argmin"),
    ("1.1d", lambda x, y, new: y[(new[:, None] - x).sum(2).argmin(1)], "Without the square"),
    ("1.1d", lambda x, y, new: y[((new[:, None] - x) ** 2).sum(2).argmin(0)][:7], "went over the new images"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)
