"""Threes and eights, told apart in three ways; and ten kinds of digit, by hand-made features and from raw pixels."""

from functools import cache

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import dlcore
from dlcore import data, nn, optim
from dlcore.data.handmade import centred, holes
from dlcore.train import fit, predictions, steps

SEEDS = (0, 1, 2)
COUNTS = (20, 200, 1078)  # digits to learn from, of ten kinds
FEW = (8, 30, 214)  # digits to learn from, threes and eights only

# Threes and eights -------------------------------------------------------------------------------------------------


def left(x):
    """The share of its ink in the left half of each image (N, 8, 8)."""
    return x[:, :, :4].sum((1, 2)) / (x.sum((1, 2)) + 1e-9)


def waist(x):
    """The share of the ink in the two middle rows."""
    return x[:, 3:5].sum((1, 2)) / (x.sum((1, 2)) + 1e-9)


def mirror(x):
    """The mean difference in brightness between an image and its mirror image."""
    return np.abs(x - x[:, :, ::-1]).mean((1, 2))


FEATURES = {"left": left, "holes": holes, "mirror": mirror, "waist": waist}


def describe(x, names):
    """The chosen features (N, D) of images (N, 8, 8)."""
    return np.stack([FEATURES[name](x) for name in names], axis=1)


@cache
def pair(part="train"):
    """The threes and eights of a part of the data set: images (N, 8, 8), and which of them are eights (N,)."""
    x, y = getattr(data.digits(standardise=False), part)
    rows = np.isin(y, (3, 8))
    return x[rows, 0], y[rows] == 8


@cache
def few(n):
    """The first n training images of `pair` in a random order; a larger set holds the smaller one."""
    x, eight = pair()
    rows = np.random.default_rng(0).permutation(len(x))[:n]
    return x[rows], eight[rows]


@cache
def weigher(names, n):
    """Weighs the chosen features of n digits, scaled with these digits' own statistics."""
    x, eight = few(n)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(describe(x, names), eight)


def network(x, W, b, v, c):  # noqa: N803 - as on the page
    """The score (N,) of images x (N, 64): above 0 it means “8”."""
    hidden = np.maximum(x @ W + b, 0)  # (N, 4)
    return hidden @ v + c


def learn(x, yes, tries=3000, seed=0):
    """Weights that were nudged at random and kept whenever no more answers were wrong: as on the page."""
    rng = np.random.default_rng(seed)
    weights = [0.3 * rng.normal(size=shape) for shape in ((64, 4), (4,), (4,), (1,))]
    fewest = len(x)
    for _ in range(tries):
        new = [w + 0.3 * rng.normal(size=w.shape) * (rng.random(w.shape) < 0.05) for w in weights]
        wrong = ((network(x, *new) > 0) != yes).sum()
        if wrong <= fewest:
            weights, fewest = new, wrong
    return weights


@cache
def nudged(n):
    """The weights of the network after learning from n threes and eights."""
    x, eight = few(n)
    return learn(x.reshape(-1, 64), eight)


# Ten kinds of digit ------------------------------------------------------------------------------------------------


def ten():
    """Training and test digits of ten kinds, (N, 1, 12, 12), each anywhere in its frame; and their classes."""
    return data.wandering_digits()


def some(n, seed):
    """Rows of n training examples, (n,); the first n of a random order, so that a larger set holds the smaller."""
    return np.random.default_rng(seed).permutation(len(ten()[0][1]))[:n]


def directions(x):
    """How strongly edges run in each of 6 directions, in each of 16 cells of the moved digits: (N, 96).

    Source: histograms of oriented gradients: Dalal & Triggs (2005), Histograms of oriented gradients for human
    detection.
    """
    frame = np.pad(centred(x[:, 0]), ((0, 0), (1, 1), (1, 1)))
    across = frame[:, 1:-1, 2:] - frame[:, 1:-1, :-2]  # (N, 8, 8)
    down = frame[:, 2:, 1:-1] - frame[:, :-2, 1:-1]
    angle, strength = np.arctan2(down, across) % np.pi * 6 / np.pi, np.hypot(across, down)
    cells = []
    for k in range(6):  # an edge between two directions counts for both, by its nearness
        off = np.abs(angle - k)
        share = np.clip(1 - np.minimum(off, 6 - off), 0, 1) * strength
        cells.append(share.reshape(len(x), 4, 2, 4, 2).sum((2, 4)).reshape(len(x), 16))
    return np.concatenate(cells, axis=1)


@cache
def seen(what):
    """What a program gets to see: 17 "features", 96 "directions", 144 "pixels", or 64 "moved" ones."""
    see = {
        "features": data.handmade,
        "directions": directions,
        "pixels": lambda x: x.reshape(len(x), -1),
        "moved": lambda x: centred(x[:, 0]).reshape(len(x), -1),
    }[what]
    (x, _), (new, _) = ten()
    return see(x), see(new)


def scaled(what):
    """Features are scaled with the statistics of the digits that are learned from; pixels are alike already."""
    return [StandardScaler()] if what == "features" else []


def tuned_svm(what, seed):
    """A support-vector machine; C is 10, gamma chosen by cross-validation within the digits that it learns from."""
    grid = {"svc__C": [10], "svc__gamma": np.array([0.3, 1, 3]) / (17 if what == "features" else 8)}
    return GridSearchCV(make_pipeline(*scaled(what), SVC()), grid, cv=KFold(3, shuffle=True, random_state=seed))


CLASSICAL = {
    "weighed": lambda what, seed: make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
    "nearest": lambda what, seed: make_pipeline(*scaled(what), KNeighborsClassifier(n_neighbors=1)),
    "trees": lambda what, seed: ExtraTreesClassifier(100, random_state=seed),
    "svm": tuned_svm,
}


def classical(kind, what, n):
    """Percent of the new digits that a classical program names rightly, for each seed (3,)."""
    (x, new), ((_, y), (_, y_new)) = seen(what), ten()
    seeds = SEEDS if n < len(y) or kind == "trees" else SEEDS[:1]  # without chance, all digits are the same thrice
    right = []
    for seed in seeds:
        rows = some(n, seed)
        right.append((CLASSICAL[kind](what, seed).fit(x[rows], y[rows]).predict(new) == y_new).mean())
    return 100 * np.resize(right, len(SEEDS))


def centre(x):
    """The digits (N, 1, 12, 12) moved into the middle of their frames."""
    return np.pad(centred(x[:, 0]), ((0, 0), (2, 2), (2, 2)))[:, None]


def convolutional():
    """An untrained network that looks for the same small patterns everywhere in an image (N, 1, 12, 12)."""
    first, second = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
    layers = [first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 3 * 3, 10))


def trained(x, y, seed, rate=0.003, passes=20):
    """That network, trained on images x with classes y: at least 500 steps, and so many times through the digits."""
    dlcore.manual_seed(seed)
    model = convolutional()
    pieces = data.batches(x, y, batch_size=32, generator=seed)
    optimizer = optim.Adam(model.parameters(), lr=rate)
    epochs = max(passes, 500 // len(pieces))
    fit(steps(model, nn.CrossEntropyLoss(), optimizer, pieces, epochs))
    return model


def answers(model, x):
    """The class (N,) that a trained network gives to each image."""
    with dlcore.no_grad():
        return predictions(model(dlcore.tensor(x)))


def deep(n, seeds=SEEDS):
    """Percent of the new digits that the convolutional network names rightly, for each seed."""
    (x, y), (new, y_new) = ten()
    models = [trained(x[some(n, seed)], y[some(n, seed)], seed) for seed in seeds]
    return 100 * np.array([(answers(model, new) == y_new).mean() for model in models])


def copied(n):
    """Percent that the nearest example names rightly from raw pixels, if each has 25 copies, shifted by up to 2."""
    (x, y), (new, y_new) = ten()
    shifts = [(down, across) for down in range(-2, 3) for across in range(-2, 3)]
    right = []
    for seed in SEEDS if n < len(y) else SEEDS[:1]:
        rows = some(n, seed)
        copies = np.concatenate([np.roll(x[rows], shift, (2, 3)) for shift in shifts])
        near = KNeighborsClassifier(n_neighbors=1).fit(copies.reshape(len(copies), -1), np.tile(y[rows], 25))
        right.append(near.score(new.reshape(len(new), -1), y_new))
    return 100 * np.resize(right, len(SEEDS))


def plain(seeds=SEEDS):
    """Percent that a network of two plain hidden layers names rightly from raw pixels, after all training digits."""
    (x, y), (new, y_new) = ten()
    models = [MLPClassifier((64, 64), learning_rate_init=0.003, tol=1e-3, random_state=seed) for seed in seeds]
    right = [model.fit(x.reshape(len(x), -1), y).score(new.reshape(len(new), -1), y_new) for model in models]
    return 100 * np.array(right)
