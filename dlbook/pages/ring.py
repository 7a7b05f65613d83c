"""Eight modes on a ring, and generative adversarial networks that learn to draw points like theirs.

Networks are trained side by side: every array has one more axis in front, R for runs, and each run has its own seed.
"""

from typing import NamedTuple

import numpy as np

from dlcore import data

MODES, RADIUS, SPREAD = 8, 2.0, 0.1
NEAR, LEAST = 3 * SPREAD, 0.02  # a good sample lies this near to a centre; a mode is found with this share of all
STEPS = 2000
ANGLES = 2 * np.pi * np.arange(MODES) / MODES
CENTRES = RADIUS * np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)  # (8, 2)


# -- the ring, and what counts as realistic ----------------------------------------------------------------------------


def ring(n, generator=0):
    """Return n points (n, 2) of the ring, equally many in each mode."""
    return data.blobs(n, noise=SPREAD, classes=MODES, radius=RADIUS, generator=generator)[0]


def distances(x):
    """Return how far points (…, n, 2) lie from each centre: (…, n, 8)."""
    return np.linalg.norm(x[..., None, :] - CENTRES.astype(x.dtype), axis=-1)


def good(x):
    """Return the share of points (…, n, 2) that lie within 0.3 of a centre: (…)."""
    return (distances(x).min(-1) <= NEAR).mean(-1)


def shares(x):
    """Return for each mode the share of all points that are good and nearest to it: (…, 8)."""
    away = distances(x)
    nearest = away.argmin(-1)[..., None] == np.arange(MODES)
    return (nearest & (away <= NEAR)).mean(-2)


def found(x):
    """Return how many modes have at least 2 % of all points, good ones: (…)."""
    return (shares(x) >= LEAST).sum(-1)


# -- networks side by side ---------------------------------------------------------------------------------------------


def views(vectors, shapes):
    """The weights of each layer, as parts of one long vector for each run: Adam steps over it at once."""
    ends = np.cumsum([0] + [a * b for a, b in shapes])
    parts = zip(ends[:-1], ends[1:], shapes, strict=True)
    return [vectors[:, start:end].reshape(len(vectors), *shape) for start, end, shape in parts]


class Net:
    """Layers in → hidden → hidden → out for each run, with leaky ReLUs, and Adam for their steps."""

    def __init__(self, sizes, sources, leak, rate, beta):
        self.leak, self.rate, self.beta, self.t = np.float32(leak), np.float32(rate), beta, 0
        pairs = list(zip(sizes[:-1], sizes[1:], strict=True))
        shapes = [shape for a, b in pairs for shape in ((a, b), (1, b))]
        bounds = [a**-0.5 for a, _ in pairs for _ in range(2)]  # as dlcore's and PyTorch's Linear start
        self.vectors, self.slopes = (np.zeros((len(sources), sum(a * b for a, b in shapes)), np.float32) for _ in "ab")
        self.weights, self.grads = (views(vector, shapes) for vector in (self.vectors, self.slopes))
        for w, bound in zip(self.weights, bounds, strict=True):
            w[:] = [rng.uniform(-bound, bound, w.shape[1:]) for rng in sources]
        self.m, self.v = np.zeros_like(self.vectors), np.zeros_like(self.vectors)

    def forward(self, h):
        """Answers (R, N, out) to h (R, N, in)."""
        self.kept, last = [], len(self.weights) // 2 - 1
        for k in range(last + 1):
            self.kept.append(h)
            h = h @ self.weights[2 * k]
            h += self.weights[2 * k + 1]
            if k < last:
                np.maximum(h, self.leak * h, out=h)
        return h

    def backward(self, g, inputs=False):
        """Put the slopes of all weights into `slopes`, or, with inputs, return that of the input instead."""
        for k in reversed(range(len(self.kept))):
            h, w = self.kept[k], self.weights[2 * k]
            if not inputs:
                np.matmul(h.mT, g, out=self.grads[2 * k])
                np.matmul(np.ones((1, g.shape[1]), np.float32), g, out=self.grads[2 * k + 1])  # a sum, faster
            if k or inputs:
                g = g * w.mT if w.shape[-1] == 1 else g @ w.mT
            if k:
                g *= np.maximum(h > 0, self.leak)  # many times as fast as np.where
        return g

    def step(self, factor=1.0):
        """One step of Adam, at a part of its rate."""
        self.t += 1
        if self.beta:
            self.m += np.float32(1 - self.beta) * (self.slopes - self.m)
        m = self.m if self.beta else self.slopes
        self.v += np.float32(0.001) * (self.slopes * self.slopes - self.v)
        root = (1 - 0.999**self.t) ** 0.5  # makes up for v's start at 0
        rate = self.rate * np.float32(factor * root / (1 - self.beta**self.t))
        self.vectors -= rate * m / (np.sqrt(self.v) + np.float32(1e-8 * root))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Recipe(NamedTuple):
    """What a GAN is made of, and how it is trained. As it stands, it was chosen by what it found on seeds 0 to 39,
    and `clip` = 0.2 on seeds 70 to 74: judge them on others."""

    hidden: int = 48  # units in each of the generator's two hidden layers
    hidden_d: int = 48  # and in the discriminator's
    noise: int = 2
    rate: float = 2e-3
    rate_d: float = 2e-3
    d_steps: int = 1  # of the discriminator, for each step of the generator
    batch: int = 64
    beta: float = 0.0  # Adam's first: with 0 it steps along the newest slope
    steps: int = STEPS  # over which both rates fall to 0
    saturating: bool = False
    clip: float = 0.0  # above 0: a critic with the Wasserstein loss, no weight of which may be larger

    def slope_told(self, said):
        """The slope of the discriminator's loss, by what it says of each point: real ones first, then as many made."""
        slope = np.ones_like(said) if self.clip else sigmoid(said)
        slope[:, : said.shape[1] // 2] -= 2 if self.clip else 1
        return slope

    def slope_fooled(self, said):
        """The slope of the generator's loss, by what is said of each made point."""
        if self.clip:
            return -np.ones_like(said)
        return -sigmoid(said) if self.saturating else sigmoid(said) - 1


class Gans:
    """GANs of one recipe, one for each seed."""

    def __init__(self, recipe=None, seeds=(0,), points=1000):
        self.recipe = r = recipe or Recipe()
        self.sources = [np.random.default_rng(seed) for seed in seeds]
        self.real, self.done = ring(points), 0
        self.g = Net([r.noise, r.hidden, r.hidden, 2], self.sources, 0.0, r.rate, r.beta)
        self.d = Net([2, r.hidden_d, r.hidden_d, 1], self.sources, 0.01, r.rate_d, r.beta)

    def drawn(self, n, sources=None):
        """Noise (R, n, noise)."""
        sources = sources or self.sources
        return np.array([rng.standard_normal((n, self.recipe.noise), np.float32) for rng in sources])

    def sample(self, n=1000, seed=99):
        """Made points (R, n, 2), always of the same noise."""
        return self.g.forward(self.drawn(n, [np.random.default_rng(seed) for _ in self.sources]))

    def left(self):
        """The part of their rates that is left."""
        return 1 - self.done / self.recipe.steps

    def tell(self):
        """One step of the discriminators."""
        n = self.recipe.batch
        real = np.array([self.real[rng.integers(0, len(self.real), n)] for rng in self.sources])
        both = np.concatenate([real, self.g.forward(self.drawn(n))], axis=1)  # (R, 2N, 2)
        self.d.backward(self.recipe.slope_told(self.d.forward(both)) / np.float32(n))
        self.d.step(self.left())
        if most := self.recipe.clip:
            np.clip(self.d.vectors, -most, most, out=self.d.vectors)

    def fool(self):
        """One step of the generators."""
        n = self.recipe.batch
        said = self.d.forward(self.g.forward(self.drawn(n)))
        self.g.backward(self.d.backward(self.recipe.slope_fooled(said) / np.float32(n), inputs=True))
        self.g.step(self.left())

    def train(self, until=None):
        """Rounds up to one, or to the last: the discriminators' steps, then the generators'."""
        last = until or self.recipe.steps
        while self.done < last:
            for _ in range(self.recipe.d_steps):
                self.tell()
            self.fool()
            self.done += 1
        return self


def balanced_gan(seed=60, steps=STEPS):
    """A trained GAN of the balanced recipe: `.sample(n)` gives (R, n, 2), one run for each seed (one, or several)."""
    return Gans(Recipe(steps=steps), np.atleast_1d(seed)).train()
