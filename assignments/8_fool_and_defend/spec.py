# ruff: noqa: N803, N806  (matrices have capital letters)
"""Assignment 8: what is asked, what is right, what usually goes wrong."""

import numpy as np

from dlbook.grade.spec import Assignment

assignment = Assignment("Fool a network, then defend it", minutes=90)
ask = assignment.question


def some(rng, *shape):
    """Numbers with two decimals, none of them near zero, so that a forgotten term always shows."""
    return rng.choice([-1, 1], shape) * rng.integers(10, 150, shape) / 100


def apart(*numbers, by=0.03):
    """Whether no two of these numbers could be taken for each other."""
    return np.min(np.abs(np.subtract.outer(numbers, numbers) + np.eye(len(numbers)))) > by


# By hand


def one_unit(rng):
    while True:
        w, x = rng.choice([-1, 1], 4) * rng.integers(1, 7, 4) / 2, rng.integers(3, 8, 4) / 10
        b, size = float(rng.integers(-8, 9)) / 4, float(rng.integers(1, 4)) / 20
        z = np.dot(w, x) + b
        lowest = [z - size * n for n in (np.abs(w).sum(), w.sum(), np.linalg.norm(w), np.abs(w).max(), 4, 0)]
        if z > 0.1 and apart(*lowest, z + size * np.abs(w).sum(), np.dot(w, x), by=0.04) and apart(z, *lowest[:4]):
            return {"w": w, "x": x, "b": b, "size": size}


@ask("q1", "scores_q1", "The worst change, by hand", constants=one_unit)
def worst_by_hand(w, x, b, size):
    z = float(np.sum(w * x)) + b
    return [z, z - size * float(np.sum(np.abs(w)))]


def before(answer):
    return answer[0]


def after(answer):
    return answer[1]


def lowest(how):
    """The first number right, the second by another way."""
    return lambda w, x, b, size: [np.dot(w, x) + b, np.dot(w, x) + b - size * how(w)]


worst_by_hand.check("the score before", 1, call=before, says="Four products and the bias.")
worst_by_hand.check("the lowest score", 2, call=after, says="Each input gives as much as it can: size times |weight|.")
worst_by_hand.mistake("The bias is missing.")(
    lambda w, x, b, size: [np.dot(w, x), np.dot(w, x) - size * np.abs(w).sum()]
)
worst_by_hand.mistake("The weights were added with their signs: where a weight is negative, go up.")(
    lowest(lambda w: w.sum())
)
worst_by_hand.mistake("This is the highest score; the attack wants the lowest.")(lowest(lambda w: -np.abs(w).sum()))
worst_by_hand.mistake("Only one input was moved; all four may move.")(lowest(lambda w: np.abs(w).max()))
worst_by_hand.mistake("This is the length of the weights; each input may move by the whole size.")(
    lowest(lambda w: np.linalg.norm(w))
)
worst_by_hand.mistake("Each input moves by the size, but it counts by its weight.")(lowest(lambda w: 4))
worst_by_hand.hints(
    "The score is w·x + b. For the second number: which way should each of the four inputs go?",
    "Where the weight is positive the input goes down, where it is negative up. Each takes size · |weight| away.",
)


def another_unit(rng):
    while True:
        v, u = rng.choice([-1, 1], 4) * rng.integers(1, 8, 4), rng.integers(2, 9, 4) / 10
        c = float(rng.integers(-10, 11)) / 5
        lead = np.dot(v, u) + c
        sizes = [lead / n for n in (np.abs(v).sum(), v.sum() or np.inf, np.linalg.norm(v), np.abs(v).max(), 4)]
        if lead > 0.5 and 0.02 < sizes[0] < 0.2 and apart(*sizes, np.dot(v, u) / np.abs(v).sum(), by=0.01):
            return {"v": v, "u": u, "c": c}


@ask("q2", "size_q2", "How little is enough?", constants=another_unit)
def enough(v, u, c):
    return (float(np.sum(v * u)) + c) / float(np.sum(np.abs(v)))


enough.check(
    "the smallest size", 2, atol=6e-4, says="The worst change takes size · (|v1| + … + |v4|) away. Set it equal."
)
enough.mistake("The weights are added without their signs: all four inputs help the attack.")(
    lambda v, u, c: (np.dot(v, u) + c) / (v.sum() or 1)
)
enough.mistake("This divides by the length of the weights; what counts is the sum of their sizes.")(
    lambda v, u, c: (np.dot(v, u) + c) / np.linalg.norm(v)
)
enough.mistake("So much would be needed if only one input could move.")(
    lambda v, u, c: (np.dot(v, u) + c) / np.abs(v).max()
)
enough.mistake("The bias is part of the lead.")(lambda v, u, c: np.dot(v, u) / np.abs(v).sum())
enough.mistake("Shared out evenly over four inputs: but each counts by its weight.")(
    lambda v, u, c: (np.dot(v, u) + c) / 4
)
enough.hints(
    "How far is the score from 0? How much of that can a change of size 1 take away?",
    "size · (|v1| + |v2| + |v3| + |v4|) = score.",
)


@ask("q3", "worst_change", "The worst change, in code")
def worst_change(x, w, size):
    return np.minimum(1.0, np.maximum(0.0, np.where(w > 0, x - size, x + size)))


def pixels(rng, *shape):
    """Brightnesses with three decimals, some at the ends."""
    return np.clip(np.round(rng.uniform(-0.15, 1.15, shape), 3), 0, 1)


worst_change.check("two inputs of five pixels", 1, lambda rng: [pixels(rng, 2, 5), some(rng, 5), 0.1])
worst_change.check("a large change", 1, lambda rng: [pixels(rng, 3, 6), some(rng, 6), 0.4])
worst_change.check("a hundred inputs", 1, lambda rng: [pixels(rng, 100, 8), some(rng, 8), 0.25], hidden=True)
worst_change.mistake("The attack wants the score low: against the sign of the weight.")(
    lambda x, w, size: np.clip(x + size * np.sign(w), 0, 1)
)
worst_change.mistake("A pixel cannot be darker than 0 or brighter than 1: clip.")(
    lambda x, w, size: x - size * np.sign(w)
)
worst_change.mistake("Each pixel may move by the whole size; the weight only says which way.")(
    lambda x, w, size: np.clip(x - size * w, 0, 1)
)
worst_change.mistake("That is the change alone; the changed inputs were asked for.")(
    lambda x, w, size: -size * np.sign(w) * np.ones_like(x)
)
worst_change.hints(
    "`np.sign` gives -1, 0 or 1.", "`np.clip(a, 0, 1)` keeps what is between 0 and 1 and moves the rest."
)


# Fooling


def softmaxed(z):
    return np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))


def blame(z, t):
    """The slope of each example's own loss for its scores."""
    return softmaxed(z) - (np.arange(z.shape[1]) == t[:, None])


@ask("q4", "input_gradient", "The slope for the image")
def input_gradient(x, t, W1, b1, W2, b2):
    z = np.einsum("nd,hd->nh", x, W1) + b1
    slope = blame(np.einsum("nh,kh->nk", np.maximum(z, 0), W2) + b2, t)
    return np.einsum("nk,kh,nh,hd->nd", slope, W2, 1.0 * (z > 0), W1)


def network(N, D, H, K):
    """A network, and inputs that are at no bend of it."""

    def make(rng):
        while True:
            x, W1, b1 = pixels(rng, N, D), some(rng, H, D), some(rng, H) / 2
            if np.min(np.abs(x @ W1.T + b1)) > 1e-3:
                return [x, rng.integers(0, K, N), W1, b1, some(rng, K, H), some(rng, K)]

    return make


def through(slope_of, mask_of=lambda z: z > 0):
    """The chain of q4 with another first or second link."""

    def wrong(x, t, W1, b1, W2, b2):
        z = x @ W1.T + b1
        return (slope_of(np.maximum(z, 0) @ W2.T + b2, t) @ W2 * mask_of(z)) @ W1

    return wrong


input_gradient.check("one image", 1, network(1, 4, 3, 2))
input_gradient.check("four images, three classes", 2, network(4, 5, 6, 3))
input_gradient.check("as many of everything", 1, network(4, 4, 4, 4), hidden=True)
input_gradient.check("thirty images", 1, network(30, 8, 10, 5), hidden=True)
input_gradient.mistake("ReLU stops the slope where its input was negative: multiply by (z > 0).")(
    through(blame, lambda z: 1.0)
)
input_gradient.mistake("Each image has a loss of its own here: do not divide by their number.")(
    through(lambda z, t: blame(z, t) / len(t))
)
input_gradient.mistake("Softmax minus 1 *at the right class*: the onehot is missing.")(
    through(lambda z, t: softmaxed(z))
)
input_gradient.mistake("The sign: softmax minus onehot, not the reverse.")(through(lambda z, t: -blame(z, t)))
input_gradient.mistake("The scores went in where their softmax should.")(
    through(lambda z, t: z - (np.arange(z.shape[1]) == t[:, None]))
)
input_gradient.mistake("This is the slope of the right class's score alone; the loss depends on all of them.")(
    through(lambda z, t: -1.0 * (np.arange(z.shape[1]) == t[:, None]))
)
input_gradient.mistake("ReLU's slope is 1 or 0, not its output.")(through(blame, lambda z: np.maximum(z, 0)))
input_gradient.hints(
    "Forward first, and keep z = x @ W1.T + b1. Then backward: from the loss to the scores, to the hidden units, to x.",
    "For the scores it is softmax(scores) minus onehot(t). Through a layer, back means `@ W`, without a transpose.",
    "d = (softmax - onehot) @ W2; d = d * (z > 0); then once more through W1.",
)


@ask("q5", "fgsm", "One step")
def fgsm(x, g, size):
    return np.minimum(1.0, np.maximum(0.0, np.where(g > 0, x + size, x - size)))


fgsm.check("three images of five pixels", 1, lambda rng: [pixels(rng, 3, 5), some(rng, 3, 5) / 100, 0.2])
fgsm.check("twenty images", 1, lambda rng: [pixels(rng, 20, 9), some(rng, 20, 9) * 1e-6, 0.1], hidden=True)
fgsm.mistake("It goes downhill: the attack wants the loss to rise.")(
    lambda x, g, size: np.clip(x - size * np.sign(g), 0, 1)
)
fgsm.mistake("A pixel cannot be darker than 0 or brighter than 1: clip.")(lambda x, g, size: x + size * np.sign(g))
fgsm.mistake("The slope itself was added; FGSM takes its sign, so that every pixel moves by the whole size.")(
    lambda x, g, size: np.clip(x + size * g, 0, 1)
)
fgsm.mistake("The slope was made one unit long; FGSM takes the sign of each pixel's slope.")(
    lambda x, g, size: np.clip(x + size * g / np.linalg.norm(g, axis=1, keepdims=True), 0, 1)
)
fgsm.hints("As in q3, but uphill, and each pixel of each image has a slope of its own.")


def slope_of_reader(x, t, W, b):
    """The same as the notebook's ``reader_gradient``."""
    return np.einsum("nk,kd->nd", blame(np.einsum("nd,kd->nk", x, W) + b, t), W)


def uphill(x, t, W, b, size, steps, rate, gaps=None):
    """PGD; the smallest slope that it meets goes into ``gaps``."""
    now = x
    for _ in range(steps):
        g = slope_of_reader(now, t, W, b)
        if gaps is not None:
            gaps.append(np.min(np.abs(g)))
        now = np.minimum(np.minimum(x + size, 1), np.maximum(np.maximum(x - size, 0), now + rate * np.sign(g)))
    return now


def clear_cut(N, D, K, size, steps, rate, sign=1):
    """A reader and images: no slope on the way so small that rounding could decide its sign, and one that turns."""

    def make(rng):
        while True:
            x, t, W, b, gaps = pixels(rng, N, D), rng.integers(0, K, N), some(rng, K, D), some(rng, K), []
            now = uphill(x, t, W, b, size, steps, sign * rate, gaps)
            others = [uphill(x, t, W, b, size, 1, sign * size), one_slope(x, t, W, b, size, steps, sign * rate)]
            if min(gaps) > 1e-3 and all(np.max(np.abs(now - other)) > 0.01 for other in others):
                return [x, t, W, b, size, steps, rate]

    return make


def one_slope(x, t, W, b, size, steps, rate):
    g = np.sign(slope_of_reader(x, t, W, b))
    return np.clip(x + np.clip(steps * rate, -size, size) * g, 0, 1)


@ask("q6", "pgd", "Many steps, each put back")
def pgd(x, t, W, b, size, steps, rate):
    return uphill(x, t, W, b, size, steps, rate)


def not_put_back(x, t, W, b, size, steps, rate):
    return uphill(x, t, W, b, steps * rate, steps, rate)


def unclipped(x, t, W, b, size, steps, rate):
    now = x
    for _ in range(steps):
        now = np.clip(now + rate * np.sign(slope_of_reader(now, t, W, b)), x - size, x + size)
    return now


pgd.check("three images, one step", 1, lambda rng: [*clear_cut(3, 5, 3, 0.2, 4, 0.1)(rng)[:4], 0.2, 1, 0.1])
pgd.check("two images, five steps", 2, clear_cut(2, 5, 3, 0.3, 5, 0.12))
pgd.check("three images, four steps", 2, clear_cut(3, 4, 3, 0.4, 4, 0.15), hidden=True)
pgd.mistake("It goes downhill: the attack wants the loss to rise.")(
    lambda x, t, W, b, size, steps, rate: uphill(x, t, W, b, size, steps, -rate)
)
pgd.mistake("The slope was taken at the start only: before each step, take it where you are now.")(one_slope)
pgd.mistake("After each step, what has moved farther than `size` from x must be put back.")(not_put_back)
pgd.mistake("A pixel cannot be darker than 0 or brighter than 1: clip a second time.")(unclipped)
pgd.mistake("This is a single step of the whole size.")(
    lambda x, t, W, b, size, steps, rate: uphill(x, t, W, b, size, 1, size)
)
pgd.hints(
    "Keep `now`, which begins as x. x itself stays: you need it to put things back.",
    "One step: now + rate · sign(slope at now). Then `np.clip(now, x - size, x + size)`, then between 0 and 1.",
)


@ask("q7", "targeted", "It shall say 7")
def targeted(x, target, W, b, size, steps, rate):
    return uphill(x, target, W, b, size, steps, -rate)


targeted.check("two images", 1, clear_cut(2, 5, 3, 0.4, 4, 0.15, sign=-1))
targeted.check("three images, four classes", 2, clear_cut(3, 5, 4, 0.3, 5, 0.12, sign=-1), hidden=True)
targeted.mistake("It flees from the target: its loss must fall, so go downhill.")(
    lambda x, target, W, b, size, steps, rate: uphill(x, target, W, b, size, steps, rate)
)
targeted.mistake("After each step, what has moved farther than `size` from x must be put back.")(
    lambda x, target, W, b, size, steps, rate: uphill(x, target, W, b, steps * rate, steps, -rate)
)
targeted.mistake("One slope has decided it all: before each step, take it where you are now.")(
    lambda x, target, W, b, size, steps, rate: one_slope(x, target, W, b, size, steps, -rate)
)
targeted.hints(
    "What is the loss of an answer that you *want*? It should become small.",
    "As q6, with the target in place of the truth, and the step the other way.",
)


@ask("q8", "pgd_l2", "Another measure of size")
def pgd_l2(x, t, W, b, size, steps, rate):
    now = x
    for _ in range(steps):
        g = slope_of_reader(now, t, W, b)
        move = now + rate * g / np.sqrt((g * g).sum(1))[:, None] - x
        now = np.clip(x + move * np.minimum(1, size / np.maximum(np.sqrt((move**2).sum(1)), 1e-30))[:, None], 0, 1)
    return now


def longways(back=True, each=True, direction=None):
    """q8 with a link that goes wrong."""

    def wrong(x, t, W, b, size, steps, rate):
        axis, now = (1 if each else None), x
        for _ in range(steps):
            g = slope_of_reader(now, t, W, b)
            g = direction(g) if direction else g / np.linalg.norm(g, axis=axis, keepdims=True)
            move = now + rate * g - x
            length = np.linalg.norm(move, axis=axis, keepdims=True)
            short = {True: np.minimum(1, size / length), False: 1.0, "always": size / length}[back]
            now = np.clip(x + move * short, 0, 1)
        return now

    return wrong


pgd_l2.check("two images, three steps", 1, lambda rng: clear_cut(2, 5, 3, 0.3, 4, 0.12)(rng)[:4] + [0.5, 3, 0.2])
pgd_l2.check(
    "a change that stays within the size", 1, lambda rng: clear_cut(3, 4, 3, 0.3, 4, 0.15)(rng)[:4] + [2.0, 2, 0.1]
)
pgd_l2.check(
    "five images",
    1,
    lambda rng: [pixels(rng, 5, 7), rng.integers(0, 3, 5), some(rng, 3, 7), some(rng, 3), 0.4, 6, 0.1],
    hidden=True,
)
pgd_l2.mistake("Each image has a length of its own: `np.linalg.norm(g, axis=1, keepdims=True)`.")(longways(each=False))
pgd_l2.mistake("A change longer than `size` must be shortened to it after each step.")(longways(back=False))
pgd_l2.mistake("Only a change that is *longer* than `size` is shortened; a shorter one stays.")(longways(back="always"))
pgd_l2.mistake("The slope was not made one unit long before the step.")(longways(direction=lambda g: g))
pgd_l2.mistake("The sign belongs to the other measure; here the step follows the slope itself, one unit long.")(
    longways(direction=np.sign)
)
pgd_l2.hints(
    "A step: now + rate · g / |g|, with a length |g| for each image.",
    "Then look at move = now - x. If longer than `size`, multiply it by size / |move|. Last, x + move is clipped.",
    "`np.minimum(1, size / length)` is 1 for a short move and shortens a long one.",
)


# How good is a defence?


@ask("q9", "area", "One number for a curve")
def area(sizes, accuracies):
    s, a = np.asarray(sizes, float), np.asarray(accuracies, float)
    return float(np.dot(np.diff(s), a[1:] + a[:-1]) / (2 * np.ptp(s)))


def curve(n):
    def make(rng):
        return [np.cumsum(rng.integers(1, 9, n)) / 50, np.sort(rng.integers(0, 101, n) / 100)[::-1].copy()]

    return make


area.check("five sizes", 1, curve(5))
area.check("twelve sizes", 1, curve(12), hidden=True)
area.mistake("The sizes are not evenly spaced: a wide step counts more. (This is the plain mean.)")(
    lambda s, a: np.mean(a)
)
area.mistake("Divide by the width from the first size to the last, or the number depends on it.")(
    lambda s, a: np.sum(np.diff(s) * (a[1:] + a[:-1]) / 2)
)
area.mistake("The height of each step is the mean of its two ends; here it is the left end.")(
    lambda s, a: np.sum(np.diff(s) * a[:-1]) / (s[-1] - s[0])
)
area.mistake("The height of each step is the mean of its two ends; here it is the right end.")(
    lambda s, a: np.sum(np.diff(s) * a[1:]) / (s[-1] - s[0])
)
area.mistake("The half is missing: the height of a step is the mean of its two ends.")(
    lambda s, a: np.sum(np.diff(s) * (a[1:] + a[:-1])) / (s[-1] - s[0])
)
area.mistake("The width is counted from the first size, which need not be 0.")(
    lambda s, a: np.sum(np.diff(s) * (a[1:] + a[:-1]) / 2) / s[-1]
)
area.hints("`np.diff(sizes)` are the widths of the steps; `a[1:]` and `a[:-1]` the heights at their two ends.")


@ask("q10", "robust_accuracy", "The strongest attack there is")
def robust_accuracy(x, t, W, b, size):
    return float(np.mean(leads(x, t, W, b, size) > 0))


def leads(x, t, W, b, size, low=0.0, high=1.0):
    """For each image: by how much the right class is ahead of the best other one, after the worst change."""
    ahead = W[t][:, None] - W  # (N, K, D)
    middle = (np.maximum(x - size, low) + np.minimum(x + size, high)) / 2
    half = np.minimum(x + size, high) - middle
    worst = np.einsum("nkd,nd->nk", ahead, middle) - np.einsum("nkd,nd->nk", np.abs(ahead), half) + b[t][:, None] - b
    return np.min(np.where(np.arange(len(b)) == t[:, None], np.inf, worst), axis=1)


def in_doubt(N, D, K, size):
    """Images most of which are read rightly, some fall, and none hangs by a hair; and mistakes that show."""

    def make(rng):
        while True:
            x, W, b = pixels(rng, N, D), some(rng, K, D), some(rng, K) / 3
            t = np.where(rng.random(N) < 0.9, np.argmax(x @ W.T + b, axis=1), rng.integers(0, K, N))
            found = [f(x, t, W, b, size) for f in (robust_accuracy.answer, clean, unlimited, runner_up, alone)]
            hairs = [np.min(np.abs(leads(x, t, W, b, s))) for s in (0, size)]
            if apart(*found, by=0.5 / N) and min(hairs) > 1e-4:
                return [x, t, W, b, size]

    return make


def clean(x, t, W, b, size):
    return float(np.mean(np.argmax(x @ W.T + b, axis=1) == t))


def unlimited(x, t, W, b, size):
    return float(np.mean(leads(x, t, W, b, size, -np.inf, np.inf) > 0))


def runner_up(x, t, W, b, size):
    z = x @ W.T + b
    z[np.arange(len(t)), t] = -np.inf
    return float(
        np.mean(
            [leads(x[[n]], np.array([0]), W[[t[n], j]], b[[t[n], j]], size)[0] > 0 for n, j in enumerate(z.argmax(1))]
        )
    )


def alone(x, t, W, b, size):
    changed = np.clip(x - size * np.sign(W[t]), 0, 1)
    return clean(changed, t, W, b, size)


def everybody_else(x, t, W, b, size):
    return 1 - robust_accuracy.answer(x, t, W, b, size)


robust_accuracy.check("forty images, four classes", 2, in_doubt(40, 6, 4, 0.12))
robust_accuracy.check("a hundred images", 1, in_doubt(100, 8, 5, 0.1), hidden=True)
robust_accuracy.check("no attack at all", 1, lambda rng: in_doubt(60, 5, 3, 0.1)(rng)[:4] + [0.0], hidden=True)
robust_accuracy.mistake("This is the accuracy without any attack.")(clean)
robust_accuracy.mistake("A pixel at 0 cannot go below it: the change is also limited by 0 and 1.")(unlimited)
robust_accuracy.mistake("The attack may turn to any wrong class, not only to the one that is second now.")(runner_up)
robust_accuracy.mistake("The lead over class j has the weights W[t] - W[j]: lower that, not only the score of t.")(
    alone
)
robust_accuracy.mistake("This is the share that falls; asked is the share that stays right.")(everybody_else)
robust_accuracy.hints(
    "One wrong class j at a time. The lead of the right class over j is a linear unit: weights W[t] - W[j], bias "
    "b[t] - b[j]. What is its worst input, by q3?",
    "An image stays right if its lead over *every* wrong class is above 0 after the change worst for that lead.",
    "Loop over images and classes: w = W[t[n]] - W[j]; bad = clip(x[n] - size · sign(w), 0, 1); "
    "lead = w @ bad + b[t[n]] - b[j].",
)


# Defence


@ask("q11", "train_step", "One step of adversarial training")
def train_step(W, b, X, T, size, rate):
    return stepped(W, b, uphill(X, T, W, b, size, 1, size), T, rate)


def stepped(W, b, X, T, rate):
    d = blame(np.einsum("nd,kd->nk", X, W) + b, T) / len(T)
    return W - rate * np.einsum("nk,nd->kd", d, X), b - rate * np.einsum("nk->k", d)


def lesson(N, D, K, size, rate):
    return lambda rng: (lambda x, t, W, b, *_: [W, b, x, t, size, rate])(*clear_cut(N, D, K, 0.3, 4, 0.12)(rng))


train_step.check("four images", 1, lesson(4, 5, 3, 0.2, 0.5))
train_step.check("six images, four classes", 2, lesson(6, 4, 4, 0.1, 1.0), hidden=True)
train_step.mistake("It has learned from the images as they are; attack them first.")(
    lambda W, b, X, T, size, rate: stepped(W, b, X, T, rate)
)
train_step.mistake("The loss is the mean over the images: divide by their number.")(
    lambda W, b, X, T, size, rate: stepped(W, b, uphill(X, T, W, b, size, 1, size), T, rate * len(T))
)
train_step.mistake("It climbs: the attack goes up, but training goes down.")(
    lambda W, b, X, T, size, rate: stepped(W, b, uphill(X, T, W, b, size, 1, size), T, -rate)
)
train_step.mistake("The images were moved downhill: that makes them easier, not harder.")(
    lambda W, b, X, T, size, rate: stepped(W, b, uphill(X, T, W, b, size, 1, -size), T, rate)
)
train_step.mistake("The attacked images must stay between 0 and 1.")(
    lambda W, b, X, T, size, rate: stepped(W, b, X + size * np.sign(slope_of_reader(X, T, W, b)), T, rate)
)
train_step.hints(
    "Two halves: make harder images from X, as in q5 with reader_gradient; then learn from *them* as usual.",
    "Learning: d = (softmax(A @ W.T + b) - onehot(T)) / N, then W - rate · d.T @ A and b - rate · d.sum(axis=0).",
)


FORMS = (
    "........ ..###... .#...#.. .#...#.. .#...#.. .#...#.. ..###... ........",
    "........ ...#.... ..##.... ...#.... ...#.... ...#.... ..###... ........",
    "........ .#####.. .....#.. ....#... ...#.... ...#.... ...#.... ........",
)
INK = np.array([[[sign == "#" for sign in line] for line in form.split()] for form in FORMS])
PLACES = [(up, left) for up in (-1, 0, 1) for left in (-1, 0, 1)]
SHAPES = np.stack([np.roll(INK, place, axis=(1, 2)) for place in PLACES], axis=1)


class Drawings:
    """The same as ``drawings`` in the notebook: noughts, ones and sevens."""

    def __new__(cls, count, rng):
        t = rng.integers(0, 3, count)
        x = SHAPES[t, rng.integers(0, 9, count)] * rng.integers(9, 17, (count, 1, 1))
        x = np.round(x + rng.normal(0, 2, x.shape)).clip(0, 16)
        return x.reshape(count, 64) / 16, t


SIZES = np.array([0, 0.5, 1, 1.5, 2, 3, 4]) / 16


def examined(count, bar):
    def make(rng):
        x, t = Drawings(count, rng)
        return [np.round(16 * x).astype(np.uint8), t, SIZES, bar]

    return make


def exam(answer, levels, t, sizes, bar):
    x = levels / 16
    W, b = np.array(answer[0], float), np.array(answer[1], float)
    if W.shape != (3, 64) or b.shape != (3,):
        raise ValueError("reader is a pair: W of shape (3, 64) and b of shape (3,)")
    kept = []
    for size in sizes:
        low, high = np.maximum(x - size, 0), np.minimum(x + size, 1)
        right = np.ones(len(x), bool)
        for j in range(3):
            ahead = W[t] - W[j]
            lead = (ahead * np.where(ahead > 0, low, high)).sum(1) + b[t] - b[j]
            right &= (lead > 0) & np.isfinite(lead) | (t == j)
        kept.append(np.mean(right))
    kept = np.array(kept)
    return bool(np.sum((kept[1:] + kept[:-1]) / 2 * np.diff(sizes)) / (sizes[-1] - sizes[0]) >= bar)


def trained(size, steps, rate):
    """A reader trained against attacks of that size."""
    X, T = Drawings(300, np.random.default_rng(8))
    W, b = np.zeros((3, 64)), np.zeros(3)
    for step in range(steps):
        W, b = train_step.answer(W, b, X, T, size * min(1, 2 * step / steps), rate)
    return W, b


defended = ask("q12", "reader", "Stretch: defend it")(trained(0.12, 1200, 0.3))
defended.check("an area of at least 0.34", 1, examined(400, 0.34), call=exam)
defended.check("an area of at least 0.36, new drawings", 1, examined(600, 0.36), call=exam, hidden=True)
defended.check("an area of at least 0.38, new drawings", 2, examined(600, 0.38), call=exam, hidden=True)
defended.check("an area of at least 0.40, new drawings", 1, examined(600, 0.40), call=exam, hidden=True)
defended.mistake(
    "Its area is below this mark. A reader that has seen no attack reaches about 0.3: train with train_step, on images "
    "attacked anew in every step, try several sizes, and measure with q9 and q10."
)((np.zeros((3, 64)), np.zeros(3)))
defended.hints(
    "Start with W and b at 0, call train_step some hundred times. Measure the area on drawings that it has not seen.",
    "Which size to train against? Try 1, 2 and 3 sixteenths. Too small defends little, too large learns nothing.",
    "About 2/16 is good. Begin with easy attacks, make them larger, and take enough steps, at a rate of 0.2 to 0.5.",
)
