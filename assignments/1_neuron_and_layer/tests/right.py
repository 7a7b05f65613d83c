# ruff: noqa
"""An independent right solution of assignment 1: plain loops, where the master uses arrays."""

import numpy as np

z_q1 = b
for k in range(3):
    z_q1 += x[k] * w[k]

crossing_q4 = -c / v1

and_neuron = (0.6, 0.6, -1.0)


def neuron(inputs, weights, bias):
    total = bias
    for one_input, one_weight in zip(inputs, weights):
        total = total + one_input * one_weight
    return total


def fires(batch, weights, bias):
    return [int(neuron(row, weights, bias) > 0) for row in batch]


def layer(batch, weights, biases):
    out = np.empty((len(batch), len(weights)))
    for n in range(len(batch)):
        for k in range(len(weights)):
            out[n, k] = neuron(batch[n], weights[k], biases[k])
    return out


def count_parameters(sizes):
    if len(sizes) < 2:
        return 0
    return sizes[1] * (sizes[0] + 1) + count_parameters(sizes[1:])


def forward(batch, layers):
    (weights, biases), rest = layers[0], layers[1:]
    out = layer(batch, weights, biases)
    return forward(out.clip(min=0), rest) if rest else out


def perceptron_step(weights, bias, example, target):
    silent = neuron(example, weights, bias) <= 0
    if target == 1 and silent:
        return np.add(weights, example), bias + 1
    if target == 0 and not silent:
        return np.subtract(weights, example), bias - 1
    return weights, bias


def train_perceptron(batch, targets, epochs):
    weights, bias = np.array([0.0] * batch.shape[1]), 0
    for n in list(range(len(batch))) * epochs:
        weights, bias = perceptron_step(weights, bias, batch[n], targets[n])
    return weights, bias


xor_layers = [([[2, 2], [2, 2]], [0, -2]), ([[1, -2]], [-1])]
