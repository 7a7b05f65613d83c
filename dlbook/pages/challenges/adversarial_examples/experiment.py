"""Networks for digits and photographs, plain and hardened against attacks."""

from functools import cache

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.attacks import at_random, pgd
from dlcore.nn import functional as F
from dlcore.rng import fork_rng

LEVEL = 1 / 16  # one grey level of the digits' scanner; brightness goes from 0 to 1
TRAINED_SIZE = 2 * LEVEL  # the attack that the hardened network has trained against


def probabilities(model, x):
    """The class probabilities (N, K) that a network gives to x."""
    with dlcore.no_grad():
        return model(dlcore.tensor(x)).softmax(1).numpy()


def accuracy(model, x, y):
    """The share of x that the network names rightly."""
    return float((probabilities(model, x).argmax(1) == y).mean())


@cache
def digits():
    """Digits as rows of 64 brightnesses, and their classes: training x, y, test x, y."""
    parts = data.digits(standardise=False)
    return *(parts.train.x.reshape(-1, 64), parts.train.y), *(parts.test.x.reshape(-1, 64), parts.test.y)


def build(seed):
    """An untrained network with two hidden layers of 128 units; the default generator is left as it was."""
    with fork_rng():
        dlcore.manual_seed(seed)
        hidden = [nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU()]
        return nn.Sequential(*hidden, nn.Linear(128, 10))


@cache
def trained(seed=0, against="nothing", size=TRAINED_SIZE):
    """A network trained on digits as they are, or on digits that are changed anew before every step."""
    x, y, _, _ = digits()
    model, rng = build(seed), np.random.default_rng(seed)
    optimizer = optim.Adam(model.parameters(), lr=0.001)
    pieces = data.batches(x, y, batch_size=64, generator=seed)
    for _ in range(40):
        for xb, yb in pieces:
            if against == "attacks":
                xb = pgd(model, xb, yb, size, steps=5, rng=rng)
            elif against == "noise":
                xb = at_random(xb, size, rng)
            optimizer.zero_grad()
            F.cross_entropy(model(dlcore.tensor(xb)), dlcore.tensor(yb)).backward()
            optimizer.step()
    return model


PATCH, TILE = 32, 48  # pixels: side of a patch, and of the chessboard's squares that patches are cut from
FLAT = 0.03  # patches whose brightness varies less, such as empty sky, are left out


class Contrast(nn.Module):
    """Give every channel of every image mean 0 and standard deviation 1."""

    def forward(self, x):
        x = x - x.mean((2, 3), keepdim=True)
        return x / (x.std((2, 3), keepdim=True) + 0.01)


@cache
def patches(colour_of_square, count):
    """Patches (2·count, 3, 32, 32) of two photographs, from one colour of a chessboard's squares; y 0 or 1."""
    rng, found = np.random.default_rng(colour_of_square), []
    for name in ("china", "flower"):
        photo, kept = data.photograph(name), 0
        while kept < count:
            row, column = rng.integers(photo.shape[1] // TILE), rng.integers(photo.shape[2] // TILE)
            top, left = TILE * np.array([row, column]) + rng.integers(TILE - PATCH + 1, size=2)
            patch = photo[:, top : top + PATCH, left : left + PATCH]
            if (row + column) % 2 == colour_of_square and patch.std((1, 2)).mean() > FLAT:
                found.append(patch)
                kept += 1
    return np.stack(found), np.repeat([0, 1], count)


@cache
def trained_on_photographs(contrast, seed=0):
    """A convolutional network that tells the two photographs apart; with or without evening out the contrast."""
    x, y = patches(0, 1000)
    with fork_rng():
        dlcore.manual_seed(seed)
        convolutions = [nn.Conv2d(3, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()]
        convolutions += [nn.Conv2d(32, 32, 3, 2, 1), nn.ReLU(), nn.Flatten()]
        model = nn.Sequential(*[Contrast()] * contrast, *convolutions, nn.Linear(32 * 4 * 4, 2))
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    pieces = data.batches(x, y, batch_size=64, generator=seed)
    for _ in range(8):
        for xb, yb in pieces:
            optimizer.zero_grad()
            F.cross_entropy(model(dlcore.tensor(xb)), dlcore.tensor(yb)).backward()
            optimizer.step()
    return model
