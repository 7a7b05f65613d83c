"""A script watched from epoch to epoch: its losses, those of new digits, and its network as it was each time."""

from functools import cache

import numpy as np

import dlcore
from dlbook.pages.backprop.the_same_in_pytorch.experiment import EPOCHS, FULL, ask, digits, run
from dlbook.pages.backprop.the_same_in_pytorch.scripts import changed, compiled, source
from dlcore import rng
from dlcore.nn import functional as F

TOGETHER = 8  # batches whose mean is one point of a training curve


def watching(text, watch):
    """A script that shows its network to watch(model) before the first epoch and after each."""
    text = changed(text, "    losses = []\n", "    losses = []\n    watch(model)\n")
    line = "losses.append(loss.item())\n"
    return compiled(changed(text, line, line + "        watch(model)\n"), watch=watch)


@cache
def traced(bug, seed=0):
    """Training loss (points,), its epochs (points,), new digits' loss (EPOCHS + 1,), and the network at each epoch."""
    (x, y), (x_new, y_new) = digits()
    networks, valid, left_on = [], [], bug == "dropout left on"

    def watch(model):
        networks.append([p.detach().numpy().copy() for p in model.parameters()])
        model.train(left_on)  # asked in the mode in which the script leaves it
        with rng.fork_rng():
            scores = ask(model, x_new / (1 if bug == "pixels not scaled" else FULL))
        valid.append(F.cross_entropy(dlcore.tensor(scores), dlcore.tensor(y_new)).item())

    losses = np.array(run(watching(source(bug), watch), x, y, EPOCHS, seed)[1])
    parts = np.array_split(losses, len(losses) // TOGETHER)
    where = (np.arange(len(parts)) + 0.5) * EPOCHS / len(parts)
    return np.array([part.mean() for part in parts]), where, np.array(valid), networks


def chances(bug, digit):
    """What a script's networks say of a digit (8, 8), ink from 0 to 1: probabilities (EPOCHS + 1, 10)."""
    rows = []
    for epoch, (w1, b1, w2, b2) in enumerate(traced(bug)[3]):
        h = np.maximum(digit.ravel() @ w1.T + b1, 0)  # (64,)
        if bug == "dropout left on":
            h = 2 * h * np.random.default_rng(epoch).integers(0, 2, len(h))
        z = h @ w2.T + b2  # (10,)
        e = np.exp(z - z.max())
        rows.append(e / e.sum())
    return np.array(rows)
