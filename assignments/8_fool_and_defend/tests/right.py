# ruff: noqa
"""An independent right solution of assignment 8: other orders, other formulas, training with momentum."""

import numpy as np

scores_q1 = [sum(w * x) + b, sum(wi * (xi - size if wi > 0 else xi + size) for wi, xi in zip(w, x)) + b]
size_q2 = round((sum(v * u) + c) / sum(abs(v)), 3)


def worst_change(x, w, size):
    low, high = np.maximum(x - size, 0), np.minimum(x + size, 1)
    return np.where(w > 0, low, high)


def input_gradient(x, t, W1, b1, W2, b2):
    rows = []
    for image, k in zip(x, t):
        z = W1 @ image + b1
        scores = W2 @ np.maximum(z, 0) + b2
        e = np.exp(scores - max(scores))
        slope = e / sum(e)
        slope[k] -= 1
        hidden = W2.T @ slope
        hidden[z <= 0] = 0
        rows.append(W1.T @ hidden)
    return np.array(rows)


def fgsm(x, g, size):
    return np.minimum(np.maximum(x + np.copysign(size, g), 0), 1)


def walk(x, t, W, b, size, steps, rate):
    low, high = np.maximum(x - size, 0), np.minimum(x + size, 1)
    now = x.copy()
    for _ in range(steps):
        now += rate * np.sign(reader_gradient(now, t, W, b))
        now = np.clip(now, low, high)
    return now


def pgd(x, t, W, b, size, steps, rate):
    return walk(x, t, W, b, size, steps, rate)


def targeted(x, target, W, b, size, steps, rate):
    return walk(x, target, W, b, size, steps, -rate)


def pgd_l2(x, t, W, b, size, steps, rate):
    now = []
    for image, k in zip(x, t):
        here = image
        for _ in range(steps):
            g = reader_gradient(here[None], np.array([k]), W, b)[0]
            here = here + rate * g / np.sqrt(g @ g)
            far = np.sqrt(((here - image) ** 2).sum())
            if far > size:
                here = image + (here - image) / far * size
            here = here.clip(0, 1)
        now.append(here)
    return np.stack(now)


def area(sizes, accuracies):
    total = 0.0
    for i in range(1, len(sizes)):
        total += 0.5 * (accuracies[i - 1] + accuracies[i]) * (sizes[i] - sizes[i - 1])
    return total / (sizes[-1] - sizes[0])


def robust_accuracy(x, t, W, b, size):
    right = np.ones(len(t), bool)
    for j in range(len(b)):
        w = W[t] - W[j]
        bad = np.where(w > 0, np.maximum(x - size, 0), np.minimum(x + size, 1))
        right &= ((w * bad).sum(axis=1) + b[t] - b[j] > 0) | (t == j)
    return right.mean()


def train_step(W, b, X, T, size, rate):
    A = X + size * np.sign(reader_gradient(X, T, W, b))
    A[A < 0], A[A > 1] = 0, 1
    p = softmax(A @ W.T + b)
    for n, k in enumerate(T):
        p[n, k] -= 1
    return W - rate * p.T @ A / len(X), b - rate * p.sum(0) / len(X)


def learn(size, steps, rate, momentum=0.9):
    W, b, vW, vb = np.zeros((3, 64)), np.zeros(3), 0, 0
    for step in range(steps):
        A = np.clip(X_train + size * min(1, 2 * step / steps) * np.sign(reader_gradient(X_train, T_train, W, b)), 0, 1)
        d = (softmax(A @ W.T + b) - np.eye(3)[T_train]) / len(A)
        vW, vb = momentum * vW - rate * d.T @ A, momentum * vb - rate * d.sum(0)
        W, b = W + vW, b + vb
    return W, b


reader = learn(0.12, 250, 0.2)
