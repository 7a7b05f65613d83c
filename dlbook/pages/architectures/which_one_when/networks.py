"""Four architectures, each as R small networks side by side in PyTorch: every array has an axis R of runs first.

Shapes: R runs, N examples, P places on a line or a grid, C numbers at each place, T tokens, H units, K answers.
"""

from math import prod
from typing import NamedTuple

import torch
from torch.nn import functional as F

KERNEL, HEADS = 3, 2


class Layout(NamedTuple):
    """How the columns of an example lie, and what is asked of it."""

    grid: tuple  #: places along each axis: (P,) or (height, width)
    channels: int  #: numbers at each place
    answers: int  #: classes
    token: int = 1  #: how many places along each axis the Transformer joins to one token
    anywhere: bool = False  #: whether CNN and Transformer end with the largest number found at any place


class Networks:
    """R networks of one architecture, each from its own seed.

    Args:
        layout: how the columns lie.
        hidden: units, filters or numbers of a token.
        seeds: one for each run.
    """

    def __init__(self, layout, hidden, seeds):
        self.layout, self.grid, self.hidden = layout, layout.grid, hidden
        drawn = [self.first(torch.Generator().manual_seed(seed)) for seed in seeds]
        self.weights = {name: torch.stack([one[name] for one in drawn]).requires_grad_() for name in drawn[0]}

    def first(self, generator):
        """Draw one network as PyTorch does, U(±1/√inputs)."""
        drawn = {}
        for name, (inputs, outputs) in self.sizes().items():
            for part, shape in ((name, (inputs, outputs)), (f"{name} bias", (1, outputs))):
                drawn[part] = (2 * torch.rand(shape, generator=generator) - 1) / inputs**0.5
        return drawn

    def count(self):
        """How many numbers one network learns."""
        return sum(w[0].numel() for w in self.weights.values())

    def layer(self, name, x):
        """A linear layer on the last axis of x (R, …, inputs)."""
        flat = x.flatten(1, -2)
        return torch.baddbmm(self.weights[f"{name} bias"], flat, self.weights[name]).unflatten(1, x.shape[1:-1])

    def __call__(self, x):
        """Scores (R, N, K) for x (R, N, columns): the places of the grid one after another, each with its channels."""
        return self.layer("answer", self.read(x.unflatten(2, (*self.grid, self.layout.channels))))


class MLP(Networks):
    """All columns to H units, ReLU."""

    def sizes(self):
        """Inputs and outputs of each layer."""
        columns = prod(self.grid) * self.layout.channels
        return {"hidden": (columns, self.hidden), "answer": (self.hidden, self.layout.answers)}

    def read(self, x):
        """(R, N, P, C) to (R, N, H)."""
        return self.layer("hidden", x.flatten(2)).relu()


class CNN(Networks):
    """Filters of 3 places along each axis, ReLU, the larger of 2; again; then all places, or the largest of all."""

    def sizes(self):
        """Inputs and outputs of each layer."""
        window, left = KERNEL ** len(self.grid), prod(size // 4 for size in self.grid)
        first, second = self.hidden, 2 * self.hidden
        return {"first": (window * self.layout.channels, first), "second": (window * first, second),
                "answer": (second if self.layout.anywhere else left * second, self.layout.answers)}  # fmt: skip

    def read(self, x):
        """(R, N, P, C) to (R, N, inputs of the answer)."""
        maps = x.movedim(-1, 2).transpose(0, 1).flatten(1, 2)  # (N, R C, P): the runs lie side by side
        maps = self.slide("second", largest(self.slide("first", maps), 2))
        if self.layout.anywhere:
            return maps.flatten(2).amax(2).unflatten(1, (len(x), -1)).transpose(0, 1)
        return largest(maps, 2).unflatten(1, (len(x), -1)).transpose(0, 1).flatten(2)

    def slide(self, name, maps):
        """Filters of each run over its own maps (N, R C, P), ReLU: (N, R F, P)."""
        weights, bias = self.weights[name], self.weights[f"{name} bias"]
        if len(self.grid) == 2:
            kernels = weights.unflatten(1, (-1, KERNEL, KERNEL)).movedim(-1, 1).flatten(0, 1)  # (R F, C, 3, 3)
            return F.conv2d(maps, kernels, bias.flatten(), padding=1, groups=len(weights)).relu()
        windows = F.pad(maps, (1, 1)).unfold(2, KERNEL, 1).unflatten(1, (len(weights), -1))  # (N, R, C, P, 3)
        windows = windows.permute(1, 0, 3, 2, 4).flatten(3).flatten(1, 2)  # (R, N P, 3 C); faster so than conv1d
        answers = torch.baddbmm(bias, windows, weights).relu().unflatten(1, (len(maps), -1))
        return answers.permute(1, 0, 3, 2).flatten(1, 2)


def largest(maps, size):
    """The largest number of each square of so many places, or of each stretch."""
    return (F.max_pool1d if maps.ndim == 3 else F.max_pool2d)(maps, size)


class GRU(Networks):
    """One place after another (of a grid: one row after another); the last state answers."""

    def sizes(self):
        """Inputs and outputs of each layer; from the input and from the state come three blocks."""
        inputs, three = prod(self.grid[1:]) * self.layout.channels, 3 * self.hidden
        return {"in": (inputs, three), "state": (self.hidden, three), "answer": (self.hidden, self.layout.answers)}

    def read(self, x):
        """(R, N, T, …) to the last state (R, N, H)."""
        given = self.layer("in", x.flatten(3))  # (R, N, T, 3 H)
        h, two = torch.zeros(*x.shape[:2], self.hidden), 2 * self.hidden
        for share in given.unbind(2):
            own = torch.baddbmm(self.weights["state bias"], h, self.weights["state"])
            r, z = (share[..., :two] + own[..., :two]).sigmoid().chunk(2, -1)
            h = torch.addcmul(share[..., two:], r, own[..., two:]).tanh().lerp(h, z)
        return h


class Transformer(Networks):
    """Tokens with a learned vector for each place; one block with two heads; the mean of all tokens, or the largest."""

    def sizes(self):
        """Inputs and outputs of each layer."""
        d, inside = self.hidden, self.layout.channels * self.layout.token ** len(self.grid)
        return {"embed": (inside, d), "look": (d, 3 * d), "mix": (d, d), "wide": (d, 2 * d), "narrow": (2 * d, d),
                "answer": (d, self.layout.answers)}  # fmt: skip

    def first(self, generator):
        """As the others, and a vector for each token's place."""
        tokens = prod(size // self.layout.token for size in self.grid)
        return super().first(generator) | {"places": 0.3 * torch.randn(tokens, self.hidden, generator=generator)}

    def read(self, x):
        """(R, N, P, C) to (R, N, D)."""
        x = self.layer("embed", self.tokens(x)) + self.weights["places"][:, None]  # (R, N, T, D)
        q, k, v = self.layer("look", normed(x)).unflatten(-1, (3, HEADS, -1)).permute(3, 0, 1, 4, 2, 5)
        shares = (q @ k.mT / k.shape[-1] ** 0.5).softmax(-1)  # (R, N, h, T, T)
        x = x + self.layer("mix", (shares @ v).transpose(2, 3).flatten(3))
        x = x + self.layer("narrow", self.layer("wide", normed(x)).relu())
        return normed(x.amax(2) if self.layout.anywhere else x.mean(2))

    def tokens(self, x):
        """(R, N, T, numbers of a token): places as they are, or of a grid squares of neighbouring pixels."""
        if len(self.grid) == 1:
            return x
        (height, width), side = self.grid, self.layout.token
        x = x.reshape(*x.shape[:2], height // side, side, width // side, side * self.layout.channels)
        return x.transpose(3, 4).flatten(4).flatten(2, 3)


def normed(x):
    """Layer norm; the layer that follows has the weights."""
    return F.layer_norm(x, x.shape[-1:])


KINDS = {"MLP": MLP, "CNN": CNN, "GRU": GRU, "Transformer": Transformer}


class Adam:
    """Adam with a rate for each run."""

    def __init__(self, weights, rates):
        self.p, self.t, self.rates = list(weights.values()), 0, torch.tensor(rates)[:, None, None]
        self.m, self.v = ([torch.zeros_like(p) for p in self.p] for _ in range(2))

    def step(self, share=1):
        """Take a step down the gradients at this share of the rates, and forget the gradients."""
        self.t += 1
        with torch.no_grad():
            for p, m, v in zip(self.p, self.m, self.v, strict=True):
                m.lerp_(p.grad, 0.1)
                v.mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)
                p -= share * self.rates * (m / (1 - 0.9**self.t)) / ((v / (1 - 0.999**self.t)).sqrt() + 1e-8)
                p.grad = None

    def keep(self, weights, runs):
        """Go on with some of the runs only."""
        for name, p in weights.items():
            weights[name] = p.detach()[runs].clone().requires_grad_()
        self.p, self.rates = list(weights.values()), self.rates[runs]
        self.m, self.v = ([part[runs] for part in memory] for memory in (self.m, self.v))
