"""What the layers of a network see: what weights alone can read off each of them, and what excites their units most."""

from functools import cache

import numpy as np

import dlcore
from dlcore import Tensor, data, nn, no_grad, optim
from dlcore.data.handmade import handmade
from dlcore.nn import functional as F
from dlcore.rng import fork_rng

SEEN = (3, 5, 9)  # how many pixels wide the square is that a unit of layer 1, 2, 3 sees
STEP = (1, 2, 2)  # how many pixels lie between two neighbouring units
UNITS = (8, 16, 16)
SEEDS = (0, 1, 2)


@cache
def digits():
    """Wandering digits to train on and to test on: images (N, 1, 12, 12), classes (N,)."""
    return data.wandering_digits()


def network():
    """Three layers whose units see small squares only, the same units at every place; then ten scores."""
    return nn.Sequential(
        nn.Conv2d(1, UNITS[0], 3, padding=1), nn.ReLU(),
        nn.Conv2d(UNITS[0], UNITS[1], 3, padding=1, stride=2), nn.ReLU(),
        nn.Conv2d(UNITS[1], UNITS[2], 3, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(UNITS[2] * 36, 10),
    )  # fmt: skip


@cache
def trained(seed, steps=300, batch=64, rate=0.005):
    """The network of one random start, after so many steps (0: as it starts)."""
    (x, y), _ = digits()
    with fork_rng():
        dlcore.manual_seed(seed)
        model = network()
    optimizer, rng, order = optim.Adam(model.parameters(), lr=rate), np.random.default_rng(seed), np.empty(0, int)
    for _ in range(steps):
        if len(order) < batch:
            order = np.concatenate([order, rng.permutation(len(x))])
        rows, order = order[:batch], order[batch:]
        loss = F.cross_entropy(model(Tensor(x[rows])), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def layers(model, x):
    """What each of the layers answers to images x (N, 1, 12, 12), three times (N, units, H, W); the scores (N, 10)."""
    found, h = [], Tensor(x)
    with no_grad():
        for part in model:
            h = part(h)
            if isinstance(part, nn.ReLU):
                found.append(h.numpy())
    return found, h.numpy()


# Probes -------------------------------------------------------------------------------------------------------------


@cache
def questions():
    """Name → what a probe is to read off an image of the training and of the test part, (N, columns)."""
    asked = {"edges": [], "loops": [], "digit": []}
    for x, y in digits():
        frame = np.pad(x[:, 0], ((0, 0), (1, 1), (1, 1)))
        across, down = frame[:, 1:-1, 2:] - frame[:, 1:-1, :-2], frame[:, 2:, 1:-1] - frame[:, :-2, 1:-1]
        ways = np.maximum([across, -across, down, -down], 0)  # ink begins at the left, ends at the right, …
        cells = ways.reshape(4, len(x), 3, 4, 3, 4).sum((3, 5))
        asked["edges"].append(cells.transpose(1, 0, 2, 3).reshape(len(x), 36))
        asked["loops"].append(handmade(x, ("holes",)) > 0)
        asked["digit"].append(np.eye(10)[y])
    return asked


def probe(seen, new):
    """What weights alone read off `seen` (N, …), tried on `new`: R² of the edges, percent right of loops and digits.

    Least squares with a penalty, chosen of four by a fifth of the training images, for each question.
    """
    seen, new = (each.reshape(len(each), -1).astype(float) for each in (seen, new))
    works = seen.std(0) > 0.01 * seen.std()
    seen, new = seen[:, works], new[:, works]  # without units that never change
    middle, spread = seen.mean(0), seen.std(0)
    seen, new = (np.column_stack([(each - middle) / spread, np.ones(len(each))]) for each in (seen, new))
    held = np.arange(len(seen)) % 5 == 0
    (told, tested), fit = (
        (np.concatenate([questions()[q][k] for q in questions()], axis=1) for k in (0, 1)),
        seen[~held],
    )
    kernel = fit @ fit.T
    mean = told[~held].mean(0)
    best = {}
    for penalty in (0.01, 0.1, 1.0, 10.0):
        inside = kernel + penalty * np.trace(kernel) / len(kernel) * np.eye(len(kernel))
        weights = fit.T @ np.linalg.solve(inside, told[~held] - mean)
        chosen, final = (
            _judged(each @ weights + mean, true) for each, true in ((seen[held], told[held]), (new, tested))
        )
        for k, question in enumerate(questions()):
            if question not in best or chosen[k] > best[question][0]:
                best[question] = chosen[k], final[k]
    return [best[question][1] for question in questions()]


def _judged(said, true):
    """R² of the edges (in %), percent of loops and of digits."""
    off = ((said - true)[:, :36] ** 2).sum() / ((true[:, :36] - true[:, :36].mean(0)) ** 2).sum()
    loops = (said[:, 36] > 0.5) == true[:, 36]
    return 100 * np.array([1 - off, loops.mean(), (said[:, 37:].argmax(1) == true[:, 37:].argmax(1)).mean()])


@cache
def probed(learned):
    """What probes read off pixels and three layers, (seeds, 4, questions): of trained networks, or as they start."""
    (x, _), (new, _) = digits()
    rows = []
    for seed in SEEDS:
        model = trained(seed) if learned else trained(seed, steps=0)
        pairs = [(x, new), *zip(layers(model, x)[0], layers(model, new)[0], strict=True)]
        rows.append(
            [probe(*pair) for pair in pairs] if not rows else [rows[0][0], *(probe(*pair) for pair in pairs[1:])]
        )
    return np.array(rows)


def loops_by_name():
    """Percent of the test digits whose loop the digit's name alone tells: the usual answer for each of the ten."""
    (_, y), (_, new) = digits()
    has, has_new = (part[:, 0] for part in questions()["loops"])
    usual = np.array([has[y == k].mean() > 0.5 for k in range(10)])
    return 100 * (usual[new] == has_new).mean()


# Best patches ---------------------------------------------------------------------------------------------------------


@cache
def best(layer, learned, seed=0, most=20):
    """The images that excite each unit of a layer most: rows of the test part (units, most); where, (…, 2); (units,):
    whether its highest answer differs from image to image (some units answer most to empty paper, or never)."""
    new, _ = digits()[1]
    answers = layers(trained(seed) if learned else trained(seed, steps=0), new)[0][layer - 1]  # (N, units, H, W)
    n, units, high, wide = answers.shape
    peak = answers.reshape(n, units, -1)
    rows = np.argsort(-peak.max(2), axis=0, kind="stable")[:most].T  # (units, most)
    spot = np.take_along_axis(peak.argmax(2).T, rows, 1)
    return (
        rows,
        np.stack(np.divmod(spot, wide), -1) * STEP[layer - 1],
        peak.max(2).std(0) > 0.05 * peak.max(2).std(0).max(),
    )


@cache
def alike(layer, learned, seed=0):
    """Of the twenty images that excite a unit most, how many are of one kind, in percent: the mean over the units."""
    _, kinds = digits()[1]
    rows, _, works = best(layer, learned, seed)
    share = [100 * np.bincount(kinds[each]).max() / len(each) for each in rows[works]]
    return np.mean(share)


@cache
def scores_alike(learned, seed=0, most=20):
    """What `alike` says of the ten scores, the only units that are told to stand for a kind."""
    new, kinds = digits()[1]
    scores = layers(trained(seed) if learned else trained(seed, steps=0), new)[1]  # (N, 10)
    rows = np.argsort(-scores, axis=0, kind="stable")[:most].T
    return np.mean([100 * np.bincount(kinds[each]).max() / most for each in rows])


def edges_in(filters):
    """How much of what a filter (units, 3, 3) weighs differently a slope in one direction explains, in percent."""
    down, across = np.indices((3, 3)).reshape(2, 9) - 1
    flat = filters.reshape(len(filters), 9) - filters.reshape(len(filters), 9).mean(1, keepdims=True)
    slope = np.linalg.lstsq(np.stack([down, across], 1).astype(float), flat.T, rcond=None)[0]
    return 100 * (1 - ((flat.T - np.stack([down, across], 1) @ slope) ** 2).sum(0) / (flat**2).sum(1))


def first_filters(learned):
    """The filters of the first layers of all networks, (seeds · units, 3, 3)."""
    models = [trained(seed) if learned else trained(seed, steps=0) for seed in SEEDS]
    return np.concatenate([model[0].weight.array[:, 0] for model in models])
