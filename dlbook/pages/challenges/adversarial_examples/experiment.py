"""Networks for digits and photographs, plain and hardened against attacks."""

from functools import cache

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.attacks import at_random, pgd
from dlcore.autograd import grad
from dlcore.nn import functional as F
from dlcore.rng import fork_rng

LEVEL = 1 / 16  # one grey level of the digits' scanner; brightness goes from 0 to 1
EPOCHS = 30  # of networks for digits
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
def trained(seed=0, against="nothing", size=TRAINED_SIZE, epochs=EPOCHS, weight_decay=0.0):
    """A network trained on digits as they are, or on digits that are changed anew before every step."""
    x, y, _, _ = digits()
    model, rng = build(seed), np.random.default_rng(seed)
    optimizer = optim.Adam(model.parameters(), lr=0.001, weight_decay=weight_decay)
    batches = data.batches(x, y, batch_size=64, generator=seed)
    for _ in range(epochs):
        for xb, yb in batches:
            if against == "attacks":
                xb = pgd(model, xb, yb, size, steps=5, rng=rng)
            elif against == "noise":
                xb = at_random(xb, size, rng)
            optimizer.zero_grad()
            F.cross_entropy(model(dlcore.tensor(xb)), dlcore.tensor(yb)).backward()
            optimizer.step()
    return model


def exam(model, levels):
    """Share (%) of test digits read rightly under PGD of that many grey levels."""
    _, _, x, y = digits()
    return 100 * accuracy(model, pgd(model, x, y, levels * LEVEL, steps=20) if levels else x, y)


def neighbour_under_attack(levels, targets=10, steps=10):
    """Share (%) of test digits that nearest neighbour still names rightly under an attack made for it.

    The attack makes for each of the nearest training digits of other classes in turn, away from the nearest one of
    the digit's own class; as with every attack, the share is an upper limit.
    """
    x, y, x_test, y_test = digits()
    size, foreign = np.float32(levels * LEVEL), y_test[:, None] != y
    right = y[distances(x_test, x).argmin(1)] == y_test
    order = np.where(foreign, distances(x_test, x), np.inf).argsort(1)
    for target in x[order[:, :targets].T] if levels else ():  # (359, 64)
        now = x_test
        for _ in range(steps):
            own = x[np.where(foreign, np.inf, distances(now, x)).argmin(1)]
            now = now + np.float32(2.5 / steps) * size * np.sign(target - own)
            now = np.clip(np.clip(now, x_test - size, x_test + size), 0, 1)
            right &= y[distances(now, x).argmin(1)] == y_test
    return 100 * right.mean()


def distances(a, b):
    """Squared distances (N, M) between the rows of a (N, D) and of b (M, D)."""
    return (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T


def margin_slope(model, x, y):
    """By how much each input raises the lead of the best wrong score over the right one: an array like x."""
    here, rows = dlcore.tensor(x, requires_grad=True), np.arange(len(y))
    scores = model(here)  # (N, K)
    wrong = scores.detach().numpy().copy()
    wrong[rows, y] = -np.inf
    (slope,) = grad((scores[rows, wrong.argmax(1)] - scores[rows, y]).sum(), here)
    return slope.numpy()


def margin_attack(model, x, y, size, steps=20):
    """PGD that raises the best wrong score above the right one, instead of raising the loss."""
    return pgd(model, x, y, size, steps, slope=margin_slope)


def proved(model, x, y, size):
    """For which x it is certain that no change within `size` makes the network answer anything but y: (N,).

    Each layer's outputs lie within middle ± reach, whatever the inputs do within theirs; the last layer is asked
    for the lead of score y over each other score.
    """
    low, high = np.maximum(x - size, 0), np.minimum(x + size, 1)
    *hidden, last = model
    for layer in hidden:
        if isinstance(layer, nn.ReLU):
            low, high = np.maximum(low, 0), np.maximum(high, 0)
        else:
            w, b = layer.weight.detach().numpy(), layer.bias.detach().numpy()
            middle, reach = (low + high) / 2 @ w.T + b, (high - low) / 2 @ np.abs(w).T
            low, high = middle - reach, middle + reach
    w, b = last.weight.detach().numpy(), last.bias.detach().numpy()
    lead = w[y][:, None] - w  # (N, K, D)
    middle = np.einsum("nd,nkd->nk", (low + high) / 2, lead) + b[y][:, None] - b
    reach = np.einsum("nd,nkd->nk", (high - low) / 2, np.abs(lead))
    others = np.arange(len(b)) != y[:, None]
    return (middle - reach > 0)[others].reshape(len(y), -1).all(1)


PATCH, TILE = 32, 48  # pixels: side of a patch, and of the chessboard's squares that patches are cut from
PHOTO_COUNT = 120  # patches of each photograph to learn from
FLAT = 0.03  # patches whose brightness varies less, such as empty sky, are left out


class Centre(nn.Module):
    """Give every channel of every image mean 0; its contrast stays."""

    def forward(self, x):
        return x - x.mean((2, 3), keepdim=True)


class Grey(nn.Module):
    """The mean of the three colours, three times: no colour is left; brightness and contrast stay."""

    def forward(self, x):
        return x.mean(1, keepdim=True) + 0 * x


class Contrast(nn.Module):
    """Give every channel of every image mean 0 and standard deviation 1."""

    def forward(self, x):
        x = x - x.mean((2, 3), keepdim=True)
        return x / (x.std((2, 3), keepdim=True) + 0.01)


FIRST = {"as they are": (), "grey": (Grey,), "centred": (Centre,), "contrast evened out": (Contrast,)}
SHORT, LONG = 8, 24  # epochs


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
def trained_on_photographs(first, seed=0, epochs=LONG):
    """Two convolutional networks that tell the photographs apart: one after SHORT epochs, then the same after all.

    Args:
        first: which of FIRST the pixels meet first.
    """
    x, y = patches(0, PHOTO_COUNT)
    model, early = (photograph_network(first, seed) for _ in range(2))
    optimizer = optim.Adam(model.parameters(), lr=0.006)
    batches = data.batches(x, y, batch_size=20, generator=seed)
    for epoch in range(epochs):
        if epoch == SHORT:
            early.load_state_dict(model.state_dict())
        for xb, yb in batches:
            optimizer.zero_grad()
            F.cross_entropy(model(dlcore.tensor(xb)), dlcore.tensor(yb)).backward()
            optimizer.step()
    return early, model


def photograph_network(first, seed):
    """An untrained network for patches (N, 3, 32, 32) and two classes."""
    with fork_rng():
        dlcore.manual_seed(seed)
        convolutions = [nn.Conv2d(3, 8, 5, 2, 2), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU()]
        convolutions += [nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Flatten()]
        return nn.Sequential(*(layer() for layer in FIRST[first]), *convolutions, nn.Linear(32 * 4 * 4, 2))


def flipped(model, x, y, changed):
    """Among the x that are read rightly and at least 99 % surely: the share that `changed` flips, and how many."""
    sure = probabilities(model, x)[np.arange(len(y)), y] > 0.99
    turned = probabilities(model, changed).argmax(1) != y
    return (turned[sure].mean() if sure.any() else np.nan), sure.mean()


def photographs_under_attack(seeds, levels=4, count=40):
    """Sure answers about patches of the test squares, flipped by noise and by PGD of so many levels of 256.

    Returns:
        (first, epochs) → array (seeds, 4): accuracy; the share of answers that are sure and right; of these the
        shares flipped by the worst of five coin throws, and by the attack
    """
    x, y = patches(1, count)
    throws = [at_random(x, levels / 255, np.random.default_rng(throw)) for throw in range(5)]
    found = {(first, epochs): [] for first in FIRST for epochs in (SHORT, LONG)}
    for first in FIRST:
        for seed in seeds:
            for epochs, net in zip((SHORT, LONG), trained_on_photographs(first, seed), strict=True):
                noise = max(flipped(net, x, y, one)[0] for one in throws)
                attack, sure = flipped(net, x, y, pgd(net, x, y, levels / 255))
                found[first, epochs].append([accuracy(net, x, y), sure, noise, attack])
    return {key: np.array(rows) for key, rows in found.items()}
