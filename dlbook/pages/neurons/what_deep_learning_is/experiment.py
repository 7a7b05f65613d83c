"""Digits at random places: hand-made features against networks that find their own."""

from functools import cache

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.data import wandering_digits
from dlcore.train import fit, predictions, steps

SEEDS = (0, 1, 2)
COUNTS = [20, 50, 100, 200, 400, 1078]


def build(kind, features):
    """An untrained model: no hidden layer, two hidden layers, or convolution."""
    if kind == "linear":
        return nn.Sequential(nn.Flatten(), nn.Linear(features, 10))
    if kind == "mlp":
        first, second = nn.Linear(features, 64), nn.Linear(64, 64)
        layers = [nn.Flatten(), first, nn.ReLU(), second, nn.ReLU()]
        return nn.Sequential(*layers, nn.Linear(64, 10))
    first, second = nn.Conv2d(1, 16, 3, padding=1), nn.Conv2d(16, 32, 3, padding=1)
    layers = [first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(32 * 3 * 3, 10))


def trained(kind, x, y, seed):
    """Train a model of that kind on images or features x (N, …) with classes y."""
    rate, updates = (0.03, 200) if kind == "linear" else (0.003, 500)
    dlcore.manual_seed(seed)
    model = build(kind, int(np.prod(x.shape[1:])))
    pieces = data.batches(x, y, batch_size=32, generator=seed)
    optimizer = optim.Adam(model.parameters(), lr=rate)
    epochs = max(1, updates // len(pieces))
    fit(steps(model, nn.CrossEntropyLoss(), optimizer, pieces, epochs))
    return model


def some(n, seed):
    """Rows of n training examples, (n,); the first n of a random order, so that a larger set holds the smaller."""
    return np.random.default_rng(seed).permutation(len(wandering_digits()[0][1]))[:n]


@cache
def learned(kind, n):
    """Share of right answers of a network trained on n images, for each seed."""
    (x, y), (x_test, y_test) = wandering_digits()
    rows = [some(n, seed) for seed in SEEDS]
    models = [trained(kind, x[r], y[r], seed) for r, seed in zip(rows, SEEDS, strict=True)]
    return [float((answers(model, x_test) == y_test).mean()) for model in models]


def answers(model, x):
    """The class (N,) that a trained model gives to each example."""
    with dlcore.no_grad():
        return predictions(model(dlcore.tensor(x)))


@cache
def handmade_parts():
    """All hand-made features of training and test digits, standardised on the training digits, by group."""
    (x, _), (x_test, _) = wandering_digits()
    parts = {}
    for group in data.GROUPS:
        scale = data.Standardiser.fit(data.handmade(x, (group,)))
        parts[group] = scale(data.handmade(x, (group,))), scale(data.handmade(x_test, (group,)))
    return parts


@cache
def chosen(groups, n):
    """The classes (seeds, N) that weighted sums of the chosen hand-made features give to the test digits."""
    (_, y), (_, y_test) = wandering_digits()
    if not groups:  # nothing is known about the digit: the commonest class of the training set is the best guess
        return np.array([np.full(len(y_test), np.bincount(y[some(n, seed)]).argmax()) for seed in SEEDS])
    x, x_test = (np.concatenate([handmade_parts()[g][i] for g in groups], axis=1) for i in (0, 1))
    models = [trained("linear", x[some(n, seed)], y[some(n, seed)], seed) for seed in SEEDS]
    return np.array([answers(model, x_test) for model in models])
