# ruff: noqa
"""An independent right solution of assignment 3: loops, recursion replaced by counting, a fit without the engine."""

import numpy as np

grads_q1 = (2 * x * (x * w + b - t), 2 * (x * w + b - t))

grad_q2 = 2 * p + q


def numerical_gradient(f, x, h=1e-5):
    flat, out = np.array(x, dtype=float).ravel(), []
    for i, middle in enumerate(flat.copy()):
        flat[i] = middle + h
        above = f(flat.reshape(x.shape))
        flat[i] = middle - h
        below = f(flat.reshape(x.shape))
        flat[i] = middle
        out.append((above - below) / (2 * h))
    return np.reshape(out, x.shape)


def relu_backward(g, z):
    out = np.zeros_like(g)
    out[z > 0] = g[z > 0]
    return out


def linear_backward(g, X, W):
    dX, dW = np.zeros_like(X), np.zeros_like(W)
    for n in range(len(X)):
        for k in range(len(W)):
            dX[n] += g[n, k] * W[k]
            dW[k] += g[n, k] * X[n]
    return dX, dW, sum(g)


def softmax_cross_entropy(z, t):
    loss, rows = 0.0, []
    for scores, right in zip(z, t):
        e = np.exp(scores - max(scores))
        loss -= scores[right] - max(scores) - np.log(sum(e))
        rows.append((e / sum(e) - (np.arange(len(e)) == right)) / len(t))
    return loss / len(t), np.array(rows)


def mul(a, b):
    def pull(g):
        return b.data * g, a.data * g

    return Value(np.multiply(a.data, b.data), [a, b], pull)


def tanh(a):
    out = Value(np.tanh(a.data), [a])
    out.pull = lambda g: [g - g * out.data**2]
    return out


def unbroadcast(g, shape):
    padded = (1,) * (g.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i in range(g.ndim) if padded[i] == 1 < g.shape[i])
    return g.sum(axis=axes).reshape(shape)


def backward(last):
    depth, todo = {last: 0}, [last]  # the longest way from the end; a value is done after all that are nearer
    uses = {}
    while todo:
        node = todo.pop()
        for parent in node.parents:
            if parent not in uses:
                uses[parent] = 0
                todo.append(parent)
            uses[parent] += 1
    todo = [last]
    while todo:
        node = todo.pop()
        for parent in node.parents:
            depth[parent] = max(depth.get(parent, 0), depth[node] + 1)
            uses[parent] -= 1
            if not uses[parent]:
                todo.append(parent)
    last.grad = last.data * 0 + 1
    for node in sorted(depth, key=depth.get):
        if node.parents:
            for parent, gradient in zip(node.parents, node.pull(node.grad)):
                parent.grad = parent.grad + gradient


def fit(x, t, steps, rate):
    theta, X = np.zeros(2), np.stack([x, np.ones_like(x)])
    for _ in range(steps):
        y = np.tanh(theta @ X)
        theta = theta - rate * 2 * np.mean((y - t) * (1 - y * y) * X, axis=1)
    return theta
