"""Checks of the exercises of the page "What deep learning is"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same
from dlcore import data
from dlcore.train import accuracy

check = Exercises()

THREES, EIGHTS = (0.35, 0.41, 0.47), (0.45, 0.52, 0.57)


@check.exercise("1.1a")
def threshold_that_keeps_the_eights(threshold):
    """The six digits of the page: one mistake, and it is a three."""
    threshold = as_array(threshold, "The threshold")
    if threshold.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {threshold.shape}.")
    if not 0 <= threshold <= 1:
        raise Mistake(f"The feature is a share of the ink, between 0 and 1. No digit reaches {threshold:g}.")
    threes_wrong = [value for value in THREES if value > threshold]
    eights_wrong = [value for value in EIGHTS if value <= threshold]
    if threes_wrong == [0.47] and not eights_wrong:
        return "One 3, the one with 0.47, is taken for an 8; every 8 is recognised."
    if eights_wrong == [0.45] and not threes_wrong:
        raise Mistake("That is the other threshold with one mistake: it takes the 8 with 0.45 for a 3.")
    raise Mistake(
        f"With {threshold:g} there are {len(threes_wrong) + len(eights_wrong)} mistakes: "
        f"threes called 8: {_listed(threes_wrong)}; eights called 3: {_listed(eights_wrong)}."
    )


def _listed(values):
    return ", ".join(map(str, values)) or "none"


def upper(x):
    """The share of the ink (N,) in rows 0 to 3 of images (N, 8, 8)."""
    return x[:, :4].sum((1, 2)) / x.sum((1, 2))


TOP_MISTAKES = (
    (
        lambda x: x[:, :4].sum((1, 2)),
        "That is the amount of ink in the upper half. Divide by the ink of the whole image.",
    ),
    (lambda x: 1 - upper(x), "That is the lower half: row 0 is on top."),
    (lambda x: x[:, :, :4].sum((1, 2)) / x.sum((1, 2)), "That is the left half. Rows are axis 1, columns axis 2."),
    (lambda x: x[:, :, 4:].sum((1, 2)) / x.sum((1, 2)), "That is the right half. Rows are axis 1, columns axis 2."),
    (lambda x: x[:, :4].sum() / x.sum(), "You added up over the images as well. Each image has a share of its own."),
    (
        lambda x: x[:, :4].sum((1, 2)) / x.sum(),
        "You divided by the ink of all images together. Divide each by its own: `sum((1, 2))`.",
    ),
    (lambda x: x[:, :4].mean((1, 2)) / x.mean((1, 2)), "A mean over half as many pixels is twice as large. Use sums."),
    (lambda x: upper(x) / (1 - upper(x)), "You divided by the ink of the lower half. Divide by the ink of the whole."),
    (lambda x: 100 * upper(x), "That is in percent. A share lies between 0 and 1."),
    (lambda x: x[:, :3].sum((1, 2)) / x.sum((1, 2)), "`:3` stops before row 3. The upper half has four rows."),
    (lambda x: x[:, :5].sum((1, 2)) / x.sum((1, 2)), "`:5` takes five rows. The upper half has four."),
    (lambda x: x[:4].sum((1, 2)) / x[:4].sum((1, 2)), "`x[:4]` takes the first four images, not the first four rows."),
    (
        lambda x: x[:, :4].sum(1) / x.sum(1),
        "You added up the rows only: one share for each column. Add up axes 1 and 2.",
    ),
)


@check.exercise("1.1b")
def share_of_the_upper_half(function):
    """The share of the ink in rows 0 to 3, for images (N, 8, 8)."""
    rng = np.random.default_rng(0)
    for n in (5, 1, 9):
        x = rng.random((n, 8, 8))
        got = _with_or_without_channel(function, x)
        usual = [(wrong(x), words) for wrong, words in TOP_MISTAKES]
        same(got, upper(x), f"For images of shape ({n}, 8, 8)", usual)
    images, y = data.digits(standardise=False).train
    shares = upper(images[:, 0])
    nine, six = (shares[y == k].mean() for k in (9, 6))
    return f"On the training set a 9 has {nine:.0%} of its ink in the upper half, a 6 only {six:.0%}."


def _with_or_without_channel(function, x):
    """What the function says of images (N, 8, 8), or, if it wants them so, of the data set's own (N, 1, 8, 8)."""
    try:
        return call(function, x)
    except Mistake:
        try:
            return call(function, x[:, None])
        except Mistake:
            pass
        raise


def fewest(feature, yes, above=True):
    """The first of the sorted entries of feature with the fewest mistakes."""
    return np.sort(feature)[np.argmin(counts(feature, yes, above))]


def counts(feature, yes, above=True):
    """The mistakes (N,) of each of the sorted entries of feature."""
    says = [(feature > t) if above else (feature >= t) for t in np.sort(feature)]
    return np.array([(s != yes).sum() for s in says])


def last_of_equals(feature, yes):
    """The last of the sorted entries with the fewest mistakes."""
    count = counts(feature, yes)
    return np.sort(feature)[np.flatnonzero(count == count.min())[-1]]


THRESHOLD_MISTAKES = (
    (
        lambda feature, yes: fewest(feature, ~yes),
        "This threshold makes the most sense for the opposite answer: “yes” is said above it.",
    ),
    (
        lambda feature, yes: fewest(feature, yes, above=False),
        "You say “yes” at the threshold already; it should be only above it.",
    ),
    (last_of_equals, "Another candidate makes as few mistakes and is smaller: take the first of equals."),
    (lambda feature, yes: counts(feature, yes).min(), "That is how many mistakes there are. Return the threshold."),
    (lambda feature, yes: counts(feature, yes).argmin(), "That is a place among the sorted entries, not the entry."),
    (
        lambda feature, yes: np.argmin([((feature > t) != yes).sum() for t in feature]),
        "That is a place in the array, not the entry.",
    ),
)


@check.exercise("1.1c")
def search_for_a_threshold(function):
    """The best of the candidates, the smallest of equals; a mistake is named if it explains all of the answers."""
    rng = np.random.default_rng(3)
    cases = [(np.array(THREES + EIGHTS), np.arange(6) > 2)]
    for n in (12, 30):
        feature = rng.random(n).round(2)
        cases.append((feature, feature + rng.normal(0, 0.2, n) > 0.5))
    found = [as_array(call(function, *case), "The threshold") for case in cases]
    for got in found:
        if got.shape != ():
            raise Mistake(f"I expected one threshold, and received an array of shape {got.shape}.")
    want = [fewest(*case) for case in cases]
    if np.allclose(found, want):
        return "Examples, a rule with one free number, a count of mistakes, a search: that is a learner."
    for wrong, words in THRESHOLD_MISTAKES:
        if np.allclose(found, [wrong(*case) for case in cases]):
            raise Mistake(words)
    at = next(i for i, (got, right) in enumerate(zip(found, want, strict=True)) if not np.isclose(got, right))
    raise Mistake(_compared(found[at], want[at], *cases[at]))


def _compared(got, want, feature, yes):
    """What is wrong with a threshold, in mistakes."""
    given = f"For {len(feature)} examples your threshold is {got:.4g}"
    if not np.isclose(feature, got).any():
        return f"{given}, which is not an entry of `feature`. Return one of its values."
    mine, least = (((feature > t) != yes).sum() for t in (got, want))
    if mine == least:
        return f"{given}. A smaller entry makes as few mistakes: take the first of equals."
    return f"{given} and makes {mine} mistakes. Another entry of `feature` makes {least}."


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
            y[np.abs((new[:, None] - x).sum(2)).argmin(1)],
            "Differences above and below cancel each other: square each before you add them up.",
        ),
        (y[np.abs(new[:, None] - x).sum(2).argmin(1)], "You added up sizes of differences. Add up their squares."),
        (
            distance.min(1),
            "Those are the smallest distances. `argmin` says which row has them, and `y[row]` its class.",
        ),
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
