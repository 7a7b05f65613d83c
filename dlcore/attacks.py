"""Attacks on a network's inputs: small changes that raise its loss, and the same size of change by chance.

Inputs are brightnesses from 0 to 1; `size` is the most that any of them may change. Shapes as the model takes them.
"""

import numpy as np

import dlcore
from dlcore.autograd import grad
from dlcore.nn import functional as F


def input_gradient(model, x, y):
    """The gradient of the mean cross-entropy with respect to the inputs; the weights' gradients stay as they are.

    Args:
        model: from inputs (N, …) to logits (N, K).
        x: (N, …) array of inputs.
        y: (N,) array of classes.

    Returns:
        (N, …) array, the shape of x.
    """
    x = dlcore.tensor(x, requires_grad=True)
    (gradient,) = grad(F.cross_entropy(model(x), dlcore.tensor(y)), x)
    return gradient.numpy()


def fgsm(model, x, y, size):
    """One step of that size for every input, each in the direction that raises the loss: the fast gradient sign method.

        x' = clip(x + size · sign(dL/dx), 0, 1)

    Source: Goodfellow, Shlens & Szegedy (2015), Explaining and harnessing adversarial examples, section 4.
    """
    step = np.float32(size) * np.sign(input_gradient(model, x, y))
    return np.clip(x + step, 0, 1)


def pgd(model, x, y, size, steps=10, rng=None, slope=input_gradient):
    """Many small steps, after each of which no input may be farther than `size` from its start.

    Args:
        steps: how many; each goes 2.5 · size / steps, so that the whole way could be walked more than twice.
        rng: a NumPy generator for a random start within the allowed change; None starts at x.
        slope: what it climbs: a function of (model, inputs, y) to an array like the inputs; usually the loss.

    Source: Mądry, Makelov, Schmidt, Tsipras & Vladu (2018), Towards deep learning models resistant to adversarial
    attacks, section 2.1.
    """
    low, high = np.maximum(x - np.float32(size), 0), np.minimum(x + np.float32(size), 1)
    now = x if rng is None else rng.uniform(low, high).astype(x.dtype)
    for _ in range(steps):
        now = now + np.float32(2.5 * size / steps) * np.sign(slope(model, now, y))
        now = np.clip(now, low, high)
    return now


def at_random(x, size, rng):
    """Every input up or down by `size`, as a coin says: the same size without the knowledge.

    >>> changed = at_random(np.full((2, 3), 0.5, np.float32), 0.1, np.random.default_rng(0))
    >>> np.unique(changed.round(2)).tolist()
    [0.4000000059604645, 0.6000000238418579]
    """
    return np.clip(x + np.float32(size) * rng.choice(np.float32([-1, 1]), x.shape), 0, 1)
