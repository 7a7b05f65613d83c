"""Deep networks that start small, fitting or large, with each remedy and without: their gradients, and what they learn.

Networks are trained side by side: every array has one more axis in front, R for runs.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from dlbook.pages.neurons.what_depth_buys.experiment import mirrored
from dlcore import data

WIDTH, EPS = 16, 1e-5
DEPTHS = (2, 4, 8, 16, 32)
SCALES = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8)  # spread of the first weights, times the root of a layer's inputs
RATES = (0.01, 0.03, 0.1, 0.3)
FEW = (0.35, 0.7, 1.0, 1.4, 2.8)  # of these, the spreads that a race tries
STEPS, BATCH = 100, 32
TUNE, RACE = (0, 1), (2, 3, 4, 5, 6)  # seeds on which scale and rate are chosen, and those that are reported
ACTIVATIONS = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a**2),
    "ReLU": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(a.dtype)),
}  # answer from the sum, slope from the answer
AXES = {"batch": -2, "layer": -1}


@cache
def digits():
    """Standardised images (N, 64) and labels (N,): to train on, to choose by, and new ones."""
    parts = data.digits(standardise=True)
    return [(part.x.reshape(-1, 64).astype(np.float32), part.y) for part in (parts.train, parts.valid, parts.test)]


# -- the networks ------------------------------------------------------------------------------------------------------


def normalise(z, axis):
    """Bring sums to mean 0 and spread 1 along an axis; returns them and what they were divided by."""
    off = z - z.mean(axis, keepdims=True)
    spread = np.sqrt((off * off).mean(axis, keepdims=True) + EPS)
    return off / spread, spread


def normalise_back(g, z_hat, spread, axis):
    """The gradient of z from that of z_hat: without what would shift or stretch all sums together."""
    shift, stretch = g.mean(axis, keepdims=True), (g * z_hat).mean(axis, keepdims=True)
    return (g - shift - z_hat * stretch) / spread


class Layer:
    """Sums, normalised or not, then the activation; residual: added to what came."""

    def __init__(self, w, activation, norm, residual):
        self.w, self.activation, self.norm, self.residual = w, ACTIVATIONS[activation], norm, residual
        self.gain, self.bias = np.ones_like(w[:, :1]), np.zeros_like(w[:, :1])
        self.mean, self.square = np.zeros_like(self.bias), np.ones_like(self.bias)  # of batches, for later use

    def normalised(self, z, training):
        if self.norm == "batch" and not training:
            spread = np.sqrt(self.square + EPS)
            return (z - self.mean) / spread, spread
        z_hat, spread = normalise(z, AXES[self.norm])
        if self.norm == "batch":
            self.mean += 0.1 * (z.mean(-2, keepdims=True) - self.mean)
            self.square += 0.1 * (spread**2 - EPS - self.square)
        return z_hat, spread

    def forward(self, h, training):
        self.h, z = h, h @ self.w  # (R, N, n)
        if self.norm != "none":
            self.z_hat, self.spread = self.normalised(z, training)
            z = self.gain * self.z_hat
        self.a = self.activation[0](z + self.bias)
        return h + self.a if self.residual else self.a

    def backward(self, g):
        through = g * self.activation[1](self.a)
        self.slopes = [through.sum(-2, keepdims=True)]  # of the bias
        if self.norm != "none":
            self.slopes.append((through * self.z_hat).sum(-2, keepdims=True))
            through = normalise_back(through * self.gain, self.z_hat, self.spread, AXES[self.norm])
        self.slopes.append(self.h.mT @ through)
        back = through @ self.w.mT
        return g + back if self.residual else back

    def parameters(self):
        return [self.bias, *([] if self.norm == "none" else [self.gain]), self.w]


class Kind(NamedTuple):
    """What a network is made of."""

    activation: str = "ReLU"
    norm: str = "none"
    residual: bool = False
    begin: str = "random"  # or "turned": layers that keep all lengths


def _first(kind, rng, n_in, n_out):
    """First weights (n_in, n_out) of scale 1."""
    if kind.begin == "turned" and n_in == n_out:
        if kind.activation == "ReLU":
            return mirrored(rng, (n_in, n_out))
        return np.linalg.qr(rng.normal(size=(n_in, n_out)))[0]
    return rng.normal(size=(n_in, n_out)) / n_in**0.5


class Networks:
    """Networks 64 → width → … → width → 10 with `depth` hidden layers, one for each scale and seed."""

    def __init__(self, kind, depth, scales, seeds, dtype=np.float32, width=WIDTH):
        sources = [np.random.default_rng(seed) for seed in seeds]
        sizes = [64, *[width] * depth]
        self.layers = []
        for k in range(depth):
            drawn = [s * _first(kind, rng, sizes[k], width) for s, rng in zip(scales, sources, strict=True)]
            self.layers.append(Layer(np.array(drawn, dtype), *kind[:2], kind.residual and k > 0))
        self.w = np.array([rng.normal(size=(width, 10)) / width**0.5 for rng in sources], dtype)
        self.bias = np.zeros_like(self.w[:, :1])

    def forward(self, x, training=True):
        """Scores (R, N, 10) of images x (N, 64)."""
        h = x
        for layer in self.layers:
            h = layer.forward(h, training)
        self.h = h
        return h @ self.w + self.bias

    def backward(self, g):
        """Gradients of all parameters, and of each layer's answers, from those of the scores (R, N, 10)."""
        own = [g.sum(-2, keepdims=True), self.h.mT @ g]
        g, reached = g @ self.w.mT, []
        for layer in reversed(self.layers):
            reached.append(g)
            g = layer.backward(g)
        return [slope for layer in self.layers for slope in layer.slopes] + own, reached[::-1]

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()] + [self.bias, self.w]


def loss_and_gradient(z, y):
    """Cross-entropy (R,) of scores z (R, N, 10), and its gradient."""
    e = np.exp(z - z.max(-1, keepdims=True))
    p = e / e.sum(-1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(p[:, rows, y] + 1e-30).mean(-1)
    p[:, rows, y] -= 1
    return loss, p / np.float32(len(y))


# -- what is measured --------------------------------------------------------------------------------------------------


def reached(networks, x, y):
    """(R, layers): the length of the gradient that reaches each layer's answers."""
    with np.errstate(all="ignore"):
        _, g = loss_and_gradient(networks.forward(x), y)
        return np.array([np.sqrt((part**2).sum((-2, -1))) for part in networks.backward(g)[1]]).T


@cache
def at_start(kind, depth, scales=SCALES, seed=0, width=WIDTH):
    """(scales, layers): the gradient that reaches each layer of networks that have learned nothing, last layer = 1."""
    x, y = digits()[0]
    networks = Networks(kind, depth, scales, [seed] * len(scales), float, width)
    lengths = reached(networks, x[:64].astype(float), y[:64])
    return lengths / lengths[:, -1:]


def right(networks, x, y):
    """(R,) percent of digits named rightly."""
    with np.errstate(all="ignore"):
        z = networks.forward(x, training=False)
    return 100 * (np.nan_to_num(z).argmax(-1) == y).mean(-1)


def directions(gradients, how):
    """What to step against: the gradients; clipped to a common length of 1 at most; or each of length 1."""
    if how == "equal":
        return [g / np.sqrt((g**2).sum((-2, -1), keepdims=True) + 1e-30) for g in gradients]
    if how == "clipped":
        squares = sum((g.astype(float) ** 2).sum((-2, -1), keepdims=True) for g in gradients)
        factor = np.minimum(1, 1 / (np.sqrt(squares) + 1e-12)).astype(np.float32)
        return [g * factor for g in gradients]
    return gradients


def train(networks, rates, steps=STEPS, how="SGD"):
    """Train each network at its own rate, on the same batches; "warmed": the rate grows to it in half of the steps."""
    (x, y), rng, order = digits()[0], np.random.default_rng(0), np.empty(0, int)
    parameters, rate = networks.parameters(), np.asarray(rates, np.float32)[:, None, None]
    means, squares = ([np.zeros_like(p) for p in parameters] for _ in range(2))
    with np.errstate(all="ignore"):  # some fly apart
        for t in range(1, steps + 1):
            order = order if len(order) >= BATCH else np.concatenate([order, rng.permutation(len(x))])
            rows, order = order[:BATCH], order[BATCH:]
            _, g = loss_and_gradient(networks.forward(x[rows]), y[rows])
            slopes = directions(networks.backward(g)[0], how)
            now = rate * np.float32(min(1, 2 * t / steps)) if how == "warmed" else rate
            for p, slope, m, v in zip(parameters, slopes, means, squares, strict=True):
                if how == "Adam":
                    m += 0.1 * (slope - m)
                    v += 0.001 * (slope**2 - v)
                    slope = m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
                p -= now * slope
    return networks


class Grid(NamedTuple):
    """What came of training at each scale."""

    valid: np.ndarray  # (scales, rates) percent of validation digits, in the mean of the seeds
    new: np.ndarray  # (scales,) percent of new digits at the rate that is best for each scale
    seven: np.ndarray  # (scales,) what the book's 7 is called


@cache
def grid(kind, depth, seeds=TUNE, steps=STEPS, how="SGD", rates=RATES, scales=FEW, width=WIDTH):
    """Networks of a kind at every scale and rate."""
    shape = len(scales), len(rates), len(seeds)
    scale, rate, seed = (part.ravel() for part in np.meshgrid(scales, rates, seeds, indexing="ij"))
    networks = train(Networks(kind, depth, scale, seed, width=width), rate, steps, how)
    valid, new = (right(networks, *part).reshape(shape).mean(-1) for part in digits()[1:])
    best = np.arange(len(scales)), valid.argmax(-1)
    with np.errstate(all="ignore"):
        says = np.nan_to_num(networks.forward(digits()[2][0][6:7], training=False)).argmax(-1).reshape(shape)
    return Grid(valid, new[best], says[..., 0][best])


class Race(NamedTuple):
    """What networks of one kind learned, at the scale and rate that did best on validation digits."""

    right: np.ndarray  # (seeds,) percent of new digits
    scale: float
    rate: float
    reached: np.ndarray  # (2, seeds) the gradient of layer 1, that of the last = 1: before and after training


@cache
def raced(kind, depth=16, steps=STEPS, **more):
    """Networks from the seeds of RACE, at the scale and the rate chosen on those of TUNE after STEPS steps."""
    scales, rates, how = (more.get(*one) for one in (("scales", FEW), ("rates", RATES), ("how", "SGD")))
    row, column = np.unravel_index(np.argmax(grid(kind, depth, **more).valid), (len(scales), len(rates)))
    scale, rate = scales[row], rates[column]
    width, (x, y) = more.get("width", WIDTH), digits()[0]
    networks = Networks(kind, depth, [scale] * len(RACE), RACE, width=width)
    before = reached(networks, x[:64], y[:64])
    after = reached(train(networks, [rate] * len(RACE), steps, how), x[:64], y[:64])
    first = np.array([lengths[:, 0] / lengths[:, -1] for lengths in (before, after)])
    return Race(right(networks, *digits()[2]), scale, rate, first)
