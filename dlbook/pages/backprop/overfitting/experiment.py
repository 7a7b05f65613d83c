"""Digits, some of them with wrong labels; networks that learn them by heart; remedies, and what does without."""

from functools import cache
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from dlcore import data

SEEDS = range(5)  # each draws other digits, other wrong labels, other first weights
VALID = 100  # digits of each draw to choose settings by; their labels are as often wrong as those to learn from
RATE, BATCH, STEPS = 0.5, 50, 300
LONGER = 3 * STEPS
LOOKS = (*range(25, STEPS + 1, 25), *range(STEPS + 150, LONGER + 1, 150))
WIDTH = 64  # hidden units, where nothing else is said
BOOK = 6  # row of the test digits: the 7 of the book
ONE_HOT = np.eye(10, dtype=np.float32)

# Digits, right and wrong labels ---------------------------------------------------------------------------------------


@cache
def pool():
    """Images (N, 64) and labels (N,) to draw from, and new ones to judge by; the 7 of the book is in neither."""
    parts = data.digits(standardise=False)
    images = [part.x.reshape(-1, 64) for part in (parts.train, parts.valid, parts.test)]
    new = np.arange(len(parts.test.y)) != BOOK
    learn = np.concatenate(images[:2]), np.concatenate([parts.train.y, parts.valid.y])
    return learn, (images[2][new], parts.test.y[new])


def spoiled(y, share, how, rng):
    """The labels y (N,), a share of them wrong: shuffled among their digits, or each taken for one more than it is."""
    y, some = y.copy(), rng.permutation(len(y))[: round(share * len(y))]
    y[some] = y[rng.permutation(some)] if how == "shuffled" else (y[some] + 1) % 10
    return y


class Lesson(NamedTuple):
    """Images (S, N, 64) to learn from, their labels and what they are (S, N); images and labels to choose by."""

    x: np.ndarray
    y: np.ndarray
    true: np.ndarray
    choose_x: np.ndarray
    choose_y: np.ndarray


@cache
def lesson(n=200, share=0.0, how="shuffled"):
    """A Lesson of n digits for each seed. With more digits the first ones, and those to choose by, stay."""
    (images, labels), parts = pool()[0], []
    for seed in SEEDS:
        rows = np.random.default_rng(seed).permutation(len(labels))
        choose, learn = rows[:VALID], rows[VALID : VALID + n]
        rng = np.random.default_rng(100 + seed)
        y_choose, y = (spoiled(labels[some], share, how, rng) for some in (choose, learn))
        parts.append((images[learn], y, labels[learn], images[choose], y_choose))
    return Lesson(*map(np.stack, zip(*parts, strict=True)))


def moved(x, reach, rng):
    """Images x (S, N, 64), each slid by a random way of its own of up to `reach` pixels, down or up, right or left."""
    paper = np.zeros((*x.shape[:2], 10, 10), np.float32)
    paper[..., 1:9, 1:9] = x.reshape(*x.shape[:2], 8, 8)
    down, right = rng.uniform(-reach, reach, (2, *x.shape[:2], 1, 1)).astype(np.float32)
    paper = (1 - abs(down)) * paper[:, :, 1:9] + down.clip(0) * paper[:, :, :8] + (-down).clip(0) * paper[:, :, 2:]
    paper = (1 - abs(right)) * paper[..., 1:9] + right.clip(0) * paper[..., :8] + (-right).clip(0) * paper[..., 2:]
    return paper.reshape(x.shape)


# Networks, one for each seed, trained side by side --------------------------------------------------------------------


def start(width, count):
    """Random first weights of `count` networks 64 → width → 10: (S, 64, width), (S, 1, width) and so on."""
    first, last = [], []
    for seed in range(count):
        rng = np.random.default_rng(200 + seed)
        first.append(rng.uniform(-1, 1, (64, width)) / 8)
        last.append(rng.uniform(-1, 1, (width, 10)) / width**0.5)
    weights = np.stack(first), np.zeros((count, 1, width)), np.stack(last), np.zeros((count, 1, 10))
    return [w.astype(np.float32) for w in weights]


def scores(weights, x):
    """What the networks answer to x (S, N, 64) or (N, 64): (S, N, 10)."""
    w1, b1, w2, b2 = weights
    return np.maximum(x @ w1 + b1, 0) @ w2 + b2


def slopes(weights, x, y, mask=None):
    """The slopes of the loss for all weights; `mask` multiplies the hidden units' answers."""
    w1, b1, w2, b2 = weights
    z = x @ w1 + b1
    mask = z > 0 if mask is None else mask * (z > 0)
    h = z * mask
    e = h @ w2 + b2
    e -= e.max(2, keepdims=True)
    np.exp(e, out=e)
    e /= e.sum(2, keepdims=True)
    e -= ONE_HOT[y]
    e /= y.shape[1]
    through = e @ w2.swapaxes(1, 2) * mask
    return [x.swapaxes(1, 2) @ through, through.sum(1, keepdims=True), h.swapaxes(1, 2) @ e, e.sum(1, keepdims=True)]


def descend(x, y, width=WIDTH, steps=LONGER, decay=0.0, drop=0.0, reach=0.0, rate=RATE):
    """Train with SGD on x (S, N, 64), y (S, N); yields after each step its number and the weights."""
    weights, rng, order = start(width, len(x)), np.random.default_rng(0), np.empty(0, int)
    for step in range(1, steps + 1):
        order = order if len(order) >= BATCH else rng.permutation(x.shape[1])
        rows, order = order[:BATCH], order[BATCH:]
        images, mask = x[:, rows], None
        if reach:
            images = moved(images, reach, rng)
        if drop:
            mask = (rng.random((len(x), BATCH, width), dtype=np.float32) >= drop) * np.float32(1 / (1 - drop))
        for w, slope in zip(weights, slopes(weights, images, y[:, rows], mask), strict=True):
            if decay:
                w *= 1 - rate * decay
            slope *= rate
            w -= slope
        yield step, weights


class Run(NamedTuple):
    """At each of LOOKS, for each seed, in per cent: training digits named as their label says; of those with a wrong
    label, named by it; digits to choose by that are named by their label, and their loss; new digits named rightly."""

    own: np.ndarray
    heart: np.ndarray
    choose: np.ndarray
    loss: np.ndarray
    new: np.ndarray

    def stopped(self):
        """The same, one row, at the look that named most digits to choose by, the lower loss deciding ties."""
        best = (self.choose - 0.1 * self.loss).argmax(0), range(self.new.shape[1])
        return Run(*(part[best][None] for part in self))


def share_of(hits, among=None):
    """The share of hits (S, N) in per cent; only `among` some, nan where there are none."""
    among = np.ones_like(hits) if among is None else among
    return 100 * (hits & among).sum(1) / np.where(among.any(1), among.sum(1), np.nan)


class Training:
    """A training that can be asked how it stands after some steps, and be continued."""

    def __init__(self, n, share, how, chosen_too, remedy):
        self.lesson, self.found = lesson(n, share, how), []
        x, y = self.lesson.x, self.lesson.y
        if chosen_too:
            x = np.concatenate([x, self.lesson.choose_x], 1)
            y = np.concatenate([y, self.lesson.choose_y], 1)
        self.walk = descend(x, y, **remedy)

    def until(self, steps):
        """The Run up to so many steps."""
        while len(self.found) <= LOOKS.index(steps):
            step, weights = next(self.walk)
            if step in LOOKS:
                self.found.append(self.look(weights))
        return Run(*map(np.array, zip(*self.found[: LOOKS.index(steps) + 1], strict=True)))

    def look(self, weights):
        """What a Run holds, at one moment."""
        one, (new_x, new_y) = self.lesson, pool()[1]
        own, chosen = scores(weights, one.x).argmax(2) == one.y, scores(weights, one.choose_x)
        e = chosen - chosen.max(2, keepdims=True)
        surprise = np.log(np.exp(e).sum(2)) - np.take_along_axis(e, one.choose_y[..., None], 2)[..., 0]
        heart, new = share_of(own, one.y != one.true), share_of(scores(weights, new_x).argmax(2) == new_y)
        return share_of(own), heart, share_of(chosen.argmax(2) == one.choose_y), surprise.mean(1), new


@cache
def training(n=200, share=0.0, how="shuffled", chosen_too=False, **remedy):
    """The Training of a setting; there is one of each. With `chosen_too` the digits to choose by are learned, too."""
    return Training(n, share, how, chosen_too, remedy)


# What does without a hidden layer -------------------------------------------------------------------------------------


@cache
def neighbours(n=200, share=0.0, how="shuffled", ks=(1, 3, 5, 9, 15, 25)):
    """For each number of nearest neighbours that vote: labels to choose by, and new digits, named rightly (k, S)."""
    one, (new_x, new_y) = lesson(n, share, how), pool()[1]
    found = np.empty((2, len(ks), len(SEEDS)))
    for seed in SEEDS:
        for part, (x, y) in enumerate(((one.choose_x[seed], one.choose_y[seed]), (new_x, new_y))):
            far = (x**2).sum(1)[:, None] - 2 * x @ one.x[seed].T + (one.x[seed] ** 2).sum(1)  # (N, n)
            votes = ONE_HOT[one.y[seed][far.argsort(1)[:, : max(ks)]]].cumsum(1)  # (N, k, 10)
            for row, k in enumerate(ks):
                found[part, row, seed] = 100 * np.mean(votes[:, k - 1].argmax(1) == y)
    return found


def voting(n=200, share=0.0, how="shuffled", ks=(1, 3, 5, 9, 15, 25)):
    """How many neighbours vote, chosen as the remedies are, and the new digits named rightly, seed by seed."""
    choose, new = neighbours(n, share, how, ks)
    best = choose.mean(1).argmax()
    return ks[best], new[best]


@cache
def weighing(n=200, share=0.0, penalties=(0.03, 0.1, 0.3, 1.0, 10.0)):
    """New digits that logistic regression names rightly, its penalty chosen as the remedies are."""
    one, (new_x, new_y) = lesson(n, share), pool()[1]
    scored = np.empty((2, len(penalties), len(SEEDS)))
    for row, c in enumerate(penalties):
        for seed in SEEDS:
            machine = LogisticRegression(C=c, max_iter=300).fit(one.x[seed], one.y[seed])
            scored[:, row, seed] = machine.score(one.choose_x[seed], one.choose_y[seed]), machine.score(new_x, new_y)
    return 100 * scored[1, scored[0].mean(1).argmax()]


# Learning by heart ----------------------------------------------------------------------------------------------------


@cache
def by_heart(n=200, share=1.0, width=WIDTH, images="digits", most=2000):
    """The step after which all n labels are named, for each seed (nan: not within `most`), and the share at the end."""
    one, first = lesson(n, share), np.full(len(SEEDS), np.nan)
    x = one.x
    if images == "noise":
        rng = np.random.default_rng(7)
        x = np.stack([rng.permutation(each.ravel()).reshape(each.shape) for each in x])
    for step, weights in descend(x, one.y, width, most):
        if step % 25 == 0:
            own = share_of(scores(weights, x).argmax(2) == one.y)
            first[(own == 100) & np.isnan(first)] = step
            if not np.isnan(first).any():
                break
    return first, own


def weighed_by_heart(n=200):
    """The share of n shuffled labels that logistic regression names, nearly without a penalty."""
    one = lesson(n, 1.0)
    machines = [LogisticRegression(C=1e5, max_iter=1000, tol=1e-3).fit(one.x[seed], one.y[seed]) for seed in SEEDS]
    return np.array([100 * m.score(one.x[seed], one.y[seed]) for seed, m in enumerate(machines)])


# The contest ----------------------------------------------------------------------------------------------------------

#: each contender -> the settings of which it gets the best
CONTENDERS = {
    "no remedy": [{}],
    "no remedy, 300 digits": [{"chosen_too": True}],
    "smaller rate": [{"rate": rate} for rate in (0.05, 0.1, 0.2)],
    "fewer hidden units": [{"width": width} for width in (16, 32)],
    "weight decay": [{"decay": decay} for decay in (0.003, 0.01, 0.03)],
    "dropout": [{"drop": p} for p in (0.2, 0.5, 0.8)],
    "dropout, smaller rate": [{"drop": 0.5, "rate": rate} for rate in (0.05, 0.2)],
    "shifted copies": [{"reach": reach} for reach in (0.25, 0.5, 1.0)],
    "shifted, smaller rate": [{"reach": 1.0, "rate": rate} for rate in (0.1, 0.2)],
    "these three": [{"drop": p, "decay": 0.003, "reach": reach} for p, reach in ((0.2, 0.25), (0.5, 0.5))],
    "twice the digits": [{"n": 400}],
    "twice, smaller rate": [{"n": 400, "rate": rate} for rate in (0.05, 0.2)],
    "four times the digits": [{"n": 800}],
}


#: three ways to end a training
ENDS = {
    "300 steps": lambda one: one.until(STEPS),
    "900 steps": lambda one: one.until(LONGER),
    "stopped": lambda one: one.until(LONGER).stopped(),
}


class Tried(NamedTuple):
    """The setting chosen for each of ENDS; new digits right, and wrong labels by heart, (ends, S).

    Stopped early is nan for those who learn what they would stop by.
    """

    settings: list
    new: np.ndarray
    heart: np.ndarray


def best_of(settings, share, end):
    """Of several settings the one that names most digits to choose by, in the mean of the seeds, and its Run."""
    runs = [(one, end(training(share=share, **one))) for one in settings]
    return max(runs, key=lambda pair: pair[1].choose[-1].mean())


def contest(share, anew=True):
    """Contender → Tried. `anew`: its setting is chosen for each end; else for the first, and kept, and all at RATE."""
    found = {}
    for name, settings in CONTENDERS.items():
        if not anew and "smaller rate" in name:
            continue
        best = []
        for end in ENDS.values():
            best.append(best_of(settings if anew or not best else [best[0][0]], share, end))
        new, heart = (np.stack([getattr(run, part)[-1] for _, run in best]) for part in ("new", "heart"))
        if name == "no remedy, 300 digits":
            new[2] = heart[2] = np.nan
        found[name] = Tried([one for one, _ in best], new, heart)
    return found


def at_length(share=0.0, steps=7 * STEPS, **remedy):
    """New digits that networks name rightly after a long training."""
    one, (new_x, new_y) = lesson(share=share), pool()[1]
    *_, (_, weights) = descend(one.x, one.y, steps=steps, **remedy)
    return share_of(scores(weights, new_x).argmax(2) == new_y)


def strength(setting):
    """The number of a setting that says how strong the remedy is, its rate where that is chosen; "" for none."""
    return next((f"{setting[key]:g}" for key in ("rate", "drop", "decay", "reach", "width") if key in setting), "")


def spread(values):
    """Mean ± standard deviation over the seeds."""
    return "–" if np.isnan(values).any() else f"{values.mean():.1f} ± {values.std():.1f}"


RATES = (0.0, 0.2, 0.5, 0.8)  # of dropout


def swept(share, width):
    """The Run of STEPS for each of RATES."""
    return [training(share=share, width=width, **({"drop": p} if p else {})).until(STEPS) for p in RATES]
