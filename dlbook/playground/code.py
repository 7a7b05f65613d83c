"""The program for some settings: the text that the playground runs is the text that the reader is given.

It needs NumPy and dlcore, or PyTorch by the one word. All draws are NumPy's, so both start from the same numbers.
"""

import json

TESTED = 200  # points that the network does not learn from

#: How each data set comes about from `y`, its classes 0 and 1 in turn, before the noise; as dlcore.data makes it.
DATA = {
    "circle": """\
t = rng.uniform(0, 2 * np.pi, n)
radius = np.where(y == 1, 0.5, 1.0)
x = np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1)""",
    "xor": """\
corners = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
x = corners[np.arange(n) % 4]""",
    "gaussians": "x = np.stack([1.0 - 2.0 * y, 0.0 * y], axis=1)",
    "moons": """\
t, sign = rng.uniform(0, np.pi, n), 1 - 2 * y
x = np.stack([sign * (np.cos(t) - 0.5), sign * (np.sin(t) - 0.25)], axis=1)""",
    "spirals": """\
r = rng.uniform(0.1, 1, n)
angle = 2 * np.pi * (r + y / 2)
x = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)""",
}
MADE = """\
# Data: {points} points to learn from, {tested} to be tested on
n, rng = {total}, np.random.default_rng(0)
y = np.arange(n) % 2
{shape}
x = x + {noise} * rng.standard_normal(x.shape)
order = rng.permutation(n)
x = torch.tensor(x[order], dtype=torch.float32)
y = torch.tensor(y[order, None], dtype=torch.float32)
x, y, x_test, y_test = x[:{points}], y[:{points}], x[{points}:], y[{points}:]
"""
DIGITS = """\
# Data: {points} handwritten digits to learn from, {tested} to be tested on; is it odd?
from sklearn.datasets import load_digits

images, digits = load_digits(return_X_y=True)
rng = np.random.default_rng(0)
chosen = rng.permutation(len(digits))[:{total}]
x = images[chosen] / 16
x = torch.tensor(x + {noise} * rng.standard_normal(x.shape), dtype=torch.float32)
y = torch.tensor(digits[chosen, None] % 2, dtype=torch.float32)
x, y, x_test, y_test = x[:{points}], y[:{points}], x[{points}:], y[{points}:]
"""
OWN = """\
# Data: points set by hand; across, up, class
points = np.array([
{rows}
])
x = torch.tensor(points[:, :2], dtype=torch.float32)
y = torch.tensor(points[:, 2:], dtype=torch.float32)
x_test, y_test = x, y
"""
ACTIVATIONS = {"identity": "Identity", "sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "ReLU", "gelu": "GELU"}
STARTS = {"zero": "0.0", "small": "0.01", "xavier": "(2 / (n_in + n_out)) ** 0.5", "he": "(2 / n_in) ** 0.5",
          "large": "3.0"}  # fmt: skip
OPTIMISERS = {
    "sgd": "SGD(model.parameters(), lr={rate}{decay})",
    "momentum": "SGD(model.parameters(), lr={rate}, momentum=0.9{decay})",
    "rmsprop": "RMSprop(model.parameters(), lr={rate}{decay})",
    "adam": "Adam(model.parameters(), lr={rate}{decay})",
}
PROGRAM = """\
import numpy as np
import dlcore as torch
from dlcore import nn, optim

{data}
# Network: it starts with weights of some spread and biases of 0
model = nn.Sequential(
{layers}
)
rng = np.random.default_rng({seed})
for layer in model[::2]:
    n_out, n_in = layer.weight.shape
    start = {start} * rng.standard_normal((n_out, n_in))
    layer.weight.data = torch.tensor(start, dtype=torch.float32)
    nn.init.zeros_(layer.bias)

loss = nn.BCEWithLogitsLoss()
optimizer = optim.{optimiser}


def step():
{batch}    optimizer.zero_grad()
    value = loss(model(x{rows}), y{rows})
    value.backward()
    optimizer.step()
    return value.item()
"""
TAIL = """

losses = [step() for _ in range({steps})]
print(f"loss {{losses[0]:.4f}} at first, {{losses[-1]:.4f}} at the end")
right = (model(x_test) > 0).float() == y_test
print(f"{{right.float().mean().item():.0%}} of the test is right")
"""


def program(settings):
    """The program up to its `step()`."""
    points = len(settings.own_points) if settings.data == "own" else int(settings.points)
    whole = settings.batch == "all" or int(settings.batch) >= points
    decay = "" if settings.decay == "0" else f", weight_decay={settings.decay}"
    return PROGRAM.format(
        data=_data(settings, points),
        layers="\n".join(f"    nn.{layer}," for layer in _layers(settings)),
        start=STARTS[settings.start],
        seed=settings.seed,
        optimiser=OPTIMISERS[settings.optimiser].format(rate=settings.rate, decay=decay),
        batch="" if whole else f"    rows = rng.permutation({points})[:{settings.batch}]\n",
        rows="" if whole else "[rows]",
    )


def _data(settings, points):
    if settings.data == "own":
        return OWN.format(rows="\n".join(f"    [{x:.2f}, {y:.2f}, {c}]," for x, y, c in settings.own_points))
    text = DIGITS if settings.data == "digits" else MADE
    return text.format(points=points, tested=TESTED, total=points + TESTED, noise=settings.noise,
                       shape=DATA.get(settings.data))  # fmt: skip


def _layers(settings):
    before = settings.inputs
    for width in settings.widths:
        yield f"Linear({before}, {width})"
        yield f"{ACTIVATIONS[settings.activation]}()"
        before = width
    yield f"Linear({before}, 1)"


def whole(settings, steps, library="dlcore"):
    """The program with its loop, for dlcore or for "torch"."""
    text = program(settings) + TAIL.format(steps=max(steps, 1))
    if library == "torch":  # the one word
        text = text.replace("import dlcore as torch", "import torch").replace("from dlcore", "from torch")
    return text


def notebook(settings, steps, library="dlcore"):
    """The same as a notebook, as text."""
    needs = {"dlcore": "dlcore, the package of the book Deep Learning, Demystified", "torch": "PyTorch"}[library]
    says = f"# From the playground\n\nThe program that ran there for {steps} steps. It needs NumPy and {needs}."
    parts = whole(settings, steps, library).split("\n\n# Network", 1)
    cells = [_cell("markdown", says), _cell("code", parts[0]), _cell("code", f"# Network{parts[1]}".rstrip())]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def _cell(kind, text):
    rest = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": {}, "source": text, **rest}
