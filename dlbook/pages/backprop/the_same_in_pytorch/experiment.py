"""What finds a bug: checks of scripts called as they stand, their rival the loss curve; and learning without labels."""

from functools import cache

import numpy as np

import dlcore
from dlbook.pages.backprop.the_same_in_pytorch.scripts import SCRIPTS, changed, compiled, source
from dlcore import data, nn, optim, rng
from dlcore.nn import functional as F
from dlcore.utils.data import DataLoader, TensorDataset

EPOCHS, STEPS = 10, 200  # of a run; on one batch
CLASSES, FULL = 10, 16  # kinds of digits; the count of a pixel full of ink

#: name of a check → the lowest and the highest number that is no alarm
CHECKS = {
    "start": (1.9, 2.7),
    "one batch": (0.0, 0.8),
    "gradients": (1e-3, 5.0),
    "update": (1e-3, 0.5),
    "inputs": (0.5, 5.0),
    "labels": (0.9, 1.0),
    "kinds": (5, 10),
    "twice": (0.0, 1e-3),
    "baseline": (0.0, 1.0),
}
SIZES = ("start", "one batch", "gradients", "update")  # checks whose range is a matter of taste

#: other sound scripts: what is changed, and into what
SETTINGS = {
    "as it is": (),
    "a third of the rate": (("lr=0.3", "lr=0.1"),),
    "Adam": (
        ("SGD(model.parameters(), lr=0.3)", "Adam(model.parameters(), lr=0.003)"),
        ("SGD(model[4].parameters(), lr=0.3)", "Adam(model[4].parameters(), lr=0.003)"),
        ("SGD(model.parameters(), lr=10.0)", "Adam(model.parameters(), lr=0.1)"),
    ),
}


@cache
def digits():
    """Digits to learn from, in order as a file may hold them, and new ones: counts (N, 1, 8, 8) from 0 to 16, kinds."""
    table = data.digits()
    order = np.argsort(table.train.y, kind="stable")
    return (FULL * table.train.x[order], table.train.y[order]), (FULL * table.valid.x, table.valid.y)


@cache
def script(bug, setting="as it is"):
    """The function of a script, at other settings too."""
    text = source(bug)
    for before, after in SETTINGS[setting]:
        if before in text:  # the line stands there as it is in the sound script, or as the bug has it
            text = changed(text, before, after)
    return compiled(text)


def run(function, x, y, epochs, seed):
    """What a script returns, from one seed."""
    with rng.fork_rng(), np.errstate(all="ignore"):
        dlcore.manual_seed(seed)
        return function(dlcore, dlcore.tensor(x), dlcore.tensor(y), epochs)


def ask(model, x):
    """The scores (N, 10) that a network gives to images, asked in the mode in which it was left."""
    with dlcore.no_grad(), np.errstate(all="ignore"):
        return model(dlcore.tensor(x)).numpy()


def matrices(model):
    """The weights of each layer, biases aside."""
    return [p for p in model.parameters() if p.ndim == 2]


@cache
def nearest_mean():
    """Share of new digits that the nearest of ten average digits names: a baseline without a network."""
    (x, y), (x_new, y_new) = digits()
    means = np.array([x[y == k].mean(axis=0).ravel() for k in range(CLASSES)])  # (10, 64)
    apart = ((x_new.reshape(-1, 1, 64) - means) ** 2).sum(axis=2)  # (N, 10)
    return float(np.mean(apart.argmin(axis=1) == y_new))


def seen(images, labels):
    """What a look at the last batch finds: largest pixel, share of labels that fit their images, kinds of labels."""
    (x, y), _ = digits()
    fed = images.numpy().reshape(-1, 64)
    fed = fed * (FULL if fed.max() <= 2 else 1)
    meant = y[((fed[:, None] - x.reshape(-1, 64)) ** 2).sum(axis=2).argmin(axis=1)]
    return {
        "inputs": float(images.numpy().max()),
        "labels": float(np.mean(meant == labels.numpy())),
        "kinds": len(np.unique(labels.numpy())),
    }


def steps_of(function, seed):
    """On one batch: the mean of the last losses, and the second update of each layer over its weights."""
    (x, y), _ = digits()
    rows = np.random.default_rng(seed).permutation(len(x))[:32]
    last = np.mean(run(function, x[rows], y[rows], STEPS, seed)[1][-20:])
    first, second = (matrices(run(function, x[rows], y[rows], n, seed)[0]) for n in (1, 2))
    return last, [ratio(a, b) for a, b in zip(first, second, strict=True)]


def answers(model, images):
    """How far two answers to the same digits differ, alone and in company; and the share of new digits right."""
    _, (x_new, y_new) = digits()
    x_new = x_new / (FULL if images.numpy().max() <= 2 else 1)  # as the script feeds its network
    once, again, alone = ask(model, x_new), ask(model, x_new), ask(model, x_new[:1])
    gap = max(abs(once - again).max(), abs(once[:1] - alone).max())
    return float(gap), float(np.mean(once.argmax(axis=1) == y_new))


def measured(function, seed=0):
    """Of a script called as it stands: its number for each check, its losses, its share of new digits right."""
    (x, y), _ = digits()
    model, losses, images, labels = run(function, x, y, EPOCHS, seed)
    lengths = [0.0 if w.grad is None else length(w.grad) for w in matrices(model)]
    last, updates = steps_of(function, seed)
    with rng.fork_rng():
        dlcore.manual_seed(seed)  # where dropout is still on, the answers hang on chance
        twice, right = answers(model, images)
    numbers = {
        "start": float(losses[0]),
        "one batch": float(last),
        "gradients": farthest(lengths, "gradients"),
        "update": farthest(updates, "update"),
        **seen(images, labels),
        "twice": twice,
        "baseline": right - nearest_mean(),
    }
    return numbers, np.array(losses), right


def length(tensor):
    """The length of all its numbers, as one arrow."""
    return float(np.linalg.norm(tensor.numpy()))


def ratio(before, after):
    """Length of a layer's update over that of its weights; 0 where nothing moved."""
    moved = length(after.detach() - before.detach())
    return moved / length(before.detach()) if moved else 0.0


def farthest(values, check):
    """Of several layers the number that lies farthest outside what is no alarm, or else the first."""
    low, high = CHECKS[check]
    return max(values, key=lambda v: low / max(v, 1e-9) if v < low else v / high if v > high else 1)


def from_sound(examinations):
    """Ranges set without sight of a bug: half the lowest to twice the highest number of sound runs."""
    seen = {name: [numbers[name] for numbers, *_ in examinations] for name in SIZES}
    return CHECKS | {name: (min(values) / 2, 2 * max(values)) for name, values in seen.items()}


def alarms(numbers, ranges=None):
    """Of each check: −1 if its number is too low, 1 if it is too high, else 0 (checks,)."""
    ranges = ranges or CHECKS
    ends = np.array([ranges[name] for name in numbers])
    values = np.array(list(numbers.values()))
    return (values > ends[:, 1]) * 1 - ~(values >= ends[:, 0])


def curve(losses):
    """Mean loss of each epoch, at most 10 (EPOCHS,)."""
    parts = np.array_split(np.nan_to_num(losses, nan=10.0, posinf=10.0), EPOCHS)
    return np.array([part.mean() for part in parts]).clip(0, 10)


def examined(bug, setting="as it is", seed=0):
    """(numbers, alarms (checks,), loss curve (EPOCHS,), share of new digits right) of one script."""
    return _examined(bug, setting, seed)  # one key for the cache, however it is called


@cache
def _examined(bug, setting, seed):
    numbers, losses, right = measured(script(bug, setting), seed)
    return numbers, alarms(numbers), curve(losses), right


def signs_of(examination, sign):
    """What a script is named by: its "alarms"; its loss "curve", as logarithms; or that and its "new digits" right."""
    _, alarm, losses, right = examination
    logs = np.log(losses + 0.05)
    return {"alarms": alarm, "curve": logs, "new digits": np.append(logs, len(logs) * right)}[sign]


def named(signs, known):
    """Whose signs are nearest, as shares (scripts,): where several are equally near they share the guess."""
    far = np.array([np.abs(signs - one).mean() for one in known])
    best = far <= far.min() + 1e-9
    return best / best.sum()


def naming(sign, setting, seed):
    """The share of scripts that are named rightly by a sign; known are those of seed 0, as they are."""
    known = [signs_of(examined(bug), sign) for bug in SCRIPTS]
    pairs = ((k, signs_of(examined(bug, setting, seed), sign)) for k, bug in enumerate(SCRIPTS))
    return float(np.mean([named(signs, known)[k] for k, signs in pairs]))


def looks_sound(losses):
    """Whether a loss curve ends below half of ln 10 and never rises by more than a tenth of a nat."""
    return losses[-1] < np.log(CLASSES) / 2 and np.diff(losses).max() < 0.1


def later(bug, seed=0):
    """Share of new digits right after three times the training."""
    (x, y), _ = digits()
    model, _, images, _ = run(script(bug), x, y, 3 * EPOCHS, seed)
    with rng.fork_rng():
        dlcore.manual_seed(seed)
        return answers(model, images)[1]


# Without labels -------------------------------------------------------------------------------------------------------


def autoencoder(k):
    """A network that squeezes 64 pixels through k numbers and draws them again."""
    squeeze = nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, k)
    return nn.Sequential(*squeeze, nn.Linear(k, 64), nn.ReLU(), nn.Linear(64, 64))


def straight(k):
    """An autoencoder without a bend: 64 pixels, k numbers, 64 pixels."""
    return nn.Sequential(nn.Linear(64, k), nn.Linear(k, 64))


def grouper():
    """A network that puts an image into one of ten groups."""
    return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, CLASSES))


def unlabelled(build, loss, x, epochs, seed, batch=32, decay=0.0):
    """The network that build() makes, trained on images x (N, 64) alone, by loss(model, images)."""
    with rng.fork_rng():
        dlcore.manual_seed(seed)
        model = build()
        adam = optim.Adam(model.parameters(), lr=0.003, weight_decay=decay)
        for _ in range(epochs):
            for (images,) in DataLoader(TensorDataset(dlcore.tensor(x)), batch_size=batch, shuffle=True):
                value = loss(model, images)
                adam.zero_grad()
                value.backward()
                adam.step()
        return model


def redrawn(model, images):
    """How far the images drawn again are from the images."""
    return F.mse_loss(model(images), images)


def spread_out(model, images):
    """Small where each image gets one sure answer, and all answers are used alike. None of them is the right one."""
    p = model(images).softmax(1)  # (N, K)
    q = p.mean(0)  # (K,)
    return (q * (q + 1e-9).log()).sum() - (p * (p + 1e-9).log()).sum(1).mean()


def principal(x, x_new, k):
    """New images (N, 64) drawn again from their k principal components, found in x."""
    mean = x.mean(axis=0)
    ways = np.linalg.svd(x - mean, full_matrices=False)[2][:k]  # (k, 64)
    return (x_new - mean) @ ways.T @ ways + mean


def by_neighbours(x, x_new, k, near=10):
    """New images (N, 64) drawn as the mean of the known ones whose k principal components are nearest to theirs."""
    ways = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2][:k]  # (k, 64)
    apart = (((x_new @ ways.T)[:, None] - x @ ways.T) ** 2).sum(axis=2)  # (N, known)
    return x[np.argsort(apart, axis=1)[:, :near]].mean(axis=1)


def nearest_of(centres, x):
    """For each image (N, 64) the number of the nearest centre."""
    return ((x[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)


def grouped(groups, y, groups_new, y_new):
    """Share of new digits right if each group is called by the digit that is most frequent in it."""
    names = np.array([np.bincount(y[groups == g], minlength=CLASSES).argmax() for g in range(CLASSES)])
    return float(np.mean(names[groups_new] == y_new))
