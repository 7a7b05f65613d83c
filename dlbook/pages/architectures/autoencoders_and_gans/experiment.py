"""Autoencoders of digits beside principal components and look-ups; GANs on the ring beside simpler ways to make it."""

from functools import cache
from typing import NamedTuple

import numpy as np

import dlcore
from dlbook.live import Mesh
from dlbook.pages.ring import STEPS, Gans, Recipe, found, good, ring, shares, sigmoid
from dlcore import data, models, nn, optim

SEEDS = (60, 61, 62, 63, 64)  # not among those on which a recipe was chosen (0 to 39, 70 to 74)
INSTANTS = tuple(range(0, STEPS + 1, STEPS // 10))
STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0)  # the discriminator's rate over the generator's

CELLS = 18
MESH = Mesh(x=(-3, 3), y=(-3, 3), cells=CELLS)

# -- digits, squeezed --------------------------------------------------------------------------------------------------


@cache
def digits():
    """Images (N, 64), ink from 0 to 1, and labels (N,): to train on, to choose by, and new ones."""
    parts = data.digits()
    return [(part.x.reshape(-1, 64).astype(np.float32), part.y) for part in (parts.train, parts.valid, parts.test)]


@cache
def components():
    """The mean digit (64,), and its principal components as rows (64, 64), the widest first."""
    x = digits()[0][0]
    return x.mean(0), np.linalg.svd(x - x.mean(0), full_matrices=False)[2]


def squeezed(x, k):
    """Codes (N, k) of digits, by principal components."""
    mean, directions = components()
    return (x - mean) @ directions[:k].T


def unfolded(codes):
    """Digits (N, 64) from codes (N, k), by principal components."""
    mean, directions = components()
    return mean + codes @ directions[: codes.shape[1]]


def error(a, b):
    """The mean squared error."""
    return float(np.mean((a - b) ** 2))


def apart(a, b):
    """Mean squared differences of all pairs: (N, M)."""
    return ((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T).clip(0) / a.shape[1]


def autoencoder(k=2, hidden=(128, 64), rate=0.003, seed=0, epochs=60, falling=False):
    """A trained autoencoder: 64 → hidden → k → hidden → 64; its rate may fall to 0, along a cosine."""
    return _autoencoder(k, hidden, rate, seed, epochs, falling)  # one key of the cache, however it was asked for


@cache
def _autoencoder(k, hidden, rate, seed, epochs, falling):
    dlcore.manual_seed(seed)
    model = models.Autoencoder([64, *hidden, k])
    optimizer = optim.Adam(model.parameters(), lr=rate)
    for epoch in range(epochs):
        if falling:
            optimizer.param_groups[0]["lr"] = rate * (1 + np.cos(np.pi * epoch / epochs)) / 2
        for (x,) in data.batches(dlcore.tensor(digits()[0][0]), batch_size=64):
            loss = nn.functional.mse_loss(model(x), x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def numbers(part, x):
    """What a part of a network answers, as an array."""
    with dlcore.no_grad():
        return part(dlcore.tensor(np.asarray(x, np.float32))).numpy()


@cache
def tuned(k, seeds=(0, 1)):
    """Errors on new digits of autoencoders with the shape and rate that did best on validation digits, and these."""
    (_, _), (valid, _), (new, _) = digits()
    tried = [((128, 64), 0.003), ((128,), 0.005)]
    losses = [error(numbers(autoencoder(k, *one), valid), valid) for one in tried]
    best = tried[int(np.argmin(losses))]
    return np.array([error(numbers(autoencoder(k, *best, seed), new), new) for seed in seeds]), best


def by_neighbours(k):
    """The error of principal components whose code is unfolded by a look-up: the mean of the nearest stored digits."""
    (x, _), (valid, _), (new, _) = digits()
    order = [apart(squeezed(some, k), squeezed(x, k)).argsort(1) for some in (valid, new)]
    many = (5, 10, 20, 40)
    losses = [error(x[order[0][:, :n]].mean(1), valid) for n in many]
    return error(x[order[1][:, : many[int(np.argmin(losses))]]].mean(1), new)


def k_means(x, k, seed=0, rounds=30):
    """Centres (k, D): each becomes the mean of what is nearest to it, again and again."""
    centres = x[np.random.default_rng(seed).permutation(len(x))[:k]].copy()
    for _ in range(rounds):
        nearest = apart(x, centres).argmin(1)
        for j in np.unique(nearest):
            centres[j] = x[nearest == j].mean(0)
    return centres


def looked_up(book):
    """The error of naming the nearest picture in a book of pictures."""
    return float(apart(digits()[2][0], book).min(1).mean())


class VAE(nn.Module):
    """An autoencoder whose code is a cloud, kept near the standard normal distribution."""

    def __init__(self, k):
        super().__init__()
        self.k = k
        self.encoder = models.MLP([64, 128, 64, 2 * k])  # mean and ln variance of each number
        self.decoder = models.MLP([k, 64, 128, 64])

    def forward(self, x, spread):
        """The loss: squared errors over 2 · spread², and the divergence."""
        both = self.encoder(x)
        mean, log_var = both[:, : self.k], both[:, self.k :]
        z = mean + (log_var / 2).exp() * dlcore.randn(*mean.shape)
        misfit = ((self.decoder(z) - x) ** 2).sum(dim=1) / (2 * spread**2)
        divergence = (mean**2 + log_var.exp() - log_var - 1).sum(dim=1) / 2
        return (misfit + divergence).mean()


@cache
def vae(k=2, spread=0.2, seed=0, epochs=50, rate=0.003):
    """A trained VAE."""
    dlcore.manual_seed(seed)
    model = VAE(k)
    optimizer = optim.Adam(model.parameters(), lr=rate)
    for _ in range(epochs):
        for (x,) in data.batches(dlcore.tensor(digits()[0][0]), batch_size=64):
            loss = model(x, spread)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def strangeness(pictures):
    """How far pictures (N, 64) lie from the nearest stored digit, in the mean: squared error."""
    return float(apart(pictures, digits()[0][0]).min(1).mean())


@cache
def drawn(k, seed=0, count=1000):
    """How strange the digits are that decoders draw from random codes, and from the codes of real, new digits."""
    rng, (x, _), (new, _) = np.random.default_rng(seed), digits()[0], digits()[2]
    plain, cloudy = autoencoder(k, seed=seed), vae(k, seed=seed)
    codes, normal = numbers(plain.encoder, x), rng.normal(size=(count, k))
    moved = codes[rng.permutation(len(x))[:count]] + 0.2 * codes.std(0) * normal
    cloud = codes.mean(0) + normal @ np.linalg.cholesky(np.cov(codes.T)).T
    made = {
        "autoencoder, codes of new digits": numbers(plain.decoder, numbers(plain.encoder, new)),
        "autoencoder, standard normal codes": numbers(plain.decoder, normal),
        "autoencoder, codes from a fitted cloud": numbers(plain.decoder, cloud),
        "autoencoder, stored codes moved a little": numbers(plain.decoder, moved),
        "VAE, standard normal codes": numbers(cloudy.decoder, normal),
        "components, codes from a fitted cloud": unfolded(squeezed(x, k).std(0) * normal),
    }
    return {name: strangeness(pictures.astype(np.float32)) for name, pictures in made.items()}


# -- points, made ------------------------------------------------------------------------------------------------------


class Course(NamedTuple):
    """What GANs of one recipe made in the course of training."""

    samples: np.ndarray  # (instants, R, 1000, 2)
    good: np.ndarray  # (instants, R) share of points near a centre
    found: np.ndarray  # (instants, R) modes
    shares: np.ndarray  # (instants, R, 8)
    judged: np.ndarray  # (instants, R, cells²) how real the discriminator finds each place
    gans: Gans


def at_strength(strength, **more):
    """The balanced recipe with one of the rates cut, so that the discriminator's over the generator's is `strength`."""
    r = Recipe(**more)
    return r._replace(rate=r.rate / max(strength, 1), rate_d=r.rate_d * min(strength, 1))


def course(recipe, seeds=SEEDS):
    """GANs of a recipe, looked at ten times."""
    return _course(recipe, tuple(seeds))


@cache
def _course(recipe, seeds, count=1000):
    gans, samples, judged = Gans(recipe, seeds), [], []
    places = np.broadcast_to(MESH.points.astype(np.float32), (len(seeds), CELLS**2, 2))
    for part in range(11):
        if part:
            gans.train(part * recipe.steps // 10)
        samples.append(gans.sample(count))
        judged.append(sigmoid(gans.d.forward(places))[..., 0])
    x = np.array(samples)
    return Course(x, good(x), found(x), shares(x), np.array(judged), gans)


@cache
def made(recipe, seeds=SEEDS):
    """Points (R, 1000, 2) of GANs at the end of their training."""
    if (recipe, seeds) == (Recipe(), SEEDS):
        return course(recipe).samples[-1]  # the figure has trained these
    return Gans(recipe, seeds).train().sample(1000)


def told_apart(made, real):
    """Share of points named rightly, made or real, by their nearest other point: 0.5 is a coin."""
    x = np.concatenate([made, real]).astype(float)
    away = apart(x, x)
    np.fill_diagonal(away, np.inf)
    is_made = np.arange(len(x)) < len(made)
    return float((is_made[away.argmin(1)] == is_made).mean())


def to_nearest(made, stored):
    """The median distance from made points to the nearest stored one."""
    return float(np.median(np.sqrt(2 * apart(made.astype(float), stored.astype(float)).min(1))))


def log_density(x, centres, widths, weights):
    """ln of a mixture of round clouds at x (N, 2)."""
    squares = 2 * apart(x, centres)  # (N, K)
    logs = np.log(weights) - squares / (2 * widths**2) - np.log(2 * np.pi * widths**2)
    most = logs.max(1, keepdims=True)
    return (most + np.log(np.exp(logs - most).sum(1, keepdims=True)))[:, 0], logs


def mixture(x, k, seed=0, rounds=100):
    """Centres (k, 2), widths (k,), weights (k,) of round clouds, fitted by expectation and maximisation."""
    centres = k_means(x, k, seed)
    widths, weights = np.full(k, x.std() / 4), np.full(k, 1 / k)
    for _ in range(rounds):
        total, logs = log_density(x, centres, widths, weights)
        belongs = np.exp(logs - total[:, None])  # (N, K)
        sums = belongs.sum(0) + 1e-9
        centres, weights = belongs.T @ x / sums[:, None], sums / sums.sum()
        widths = np.sqrt((belongs * 2 * apart(x, centres)).sum(0) / (2 * sums)) + 1e-3
    return centres, widths, weights


def from_mixture(parts, n, seed=99):
    """n points of a mixture of round clouds."""
    centres, widths, weights = parts
    rng = np.random.default_rng(seed)
    of = rng.choice(len(weights), n, p=weights / weights.sum())
    return centres[of] + widths[of, None] * rng.normal(size=(n, 2))


def fitted(x, valid):
    """The mixture, of 4, 8 or 12 clouds and three starts, with the highest likelihood of validation points."""
    tried = [mixture(x, k, seed) for k in (4, 8, 12) for seed in range(3)]
    return max(tried, key=lambda parts: log_density(valid, *parts)[0].mean())


def kernel(x, valid):
    """A cloud at every training point, all of the width with the highest likelihood of validation points."""
    even = np.full(len(x), 1 / len(x))
    tried = [(x, np.full(len(x), width), even) for width in (0.02, 0.03, 0.05, 0.07, 0.1, 0.15)]
    return max(tried, key=lambda parts: log_density(valid, *parts)[0].mean())


@cache
def rivals(n=1000):
    """Points made without any network, from the same thousand."""
    x, valid, fresh = (ring(1000, generator=seed).astype(float) for seed in (0, 1, 2))
    rng = np.random.default_rng(3)
    around = rng.normal(x.mean(0), x.std(0), (n, 2))
    return {
        "real, new": fresh,
        "copies of the training points": x[rng.permutation(len(x))],
        "kernel density": from_mixture(kernel(x, valid), n),
        "mixture of clouds, EM": from_mixture(fitted(x, valid), n),
        "one cloud": around,
    }
