"""Four kinds of data, each cut into parts and shuffled; the contest of four architectures, and simple rivals."""

from functools import cache
from itertools import product

import numpy as np
import torch

from dlbook.pages.architectures.which_one_when.networks import KINDS, Adam, Layout
from dlcore import data

BUDGET, BATCH, RATES, SEEDS = 2000, 16, (0.003, 0.01, 0.03), (0, 1, 2, 3, 4)
TRIAL, STEPS = 150, 600  # steps with every rate; steps in all, with the rate that was best by then
WALK, PLACES = 16, 5
COLUMNS = 10
KEYS, VALUES, NOTES = 8, 4, 6


LAYOUTS = {
    "table": Layout((COLUMNS,), 1, 2),
    "pictures": Layout((12, 12), 1, 10, token=3, anywhere=True),
    "walks": Layout((WALK,), 3, PLACES),
    "notes": Layout((NOTES + 1,), KEYS + VALUES, VALUES),
}
DATA = tuple(LAYOUTS)
#: examples to learn from, to choose by, new ones
PARTS = {"table": (200, 100, 269), "pictures": (1000, 300, 497), "walks": (1000, 500, 1000), "notes": (1000, 500, 1000)}


def table(n, rng):
    """Ten measurements of a tumour, in no order that means anything: x (N, 10), malignant (0) or benign (1)."""
    parts = data.breast_cancer(standardise=False)
    x, y = (np.concatenate(part) for part in zip(*((p.x, p.y) for p in (parts.train, parts.valid, parts.test)), strict=True))
    x, order = x[:, :COLUMNS], rng.permutation(len(y))[:n]
    learned = x[order[: PARTS["table"][0]]]
    return (x[order] - learned.mean(0)) / learned.std(0), y[order]


def pictures(n, rng):
    """Digits, each at a random place of 12 × 12 pixels: x (N, 144), y (N,)."""
    parts = data.digits(standardise=False)
    x, y = (np.concatenate(part) for part in zip(*((p.x, p.y) for p in (parts.train, parts.valid, parts.test)), strict=True))
    order = rng.permutation(len(y))[:n]
    return data.scatter(x[order], 12, int(rng.integers(10**6))).reshape(n, -1), y[order]


def walks(n, rng):
    """Somebody steps left, right or stays, between two walls. Where is she at the end? x (N, 48), one-hot."""
    moves = rng.integers(0, 3, (n, WALK))
    at = np.full(n, PLACES // 2)
    for step in moves.T:
        at = (at + step - 1).clip(0, PLACES - 1)
    return np.eye(3)[moves].reshape(n, -1), at


def notes(n, rng):
    """Pairs of a key and a value, then a key: which value stood beside it? x (N, 84), one-hot."""
    keys = np.argsort(rng.random((n, KEYS)), axis=1)[:, :NOTES]
    values, asked = rng.integers(0, VALUES, (n, NOTES)), rng.integers(0, NOTES, n)
    x, rows = np.zeros((n, NOTES + 1, KEYS + VALUES)), np.arange(n)
    x[rows[:, None], np.arange(NOTES), keys] = x[rows[:, None], np.arange(NOTES), KEYS + values] = 1
    x[rows, -1, keys[rows, asked]] = 1
    return x.reshape(n, -1), values[rows, asked]


MAKERS = {"table": table, "pictures": pictures, "walks": walks, "notes": notes}


@cache
def dealt(name, seed, shuffle=False):
    """Three parts (x, y): to learn from, to choose by, new. With `shuffle` all columns in another order, alike."""
    rng = np.random.default_rng(seed)
    parts = PARTS[name]
    x, y = MAKERS[name](sum(parts), rng)
    if shuffle:
        x = x[:, rng.permutation(x.shape[1])]
    cuts = np.cumsum(parts)[:-1]
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

    def __init__(self, kind, name, grid, budget=BUDGET):
        self.grid, self.steps, self.queue = grid, 0, np.empty(0, int)
        dealings = [dealt(name, seed, shuffle) for shuffle, _, seed in grid]
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
        self.grid = [self.grid[run] for run in runs]
        self.parts = [[array[runs] for array in part] for part in self.parts]
        self.optimiser.keep(self.nets.weights, runs)


@cache
def contest(kind, name, seeds=SEEDS, rates=RATES, shuffles=(False, True), budget=BUDGET):
    """Shares right on new examples: (shuffles, seeds). The rate is the best of a trial, by the examples to choose by."""
    runs = Runs(kind, name, list(product(shuffles, rates, seeds)), budget)
    runs.train(TRIAL)
    tried = runs.right(1).reshape(len(shuffles), len(rates), len(seeds)).mean(-1)
    number = np.arange(len(runs.grid)).reshape(len(shuffles), len(rates), len(seeds))
    runs.keep(np.concatenate([number[s, tried[s].argmax()] for s in range(len(shuffles))]))
    runs.train(STEPS - TRIAL, falls=True)
    return runs.right(2).reshape(len(shuffles), len(seeds))
