"""What the page "Diffusion" and its figures share: noise, networks that name it, walks back, rivals, and what judges.

A *guesser* is a function guess(x, t) that names the noise in points x (N, D) at level t.
"""

import time
from functools import cache

import numpy as np
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import NearestNeighbors
from sklearn.svm import SVC

import dlcore
from dlbook.pages.ring import CENTRES, SPREAD, found, good, ring
from dlcore import data, optim
from dlcore.models import MLP
from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)

LEVELS = 100
BETA = np.linspace(0.001, 0.1, LEVELS)
KEPT = np.cumprod(1 - BETA)  # ᾱ: how much of the point's square is left
STEPS, BATCH, RATE = 2200, 256, 0.01
POINTS = 1000  # of the ring, for training: the same as the GAN of "Autoencoders and GANs" gets


# Data --------------------------------------------------------------------------------------------------------------


class Digits:
    """Digits as rows, less their mean, in units of their spread; `images` turns rows back into ink from 0 to 1."""

    def __init__(self):
        table = data.digits()
        self.train, self.valid, self.test = (part.x.reshape(-1, 64) for part in (table.train, table.valid, table.test))
        self.classes, self.seven = table.train.y, self.test[6]
        self.mean = self.train.mean(axis=0)
        self.spread = (self.train - self.mean).std()

    def rows(self, images):
        return ((images - self.mean) / self.spread).astype("float32")

    def images(self, rows):
        """Ink in sixteenths, as the scanner wrote it: no judge is to go by the rounding."""
        return np.round(16 * np.clip(rows * self.spread + self.mean, 0, 1)) / 16


digits = cache(Digits)


# Noise, and networks that name it ----------------------------------------------------------------------------------


def see(x, kept):
    """What the network reads: the point, and the logarithm of noise over signal. (N, D + 1)"""
    level = np.log((1 - kept) / kept) / 4
    return dlcore.tensor(np.hstack([x, level + 0 * x[:, :1]]).astype("float32"))


def train(x, steps=STEPS, seed=0, hidden=(64, 64, 64), batch=BATCH, rate=RATE, image=False):
    """Train a network on points x (N, D) to name the noise; with `image`, to name the point below it."""
    dlcore.manual_seed(seed)
    rng = np.random.default_rng(seed)
    model = MLP([x.shape[1] + 1, *hidden, x.shape[1]])
    optimizer = optim.Adam(model.parameters(), lr=rate)
    slower = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        x0 = x[rng.integers(0, len(x), batch)]
        kept = KEPT[rng.integers(0, LEVELS, (batch, 1))]
        noise = rng.normal(size=x0.shape)
        answer = model(see(np.sqrt(kept) * x0 + np.sqrt(1 - kept) * noise, kept))
        weight = np.clip(np.sqrt(kept / (1 - kept)), 0.3, 1).astype("float32") if image else np.float32(1)
        target = (x0 if image else noise).astype("float32")
        optimizer.zero_grad()
        F.mse_loss(answer * weight, dlcore.tensor(target * weight)).backward()
        optimizer.step()
        slower.step()
    return guesser(model, image)


def guesser(model, image=False):
    """The network as a guesser: whether it names noise or point, the other follows."""

    def guess(x, t):
        with dlcore.no_grad():
            answer = model(see(x, KEPT[t])).numpy()
        return (x - np.sqrt(KEPT[t]) * answer) / np.sqrt(1 - KEPT[t]) if image else answer

    guess.model = model
    return guess


@cache
def on_ring(seed=0, n=POINTS, steps=STEPS):
    """A network trained on n points of the ring."""
    return train(ring(n), steps, seed)


@cache
def on_digits(seed=0, n=None, steps=4500):
    """A network trained on the first n digits (all of them if None); it names the image."""
    rows = digits().rows(digits().train[:n])
    return train(rows, steps, seed, hidden=(128, 128), batch=128, rate=0.003, image=True)


def mixture(centres, spread):
    """The exact guesser for Gaussians of one spread around centres (M, D); at spread 0 the centres are all there is."""

    def guess(x, t):
        kept = KEPT[t]
        width = kept * spread**2 + 1 - kept  # variance of each cloud at this level
        off = x[:, None] - np.sqrt(kept) * centres  # (N, M, D)
        far = (off**2).sum(axis=-1) / (2 * width)
        share = np.exp(far.min(axis=1, keepdims=True) - far)
        share /= share.sum(axis=1, keepdims=True)
        return np.sqrt(1 - kept) * (share[:, :, None] * off).sum(axis=1) / width

    return guess


exact = mixture(CENTRES, SPREAD)


# Walks back --------------------------------------------------------------------------------------------------------


def levels(steps):
    """The levels of a walk in so many steps, evenly spaced from pure noise down; −1 is the clean point."""
    return [*np.unique(np.linspace(0, LEVELS - 1, steps).round().astype(int))[::-1].tolist(), -1]


def fresh_spread(kept, to, how):
    """How much fresh noise a step from ᾱ = kept up to ᾱ = to adds, as a spread.

    "fresh" takes what the exact step back has if the point is known; "none" is DDIM; "all" what the step forth added.
    """
    if how == "none" or (how == "all" and to == 1):
        return 0.0
    forth = 1 - kept / to
    return np.sqrt(forth * (1 - to) / (1 - kept) if how == "fresh" else forth)


def walk(guess, z, times, how="fresh", seed=0, forget=False):
    """All positions of points z (N, D) of pure noise on their way back, (len(times), N, D).

    With `forget`, the noise that should be added fresh is taken out and never put in: a common mistake.
    """
    rng, path = np.random.default_rng(seed), [z]
    for t, s in zip(times, times[1:], strict=False):
        kept, to = KEPT[t], KEPT[s] if s >= 0 else 1.0
        noise = guess(z, t)
        point = (z - np.sqrt(1 - kept) * noise) / np.sqrt(kept)
        fresh = fresh_spread(kept, to, how)
        within = fresh_spread(kept, to, "fresh") if how == "all" else fresh
        z = np.sqrt(to) * point + np.sqrt(max(1 - to - within**2, 0)) * noise
        z = z + fresh * rng.normal(size=z.shape) * (not forget)
        path.append(z)
    return np.array(path)


def sample(guess, n=POINTS, steps=LEVELS, how="fresh", seed=0, dim=2, **more):
    """n points made out of pure noise."""
    z = np.random.default_rng([seed, 1]).normal(size=(n, dim))
    return walk(guess, z, levels(steps), how, seed, **more)[-1]


# What judges -------------------------------------------------------------------------------------------------------


def nearest(points, among, skip=0):
    """Distance to and index of the nearest of `among`, for each point; `skip=1` where the point is one of them."""
    far, index = NearestNeighbors(n_neighbors=1 + skip).fit(among).kneighbors(points)
    return far[:, skip], index[:, skip]


def told_apart(made, real):
    """How often the nearest neighbour tells made from real, among as many of each: 0.5 is a coin."""
    count = min(len(made), len(real))
    both, label = np.vstack([made[:count], real[:count]]), np.repeat([0, 1], count)
    return (label[nearest(both, both, skip=1)[1]] == label).mean()


def told_by_svm(made, real):
    """How often a support vector machine, trained on four fifths, tells the rest apart."""
    count = min(len(made), len(real))
    order = np.random.default_rng(0).permutation(2 * count)
    both, label = np.vstack([made[:count], real[:count]])[order], np.repeat([0, 1], count)[order]
    return cross_val_score(SVC(C=10), both, label, cv=5).mean()


def near_training(made, training, fresh):
    """How often a training point is nearer than a fresh one, among as many of each: 0.5 where nothing was copied."""
    count = min(len(training), len(fresh))
    return (nearest(made, training[:count])[0] < nearest(made, fresh[:count])[0]).mean()


def on_the_ring(runs, fresh, training):
    """For each of several runs of made points: share of good ones, modes found, told apart, nearer to training."""
    return np.array([[good(m), found(m), told_apart(m, fresh), near_training(m, training, fresh)] for m in runs])


def timed(function, *args, **more):
    """What a function returns, and the seconds of the processor that it took."""
    before = time.process_time()
    return function(*args, **more), time.process_time() - before


# Rivals ------------------------------------------------------------------------------------------------------------


def kernel_density(train, valid, widths):
    """The width for which training points with noise explain the validation points best."""

    def score(width):
        far = ((valid[:, None] - train) ** 2).sum(axis=-1) if train.shape[1] < 3 else _squares(valid, train)
        far = far / (2 * width**2)
        least = far.min(axis=1, keepdims=True)
        inside = np.log(np.exp(least - far).mean(axis=1)) - least[:, 0]
        return inside.mean() - train.shape[1] * np.log(width)

    return max(widths, key=score)


def _squares(a, b):
    return np.maximum((a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1), 0)


def resample(train, width, n, seed=0):
    """Draw from a kernel density: a training point, and noise."""
    rng = np.random.default_rng(seed)
    return train[rng.integers(0, len(train), n)] + width * rng.normal(size=(n, train.shape[1]))


def gaussians(train, valid, numbers, seed=0, ridge=1e-6):
    """A mixture of as many Gaussians as explains the validation points best."""
    fits = [GaussianMixture(k, reg_covar=ridge, random_state=seed).fit(train.astype(float)) for k in numbers]
    return max(fits, key=lambda fit: fit.score(valid))
