"""Networks and measurements of the page "The family": six activations, each at its own start and its own rate."""

import time
from functools import cache
from typing import NamedTuple

import numpy as np

from dlcore import Tensor, data, no_grad, ops, optim
from dlcore.nn import functional as F

BENDS = {
    "sigmoid": F.sigmoid,
    "tanh": F.tanh,
    "ReLU": F.relu,
    "leaky ReLU": F.leaky_relu,
    "GELU": F.gelu,
    "SiLU": F.silu,
}
RULES = dict(zip(BENDS, (ops.sigmoid, ops.tanh, ops.relu, ops.leaky_relu, ops.gelu, ops.silu), strict=True))
DEPTH, WIDTH, PASSES = 10, 32, 8
RATES, ONE_RATE = (0.001, 0.003, 0.01, 0.03), 0.003  # tried for each activation; one for all
TRIED, JUDGED = (5, 6), (0, 1, 2)  # seeds: to choose the rate with, and to judge it by
CLOCK = getattr(time, "thread_time", time.perf_counter)  # of the processor; inside a page there is the wall's only
FLAT = 0.05  # of its steepest slope: below this share a curve counts as flat

# The bends themselves ----------------------------------------------------------------------------------------------


def bent(name, z):
    """What an activation answers to z, and its slope there, both shaped like z."""
    z = np.asarray(z, dtype=float)
    answer, (pullback,) = RULES[name](z)
    return answer, pullback(np.ones_like(z))


@cache
def usual(name):
    """For sums z spread like the bell curve of width 1: the mean answer, and the root of the mean squared slope."""
    z = np.linspace(-8, 8, 4001)
    share = np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
    answer, slope = bent(name, z)
    return float((share * answer).sum()), float(np.sqrt((share * slope**2).sum()))


@cache
def steepest(name):
    return float(np.abs(bent(name, np.linspace(-8, 8, 4001))[1]).max())


# Ten layers --------------------------------------------------------------------------------------------------------


class Start(NamedTuple):
    """First weights between hidden layers, and whether biases take away what the mean answers add to the sums."""

    size: float  # of the weights, times the root of their number
    own: bool = False  # whether the size is meant times the activation's own, one over its typical slope
    leans: bool = False


#: the small ones have the spread of those that PyTorch's Linear begins with
STARTS = {
    "small": Start(3**-0.5),
    "He’s": Start(2**0.5),
    "its own": Start(1, own=True, leans=True),
    "twice its own": Start(2, own=True, leans=True),
}
#: one half of "its own" each; and what PyTorch's calculate_gain names for a sigmoid
HALVES = {"bias only": Start(2**0.5, leans=True), "weights only": Start(1, own=True), "gain 1": Start(1)}


@cache
def digits():
    """Training, validation and test digits: x (N, 64), every pixel's mean taken away, all with one spread; y (N,)."""
    table = data.digits()
    shown = table.train.x.reshape(-1, 64)
    return [
        ((x.reshape(-1, 64) - shown.mean(0)) / shown.std(0).mean(), y)
        for x, y in (table.train, table.valid, table.test)
    ]


def scaled(image):
    """One digit (8, 8) from 0 to 1 as the networks get it, (64,)."""
    shown = data.digits().train.x.reshape(-1, 64)
    return (np.asarray(image).reshape(64) - shown.mean(0)) / shown.std(0).mean()


def begin(bend, start, seeds, sizes=(64, *[WIDTH] * DEPTH, 10)):
    """First weights (S, in, out) and biases (S, 1, out) of each layer, for S networks side by side, one a seed."""
    mean, slope = usual(bend)
    size, own, leans = (STARTS | HALVES)[start]
    rngs, layers = [np.random.default_rng(seed) for seed in seeds], []
    for k, (n_in, n_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        inner = 0 < k < len(sizes) - 2  # the first and the last layer are the same for all
        spread = (size / (slope if own else 1) if inner else 1) / n_in**0.5
        w = np.array([rng.normal(0, spread, (n_in, n_out)) for rng in rngs])
        b = -mean * w.sum(1, keepdims=True) if leans and k > 0 else np.zeros((len(w), 1, n_out))
        layers.append([Tensor(a.astype("float32"), requires_grad=True) for a in (w, b)])
    return layers


def forward(layers, x, bend):
    """The scores (S, N, 10) of digits x (N, 64), and the sums z (S, N, units) of every hidden layer."""
    sums = []
    for w, b in layers[:-1]:
        sums.append(x @ w + b)
        x = BENDS[bend](sums[-1])
    w, b = layers[-1]
    return x @ w + b, sums


def learn(layers, bend, rate, passes=PASSES, optimiser=optim.Adam):
    """Train the networks on the training digits, in place; all see the same batches."""
    x, y = digits()[0]
    networks, rng = len(layers[0][0]), np.random.default_rng(0)
    steps = optimiser([p for layer in layers for p in layer], lr=rate)
    for _ in range(passes):
        for rows in np.array_split(rng.permutation(len(x)), len(x) // 64):
            scores, _ = forward(layers, Tensor(x[rows]), bend)
            loss = networks * F.cross_entropy(scores.reshape(-1, 10), np.tile(y[rows], networks))  # of each its own
            steps.zero_grad()
            loss.backward()
            steps.step()
    return layers


def sums_of(layers, bend, x):
    """The scores (S, N, 10) and the sums of all hidden units, (layers, S, N, units)."""
    with no_grad():
        scores, sums = forward(layers, Tensor(np.asarray(x, dtype="float32")), bend)
    return scores.numpy(), np.array([z.numpy() for z in sums])


def flatness(bend, z):
    """Of sums z (…, N, units): is the curve flat there, and which units (…, units) are flat for all N examples?"""
    flat = np.abs(bent(bend, z)[1]) < FLAT * steepest(bend)
    return flat, flat.all(-2)


@cache
def trained(bend, start, rate, seeds, passes=PASSES, optimiser=optim.Adam, depth=DEPTH):
    """Of each network, in per cent: validation and test digits named rightly, flat answers, stuck units; (S, 4)."""
    with np.errstate(over="ignore", invalid="ignore"):
        layers = begin(bend, start, seeds, (64, *[WIDTH] * depth, 10))
        layers = learn(layers, bend, rate, passes, optimiser)
        right = [(sums_of(layers, bend, x)[0].argmax(-1) == y).mean(1) for x, y in digits()[1:]]
        flat, stuck = flatness(bend, sums_of(layers, bend, digits()[0][0])[1])
    return 100 * np.array([*right, flat.mean((0, 2, 3)), stuck.mean((0, 2))]).T


def best_rate(bend, start, rates=RATES, **setting):
    """The rate with which most validation digits are named rightly."""
    return max(rates, key=lambda rate: trained(bend, start, rate, TRIED, **setting)[:, 0].mean())


def judged(bend, start, rate, **setting):
    """What `trained` finds, for the networks that settings are judged by."""
    return trained(bend, start, rate, JUDGED, **setting)


def born_dead(depth, width, networks=200):
    """Of new ReLU networks with He's weights: the share in which one layer answers 0 to every digit."""
    x, rng = digits()[0][0][::4], np.random.default_rng(0)
    count = 0
    for _ in range(networks):
        a = x
        for n_in, n_out in zip([64] + [width] * (depth - 1), [width] * depth, strict=True):
            a = np.maximum(a @ rng.normal(0, (2 / n_in) ** 0.5, (n_in, n_out)), 0)
        count += not a.any()
    return count / networks


# What one bend costs -----------------------------------------------------------------------------------------------


def times(functions, rounds=40):
    """Processor seconds of each function, (rounds,), all of them in turn in every round, in a new order each time."""
    rng, names = np.random.default_rng(0), list(functions)
    taken = {name: [] for name in names}
    for _ in range(rounds + 3):
        for k in rng.permutation(len(names)):
            begun = CLOCK()
            functions[names[k]]()
            taken[names[k]].append(CLOCK() - begun)
    return {name: np.array(seconds[3:]) for name, seconds in taken.items()}  # the first rounds warm up


# Noise -------------------------------------------------------------------------------------------------------------

LENGTH = 4000


def signal(kind, rng):
    """A signal without noise, (LENGTH,)."""
    steps, pieces = np.arange(LENGTH), LENGTH // 10
    jumps = np.repeat(rng.uniform(1, 3, pieces), 10)
    chance = np.repeat(rng.random(pieces), 10)
    if kind.endswith("%"):
        return jumps * (chance < int(kind[3:5]) / 100)
    if kind == "up, down":
        return jumps * (chance < 0.1) * np.repeat(rng.choice([-1.0, 1.0], pieces), 10)
    wave = 1.4 * np.sin(steps / 9 + rng.uniform(0, 6))
    return wave + 1.4 * (kind == "lifted")


KINDS = ("up 10 %", "up 50 %", "up 90 %", "up, down", "wave", "lifted")


def moving(x, size, how):
    """The mean or median of a window that moves along x, as long as x."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(x, size // 2, mode="edge"), size)
    return how(around, axis=-1)


_AT, _SIZES = np.linspace(-3, 3, 25), (3, 5, 7, 9)
#: name -> what is tried: the one that does best on one signal is used on another
FILTERS = {
    "ReLU": [lambda x: np.maximum(x, 0)],
    "ReLU, bias chosen": [lambda x, b=b: np.maximum(x - b, 0) for b in _AT],
    "plain threshold": [lambda x, b=b: x * (np.abs(x) > b) for b in _AT[_AT >= 0]],
    "soft threshold": [lambda x, b=b: np.sign(x) * np.maximum(np.abs(x) - b, 0) for b in _AT[_AT >= 0]],
    "sigmoid, chosen": [lambda x, b=b, k=k: 1 / (1 + np.exp(-k * (x - b))) for b in _AT[::2] for k in (1, 2, 4)],
    "moving mean": [lambda x, n=n: moving(x, n, np.mean) for n in _SIZES],
    "moving median": [lambda x, n=n: moving(x, n, np.median) for n in _SIZES],
}


def clearness(got, clean):
    """Signal to noise in what was got, at the best gain and offset: r² / (1 - r²), with r their correlation."""
    if got.std() < 1e-12:
        return 1e-12
    r = np.corrcoef(got, clean)[0, 1]
    return max(r * r, 1e-12) / (1 - r * r)


def decibels(kind, name, noise=1.0, seeds=range(5)):
    """How many decibels clearer a filter makes a signal with noise of so many times its spread, for each seed."""
    gained = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        (tried, heard), (clean, new) = (
            (s, s + noise * s.std() * rng.normal(size=LENGTH)) for s in (signal(kind, rng), signal(kind, rng))
        )
        best = max(FILTERS[name], key=lambda f: clearness(f(heard), tried))
        gained.append(10 * np.log10(clearness(best(new), clean) / clearness(new, clean)))
    return np.array(gained)


def against_bent(kind, noise=1.0, seeds=range(5)):
    """The same for ReLU if its answer to the clean signal counts as the signal: powers, not correlations."""
    gained = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        clean = signal(kind, rng)
        heard = clean + noise * clean.std() * rng.normal(size=LENGTH)
        before = (clean**2).sum() / ((heard - clean) ** 2).sum()
        after = (np.maximum(clean, 0) ** 2).sum() / ((np.maximum(heard, 0) - np.maximum(clean, 0)) ** 2).sum()
        gained.append(10 * np.log10(after / before))
    return np.array(gained)


# On or off? --------------------------------------------------------------------------------------------------------

SHALLOW, SHALLOW_RATE = (64, 64, 64, 10), 0.01


@cache
def shallow(bend):
    """Trained networks of two hidden layers, one for each seed: layers as arrays, (S, in, out) and (S, 1, out)."""
    layers = learn(begin(bend, "He’s", JUDGED, SHALLOW), bend, SHALLOW_RATE, 10)
    return [[p.detach().numpy() for p in layer] for layer in layers]


def noise_in_a_network(bend, noise):
    """Decibels gained by the bend in each hidden layer, (2, S), when noise of this spread is added to test digits."""
    clean = digits()[2][0]
    heard = clean + noise * np.random.default_rng(0).normal(size=clean.shape)
    gained = []
    for w, b in shallow(bend)[:-1]:
        pairs = [(clean @ w + b, heard @ w + b)]
        pairs.append([bent(bend, z)[0] for z in pairs[0]])
        before, after = (s.var(1).sum(-1) / ((n - s) ** 2).mean(1).sum(-1) for s, n in pairs)
        gained.append(10 * np.log10(after / before))
        clean, heard = pairs[1]
    return np.array(gained)


def two_levels(a):
    """For answers a (N, units): the two levels of each unit that miss them least, and the border halfway."""
    low, high = a.min(0), a.max(0)
    for _ in range(30):
        on = a > (low + high) / 2
        high = np.where(on.any(0), (a * on).sum(0) / np.maximum(on.sum(0), 1), high)
        low = np.where((~on).any(0), (a * ~on).sum(0) / np.maximum((~on).sum(0), 1), low)
    return low, high, (low + high) / 2


def two_levels_at_zero(z, a):
    """For answers a (N, units) to sums z: the mean of those to z > 0, and of the others."""
    on = z > 0
    high = (a * on).sum(0) / np.maximum(on.sum(0), 1)
    return (a * ~on).sum(0) / np.maximum((~on).sum(0), 1), high


def on_or_off(bend, k, cut):
    """Of network k: the last hidden answers to training and test digits, if units have two levels; the last layer.

    cut: "no" leaves the answers as they are, "at 0" cuts at z = 0, "best" where the two levels miss them least. The
    levels are chosen layer by layer, on training digits that have passed the layers before, cut as well.
    """
    (seen, _), _, (new, _) = digits()
    *hidden, last = [[p[k] for p in layer] for layer in shallow(bend)]
    for w, b in hidden:
        sums = [part @ w + b for part in (seen, new)]
        seen, new = (bent(bend, z)[0] for z in sums)
        if cut == "at 0":
            low, high = two_levels_at_zero(sums[0], seen)
            seen, new = (np.where(z > 0, high, low) for z in sums)
        elif cut == "best":
            low, high, border = two_levels(seen)
            seen, new = (np.where(a > border, high, low) for a in (seen, new))
    return seen, new, last
