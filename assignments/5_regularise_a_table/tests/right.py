# ruff: noqa
"""An independent right solution of assignment 5: loops over rows, early stopping where the master uses decay."""

import math

import numpy as np

w_q1 = ((1 - rate * decay) * w_a - rate * g_a, (1 - rate * decay) * w_b)

share_that_stays = 1 - p
dropped_q2 = np.array([h1, h2, h3, h4]) * np.array(keep) / share_that_stays

ones, losses_q3 = sum(int(label) for label in malignant[:60]), []
for label in malignant[60:]:
    losses_q3.append(-math.log(ones / 60 if label else 1 - ones / 60))
ignorance_q3 = sum(losses_q3) / len(losses_q3)


def split(X, y, order, n_valid):
    valid = [int(i) for i in order][:n_valid]
    training = [int(i) for i in order if i not in valid]
    return [X[i] for i in training], [y[i] for i in training], [X[i] for i in valid], [y[i] for i in valid]


def standardise(X_train, X_new):
    X_train, X_new = np.array(X_train, dtype=float), np.array(X_new, dtype=float)
    for d in range(X_train.shape[1]):
        mean = sum(X_train[:, d]) / len(X_train)
        spread = math.sqrt(sum((X_train[:, d] - mean) ** 2) / len(X_train))
        if spread < 1e-12:
            spread = 1.0
        X_new[:, d] = (X_new[:, d] - mean) / spread
        X_train[:, d] = (X_train[:, d] - mean) / spread
    return X_train, X_new


def sigmoid(z):
    small = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, small) / (1 + small)


def loss_and_slopes(X, y, w, b, decay):
    loss, dw, db = 0.0, decay * w, 0.0
    for row, label in zip(X, y):
        z = float(row @ w + b)
        loss += (max(z, 0) + math.log1p(math.exp(-abs(z))) - label * z) / len(y)
        error = float(sigmoid(z) - label) / len(y)
        dw, db = dw + error * row, db + error
    return loss + decay * sum(w * w) / 2, dw, db


def dropout(h, u, p, training=True):
    if not training:
        return h, h * 0 + 1
    mask = np.zeros(h.shape)
    mask[u > p] = 1 / (1 - p)
    return mask * h, mask


def early_stopping(losses, patience):
    best, kept, bad = math.inf, None, 0
    for epoch, loss in enumerate(losses):
        if loss < best:
            best, kept, bad = loss, epoch, 0
        else:
            bad += 1
            if bad == patience:
                return kept, epoch
    return kept, epoch


def train(X, y, steps, rate, decay):
    theta, rows = np.zeros(X.shape[1] + 1), np.hstack([X, np.ones((len(X), 1))])
    punished = np.append(np.full(X.shape[1], decay), 0.0)
    for _ in range(steps):
        theta = theta - rate * (rows.T @ (sigmoid(rows @ theta) - y) / len(y) + punished * theta)
    return theta[:-1], theta[-1]


def choose(X_valid, y_valid, decays, W, b):
    losses = []
    for w, bias in zip(W, b):
        p = sigmoid(X_valid @ w + bias)
        losses.append(-float(np.mean(y_valid * np.log(p) + (1 - y_valid) * np.log1p(-p))))
    return float(decays[losses.index(min(losses))]), losses


def predict(X, y, X_new):
    """Stop early: forty steps, and no other remedy."""
    A, B = standardise(X, X_new)
    w, b = train(A, y, 40, 0.5, 0.0)
    return sigmoid(B @ w + b)
