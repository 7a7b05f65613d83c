"""Five ways to step: on ground of two weights, and in a network that reads digits."""

import functools
from typing import NamedTuple

import numpy as np

from dlbook.pages.backprop.going_downhill import experiment as hollows
from dlcore import data

# -- the optimisers, in the letters of their papers; every one takes and returns m and v, and t counts from 1 ----------


def sgd(w, g, m, v, t, rate):
    return w - rate * g, m, v


def momentum(w, g, m, v, t, rate, mu=0.9):
    m = mu * m + g
    return w - rate * m, m, v


def rmsprop(w, g, m, v, t, rate, alpha=0.99, eps=1e-8):
    v = alpha * v + (1 - alpha) * g**2
    return w - rate * g / (np.sqrt(v) + eps), m, v


def adam(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - rate * m_hat / (np.sqrt(v_hat) + eps), m, v


RUNNERS = {"SGD": sgd, "momentum": momentum, "RMSprop": rmsprop, "Adam": adam}

# -- ground of two weights --------------------------------------------------------------------------------------------

STEPS, ARRIVED = 60, 0.01  # of a race; below this loss a runner has arrived
RATES = np.geomspace(0.001, 3, 43)
MEMORIES = (0.5, 0.7, 0.9)  # of momentum's μ and Adam's β₁
EDGE = 2.5  # of the ground: who leaves it is out
NARROW = 50  # times as steep across the narrow valley as along it
HALF = np.sqrt(0.5)


def _round(u, v):
    return (u**2 + v**2) / 2, (u, v)


def _narrow(u, v):
    return (u**2 + NARROW * v**2) / 2, (u, NARROW * v)


def _turned(u, v):
    along, across = HALF * (u + v), HALF * (v - u)
    height, (a, b) = _narrow(along, across)
    return height, (HALF * (a - b), HALF * (a + b))


def _saddle(u, v):
    return (u**2 - 1) ** 2 / 4 + v**2 / 2, (u**3 - u, v)


def _ravine(u, v):
    off = v - u**2 / 2  # the ravine's floor is a bow
    return (u - 1) ** 2 / 2 + 5 * off**2, (u - 1 - 10 * off * u, 10 * off)


SURFACES = {
    "round bowl": _round,
    "narrow valley": _narrow,
    "narrow valley, turned": _turned,
    "saddle": _saddle,
    "ravine": _ravine,
}
STARTS_1, STARTS_2 = [-1.8, -1.2, -0.6, 0.1, 0.6, 1.2, 1.8], [-1.2, -0.6, 0.1, 0.6, 1.2]
STARTS = np.array([(u, v) for u in STARTS_1 for v in STARTS_2]).T  # (2, 35)


def walk(surface, runner, w, rate, memory=0.9, count=STEPS):
    """The places (count + 1, 2, …) that an optimiser visits from w (2, …), kept finite, and their losses."""
    at, step = SURFACES[surface], RUNNERS[runner]
    own = {"momentum": {"mu": memory}, "Adam": {"beta1": memory}}.get(runner, {})
    m, v, places = np.zeros(w.shape), np.zeros(w.shape), [w]
    for t in range(1, count + 1):
        w, m, v = step(w, np.array(at(*w)[1]), m, v, t, rate, **own)
        w = np.clip(np.nan_to_num(w, nan=1e3), -1e3, 1e3)
        places.append(w)
    places = np.array(places)
    return places, at(*np.moveaxis(places, 1, 0))[0]


def arrival(places, losses):
    """The first step from which on the loss stays below ARRIVED (…); one more than there are for who never arrives."""
    late = losses >= ARRIVED  # (T + 1, …)
    steps = len(late) - np.argmax(late[::-1], axis=0) - np.where(late.any(axis=0), 0, len(late))
    return np.where((np.abs(places) > EDGE).any(axis=(0, 1)), len(late), steps)


@functools.cache
def own_setting(surface, runner):
    """The rate and the memory with which an optimiser arrives after the fewest steps, in the mean over STARTS."""
    w = np.repeat(STARTS[:, :, None], len(RATES), axis=2)  # (2, 35, rates)
    tried = {}
    with np.errstate(all="ignore"):
        for memory in MEMORIES if runner in ("momentum", "Adam") else MEMORIES[-1:]:
            needed = arrival(*walk(surface, runner, w, RATES, memory)).mean(axis=0)
            tried |= {(float(rate), memory): n for rate, n in zip(RATES, needed, strict=True)}
    return min(tried, key=tried.get)


# -- two hollows -------------------------------------------------------------------------------------------------------


def crossings(runner, rate, memory=0.9, noise=0.0, count=500, side=16):
    """Where an optimiser takes starts from all over the ground with two hollows, on slopes with noise that dies away.

    Returns:
        of the starts on the shallow hollow's side the share that comes to rest in the deep one; of the starts on the
        deep hollow's side the share that comes to rest in the shallow one; of all the share that comes to rest.
    """
    own, step = {"momentum": {"mu": memory}, "Adam": {"beta1": memory}}.get(runner, {}), RUNNERS[runner]
    one, rng = np.linspace(-1.5, 1.5, side), np.random.default_rng(0)
    w = first = np.stack(np.meshgrid(one, one)).reshape(2, -1)  # (2, starts)
    m, v = np.zeros(w.shape), np.zeros(w.shape)
    for t in range(1, count + 1):
        loud = noise * max(0, 1 - t / (count / 2)) * rng.normal(size=w.shape) if noise else 0  # silent after half
        w, m, v = step(w, np.clip(hollows.slope(w), -1e6, 1e6) + loud, m, v, t, rate, **own)
        w = np.clip(np.nan_to_num(w, nan=1e3), -1e3, 1e3)
    at = {name: np.hypot(w[0] - u, w[1] - z) < 0.05 for name, (u, z) in hollows.PLACES.items()}
    deep, shallow, left = at["deep hollow"], at["shallow hollow"], first[0] < 0
    return deep[left].mean(), shallow[first[0] > 0].mean(), (deep | shallow).mean()


def best_crossing(runner, noises=(0.0,), rates=(0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.5, 1.0)):
    """The most that come from the shallow hollow to the deep, at settings with which nine in ten come to rest."""
    memories = MEMORIES if runner in ("momentum", "Adam") else MEMORIES[-1:]
    with np.errstate(all="ignore"):
        found = [crossings(runner, r, memory, noise) for r in rates for memory in memories for noise in noises]
    return max((one for one in found if one[2] > 0.9), key=lambda one: one[0])


def best_of_restarts(count=10, side=16):
    """What `crossings` returns, for SGD that shares the steps among `count` starts and keeps the lowest place.

    The first start is that of `crossings`; the others are random places of the ground.
    """
    rng, one = np.random.default_rng(0), np.linspace(-1.5, 1.5, side)
    first = np.stack(np.meshgrid(one, one)).reshape(2, 1, -1)  # (2, 1, starts)
    w = np.concatenate([first, rng.uniform(-1.5, 1.5, (2, count - 1, side**2))], axis=1)
    for _ in range(500 // count):
        w = w - 0.3 * hollows.slope(w)
    low = np.take_along_axis(w, hollows.height(w).argmin(axis=0)[None, None], axis=1)[:, 0]  # (2, starts)
    at = {name: np.hypot(low[0] - u, low[1] - z) < 0.05 for name, (u, z) in hollows.PLACES.items()}
    deep, shallow, left = at["deep hollow"], at["shallow hollow"], first[0, 0] < 0
    return deep[left].mean(), shallow[first[0, 0] > 0].mean(), (deep | shallow).mean()


# -- a network that reads digits: 64 pixels, 32 hidden units, 10 digits ------------------------------------------------

ONE_HOT = np.eye(10)
BATCH, EPOCHS = 32, 15
TARGET = 0.2  # nats, of the loss on validation digits: below it a network has arrived
LOOK = 5  # steps between two looks at the validation digits


@functools.cache
def digits():
    """Images (N, 64) and labels (N,) to train on, to choose settings by, and new ones."""
    parts = data.digits()
    return [(part.x.reshape(-1, 64).astype(float), part.y) for part in (parts.train, parts.valid, parts.test)]


def parts_of(w):
    """The weights and biases (32, 64), (32,), (10, 32), (10,) that stand one after another in w (2410,)."""
    return w[:2048].reshape(32, 64), w[2048:2080], w[2080:2400].reshape(10, 32), w[2400:]


def start(seed):
    """Random weights and biases (2410,)."""
    rng = np.random.default_rng(seed)
    w1, w2 = rng.uniform(-1, 1, 32 * 64) / 64**0.5, rng.uniform(-1, 1, 10 * 32) / 32**0.5
    return np.concatenate([w1, np.zeros(32), w2, np.zeros(10)])


def loss_and_slopes(w, x, y):
    """The loss of images x (N, 64), and its slope for every weight (2410,)."""
    w1, b1, w2, b2 = parts_of(w)
    h = np.maximum(x @ w1.T + b1, 0)  # (N, 32)
    z = h @ w2.T + b2  # (N, 10)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    back = (p - ONE_HOT[y]) / len(y)
    through = back @ w2 * (h > 0)  # (N, 32)
    slopes = through.T @ x, through.sum(0), back.T @ h, back.sum(0)
    return loss, np.concatenate([slope.ravel() for slope in slopes])


def judge(w, x, y):
    """The loss on images, and the share named rightly."""
    w1, b1, w2, b2 = parts_of(w)
    z = np.maximum(x @ w1.T + b1, 0) @ w2.T + b2  # (N, 10)
    z = z - z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), y]
    return losses.mean(), np.mean(z.argmax(axis=1) == y)


def cosine(rate, t, last):
    """A schedule: half a wave, from the rate down to 0 at the last step."""
    return rate * (1 + np.cos(np.pi * t / last)) / 2


def clipped(g, longest):
    """The slopes, shortened to a length of `longest` if they are longer."""
    return g * min(1, longest / (np.linalg.norm(g) + 1e-12))


#: name → optimiser, whether by schedule, longest slopes, rates tried
CONTENDERS = {
    "SGD": ("SGD", False, None, (0.1, 0.3, 0.5, 0.7, 1.0)),
    "SGD, schedule": ("SGD", True, None, (0.3, 0.5, 0.7, 1.0, 1.4)),
    "SGD, clipped": ("SGD", False, 0.3, (1.0, 1.5, 2.0, 3.0, 5.0)),
    "momentum": ("momentum", False, None, (0.03, 0.05, 0.1, 0.2, 0.3)),
    "momentum, μ 0.7": ("momentum", False, None, (0.1, 0.2, 0.3, 0.5, 0.7)),
    "RMSprop": ("RMSprop", False, None, (0.001, 0.003, 0.006, 0.01, 0.03)),
    "RMSprop, α 0.9": ("RMSprop", False, None, (0.003, 0.006, 0.01, 0.03, 0.06)),
    "Adam": ("Adam", False, None, (0.006, 0.01, 0.03, 0.06, 0.1)),
    "Adam, schedule": ("Adam", True, None, (0.006, 0.01, 0.03, 0.06, 0.1)),
}
#: a memory other than the usual one
OWN = {"momentum, μ 0.7": {"mu": 0.7}, "RMSprop, α 0.9": {"alpha": 0.9}}
TUNE, RACE = (0, 1, 2), (3, 4, 5, 6, 7)  # seeds on which rates are chosen, and those that are reported


class Run(NamedTuple):
    """What came of one training."""

    steps: float  # until the validation loss was below TARGET; ∞ if it never was
    valid: float  # the validation loss at the end
    right: float  # the share of new digits named rightly at the end, in per cent
    w: np.ndarray  # all weights at the end (2410,)


def scaled(pixels):
    """The digits, with pixels as they are, "uneven", or uneven and then standardised."""
    parts = [(x * SCALES.get(pixels, UNEVEN), y) for x, y in digits()]
    if pixels != "standardised":
        return parts
    centre, spread = parts[0][0].mean(axis=0), parts[0][0].std(axis=0)
    return [((x - centre) / np.where(spread > 0, spread, 1), y) for x, y in parts]


#: each pixel is multiplied by a number of its own, between a thirtieth and thirty
UNEVEN = 10 ** np.random.default_rng(5).uniform(-1.5, 1.5, 64)
SCALES = {"as they are": 1.0}


@functools.cache
def trained(name, rate, seed, epochs=EPOCHS, pixels="as they are", l2=0.0, decay=0.0):
    """Train one contender; l2 · w is added to the slopes, and each step also multiplies w by 1 − rate · decay."""
    optimiser, schedule, longest, _ = CONTENDERS[name]
    (x, y), (x_valid, y_valid), (x_new, y_new) = scaled(pixels)
    w, rng, t, first = start(seed), np.random.default_rng(seed), 0, np.inf
    if pixels == "fitted":  # uneven pixels, and first weights that make up for it
        w[:2048] /= np.tile(UNEVEN, 32)
    m, v = np.zeros_like(w), np.zeros_like(w)
    last = epochs * -(-len(x) // BATCH)
    with np.errstate(all="ignore"):  # some fly apart
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for begin in range(0, len(x), BATCH):
                rows = order[begin : begin + BATCH]
                loss, g = loss_and_slopes(w, x[rows], y[rows])
                if not np.isfinite(loss):
                    return Run(np.inf, np.inf, 10.0, w)
                g = clipped(g, longest) if longest else g
                g = g + l2 * w if l2 else g
                now = cosine(rate, t, last) if schedule else rate
                t += 1
                shrunk = w * (1 - now * decay) if decay else w
                w, m, v = RUNNERS[optimiser](shrunk, g, m, v, t, now, **OWN.get(name, {}))
                if first == np.inf and t % LOOK == 0 and judge(w, x_valid, y_valid)[0] < TARGET:
                    first = t
    return Run(first, judge(w, x_valid, y_valid)[0], 100 * judge(w, x_new, y_new)[1], w)


def tuned(name, what, rates=None, **more):
    """The rate with the lowest mean, over TUNE, of "steps" or of the "valid" loss at the end."""
    means = {
        rate: np.mean([getattr(trained(name, rate, seed, **more), what) for seed in TUNE])
        for rate in rates or CONTENDERS[name][3]
    }
    return min(means, key=means.get)
