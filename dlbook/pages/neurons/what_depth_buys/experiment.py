"""Networks of one price, from one hidden layer to sixty-four, trained side by side; and what does without."""

from functools import cache
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from dlbook.pages.neurons.what_depth_buys.folds import answers, folded
from dlcore import Tensor, data, nn, no_grad
from dlcore.nn import functional as F

# Networks of one price ------------------------------------------------------------------------------------------------


def parameters(sizes):
    """How many weights and biases a network of these widths has."""
    return sum(b * a + b for a, b in zip(sizes, sizes[1:], strict=False))


def priced(n_in, depth, n_out, budget):
    """The widths of the widest network of so many equal hidden layers whose parameters do not exceed the budget."""
    width = 1
    while parameters([n_in, *[width + 1] * depth, n_out]) <= budget:
        width += 1
    return (n_in, *[width] * depth, n_out)


def usual(rng, shape):
    """First weights as PyTorch draws them."""
    bound = shape[-2] ** -0.5
    return rng.uniform(-bound, bound, shape)


def he(rng, shape):
    """First weights for ReLU layers of any depth: He et al. (2015), Delving deep into rectifiers, section 2.2."""
    return rng.normal(size=shape) * (2 / shape[-2]) ** 0.5


def mirrored(rng, shape):
    """Units in pairs, one for each sign, so that ReLU layers begin as turns, which keep all lengths.

    Source: Balduzzi et al. (2017), The shattered gradients problem: “looks linear”.
    """
    side = (max(shape[-2:]) + 1) // 2
    turn = np.linalg.qr(rng.normal(size=(*shape[:-2], side, side)))[0]
    half = turn[..., : (shape[-2] + 1) // 2, : (shape[-1] + 1) // 2]
    both = np.concatenate([half, -half], -1)
    return np.concatenate([both, -both], -2)[..., : shape[-2], : shape[-1]]


def nothing(rng, shape):
    """Layers that begin by answering 0."""
    return np.zeros(shape)


class Deep(nn.Module):
    """Networks of the same widths, trained side by side: x (N, D) to scores (runs, N, K).

    Plain: each layer between first and last replaces what came to it. Residual: it adds to it.
    """

    def __init__(self, sizes, runs, start=usual, residual=False, normalised=False, seed=0):
        super().__init__()
        (n_in, *hidden, n_out), rng = sizes, np.random.default_rng(seed)
        self.residual, self.normalised = residual, normalised
        shapes = (runs, n_in, hidden[0]), (len(hidden) - 1, runs, hidden[0], hidden[0]), (runs, hidden[0], n_out)
        ends = usual if start is nothing else start
        for name, shape, begin in zip(("first", "between", "last"), shapes, (ends, start, usual), strict=True):
            bias = (*shape[:-2], 1, shape[-1])
            setattr(self, name, nn.Parameter(Tensor(begin(rng, shape).astype(np.float32))))
            drawn = rng.uniform(-1, 1, bias) * shape[-2] ** -0.5 if begin is usual else np.zeros(bias)
            setattr(self, f"{name}_bias", nn.Parameter(Tensor(drawn.astype(np.float32))))

    def forward(self, x):
        h = self.norm(x @ self.first + self.first_bias)
        layers = zip(self.between.unbind(), self.between_bias.unbind(), strict=True) if len(self.between) else ()
        for weight, bias in layers:
            new = self.norm(h.relu() @ weight + bias)
            h = h + new if self.residual else new
        return h.relu() @ self.last + self.last_bias

    def one(self, run):
        """The plain layers of one of the networks: a list of pairs (weight, bias)."""
        places = [(self.first, self.first_bias), *zip(self.between.unbind(), self.between_bias.unbind(), strict=True)]
        places = places if len(self.between) else places[:1]
        pairs = [(weight.array[run], bias.array[run]) for weight, bias in (*places, (self.last, self.last_bias))]
        return [(weight.T.astype(float), bias[0].astype(float)) for weight, bias in pairs]

    def norm(self, z):
        return F.layer_norm(z, (z.shape[-1],)) if self.normalised else z


def train(model, x, y, rates, steps, batch=64, seed=0):
    """Train the networks of a stack on x (N, D) and y (N,), each at its own rate of rates (runs,), with Adam."""
    rng, order = np.random.default_rng(seed), np.empty(0, int)
    places = [place for place in model.parameters() if place.array.size]
    memory = [[np.zeros_like(place.array) for place in places] for _ in range(2)]
    rate = np.asarray(rates, np.float32)[:, None, None]
    for t in range(1, steps + 1):
        if len(order) < batch:
            order = np.concatenate([order, rng.permutation(len(x))])
        rows, order = order[:batch], order[batch:]
        scores = model(Tensor(x[rows]))  # (runs, N, K)
        loss = F.cross_entropy(scores.reshape(-1, scores.shape[-1]), np.tile(y[rows], len(rate)))
        for place in places:
            place.grad = None
        (loss * len(rate)).backward()
        for place, mean, square in zip(places, *memory, strict=True):
            slope = place.grad.numpy()
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            ahead = mean / (1 - 0.9**t) / (np.sqrt(square / (1 - 0.999**t)) + 1e-8)
            place.array -= rate * ahead
    return model


def right(model, x, y):
    """Percent of the examples that each network names rightly, (runs,)."""
    with no_grad(), np.errstate(all="ignore"):
        return 100 * (model(Tensor(x)).numpy().argmax(2) == y).mean(1)


# Does depth pay, at the same price? -----------------------------------------------------------------------------------

STRIPES = 16  # as many as the folded saw-tooth of four layers has pieces
STARTS = 8  # of the networks that learn stripes: they differ more from start to start than those that learn digits


def stripes(n, seed):
    """Points x (N, 1) on the strip, and the colour of the stripe that each lies on, 0 or 1 in turn."""
    x = np.random.default_rng(seed).uniform(0, 1, (n, 1))
    return x.astype(np.float32), (np.floor(x[:, 0] * STRIPES) % 2).astype(int)


@cache
def lesson(name):
    """Three pairs of x (N, D) and class (N,): to train on, to choose the rate by, to test on."""
    if name == "stripes":
        return [(np.float32(3.4) * (x - np.float32(0.5)), y) for x, y in map(stripes, (800, 400, 2000), range(3))]
    table = data.digits(standardise=True)
    return [(part.x.reshape(-1, 64), part.y) for part in (table.train, table.valid, table.test)]


class Tuned(NamedTuple):
    """Percent of new examples named rightly, (lengths of training, seeds); the rate of the longest; its networks."""

    right: np.ndarray
    rate: float
    networks: list


def steeper(model, times=4):
    """Let the first layer's units begin so many times as steep, their bends where they were."""
    for place in (model.first, model.first_bias):
        place.array[...] *= times


def steepest(model):
    """Let the first layer's units begin sixteen times as steep."""
    steeper(model, 16)


def spread(model, seed=5):
    """Let the first layer's units begin with their bends anywhere on the strip, their weights as they were."""
    bends = np.random.default_rng(seed).uniform(-1.75, 1.75, model.first.shape)  # the strip: -1.7 to 1.7
    model.first_bias.array[...] = -model.first.array * bends


BEGINNINGS = {
    "usual": {},
    "spread": {"begin": spread},
    "4 × steeper": {"begin": steeper},
    "16 × steeper": {"begin": steepest},
}


@cache
def tuned(name, sizes, steps, seeds=3, rates=(0.001, 0.003, 0.01, 0.03), begin=None, **way):
    """Networks of these widths, trained for so many steps and then on to three times as many, at the best rate each.

    The best rate is that whose networks name most examples of the second pair of the lesson, in the mean of the seeds.
    """
    (x, y), choose, test = lesson(name)
    model = Deep(sizes, len(rates) * seeds, **way)
    if begin:
        begin(model)
    found = []
    for more in (steps, 2 * steps):
        train(model, x, y, np.repeat(rates, seeds), more)
        on_choice, on_test = (right(model, *part).reshape(len(rates), seeds) for part in (choose, test))
        best = on_choice.mean(1).argmax()
        found.append(on_test[best])
    return Tuned(np.array(found), rates[best], [model.one(best * seeds + seed) for seed in range(seeds)])


def by_depth(name):
    """Depth → (widths, Tuned), all of one price; digits also with shortcuts, under −depth."""
    depths, budget, n_in, n_out, steps, seeds = {
        "stripes": ((1, 2, 3, 6), 250, 1, 2, 600, STARTS),
        "digits": ((1, 2, 4, 8), 3000, 64, 10, 300, 3),
    }[name]
    found = {}
    for depth in depths:
        sizes = priced(n_in, depth, n_out, budget)
        found[depth] = sizes, tuned(name, sizes, steps, seeds=seeds)
    found[-depth] = sizes, tuned(name, sizes, steps, seeds=seeds, start=nothing, residual=True)
    return found


def begun(depths=(1, 2, 3), **way):
    """Beginning → depth → Tuned on the stripes, of the same price: how the first units begin is all that differs."""
    sizes = {depth: priced(1, depth, 2, 250) for depth in depths}
    return {name: {depth: tuned("stripes", widths, 600, seeds=STARTS, **begin, **way)
                   for depth, widths in sizes.items()} for name, begin in BEGINNINGS.items()}  # fmt: skip


def other_methods(name):
    """What does without hidden layers, percent of new examples named rightly; its penalty is tuned as the rates are."""
    train_on, choose, (new, kind) = lesson(name)
    weighed = [LogisticRegression(C=c, max_iter=300).fit(*train_on) for c in (0.01, 0.1, 1.0)]
    best = max(weighed, key=lambda machine: machine.score(*choose))
    placed = {}
    if name == "stripes":  # slid by half a stripe: then the saw-tooth crosses ½ where a stripe ends
        (weight, bias), *rest = folded(4)
        tooth = answers([(weight, bias + 1 / (2 * STRIPES)), *rest], new / 3.4 + 0.5)[:, 0]
        placed["four folds by hand"] = 100 * ((tooth < 0.5) == kind).mean()
    return placed | {
        "logistic regression": 100 * best.score(new, kind),
        "nearest neighbour": 100 * KNeighborsClassifier(1).fit(*train_on).score(new, kind),
    }


# Sixty-four layers --------------------------------------------------------------------------------------------------

WAYS = {
    "plain, usual start": {},
    "plain, He's start": {"start": he},
    "plain, normalised": {"start": he, "normalised": True},
    "plain, mirrored start": {"start": mirrored},
    "residual, usual start": {"residual": True},
    "residual, from nothing": {"residual": True, "start": nothing},
}


def stacked(depth, way, steps=80, seeds=3, rates=(0.001, 0.003, 0.01)):
    """Networks of so many hidden layers of 16 units on digits: a Tuned."""
    return tuned("digits", (64, *[16] * depth, 10), steps, seeds=seeds, rates=rates, **WAYS[way])
