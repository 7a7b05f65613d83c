"""Layers on mornings, on digits and on curves: networks of one hidden layer, and what does without one."""

from functools import cache

import numpy as np

import dlcore
from dlcore import Tensor, data, no_grad, optim
from dlcore.models import MLP
from dlcore.nn import functional as F

# The network that the page computes by hand: sunny and windy, three hidden units, scores for bicycle and bus.
MORNINGS = np.array([[1.0, 0.5], [0.5, 1.0]])  # (N, D)
W1, B1 = np.array([[1.0, -1.0], [0.0, 2.0], [-1.0, 0.0]]), np.array([0.0, -1.5, 1.5])
W2, B2 = np.array([[2.0, -1.0, 0.0], [0.0, 2.0, 1.0]]), np.array([0.5, 0.0])

RATES = (0.01, 0.03, 0.1)


# Digits --------------------------------------------------------------------------------------------------------------


@cache
def digits(part):
    """Images (N, 8, 8) of one part of the digits, and which digits they are (N,)."""
    table = getattr(data.digits(), part)
    return table.x[:, 0], table.y


def learn(sizes, x, target, loss_of, rate=0.01, epochs=30, seed=0):
    """A network of these widths whose scores of x (N, D) are trained to fit the target.

    loss_of(scores, target) says how wrong the scores are; Adam finds which way to change every weight.
    """
    dlcore.manual_seed(seed)
    model, rng = MLP(sizes), np.random.default_rng(seed)
    optimizer = optim.Adam(model.parameters(), lr=rate)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for first in range(0, len(x), 64):
            rows = order[first : first + 64]  # the next batch
            loss = loss_of(model(Tensor(x[rows])), target[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def scores(model, x):
    """What a trained network answers to x (N, D)."""
    with no_grad():
        return model(Tensor(x)).numpy()


# How to answer with one of k classes ----------------------------------------------------------------------------------


def _bits(k):
    """The binary digits of 0 … k − 1, (k, bits)."""
    return ((np.arange(k)[:, None] >> np.arange(int(np.ceil(np.log2(k))))) & 1).astype(np.float32)


def _code(table):
    """Each class is a row of 0s and 1s; each output says yes or no; the answer is the class whose row fits best."""

    def loss_of(z, bits):
        return F.binary_cross_entropy_with_logits(z, Tensor(bits))

    return len(table[0]), (lambda y: table[y]), loss_of, (lambda z: (z @ (2 * table - 1).T).argmax(1))


def _number(k):
    """A single output that gives the number of the class, less the middle one and divided by their spread."""
    middle, spread = (k - 1) / 2, np.arange(k).std()

    def loss_of(z, number):
        return F.mse_loss(z, Tensor(number))

    def targets(y):
        return ((y[:, None] - middle) / spread).astype(np.float32)

    return 1, targets, loss_of, (lambda z: np.clip(np.round(z[:, 0] * spread + middle), 0, k - 1).astype(int))


def answers(k):
    """name → (outputs, targets of classes, loss, classes of scores), for k classes."""
    each = (k, lambda y: y, F.cross_entropy, lambda z: z.argmax(1))
    if k == 2:
        return {"1 output, sigmoid": _code(np.array([[0.0], [1.0]], np.float32)), "2 outputs, softmax": each}
    tosses = np.random.default_rng(0).integers(0, 2, (k, k)).astype(np.float32)
    return {
        "1 output, the number": _number(k),
        f"{len(_bits(k)[0])} outputs, binary": _code(_bits(k)),
        f"{k} outputs, code by chance": _code(tosses),
        f"{k} outputs, yes or no each": _code(np.eye(k, dtype=np.float32)),
        f"{k} outputs, softmax": each,
    }


@cache
def lesson(name):
    """Three pairs of x (N, 64) and class (N,), to train on, to choose by, to test on; and how many classes."""
    pairs = [digits(part) for part in ("train", "valid", "test")]
    k = 2 if name == "odd or even" else 10
    return [(image.reshape(-1, 64), kind % k) for image, kind in pairs], k


@cache
def outputs(name, hidden=(32,), epochs=20, longer=True, seeds=3, only=""):
    """Way to answer → percent of new digits named rightly, (2, seeds), each at the rate that validation digits chose.

    The second row, unless it is not wanted: trained three times as long. `only`: words in the ways' names.
    """
    ((x, y), choose, test), k = lesson(name)
    found = {}
    for way, (count, targets, loss_of, classes) in answers(k).items():
        if only not in way:
            continue

        def run(rate, epochs):
            sizes = [64, *hidden, count]  # noqa: B023
            models = [learn(sizes, x, targets(y), loss_of, rate, epochs, seed) for seed in range(seeds)]  # noqa: B023
            return [[100 * np.mean(classes(scores(m, new)) == kind) for m in models] for new, kind in (choose, test)]  # noqa: B023

        tried = {rate: run(rate, epochs) for rate in RATES}
        best = max(RATES, key=lambda rate: np.mean(tried[rate][0]))  # noqa: B023
        found[way] = np.array([tried[best][1], *([run(best, 3 * epochs)[1]] if longer else [])])
    return found


@cache
def nearest(name):
    """Percent of new digits that the nearest training digit names rightly."""
    ((x, y), _, (new, kind)), _ = lesson(name)
    far = (x**2).sum(1) - 2 * new @ x.T  # (M, N), up to what a new digit adds to all
    return 100 * np.mean(y[far.argmin(1)] == kind)


# One hidden layer draws a curve ---------------------------------------------------------------------------------------

POINTS = np.linspace(0, 1, 101)  # what is seen of a curve
BETWEEN = (POINTS[1:] + POINTS[:-1]) / 2  # where a drawing is judged
CURVES = {
    "wave": lambda x: np.sin(3 * np.pi * x),
    "zigzag": lambda x: 2 * np.abs(2 * ((1.75 * x + 0.3) % 1) - 1) - 1,
    "jump": lambda x: np.where((x > 0.31) & (x < 0.72), 1.0, -1.0),
}
WIDTHS = (1, 2, 4, 8, 16)


def placed(f, n, bend):
    """Weights by hand, for one input from 0 to 1 and n hidden units, all with weight 1: biases, outer weights, bias.

    Steps make a staircase whose levels are right in the middle of each stair; ReLUs join n + 1 points of the curve.
    """
    if bend == "step":
        at = np.arange(1, n + 1) / (n + 1)
        level = f((np.arange(n + 1) + 0.5) / (n + 1))
        return -at, np.diff(level), level[0]
    at = np.arange(n) / n
    slope = n * np.diff(f(np.arange(n + 1) / n))
    return -at, np.diff(slope, prepend=0), f(np.zeros(1))[0]


def hidden(x, b, bend, w=1.0):
    """The answers of hidden units to x (N,): (N, units)."""
    z = x[:, None] * w + b
    return (z >= 0).astype(float) if bend == "step" else np.maximum(z, 0)


def fitted(features, f):
    """What units with the answers features(x) (N, units) draw BETWEEN, when least squares at POINTS finds the rest."""
    seen, between = (np.column_stack([features(x), np.ones(len(x))]) for x in (POINTS, BETWEEN))
    return between @ np.linalg.lstsq(seen, f(POINTS), rcond=None)[0]


@cache
def trained(n, steps=600, seeds=3):
    """Curve → what a layer of n ReLUs draws after training and after three times as much, (2, seeds, points).

    Each curve at its best rate of three. Adam, as in `learn`, written out here for all curves, rates and seeds at once.
    """
    rates, x = np.repeat([0.003, 0.01, 0.03], seeds).astype(np.float32), POINTS.astype(np.float32)
    target = np.stack([np.repeat(f(x)[None], len(rates), 0) for f in CURVES.values()])  # (curves, runs, N)
    rng = np.random.default_rng(0)
    w = rng.normal(size=(1, len(rates), 1, n)) * 3 + np.zeros((len(CURVES), 1, 1, 1))
    b = -w * rng.uniform(0, 1, w.shape[1:])  # every kink begins between 0 and 1
    v, c = rng.normal(size=w.shape) / n, np.zeros((len(CURVES), len(rates), 1, 1))
    weights = [each.astype(np.float32) for each in (w, b, v, c)]
    mean, square = ([np.zeros_like(each) for each in weights] for _ in range(2))
    kept = []
    for t in range(1, 3 * steps + 1):
        w, b, v, c = weights
        z = x[:, None] * w + b  # (curves, runs, N, units)
        h = np.maximum(z, 0)
        off = ((h * v).sum(3) + c[..., 0] - target.astype(np.float32))[..., None] / len(x)
        back = off * v * (z > 0)
        slopes = [(back * x[:, None]).sum(2), back.sum(2), (off * h).sum(2), off.sum(2)]
        for k, slope in enumerate(slopes):
            slope = slope[:, :, None]
            mean[k] = 0.9 * mean[k] + 0.1 * slope
            square[k] = 0.999 * square[k] + 0.001 * slope**2
            ahead = mean[k] / (1 - 0.9**t) / (np.sqrt(square[k] / (1 - 0.999**t)) + 1e-8)
            weights[k] = weights[k] - rates[:, None, None] * ahead
        if t in (steps, 3 * steps):
            w, b, v, c = weights
            kept.append([(np.maximum(at[:, None] * w + b, 0) * v).sum(3) + c[..., 0] for at in (POINTS, BETWEEN)])
    seen, drawn = (np.array([each[k] for each in kept]).reshape(2, len(CURVES), 3, seeds, -1) for k in (0, 1))
    wrong = ((seen - target.reshape(seen.shape[1:])) ** 2).mean((3, 4))  # (2, curves, rates)
    best = wrong.argmin(2)
    return {name: np.array([drawn[length, k, best[length, k]] for length in (0, 1)]) for k, name in enumerate(CURVES)}


def miss(drawn, f):
    """How far a drawing of f is off BETWEEN, in percent of what a level line is off: root mean squares."""
    return 100 * np.sqrt(((drawn - f(BETWEEN)) ** 2).mean(-1)) / f(BETWEEN).std()


def best_alone(f):
    """The least miss of one unit, a step or a ReLU in either direction, with the best outer weights: a search."""
    found = []
    for at in np.linspace(0, 1, 201):
        for bend, b, w in (("step", -at, 1.0), ("relu", -at, 1.0), ("relu", at, -1.0)):
            found.append(miss(fitted(lambda x: hidden(x, b, bend, w), f), f))  # noqa: B023
    return min(found)


def chance(n, f, seeds=5):
    """The misses of n ReLUs with weights by chance, never changed, under the best outer weights: (seeds,)."""
    found = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        w = rng.choice([-1.0, 1.0], n)
        b = -w * rng.uniform(0, 1, n)
        found.append(miss(fitted(lambda x: hidden(x, b, "relu", w), f), f))  # noqa: B023
    return np.array(found)


def polynomial(numbers, f):
    """The miss of the polynomial with so many coefficients that fits POINTS best."""
    return miss(np.polynomial.Chebyshev.fit(POINTS, f(POINTS), numbers - 1)(BETWEEN), f)


def looked_up(numbers, f):
    """The miss of a table of so many numbers, places and heights, that answers with the nearest place's height."""
    n = max(1, numbers // 2)
    at = (np.arange(n) + 0.5) / n
    near = np.abs(BETWEEN[:, None] - at).argmin(1)
    return miss(f(at)[near], f)


BENDS = {
    "step": lambda z: (z >= 0).astype(float),
    "ReLU": lambda z: np.maximum(z, 0),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "sine": np.sin,
    "square": np.square,
}


def bends(bend, f, tries=2000, units=16, seeds=5):
    """The miss of the best of so many single units with this bend, and those of units by chance together (seeds,).

    Outer weights are the best in either case.
    """
    rng = np.random.default_rng(0)
    w = rng.choice([-1, 1], (tries, units)) * rng.uniform(1, 20, (tries, units))
    b = -w * rng.uniform(0, 1, (tries, units))

    def one(w, b):
        return miss(fitted(lambda x: BENDS[bend](x[:, None] * w + b), f), f)

    alone = min(one(w[k, :1], b[k, :1]) for k in range(tries))
    return alone, np.array([one(w[k], b[k]) for k in range(seeds)])


@cache
def drawing(name):
    """Way to draw a curve → its misses for each of WIDTHS; where seeds differ, (widths, seeds)."""
    f = CURVES[name]
    numbers = [3 * n + 1 for n in WIDTHS]  # weight, bias and outer weight of each unit, and the last bias

    def by_hand(n, bend):
        b, v, c = placed(f, n, bend)
        return miss(hidden(BETWEEN, b, bend) @ v + c, f)

    return {
        "steps, placed by hand": np.array([by_hand(n, "step") for n in WIDTHS]),
        "ReLUs, placed by hand": np.array([by_hand(n, "relu") for n in WIDTHS]),
        "ReLUs, trained": np.array([miss(trained(n)[name][0], f) for n in WIDTHS]),
        "trained 3 times as long": np.array([miss(trained(n)[name][1], f) for n in WIDTHS]),
        "ReLUs by chance": np.array([chance(n, f) for n in WIDTHS]),
        "no bend": np.full(len(WIDTHS), miss(fitted(lambda x: x, f), f)),
        "polynomial": np.array([polynomial(n, f) for n in numbers]),
        "polynomial, half as many": np.array([polynomial((n + 1) // 2, f) for n in numbers]),
        "a table, the nearest": np.array([looked_up(n, f) for n in numbers]),
    }


# The network of the figures -------------------------------------------------------------------------------------------


@cache
def reader(width=16):
    """A network 64 → width → 10 that names digits: weight (width, 64), bias, weight (10, width), bias."""
    images, kinds = digits("train")
    model = learn([64, width, 10], images.reshape(-1, 64), kinds, F.cross_entropy)
    return tuple(each.detach().numpy().astype(float) for each in model.parameters())


# What the picture of two layers needs --------------------------------------------------------------------------------


def torch_says(shape, n_in, n_out):
    """The message of PyTorch where a batch of this shape meets Linear(n_in, n_out), or "" where they fit."""
    if shape[-1] == n_in:
        return ""
    rows = int(np.prod(shape[:-1]))
    return f"mat1 and mat2 shapes cannot be multiplied ({rows}x{shape[-1]} and {n_in}x{n_out})"


def shape_text(shape):
    """A shape as Python writes it."""
    return f"({', '.join(map(str, shape))})"


def stack(x, values, most, name):
    """A stack of cells, one for each value, the first on top; shaded by how near it is to the largest."""
    shade = np.clip(values / (most or 1), 0, 1)
    top = len(values) - np.arange(len(values))
    return [(x - 0.11, x + 0.11, y - 1, y, float(s), name) for y, s in zip(top, shade, strict=True)]
