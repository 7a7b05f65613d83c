"""Checks of the exercises of the page "What deep learning is"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same
from dlcore import data
from dlcore.train import accuracy

check = Exercises()

ZEROS, ONES = (0.30, 0.37, 0.43), (0.38, 0.57, 0.76)


@check.exercise("1.1a")
def threshold_that_keeps_the_ones(threshold):
    """The six digits of the page: one mistake, and it is a zero."""
    threshold = as_array(threshold, "The threshold")
    if threshold.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {threshold.shape}.")
    zeros_wrong = [value for value in ZEROS if value > threshold]
    ones_wrong = [value for value in ONES if value <= threshold]
    if len(zeros_wrong) == 1 and not ones_wrong:
        return "One 0, the one with 0.43, is taken for a 1; every 1 is recognised."
    if len(ones_wrong) == 1 and not zeros_wrong:
        raise Mistake("That is the other threshold with one mistake: it takes the 1 with 0.38 for a 0.")
    raise Mistake(
        f"With {threshold:g} there are {len(zeros_wrong) + len(ones_wrong)} mistakes: "
        f"zeros called 1: {zeros_wrong or 'none'}; ones called 0: {ones_wrong or 'none'}."
    )


TOP_MISTAKES = (
    (
        lambda x: x[:, :4].sum((1, 2)),
        "That is the amount of ink in the upper half. Divide by the ink of the whole image.",
    ),
    (lambda x: x[:, 4:].sum((1, 2)) / x.sum((1, 2)), "That is the lower half: row 0 is on top."),
    (lambda x: x[:, :, :4].sum((1, 2)) / x.sum((1, 2)), "That is the left half. Rows are axis 1, columns axis 2."),
    (lambda x: x[:, :4].sum() / x.sum(), "You added up over the images as well. Each image has a share of its own."),
    (lambda x: x[:, :4].mean((1, 2)) / x.mean((1, 2)), "A mean over half as many pixels is twice as large. Use sums."),
    (lambda x: x[:4].sum((1, 2)) / x[:4].sum((1, 2)), "`x[:4]` takes the first four images, not the first four rows."),
)


@check.exercise("1.1b")
def share_of_the_upper_half(function):
    """The share of the ink in rows 0 to 3."""
    rng = np.random.default_rng(0)
    for n in (5, 1, 9):
        x = rng.random((n, 8, 8))
        usual = [(wrong(x), words) for wrong, words in TOP_MISTAKES]
        same(call(function, x), x[:, :4].sum((1, 2)) / x.sum((1, 2)), f"For images of shape ({n}, 8, 8)", usual)
    digits = data.digits(standardise=False).train
    shares = digits.x[:, 0, :4].sum((1, 2)) / digits.x[:, 0].sum((1, 2))
    nine, six = (shares[digits.y == k].mean() for k in (9, 6))
    return f"On the training set a 9 has {nine:.0%} of its ink in the upper half, a 6 only {six:.0%}."


def fewest(feature, yes, above=True):
    """The first of the sorted entries of feature with the fewest mistakes."""
    candidates = np.sort(feature)
    says = [(feature > t) if above else (feature >= t) for t in candidates]
    return candidates[np.argmin([(s != yes).sum() for s in says])]


@check.exercise("1.1c")
def search_for_a_threshold(function):
    """The best of the candidates, the smallest of equals."""
    rng = np.random.default_rng(3)
    cases = [(np.array([0.30, 0.37, 0.43, 0.38, 0.57, 0.76]), np.arange(6) > 2)]
    for n in (12, 30):
        feature = rng.random(n).round(2)
        cases.append((feature, feature + rng.normal(0, 0.2, n) > 0.5))
    for feature, yes in cases:
        want = fewest(feature, yes)
        usual = [
            (
                fewest(feature, ~yes),
                "This threshold makes the most sense for the opposite answer: “yes” is said above it.",
            ),
            (fewest(feature, yes, above=False), "You say “yes” at the threshold already; it should be only above it."),
            (
                _last_of_equals(feature, yes),
                "Another candidate makes as few mistakes and is smaller: take the first of equals.",
            ),
            (
                int(np.argsort(feature)[np.searchsorted(np.sort(feature), want)]),
                "That is a place in the array, not the entry.",
            ),
        ]
        same(call(function, feature, yes), want, f"For {len(feature)} examples", usual)
    return "Examples, a rule with one free number, a count of mistakes, a search: that is a learner."


def _last_of_equals(feature, yes):
    candidates = np.sort(feature)
    count = np.array([((feature > t) != yes).sum() for t in candidates])
    return candidates[np.flatnonzero(count == count.min())[-1]]


@check.exercise("1.1d")
def nearest_neighbour(function):
    """The class of the nearest training image, and what it scores on centred digits."""
    rng = np.random.default_rng(5)
    x, y, new = rng.random((20, 6)), rng.integers(0, 10, 20), rng.random((7, 6))
    distance = ((new[:, None] - x) ** 2).sum(2)  # (M, N)
    usual = [
        (distance.argmin(1), "Those are the rows of the nearest images. Look up their classes in y."),
        (y[distance.argmax(1)], "Those are the farthest images: use argmin."),
        (y[(new[:, None] - x).sum(2).argmin(1)], "Without the square, differences above and below cancel each other."),
        (
            y[distance.argmin(0)][:7],
            "The search went over the new images. For each new one, search the training images.",
        ),
    ]
    same(call(function, x, y, new), y[distance.argmin(1)], "For 20 training images and 7 new ones", usual)
    digits = data.digits(standardise=False)
    flat, flat_test = (part.x.reshape(len(part.x), -1) for part in (digits.train, digits.test))
    share = accuracy(np.asarray(call(function, flat, digits.train.y, flat_test[:100])), digits.test.y[:100])
    return f"On 100 centred test digits it is right {share:.0%} of the time. A baseline for networks to beat."
