# ruff: noqa
# score: 40
# Right in another style: optimisers with a memory of their own kind, named tuples, lists, fractions, a generator.
from collections import namedtuple
from fractions import Fraction
from functools import partial

import numpy

Step = namedtuple("Step", "weights first second")

w_q1 = (Fraction(w1) * (1 - Fraction(c1, 10)) ** 2, Fraction(w2) * (1 - Fraction(c2, 10)) ** 2)
ball_q2 = [
    round(g3 + mu * (g2 + mu * g1), 2),
    round(start - eta * (g1 + (g2 + mu * g1) + (g3 + mu * (g2 + mu * g1))), 2),
]
moves_q3 = [numpy.float32(-pace if s > 0 else pace) for s in (slope_a, slope_b)]


class Decayed:
    """A step of SGD as an object that can be called."""

    def __call__(self, w, g, rate, decay=0.0):
        return [list(row) if numpy.ndim(row) else row for row in w - rate * g - rate * decay * w]


sgd_step = Decayed()


def mean(old, new, keep):
    return keep * old + (1 - keep) * new


def momentum_step(w, g, m, rate, mu=0.9):
    m = (m * mu + g).tolist()
    return (w - rate * numpy.array(m)).tolist(), m


def rmsprop_step(w, g, v, rate, alpha=0.99, eps=1e-8):
    v = mean(v, g * g, alpha)
    return Step(w - rate * g / (eps + numpy.sqrt(v)), v, None)[:2]


def adam_like(w, g, m, v, t, rate, decay, beta1, beta2, eps):
    m, v = mean(m, g, beta1), mean(v, g * g, beta2)
    hats = [x / (1 - b**t) for x, b in ((m, beta1), (v, beta2))]
    return Step(w * (1 - rate * decay) - rate * hats[0] / (hats[1] ** 0.5 + eps), m, v)


def adam_step(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam_like(w, g, m, v, t, rate, 0, beta1, beta2, eps)


adamw_step = partial(adam_like, beta1=0.9, beta2=0.999, eps=1e-8)
_partial = adamw_step
adamw_step = lambda w, g, m, v, t, rate, decay, *rest: _partial(
    w, g, m, v, t, rate, decay, **dict(zip(("beta1", "beta2", "eps"), rest))
)


def clip(gs, longest):
    length = sum(float((g * g).sum()) for g in gs) ** 0.5
    return (g * longest / (length + 1e-6) if length > longest else g for g in gs)  # with PyTorch's 1e-6


clip = (lambda lazy: lambda gs, longest: list(lazy(gs, longest)))(clip)


def cosine_rate(t, steps, rate, lowest=0.0):
    return numpy.array((rate + lowest) / 2 + (rate - lowest) / 2 * numpy.cos(numpy.pi * t / steps))


def train(X, y, w, rate, steps, warmup, longest, decay):
    now = Step(w, 0 * w, 0 * w)
    for t in range(steps):
        g = numpy.mean(2 * (X @ now.weights - y)[:, None] * X, axis=0)
        g = g / max(1, numpy.linalg.norm(g) / longest)
        eta = rate * (t + 1) / warmup if t < warmup else cosine_rate(t - warmup, steps - warmup, rate)
        now = adamw_step(*now[:1], g, *now[1:], t + 1, eta, decay)
    return now.weights.tolist()
