"""Networks of the page "Outputs": how sure they are, how often they are right, and how far an output can reach."""

from functools import cache

import numpy as np

import dlcore
from dlcore import Tensor, data, nn, no_grad, optim
from dlcore.data._random import random_source
from dlcore.models import MLP

PASSES = 40  # through the training set
HIDDEN = (64, 64)  # units of the two hidden layers
LESSONS = ("odd or even", "ten digits")
TRIED, JUDGED = (5, 6), (0, 1, 2)  # seeds: to choose settings with, and to judge them by
RATES = (0.003, 0.01, 0.03)
#: name -> what is tried, how it is chosen on validation images, and whether it stops at the pass with the least loss
CONTENDERS = {
    "trained for 40 passes": ([{"rate": rate} for rate in RATES], "mistakes", False),
    "stopped early": ([{"rate": rate} for rate in (0.001, 0.003, 0.01)], "loss", True),
    "weights kept small": ([{"rate": 0.01, "decay": decay} for decay in (0.3, 1.0, 3.0)], "loss", False),
    "softer targets": ([{"rate": 0.01, "smooth": smooth} for smooth in (0.05, 0.1, 0.2)], "loss", False),
    "a softmax of two": ([{"rate": rate, "outputs": 2} for rate in RATES], "mistakes", False),
    "one layer of 16 units": ([{"rate": rate, "hidden": (16,)} for rate in RATES], "mistakes", False),
    "no hidden layer": ([{"rate": rate, "hidden": ()} for rate in RATES], "mistakes", False),
    "places drawn anew": ([{"rate": rate, "anew": True} for rate in RATES], "mistakes", False),
}


@cache
def images(lesson="ten digits"):
    """Training, validation and test images (N, 144), each digit in a frame of 12 × 12, and classes (N,).

    The lesson says what the classes are, and with "in the middle" that every digit stands there; else it may anywhere.
    """
    table, parts = data.digits(standardise=False), []
    for (x, y), seed in zip((table.train, table.valid, table.test), (1, 3, 2), strict=True):
        x = in_the_middle(x) if "in the middle" in lesson else placed(x, seed)
        parts.append((x, y if lesson == "ten digits" else y % 2))
    return parts


def placed(x, seed):
    """Digits (N, 1, 8, 8) as rows of pixels (N, 144), each somewhere in its frame."""
    return data.scatter(x, 12, generator=seed).reshape(len(x), 144).astype("float32")


def in_the_middle(x):
    """Digits (N, 1, 8, 8) as rows of pixels (N, 144), all in the middle of their frames."""
    return np.pad(x[:, 0], ((0, 0), (2, 2), (2, 2))).reshape(len(x), 144).astype("float32")


def learn(lesson, rate, seed, hidden=HIDDEN, outputs=1, decay=0.0, smooth=0.0, passes=PASSES, anew=False):
    """Train a network; return its logits for validation and test images after each pass, (passes, N, K) each."""
    (x, y), (x_valid, _), (x_test, _) = images(lesson)
    x_new = Tensor(np.concatenate([x_valid, x_test]))
    digits = data.digits(standardise=False).train.x
    outputs = 10 if lesson == "ten digits" else outputs
    loss_of = nn.CrossEntropyLoss() if outputs > 1 else nn.BCEWithLogitsLoss()
    target = y if outputs > 1 else ((1 - smooth) * y[:, None] + smooth / 2).astype("float32")
    dlcore.manual_seed(seed)
    model, seen = MLP([144, *hidden, outputs]), []
    adam = optim.AdamW(model.parameters(), lr=rate, weight_decay=decay)
    batches = data.batches(np.arange(len(x)), batch_size=128, generator=seed)
    for n in range(passes):
        if anew:  # the same digits, elsewhere in their frames
            x = placed(digits, 1000 + n)
        for (rows,) in batches:
            adam.zero_grad()
            loss_of(model(Tensor(x[rows])), dlcore.tensor(target[rows])).backward()
            adam.step()
        with no_grad():
            seen.append(model(x_new).numpy())
    return np.split(np.array(seen, dtype=float), [len(x_valid)], axis=1)


@cache
def learned(lesson, rate, seed, **setting):
    """What `learn` returns, kept."""
    return learn(lesson, rate, seed, **setting)


def columns(z):
    """Logits with a column for each class: one logit z of a sigmoid is worth the two logits (0, z) of a softmax."""
    return z if z.shape[-1] > 1 else np.concatenate([np.zeros_like(z), z], axis=-1)


def softmax(z, temperature=1.0):
    """Logits (…, K) to shares of the same shape."""
    e = np.exp((z - z.max(-1, keepdims=True)) / temperature)
    return e / e.sum(-1, keepdims=True)


def loss(z, y, temperature=1.0):
    """Mean of -ln of the share (N, K) that logits give to the right class, (…) for logits (…, N, K)."""
    z = (z - z.max(-1, keepdims=True)) / temperature
    return (np.log(np.exp(z).sum(-1)) - z[..., np.arange(len(y)), y]).mean(-1)


def fitted(z, y):
    """The temperature between 1/16 and 16 with the least loss."""
    tried = np.geomspace(1 / 16, 16, 241)
    return tried[np.argmin([loss(z, y, t) for t in tried])]


def ends(lesson, name):
    """The logits of a contender where it ends, for each seed: a list of (validation, test), (N, K) each."""
    settings, chosen_by, early = CONTENDERS[name]
    y = images(lesson)[1][1]

    def end(seed, **setting):
        valid, test = (columns(z) for z in learned(lesson, seed=seed, **setting))
        last = loss(valid, y).argmin() if early else -1
        return valid[last], test[last]

    def badness(setting):
        over = [end(seed, **setting)[0] for seed in TRIED]
        return np.mean([loss(z, y) if chosen_by == "loss" else (z.argmax(1) != y).mean() for z in over])

    best = min(settings, key=badness)
    return [end(seed, **best) for seed in JUDGED]


# A number instead of a name ----------------------------------------------------------------------------------------

#: name -> the last activation; the stretch that training targets are moved to (None: as they are); cut off at the ends?
OUTPUTS = {
    "identity, as they are": ("identity", None, False),
    "tanh, as they are": ("tanh", None, False),
    "tanh, −2 to 2": ("tanh", (-2, 2), False),
    "tanh, −1 to 1": ("tanh", (-1, 1), False),
    "sigmoid, 0 to 1": ("sigmoid", (0, 1), False),
    "identity, −1 to 1": ("identity", (-1, 1), False),
    "identity, then cut off": ("identity", (-1, 1), True),
}


@cache
def quantities(task):
    """Training, validation and test inputs (N, D) and numbers (N,) of a task."""
    if task == "diabetes":
        table = data.diabetes()
        return [(x.astype("float32"), y.astype("float32")) for x, y in (table.train, table.valid, table.test)]
    parts = []
    for (x, _), seed in zip(images(), (1, 3, 2), strict=True):  # the seeds that put them there
        rng = random_source(seed)
        _, lefts = rng.integers(0, 5, len(x)), rng.integers(0, 5, len(x))
        parts.append((x, lefts.astype("float32")))
    return parts


def errors(task, output, rate, seed, passes=20, width=1):
    """Train a network on a quantity; return its mean error on validation and on test data, in the quantity's unit."""
    (x, y), *others = quantities(task)
    bend, stretch, cut = OUTPUTS[output]
    low, high = stretch or (y.min(), y.max())
    scale, hidden = (high - low) / (y.max() - y.min()), width * (32 if task == "left edge" else 16)
    dlcore.manual_seed(seed)
    last = {"identity": nn.Identity, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}[bend]()
    model = nn.Sequential(nn.Linear(x.shape[1], hidden), nn.ReLU(), nn.Linear(hidden, 1), last)
    adam, loss_of = optim.Adam(model.parameters(), lr=rate), nn.MSELoss()
    target = (low + scale * (y - y.min()))[:, None]
    batches = data.batches(x, target.astype("float32"), batch_size=32 if len(x) < 500 else 128, generator=seed)
    for _ in range(passes):
        for x_batch, target_batch in batches:
            adam.zero_grad()
            loss_of(model(Tensor(x_batch)), dlcore.tensor(target_batch)).backward()
            adam.step()
    with no_grad():
        answers = [(model(Tensor(part)).numpy()[:, 0] - low) / scale + y.min() for part, _ in others]
    if cut:
        answers = [answer.clip(y.min(), y.max()) for answer in answers]
    return [np.abs(answer - truth).mean() for answer, (_, truth) in zip(answers, others, strict=True)]


def at_its_best(task, output, seeds=JUDGED):
    """The rate with the least validation error, and with it the mean test error for each seed."""
    rates, tried = ((0.01, 0.03, 0.1), TRIED[:1]) if task == "left edge" else (RATES, TRIED)
    best = min(rates, key=lambda rate: np.mean([errors(task, output, rate, seed)[0] for seed in tried]))
    return best, np.array([errors(task, output, best, seed)[1] for seed in seeds])
