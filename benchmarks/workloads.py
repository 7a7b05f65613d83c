"""The workloads: what is trained, from which weights, on which data, and how fast dlcore must at least be."""

from dataclasses import dataclass, field
from math import prod, sqrt

import numpy as np


@dataclass(frozen=True)
class Workload:
    """One row of the table.

    `text` names the file in `texts/` that is run for dlcore and, with one word changed, for PyTorch. `make` gives
    (weights, data): a state_dict of arrays and the arrays of one batch, the same for every peer. `floor` is the least
    speed allowed to dlcore, PyTorch's being 1, `compiled` the least to dlcore.compile; `steps` are timed as one block.
    """

    key: str
    title: str
    text: str
    make: object
    options: dict = field(default_factory=dict)
    floor: float | None = None
    steps: int = 1
    compiled: float | None = None


def uniform(rng, fan_in, *shape):
    """PyTorch's default initialisation of linear and convolutional layers: U(-1/sqrt(fan_in), 1/sqrt(fan_in))."""
    return rng.uniform(-1 / sqrt(fan_in), 1 / sqrt(fan_in), shape).astype(np.float32)


def mlp(sizes, batch, binary=False, seed=0):
    rng, weights = np.random.default_rng(seed), {}
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
        weights[f"{2 * i}.weight"] = uniform(rng, fan_in, fan_out, fan_in)
        weights[f"{2 * i}.bias"] = uniform(rng, fan_in, fan_out)
    x = rng.standard_normal((batch, sizes[0])).astype(np.float32)
    if binary:  # two classes that no straight line separates
        return weights, (x, (x[:, :1] * x[:, 1:] > 0).astype(np.float32))
    return weights, (x, np.argmax(x @ rng.standard_normal((sizes[0], sizes[-1])), axis=1))


def moons(points=100, noise=0.1, seed=0):
    """Two half circles that reach into each other, with labels -1 and 1, and a network 2-16-16-1."""
    rng, angles = np.random.default_rng(seed), np.linspace(0, np.pi, points // 2)
    upper, lower = (np.cos(angles), np.sin(angles)), (1 - np.cos(angles), 0.5 - np.sin(angles))
    x = np.concatenate([upper, lower], axis=1).T + noise * rng.standard_normal((points, 2))
    y = np.repeat([-1.0, 1.0], points // 2)[:, None]
    return mlp((2, 16, 16, 1), points)[0], (x.astype(np.float32), y.astype(np.float32))


def cnn(side, channels, classes, batch, seed=0):
    rng, (c0, c1, c2) = np.random.default_rng(seed), channels
    flat = c2 * (side // 4) ** 2
    shapes = {"0": (c1, c0, 3, 3), "3": (c2, c1, 3, 3), "7": (classes, flat)}
    weights = {}
    for name, shape in shapes.items():
        weights[f"{name}.weight"] = uniform(rng, prod(shape[1:]), *shape)
        weights[f"{name}.bias"] = uniform(rng, prod(shape[1:]), shape[0])
    x = rng.standard_normal((batch, c0, side, side)).astype(np.float32)
    return weights, (x, np.argmax(x.reshape(batch, -1) @ rng.standard_normal((c0 * side**2, classes)), axis=1))


def characters(rng, vocabulary, batch, length):
    """Sequences in which each character follows the last by one of three steps: something to learn."""
    ids = np.cumsum(rng.integers(1, 4, (batch, length + 1)), axis=1) % vocabulary
    return ids[:, :-1].copy(), ids[:, 1:].copy()


def lstm(vocabulary, embedding, hidden, length, batch, seed=0):
    rng = np.random.default_rng(seed)
    weights = {
        "embedding.weight": rng.standard_normal((vocabulary, embedding)).astype(np.float32),
        "lstm.weight_ih_l0": uniform(rng, hidden, 4 * hidden, embedding),
        "lstm.weight_hh_l0": uniform(rng, hidden, 4 * hidden, hidden),
        "lstm.bias_ih_l0": uniform(rng, hidden, 4 * hidden),
        "lstm.bias_hh_l0": uniform(rng, hidden, 4 * hidden),
        "head.weight": uniform(rng, hidden, vocabulary, hidden),
        "head.bias": uniform(rng, hidden, vocabulary),
    }
    return weights, characters(rng, vocabulary, batch, length)


def gpt(vocabulary, context, d, layers, batch, seed=0):
    rng = np.random.default_rng(seed)
    weights = {
        "token.weight": 0.02 * rng.standard_normal((vocabulary, d)).astype(np.float32),
        "position.weight": 0.02 * rng.standard_normal((context, d)).astype(np.float32),
    }

    def norm(name):
        weights[f"{name}.weight"], weights[f"{name}.bias"] = np.ones(d, np.float32), np.zeros(d, np.float32)

    def linear(name, fan_out, fan_in):
        weights[f"{name}.weight"] = uniform(rng, fan_in, fan_out, fan_in)
        weights[f"{name}.bias"] = uniform(rng, fan_in, fan_out)

    for i in range(layers):
        norm(f"blocks.{i}.norm1")
        linear(f"blocks.{i}.qkv", 3 * d, d)
        linear(f"blocks.{i}.out", d, d)
        norm(f"blocks.{i}.norm2")
        linear(f"blocks.{i}.mlp.0", 4 * d, d)
        linear(f"blocks.{i}.mlp.2", d, 4 * d)
    norm("norm")
    linear("head", vocabulary, d)
    return weights, characters(rng, vocabulary, batch, context)


def _mlp(key, title, sizes, batch, activation, loss, optimiser, lr, floor, steps, compiled=None):
    options = {"sizes": sizes, "activation": activation, "loss": loss, "optimiser": optimiser, "lr": lr}
    return Workload(
        key,
        title,
        "mlp",
        lambda: mlp(sizes, batch, binary=loss == "BCEWithLogitsLoss"),
        options,
        floor,
        steps,
        compiled,
    )


WORKLOADS = (
    _mlp(
        "mlp-tiny",
        "MLP 2-16-16-1 tanh, batch 64, SGD",
        (2, 16, 16, 1),
        64,
        "Tanh",
        "BCEWithLogitsLoss",
        "SGD",
        0.1,
        2.3,
        60,
        compiled=4.0,
    ),
    _mlp(
        "mlp-small",
        "MLP 64-128-64-10, batch 128, Adam",
        (64, 128, 64, 10),
        128,
        "ReLU",
        "CrossEntropyLoss",
        "Adam",
        1e-3,
        2.2,
        30,
        compiled=2.2,
    ),
    _mlp(
        "mlp-large",
        "MLP 784-512-512-10, batch 256, Adam",
        (784, 512, 512, 10),
        256,
        "ReLU",
        "CrossEntropyLoss",
        "Adam",
        1e-3,
        0.9,
        3,
        compiled=0.9,
    ),
    Workload(
        "moons",
        "micrograd's two moons: MLP 2-16-16-1, hinge loss, weight penalty, all 100 points, SGD",
        "moons",
        moons,
        {"lr": 0.1, "alpha": 1e-4},
        1.5,
        40,
        compiled=2.6,
    ),
    Workload(
        "cnn",
        "CNN 1x28x28, conv16-pool-conv32-pool-linear, batch 64, SGD",
        "cnn",
        lambda: cnn(28, (1, 16, 32), 10, 64),
        {"side": 28, "channels": (1, 16, 32), "classes": 10, "lr": 0.05},
        1.0,
        2,
        compiled=1.0,
    ),
    Workload(
        "lstm",
        "character LSTM, V 64, embedding 32, hidden 128, T 64, batch 32, Adam",
        "lstm",
        lambda: lstm(64, 32, 128, 64, 32),
        {"vocabulary": 64, "embedding": 32, "hidden": 128, "lr": 1e-3},
        0.6,
        2,
        compiled=0.6,
    ),
    Workload(
        "gpt",
        "GPT, d 64, 2 heads, 2 layers, context 64, V 64, batch 16, AdamW",
        "gpt",
        lambda: gpt(64, 64, 64, 2, 16),
        {"vocabulary": 64, "context": 64, "d": 64, "heads": 2, "layers": 2, "lr": 1e-3},
        0.6,
        2,
        compiled=0.6,
    ),
)
