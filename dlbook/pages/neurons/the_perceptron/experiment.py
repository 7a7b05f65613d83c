"""Perceptrons on mornings, clouds of points and digits; how wide a gap a line can leave; and their rivals."""

from functools import cache
from itertools import combinations

import numpy as np
from scipy.optimize import nnls
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier

from dlbook.pages.neurons.the_perceptron.rule import PASSES, cloud, learn, misread, right, with_one
from dlbook.pages.neurons.what_deep_learning_is.experiment import describe, pair
from dlcore import data

ORDERS = range(5)  # seeds of the orders in which examples come

# The bound ---------------------------------------------------------------------------------------------------------


def widest(x, y):
    """The widest margin that a border can leave, and the unit vector (D + 1,) of weights and bias that leaves it.

    It is the distance from 0 to the hull of the examples, those with label 0 turned round; 0 if no border parts them.
    """
    signed = with_one(x) * np.where(y, 1, -1)[:, None]  # (N, D + 1)
    share, _ = nnls(np.vstack([signed.T, np.ones(len(x))]), np.append(np.zeros(signed.shape[1]), 1.0), maxiter=10**5)
    nearest = share @ signed / share.sum()
    margin = np.linalg.norm(nearest)
    return (0.0, nearest) if margin < 1e-9 else (float(margin), nearest / margin)


def most_mistakes(x, y):
    """The bound (R / margin)² with the widest margin; infinite if no border parts the examples."""
    margin = widest(x, y)[0]
    return (np.linalg.norm(with_one(x), axis=1).max() / margin) ** 2 if margin else np.inf


def counted(n, margin, clouds=20):
    """Mistakes, and the bound, for several clouds: (clouds,) each."""
    drawn = [cloud(n, margin, seed) for seed in range(clouds)]
    made = [sum(learn(x, y, 10**4, seed, keep=False).mistakes) for seed, (x, y) in enumerate(drawn)]
    return np.array(made), np.array([most_mistakes(x, y) for x, y in drawn])


# Digits ------------------------------------------------------------------------------------------------------------

WRONG = "one label in ten is wrong"
LESSONS = ("3 or 8", "odd or even", WRONG, "two features")


@cache
def digits(lesson, draw=0):
    """Training examples and labels, then new ones, of a lesson; new are those of the validation and the test set.

    `draw` is the seed of which labels are wrong.
    """
    if lesson == "odd or even":
        every = data.digits(standardise=False)
        parts = [(part.x[:, 0], part.y % 2 == 1) for part in (every.train, every.valid, every.test)]
    else:
        parts = [pair(part) for part in ("train", "valid", "test")]
    (x, y), new = parts[0], [np.concatenate(both) for both in zip(*parts[1:], strict=True)]
    if lesson == "two features":
        x, new[0] = (describe(images, ("left", "waist")) for images in (x, new[0]))
        mean, spread = x.mean(0), x.std(0)
        x, new[0] = (x - mean) / spread, (new[0] - mean) / spread
    if lesson == WRONG:
        turned = np.random.default_rng(draw).permutation(len(y))[: len(y) // 10]
        y = y ^ np.isin(np.arange(len(y)), turned)
    return flat(x), y, flat(new[0]), new[1]


def draws(lesson):
    """What `digits` gives: once, or for each order another draw of wrong labels."""
    return [digits(lesson, draw) for draw in (ORDERS if lesson == WRONG else [0])]


def bounds(lesson):
    """The most mistakes of the run in each order, (orders,); infinite where no border parts its examples."""
    each = [most_mistakes(x, y) for x, y, _, _ in draws(lesson)]
    return np.array(each * (len(ORDERS) // len(each)))


def flat(x):
    """Images as rows of pixels, 64 bits each."""
    return x.reshape(len(x), -1).astype(float)


def every_pair():
    """Of all 45 pairs of digits: mistakes before all training images are right, and the bound, (45,) each."""
    x, y = flat(data.digits(standardise=False).train.x), data.digits(standardise=False).train.y
    found = []
    for one, other in combinations(range(10), 2):
        rows = np.isin(y, (one, other))
        run = learn(x[rows], y[rows] == other, 200, order=0, keep=False)
        found.append((sum(run.mistakes) if run.mistakes[-1] == 0 else np.inf, most_mistakes(x[rows], y[rows] == other)))
    return np.array(found).T


# Rivals: each gives the percent of new examples that it reads rightly, for every order or every draw of labels --------


@cache
def runs(lesson, passes=PASSES, shrink=False):
    """A perceptron in each order, with its own draw of wrong labels if there are some; the plain one keeps a pocket."""
    keep, each = passes == PASSES and not shrink, draws(lesson)
    return [learn(*each[order % len(each)][:2], passes, order, shrink, keep) for order in ORDERS]


def of_runs(version, **setting):
    """Make a rival of one version of the perceptron's weights."""

    def rival(lesson):
        pairs = zip(runs(lesson, **setting), draws(lesson) * len(ORDERS), strict=False)
        return np.array([right(getattr(run, version), x, y) for run, (_, _, x, y) in pairs])

    return rival


def nudged(lesson):
    """Weights moved at random from zeros, and moved back if they misread more: as many looks at all as passes.

    How far they are moved makes no difference: from zeros, it only scales the weights.
    """
    each, found = draws(lesson), []
    for seed in ORDERS:
        x, y, new, answer = each[seed % len(each)]
        x, rng = with_one(x), np.random.default_rng(seed)
        w = np.zeros(x.shape[1])
        for _ in range(PASSES):
            moved = w + rng.normal(size=len(w))
            w = moved if misread(moved, x, y) <= misread(w, x, y) else w
        found.append(right(w, new, answer))
    return np.array(found)


def on_each_draw(method):
    """Make a rival of a method that learns from all examples at once and returns the percent of new ones it gets."""
    return lambda lesson: np.array([method(*examples) for examples in draws(lesson)])


@on_each_draw
def every_example(x, y, new, answer):
    """Learn from each example once, right or wrong: add those with label 1, subtract the others."""
    return right(np.where(y, 1, -1) @ with_one(x), new, answer)


@on_each_draw
def least_squares(x, y, new, answer):
    """The weights whose sums come nearest to 1 for label 1 and to −1 for label 0, over all examples at once."""
    return right(np.linalg.lstsq(with_one(x), np.where(y, 1.0, -1.0))[0], new, answer)


@on_each_draw
def nearest_mean(x, y, new, answer):
    """The label whose mean example is nearer."""
    zero, one = x[~y].mean(0), x[y].mean(0)
    return right(np.append(one - zero, (zero @ zero - one @ one) / 2), new, answer)


@on_each_draw
def logistic(x, y, new, answer):
    """A sigmoid unit that fits all examples at once; how small its weights are kept is chosen on training examples."""
    tuned = GridSearchCV(LogisticRegression(max_iter=3000), {"C": [0.01, 0.1, 1, 10]}, cv=3).fit(x, y)
    return 100 * tuned.score(new, answer)


@on_each_draw
def nearest(x, y, new, answer):
    """The label of the nearest of the training examples."""
    return 100 * KNeighborsClassifier(1).fit(x, y).score(new, answer)


RIVALS = {
    "perceptron, as it ends": of_runs("last"),
    "three times the passes": of_runs("last", passes=3 * PASSES),
    "ever smaller steps": of_runs("last", shrink=True),
    "pocket": of_runs("pocket"),
    "averaged": of_runs("averaged"),
    "nudged at random": nudged,
    "logistic regression": logistic,
    "least squares": least_squares,
    "every example, once": every_example,
    "nearest mean": nearest_mean,
    "nearest example": nearest,
}
