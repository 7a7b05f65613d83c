"""A strip of paper folded by a ReLU network, the answers of any such network, and its pieces: NumPy alone."""

import numpy as np

FOLD = np.array([2.0, -4.0])  # a fold is 2 ReLU(x) − 4 ReLU(x − ½), for x from 0 to 1


def folded(times):
    """The saw-tooth of 2 ** times pieces: so many hidden layers of two units, a list of pairs (weight, bias)."""
    layers = [(np.ones((2, 1)), np.array([0, -0.5]))]
    layers += [(np.stack([FOLD, FOLD]), np.array([0, -0.5]))] * (times - 1)
    return [*layers, (FOLD[None], np.zeros(1))]


def answers(layers, x):
    """What a ReLU network answers to x (N, D)."""
    for weight, bias in layers[:-1]:
        x = np.maximum(x @ weight.T + bias, 0)
    weight, bias = layers[-1]
    return x @ weight.T + bias


def switches(layers, x):
    """Which hidden units are on at each input x (N, D): (N, units of all layers)."""
    on = []
    for weight, bias in layers[:-1]:
        z = x @ weight.T + bias
        on.append(z > 0)
        x = np.maximum(z, 0)
    return np.concatenate(on, axis=1)


def pieces(layers, line):
    """How many straight pieces a network has along a line of inputs (N, D): once more than units change over."""
    on = switches(layers, line)
    return 1 + int((on[1:] != on[:-1]).any(1).sum())
