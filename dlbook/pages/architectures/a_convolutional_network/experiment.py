"""The small network of this page, watched at work; filters that stay random; and additions that are switched on."""

from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from torch.nn import functional as F

import dlcore
from dlcore import data, nn, optim
from dlcore.rng import fork_rng
from dlcore.train import predictions

SEEDS = range(5)
RATE, EPOCHS, BATCH = 0.01, 20, 32
STEPS = (0, 40, 680)  # after which the figure shows the network; the last is all of them
BOOK = 6  # row of the test digits: the 7 of the book


@cache
def digits(part="train"):
    """Images (N, 1, 8, 8), ink from 0 to 1, and their names (N,)."""
    part = getattr(data.digits(standardise=False), part)
    return part.x, part.y


@cache
def shown(part, reach):
    """A part's digits as they are; with `reach` 1 each four times (new ones) or three times, slid by up to a pixel."""
    x, y = digits(part)
    if not reach:
        return x, y
    if part == "test":
        return all_slid(), np.tile(y, 4)
    chance = torch.Generator().manual_seed(len(x))
    return np.concatenate([slid(torch.tensor(x), reach, chance).numpy() for _ in range(3)]), np.tile(y, 3)


def network(first=6, second=12):
    """Convolution, ReLU, pooling, twice; then one linear layer: (N, 1, 8, 8) to (N, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(second * 2 * 2, 10),
    )  # fmt: skip


def training(seed=0, rate=RATE, epochs=EPOCHS, reach=0):
    """Yield (step, model) before the first step and after each; with `reach` 1 from digits that are slid."""
    x, y = shown("train", reach)
    with fork_rng():
        dlcore.manual_seed(seed)
        model = network()
    optimizer, loss_of = optim.Adam(model.parameters(), lr=rate), nn.CrossEntropyLoss()
    yield 0, model
    step = 0
    for epoch in range(epochs):
        for images, names in data.batches(x, y, batch_size=BATCH, generator=100 * seed + epoch):
            loss = loss_of(model(dlcore.tensor(images)), names)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            yield (step := step + 1), model


@cache
def trained(steps=STEPS[-1]):
    """The figure's network after so many steps."""
    return next(model for step, model in training() if step == steps)


def right(model, part="test", reach=0):
    """Share of a part's digits, slid or not, that a network of dlcore names rightly."""
    x, y = shown(part, reach)
    with dlcore.no_grad():
        return float((predictions(model(dlcore.tensor(x))) == y).mean())


class Maps(NamedTuple):
    """What a network answers to digits, layer by layer."""

    first: np.ndarray  # (N, 6, 8, 8), after ReLU
    pooled: np.ndarray  # (N, 6, 4, 4)
    second: np.ndarray  # (N, 12, 4, 4)
    last: np.ndarray  # (N, 12, 2, 2)
    shares: np.ndarray  # (N, 10)


def maps(model, images, off=(), fill=None):
    """Carry images (N, 1, 8, 8) through; maps of the first layer whose numbers are in `off` become `fill`, or 0."""
    conv1, relu, pool, conv2, _, _, flatten, linear = model
    with dlcore.no_grad():
        first = relu(conv1(dlcore.tensor(images))).numpy().copy()
        for number in off:
            first[:, number] = 0 if fill is None else fill[number]
        pooled = pool(dlcore.tensor(first))
        second = relu(conv2(pooled))
        last = pool(second)
        shares = linear(flatten(last)).softmax(dim=1)
    return Maps(first, *(part.numpy() for part in (pooled, second, last, shares)))


def without_each(model):
    """For each map of the first layer: its mean brightness, and the digits right without it, at 0 and at its mean."""
    x, y = digits("test")
    seen = maps(model, x).first
    mean = maps(model, digits()[0]).first.mean(0)  # (6, 8, 8)

    def share(number, fill):
        return (maps(model, x, (number,), fill).shares.argmax(1) == y).mean()

    numbers = range(seen.shape[1])
    return seen.mean((0, 2, 3)), *(np.array([share(number, fill) for number in numbers]) for fill in (None, mean))


# Filters that stay random ---------------------------------------------------------------------------------------------


def random_filters(first, second, seed, reach=0):
    """Test digits right with filters as they start, and a linear layer fitted in one go to what they answer."""
    with fork_rng():
        dlcore.manual_seed(seed)
        model = network(first, second)
    with dlcore.no_grad():
        parts = []
        for part in ("train", "valid", "test"):
            x = dlcore.tensor(shown(part, reach)[0])
            for layer in list(model)[:-1]:
                x = layer(x)
            parts.append(x.numpy())
    middle, spread = parts[0].mean(0), parts[0].std(0) + 1e-3
    x, x_valid, x_test = ((part - middle) / spread for part in parts)
    y, y_valid, y_test = (shown(part, reach)[1] for part in ("train", "valid", "test"))
    heads = [RidgeClassifier(alpha=alpha).fit(x, y) for alpha in (1, 10, 100)]
    return max(heads, key=lambda head: head.score(x_valid, y_valid)).score(x_test, y_test)


def on_pixels(reach=0):
    """Test digits right without any filter: a linear layer, the nearest digit, a support-vector machine."""
    (x, y), valid, new = ((x.reshape(-1, 64), y) for x, y in (shown(p, reach) for p in ("train", "valid", "test")))
    told = []
    for models in (
        [LogisticRegression(C=c, max_iter=300) for c in (1, 10)],
        [KNeighborsClassifier(1)],
        [SVC(C=10, gamma=gamma) for gamma in (0.03, 0.1)],
    ):
        told.append(max((model.fit(x, y) for model in models), key=lambda model: model.score(*valid)).score(*new))
    return told


def cheap_rivals(n=None, test=None):
    """Test digits right by the nearest digit, and by a support-vector machine tuned on the validation digits."""
    (x, y), (x_valid, y_valid) = (digits(part) for part in ("train", "valid"))
    x_test, y_test = digits("test") if test is None else test
    x, x_valid, x_test, y = x[:n].reshape(-1, 64), x_valid.reshape(-1, 64), x_test.reshape(-1, 64), y[:n]
    apart = (x**2).sum(1) - 2 * x_test @ x.T  # (new, N), but for what is the same
    machines = [SVC(C=c, gamma=gamma).fit(x, y) for c in (1, 10) for gamma in (0.03, 0.1, 0.3)]
    best = max(machines, key=lambda machine: machine.score(x_valid, y_valid))
    return float((y[apart.argmin(1)] == y_test).mean()), best.score(x_test, y_test)


# Residual connections, batch normalisation, slid copies, each a switch ------------------------------------------------

FEW, RATES = 200, (0.003, 0.01)


def slid(images, reach, generator):
    """Images (N, C, 8, 8), each slid by up to `reach` pixels down or up, right or left; what leaves is lost."""
    wide = F.pad(images, (reach,) * 4)
    top, left = torch.randint(0, 2 * reach + 1, (2, len(images)), generator=generator)
    rows, columns = (start[:, None] + torch.arange(8) for start in (top, left))
    each = torch.arange(len(images))[:, None, None, None], torch.arange(images.shape[1])[:, None, None]
    return wide[(*each, rows[:, None, :, None], columns[:, None, None, :])]


class Several(torch.nn.Module):
    """Five networks side by side: a convolution, pooling, two blocks of two, pooling, a linear layer.

    They share nothing: `groups` keeps each to its own channels. Shapes: x (N, 5, 8, 8) to (N, 5, 10).
    """

    def __init__(self, residual, norm, width=8, blocks=2):
        super().__init__()
        self.residual, n = residual, len(SEEDS)
        self.stem = torch.nn.Conv2d(n, n * width, 3, padding=1, groups=n)
        sizes = n * width, n * width, 3
        self.layers = torch.nn.ModuleList(
            torch.nn.Conv2d(*sizes, padding=1, groups=n, bias=not norm) for _ in range(2 * blocks)
        )
        kind = torch.nn.BatchNorm2d if norm else torch.nn.Identity
        self.norms = torch.nn.ModuleList(kind(n * width) for _ in self.layers)
        self.head = torch.nn.Conv2d(n * width, n * 10, 2, groups=n)  # a linear layer for each of the five

    def forward(self, x):
        x = F.max_pool2d(self.stem(x).relu(), 2)  # (N, 5 * 8, 4, 4)
        for block in range(0, len(self.layers), 2):
            y = self.norms[block](self.layers[block](x)).relu()
            y = self.norms[block + 1](self.layers[block + 1](y))
            x = (y + x if self.residual else y).relu()
        return self.head(F.max_pool2d(x, 2)).reshape(len(x), len(SEEDS), 10)


class Score(NamedTuple):
    """Shares right of validation digits, of new ones in the middle, and of new ones slid by one pixel: (5,) each."""

    valid: np.ndarray
    new: np.ndarray
    slid: np.ndarray
    rate: float


@cache
def switched(residual, norm, reach, rate, epochs=16, seed=0):
    """Score of five networks, each trained on 200 digits of its own, slid anew at every step if `reach` is not 0."""
    x, y = map(torch.tensor, digits())
    pick = torch.stack([torch.randperm(len(x), generator=torch.Generator().manual_seed(s))[:FEW] for s in SEEDS])
    x, y = x[pick][:, :, 0].transpose(0, 1).contiguous(), y[pick].T.contiguous()  # (200, 5, 8, 8), (200, 5)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Several(residual, norm).to(memory_format=torch.channels_last)  # a third faster
    order = torch.Generator().manual_seed(seed + 1)
    optimizer = torch.optim.Adam(model.parameters(), rate, fused=True)
    for _ in range(epochs):
        for rows in torch.randperm(FEW, generator=order).split(BATCH):
            images = x[rows]
            if reach:
                images = slid(images.flatten(0, 1)[:, None], reach, order).reshape(images.shape)
            optimizer.zero_grad()
            (len(SEEDS) * F.cross_entropy(model(images).flatten(0, 1), y[rows].flatten())).backward()
            optimizer.step()
    return Score(*_judged(model.eval()), rate)


def _judged(model):
    new = digits("test")
    for images, names in (digits("valid"), new, (all_slid(), np.tile(new[1], 4))):
        with torch.no_grad():
            said = model(torch.tensor(images).expand(-1, len(SEEDS), -1, -1)).argmax(2).numpy()
        yield (said == names[:, None]).mean(0)


@cache
def all_slid():
    """The test digits slid by one pixel, in each of the four directions: (4 N, 1, 8, 8)."""
    wide = np.pad(digits("test")[0], ((0, 0), (0, 0), (1, 1), (1, 1)))
    return np.concatenate([wide[:, :, i : i + 8, j : j + 8] for i, j in ((0, 1), (2, 1), (1, 0), (1, 2))])


def best(residual, norm, reach):
    """The Score at the rate with which most validation digits are right."""
    return max((switched(residual, norm, reach, rate) for rate in RATES), key=lambda score: score.valid.mean())
