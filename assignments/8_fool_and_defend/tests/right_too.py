# ruff: noqa
"""Another right solution of assignment 8: whole arrays at once, and a reader that trains on its exact worst leads."""

import numpy as np

scores_q1 = (np.dot(w, x) + b, np.dot(w, x - size * np.sign(w)) + b)
size_q2 = float((v @ u + c) / np.linalg.norm(v, 1))


def worst_change(x, w, size):
    return (x - np.where(w < 0, -size, size)).clip(0, 1)


def input_gradient(x, t, W1, b1, W2, b2):
    z = W1 @ x.T + b1[:, None]
    s = W2 @ np.maximum(0, z) + b2[:, None]
    p = np.exp(s) / np.exp(s).sum(0)
    p -= np.eye(len(b2))[:, t]
    return (W1.T @ (np.heaviside(z, 0) * (W2.T @ p))).T


def fgsm(x, g, size):
    return (x + size * (1 - 2 * (g < 0))).clip(0, 1)


def pgd(x, t, W, b, size, steps, rate):
    delta = np.zeros_like(x)
    for _ in range(steps):
        delta = np.clip(delta + rate * np.sign(reader_gradient(x + delta, t, W, b)), -size, size)
        delta = np.clip(x + delta, 0, 1) - x
    return x + delta


def targeted(x, target, W, b, size, steps, rate):
    return pgd(x, target, -W, -b, size, steps, rate) if steps == 0 else downhill(x, target, W, b, size, steps, rate)


def downhill(x, target, W, b, size, steps, rate):
    y = x
    while steps:
        y = np.clip(
            y - rate * np.sign(reader_gradient(y, target, W, b)), np.maximum(0, x - size), np.minimum(1, x + size)
        )
        steps -= 1
    return y


def pgd_l2(x, t, W, b, size, steps, rate):
    y = x
    for _ in range(steps):
        g = reader_gradient(y, t, W, b)
        move = y - x + rate * g / (g**2).sum(axis=1)[:, None] ** 0.5
        y = np.clip(x + move * np.minimum(1, size / (move**2).sum(axis=1, keepdims=True) ** 0.5), 0, 1)
    return y


def area(sizes, accuracies):
    middle = np.convolve(accuracies, [0.5, 0.5], "valid")
    return np.average(middle, weights=np.diff(sizes))


def robust_accuracy(x, t, W, b, size):
    w = W[t][:, None] - W[None]
    bad = np.clip(x[:, None] - size * np.sign(w), 0, 1)
    lead = (w * bad).sum(-1) + b[t][:, None] - b
    lead[np.arange(len(t)), t] = 1
    return (lead > 0).all(1).mean()


def train_step(W, b, X, T, size, rate):
    A = np.clip(X + size * np.sign(reader_gradient(X, T, W, b)), 0, 1)
    d = (softmax(A @ W.T + b) - np.eye(len(b))[T]) / len(T)
    return [W - rate * d.T @ A, b - rate * d.sum(0)]


W_mine, b_mine = np.zeros((3, 64)), np.zeros(3)
for i in range(900):
    W_mine, b_mine = train_step(W_mine, b_mine, X_train, T_train, 0.115, 0.4 if i < 600 else 0.1)
reader = [W_mine.tolist(), b_mine.tolist()]
