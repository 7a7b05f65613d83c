# ruff: noqa
"""An independent right solution of assignment 4: other formulas, loops over single weights, one class at the end."""

import math

import numpy as np

w_q1 = [w1 - 0.1 * c1 * w1 - 0.1 * c1 * (w1 - 0.1 * c1 * w1), w2 * (1 - 0.2 * c2 + 0.01 * c2**2)]

ball_q2 = (
    mu * mu * g1 + mu * g2 + g3,
    start - eta * (g1 * (1 + mu + mu * mu) + g2 * (1 + mu) + g3),
)

moves_q3 = np.array([-math.copysign(pace, slope_a), -math.copysign(pace, slope_b)])


def sgd_step(w, g, rate, decay=0.0):
    return (1 - rate * decay) * w - rate * g  # for SGD a penalty is decay


def momentum_step(w, g, m, rate, mu=0.9):
    new = g - (-mu) * m
    return [w + (-rate) * new, new]


def rmsprop_step(w, g, v, rate, alpha=0.99, eps=1e-8):
    w, v = np.array(w, dtype=float), np.array(v, dtype=float)
    for place in np.ndindex(w.shape):
        v[place] = alpha * v[place] + (1 - alpha) * g[place] * g[place]
        w[place] -= rate * g[place] / (math.sqrt(v[place]) + eps)
    return w, v


def adam_step(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m = g + beta1 * (m - g)
    v = g * g + beta2 * (v - g * g)
    # Kingma and Ba's faster order (section 2): the corrections in one number, and ε corrected with them
    once = rate * math.sqrt(1 - beta2**t) / (1 - beta1**t)
    return w - once * m / (np.sqrt(v) + eps * math.sqrt(1 - beta2**t)), m, v


def adamw_step(w, g, m, v, t, rate, decay, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    step = m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return w - rate * (decay * w + step), m, v


def clip(gs, longest):
    squares = 0.0
    for g in gs:
        for number in np.ravel(g):
            squares += number * number
    return [g / max(1.0, math.sqrt(squares) / longest) for g in gs]


def cosine_rate(t, steps, rate, lowest=0.0):
    return rate - (rate - lowest) * math.sin(math.pi * t / steps / 2) ** 2


def train(X, y, w, rate, steps, warmup, longest, decay):
    N, w = len(X), list(w)
    m, v = [0.0] * len(w), [0.0] * len(w)
    for t in range(1, steps + 1):
        g = [sum(2 * (X[n] @ w - y[n]) * X[n, d] for n in range(N)) / N for d in range(len(w))]
        length = math.hypot(*g)
        share = min(1.0, longest / length)
        now = rate * min(t / warmup, 0.5 + 0.5 * math.cos(math.pi * max(t - 1 - warmup, 0) / (steps - warmup)))
        for d in range(len(w)):
            m[d] = 0.9 * m[d] + 0.1 * share * g[d]
            v[d] = 0.999 * v[d] + 0.001 * (share * g[d]) ** 2
            w[d] -= now * decay * w[d] + now * m[d] / (1 - 0.9**t) / (math.sqrt(v[d] / (1 - 0.999**t)) + 1e-8)
    return w
