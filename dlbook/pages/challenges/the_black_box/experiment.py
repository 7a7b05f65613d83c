"""The black box and its rival with concepts; how explanations are put to the test."""

from functools import cache

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.attribution import grad_cam, gradient, integrated_gradients, occlusion
from dlcore.rng import fork_rng
from dlcore.train import fit, steps


def build():
    """Two convolutions, the mean over all places, one linear layer: digits (N, 1, 8, 8) → scores (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )


def stronger(outputs):
    """What builds a network that keeps the places apart, and so names more digits: (N, 1, 8, 8) → (N, outputs)."""
    return lambda: nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * 4 * 4, outputs),
    )


def seeded(seed, make):
    """What `make` returns, built with a seed of its own; the book's generator stays where it was."""
    with fork_rng():
        dlcore.manual_seed(seed)
        return make()


def learn(make, x, y, loss, seed=0, epochs=15, rate=0.003):
    """Build a network, train it with Adam on batches of 32, and return it."""
    model = seeded(seed, make)
    pieces = data.batches(x, y, batch_size=32, generator=seed)
    fit(steps(model, loss, optim.Adam(model.parameters(), lr=rate), pieces, epochs))
    return model


@cache
def trained(seed=0):
    """The black box of the page: trained on 1,078 digits."""
    x, y = data.digits().train
    return learn(build, x, y, nn.CrossEntropyLoss(), seed, epochs=30, rate=0.01)


@cache
def randomised(seed, layers):
    """The trained network with fresh random weights in its last `layers` layers, 0 to 3."""
    model, fresh = seeded(seed, build), seeded(100 + seed, build).state_dict()
    again = ("6.", "2.", "0.")[:layers]  # from the scores down to the pixels
    old = trained(seed).state_dict()
    model.load_state_dict({name: fresh[name] if name.startswith(again) else old[name] for name in old})
    return model


def answers(model, x):
    """What the model answers to x, as an array, without keeping a graph."""
    with dlcore.no_grad():
        return model(dlcore.tensor(np.asarray(x, dtype="float32"))).numpy()


def probability(model, x, k):
    """The probability (N,) that the model gives to class k[n] for x[n]."""
    scores = answers(model, x)
    e = np.exp(scores - scores.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True))[np.arange(len(k)), k]


def jointly(concepts, classes, seed=0, epochs=15):
    """Train pixels → concepts and concepts → class at the same time; both losses count the same.

    Args:
        concepts: (10, C) which concepts each digit has.
    """
    x, y = data.digits().train
    size = concepts.shape[1]
    first = seeded(seed, stronger(size))
    second = seeded(seed, lambda: reader(size, classes))
    optimiser = optim.Adam([*first.parameters(), *second.parameters()], lr=0.003)
    for epoch in range(epochs):
        for images, digit in data.batches(x, y, batch_size=32, generator=100 * seed + epoch):
            z = first(dlcore.tensor(images))  # (N, C)
            about_concepts = nn.BCEWithLogitsLoss()(z, dlcore.tensor(concepts[digit]))
            loss = about_concepts + nn.CrossEntropyLoss()(second(z.sigmoid()), dlcore.tensor(digit))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return first, second


def reader(concepts, classes=10):
    """A small network that reads concepts and names a class."""
    return nn.Sequential(nn.Linear(concepts, 32), nn.ReLU(), nn.Linear(32, classes))


def delete(x, importance, n, fill=0.0):
    """A copy of x with the n pixels of largest importance replaced by `fill`; among equal ones chance decides."""
    flat = x.reshape(len(x), -1).copy()
    first = order_of(importance.reshape(flat.shape))[:, :n]
    new = np.broadcast_to(fill, x.shape).reshape(flat.shape)
    np.put_along_axis(flat, first, np.take_along_axis(new, first, 1), 1)
    return flat.reshape(x.shape)


def order_of(importance):
    """The pixels of each row (N, D), the most important first; equal ones in random order, the same each time."""
    lots = np.random.default_rng(0).uniform(size=importance.shape)
    return np.lexsort((lots, -importance), axis=1)


def ranks(maps):
    """Place of each pixel among those of its image, smallest first; equal ones share their mean place."""
    m = maps.reshape(len(maps), -1)
    return ((m[:, :, None] > m[:, None]).sum(2) + (m[:, :, None] >= m[:, None]).sum(2)) / 2


def agreement(a, b):
    """Rank correlation of two maps of each image, the mean over images: 1 the same order, 0 unrelated."""
    a, b = (r - r.mean(1, keepdims=True) for r in (ranks(a), ranks(b)))
    size = np.sqrt((a**2).sum(1) * (b**2).sum(1))
    return float(np.mean((a * b).sum(1) / np.maximum(size, 1e-9)))  # an even map agrees with nothing: 0


METHODS = {
    "gradient": lambda model, x, k: np.abs(gradient(model, x, k)),
    "integrated gradients": integrated_gradients,
    "occlusion": occlusion,
    "Grad-CAM": grad_cam,
}


@cache
def shown(digit):
    """A test digit (1, 1, 8, 8) of which the network is sure: the third of its kind."""
    test = data.digits().test
    mine = test.x[test.y == digit]
    sure = probability(trained(), mine, np.full(len(mine), digit)) > 0.97
    return mine[sure][2:3]
