# ruff: noqa
"""An independent right solution of assignment 2: other formulas than the master's, and loops."""

import math

import numpy as np

p_q5 = round(math.exp(z1) / (math.exp(z0) + math.exp(z1)), 2)


def relu(values):
    return (values + abs(values)) / 2


def leaky_relu(values, slope=1e-2):
    out = np.array(values, dtype=float)
    out[out < 0] *= slope
    return out


def sigmoid(values):
    flat = [1 / (1 + math.exp(-v)) if v > -700 else 0.0 for v in np.ravel(values)]
    return np.reshape(flat, np.shape(values))


def slopes(values):
    e = np.exp(-np.abs(values))
    return e / (1 + e) ** 2, 4 * e**2 / (1 + e**2) ** 2, np.array(values > 0, float)


def collapse(layers):
    if len(layers) == 1:
        return layers[0]
    W, b = collapse(layers[:-1])
    V, c = layers[-1]
    return np.dot(V, W), np.dot(V, b) + c


def dead_units(H):
    return sum(1 for column in H.T if max(column) == 0 == min(column))


def log_softmax(z):
    out = []
    for row in z:
        top = max(row)
        total = top + math.log(math.fsum(math.exp(v - top) for v in row))
        out.append([v - total for v in row])
    return np.array(out)


def softmax(z):
    return np.exp(log_softmax(z))


def softmax_at(z, temperature):
    return softmax([[v / temperature for v in row] for row in z])


def pick(p, t):
    return [math.log2(1 / p[n][t[n]]) for n in range(len(t))]
