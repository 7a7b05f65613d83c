"""Four kinds of data, each cut into parts and shuffled; the contest of four architectures, and simple rivals."""

from functools import cache
from itertools import product

import numpy as np
import torch
from sklearn.base import clone
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from dlbook.pages.architectures.which_one_when.networks import KINDS, Adam, Layout
from dlcore import data

BUDGET, BATCH, RATES, SEEDS = 2000, 16, (0.003, 0.01, 0.03), (0, 1, 2, 3, 4)
SHUFFLED_SEEDS = SEEDS[:3]
STEPS = {"table": 160, "pictures": 480, "walks": 280, "notes": 600}  # a quarter with every rate, the rest with the best
WALK, PLACES = 12, 5
COLUMNS = 10
KEYS, VALUES, NOTES = 6, 4, 4


LAYOUTS = {
    "table": Layout((COLUMNS,), 1, 2),
    "pictures": Layout((12, 12), 1, 10, token=3, anywhere=True),
    "walks": Layout((WALK,), 3, PLACES),
    "notes": Layout((NOTES + 1,), KEYS + VALUES, VALUES),
}
DATA = tuple(LAYOUTS)
SPOKEN = dict(zip(DATA, ("the table", "pictures", "walks", "notes"), strict=True))
#: examples to learn from, to choose by, new ones
PARTS = {"table": (200, 100, 269), "pictures": (1000, 300, 497), "walks": (1000, 500, 1000), "notes": (1000, 500, 1000)}


def whole(table):
    """All rows of one of scikit-learn's tables, and their names."""
    x, y = zip(*((part.x, part.y) for part in (table.train, table.valid, table.test)), strict=True)
    return np.concatenate(x), np.concatenate(y)


def table(n, rng):
    """Ten measurements of a tumour, in no order that means anything: x (N, 10), malignant (0) or benign (1)."""
    x, y = whole(data.breast_cancer(standardise=False))
    x, order = x[:, :COLUMNS], rng.permutation(len(y))[:n]
    learned = x[order[: PARTS["table"][0]]]
    return (x[order] - learned.mean(0)) / learned.std(0), y[order]


def pictures(n, rng, copies=1):
    """Digits, each at a random place of 12 × 12 pixels: x (N, 144), y (N,); the first ones at `copies` places each."""
    x, y = whole(data.digits(standardise=False))
    order, learned = rng.permutation(len(y))[:n], PARTS["pictures"][0]
    order = np.concatenate([np.tile(order[:learned], copies), order[learned:]])
    return data.scatter(x[order], 12, int(rng.integers(10**6))).reshape(len(order), -1), y[order]


def walks(n, rng):
    """Somebody steps left, right or stays, between two walls. Where is she at the end? x (N, 36), one-hot."""
    moves = rng.integers(0, 3, (n, WALK))
    at = np.full(n, PLACES // 2)
    for step in moves.T:
        at = (at + step - 1).clip(0, PLACES - 1)
    return np.eye(3)[moves].reshape(n, -1), at


def notes(n, rng):
    """Pairs of a key and a value, then a key: which value stood beside it? x (N, 50), one-hot."""
    keys = np.argsort(rng.random((n, KEYS)), axis=1)[:, :NOTES]
    values, asked = rng.integers(0, VALUES, (n, NOTES)), rng.integers(0, NOTES, n)
    x, rows = np.zeros((n, NOTES + 1, KEYS + VALUES)), np.arange(n)
    x[rows[:, None], np.arange(NOTES), keys] = x[rows[:, None], np.arange(NOTES), KEYS + values] = 1
    x[rows, -1, keys[rows, asked]] = 1
    return x.reshape(n, -1), values[rows, asked]


MAKERS = {"table": table, "pictures": pictures, "walks": walks, "notes": notes}


@cache
def dealt(name, seed, shuffle=False, copies=1):
    """Three parts (x, y): to learn from, to choose by, new. With `shuffle` all columns in another order, alike."""
    rng, parts = np.random.default_rng(seed), np.array(PARTS[name])
    x, y = pictures(sum(parts), rng, copies) if copies > 1 else MAKERS[name](sum(parts), rng)
    if shuffle:
        x = x[:, rng.permutation(x.shape[1])]
    cuts = np.cumsum(parts * [copies, 1, 1])[:-1]
    return [*zip(np.split(x.astype(np.float32), cuts), np.split(y, cuts), strict=True)]


def networks(kind, name, seeds, budget=BUDGET):
    """Networks of one architecture for one kind of data, as wide as the budget lets them be."""
    hidden, more = 2, 2 if kind == "Transformer" else 1  # two heads share its numbers evenly
    while KINDS[kind](LAYOUTS[name], hidden + more, (0,)).count() <= budget:
        hidden += more
    return KINDS[kind](LAYOUTS[name], hidden, seeds)


def share_right(nets, x, y):
    """Share of examples x (R, N, D) that each run names rightly: (R,)."""
    with torch.no_grad():
        return (nets(x).argmax(-1) == y).float().mean(1).numpy()


class Runs:
    """Networks of one architecture on one kind of data, one for each (shuffle, rate, seed) of a grid."""

    def __init__(self, kind, name, grid, budget=BUDGET, copies=1):
        self.queue = np.empty(0, int)
        dealings = [dealt(name, seed, shuffle, copies) for shuffle, _, seed in grid]
        self.parts = [[torch.tensor(np.stack([one[p][k] for one in dealings])) for k in range(2)] for p in range(3)]
        self.nets = networks(kind, name, [seed for *_, seed in grid], budget)
        self.optimiser, self.rng = Adam(self.nets.weights, [rate for _, rate, _ in grid]), np.random.default_rng(0)

    def train(self, steps, falls=False):
        """So many steps more; the rate stays, or falls to 0 along a line."""
        x, y = self.parts[0]
        for step in range(steps):
            if len(self.queue) < BATCH:
                self.queue = self.rng.permutation(x.shape[1])
            rows, self.queue = self.queue[:BATCH], self.queue[BATCH:]
            scores, names = self.nets(x[:, rows]).flatten(0, 1), y[:, rows].flatten()
            (torch.nn.functional.cross_entropy(scores, names, reduction="sum") / BATCH).backward()
            self.optimiser.step(1 - step / steps if falls else 1)

    def right(self, part):
        """Share right of a part, of each run."""
        return share_right(self.nets, *self.parts[part])

    def keep(self, runs):
        """Go on with some of the runs only."""
        self.parts = [[array[runs] for array in part] for part in self.parts]
        self.optimiser.keep(self.nets.weights, runs)


@cache
def contest(kind, name, seeds=SEEDS, shuffled_seeds=SHUFFLED_SEEDS, budget=BUDGET, steps=None, copies=1):
    """Shares right on new examples of each seed, with the columns in order and shuffled: two arrays.

    A quarter of the training tries all rates. The one that is then best on the examples to choose by goes on.
    """
    grid = [*product((False,), RATES, seeds), *product((True,), RATES, shuffled_seeds)]
    runs, steps = Runs(kind, name, grid, budget, copies), steps or STEPS[name]
    runs.train(steps // 4)
    tried, kept = runs.right(1), []
    for shuffle in (False, True):
        of = {rate: [k for k, run in enumerate(grid) if run[:2] == (shuffle, rate)] for rate in RATES}
        kept += max(of.values(), key=lambda run: tried[run].mean() if run else 0)
    runs.keep(kept)
    runs.train(steps // 4)
    runs.train(steps // 2, falls=True)
    return np.split(runs.right(2), [len(seeds)])


#: simple methods, each with the settings among which the examples to choose by decide
RIVALS = {
    "linear": [LogisticRegression(C=c, max_iter=200) for c in (0.01, 0.1, 1)],
    "nearest": [KNeighborsClassifier(k) for k in (1, 5, 15)],
    "trees": [
        HistGradientBoostingClassifier(max_iter=12, max_bins=16, min_samples_leaf=n, early_stopping=False)
        for n in (5, 20)
    ],
}


@cache
def rival(who, name, seeds=SEEDS[:3], copies=1):
    """Shares right of a simple method on new examples, one for each seed."""
    shares = []
    for seed in seeds:
        learn, choose, new = dealt(name, seed, copies=copies)
        shares.append(max(((m := clone(one).fit(*learn)).score(*choose), m.score(*new)) for one in RIVALS[who])[1])
    return np.array(shares)
