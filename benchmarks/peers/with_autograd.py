"""HIPS autograd: gradients of plain NumPy functions. No convolution worth timing, so no CNN here."""

import autograd.numpy as anp
import numpy as np
from autograd import value_and_grad
from autograd.scipy.special import erf

from benchmarks import by_hand
from benchmarks.peers import functional


def onehot(ids, classes):
    return np.eye(classes, dtype=np.float32)[ids]


def trainer(weights, update, objective, *data, **options):
    gradient = value_and_grad(lambda p: objective(anp, p, *data, **options))

    def step():
        value, grads = gradient(weights)
        update(grads)
        return float(value)

    return step


def mlp(weights, data, *, sizes, activation, loss, optimiser, lr):
    x, y = data
    y = y if loss == "BCEWithLogitsLoss" else onehot(y, sizes[-1])
    update = {"SGD": by_hand.sgd, "Adam": by_hand.adam}[optimiser](weights, lr)
    return trainer(weights, update, functional.mlp, x, y, sizes=sizes, activation=activation, loss=loss)


def loop(f, state, xs):
    ys = []
    for t in range(len(xs)):
        state, y = f(state, xs[t])
        ys.append(y)
    return state, anp.stack(ys)


def lstm(weights, data, *, vocabulary, embedding, hidden, lr):
    x, y = (onehot(a.T, vocabulary) for a in data)
    return trainer(weights, by_hand.adam(weights, lr), functional.lstm, x, y, hidden=hidden, scan=loop)


def gelu(x):
    return 0.5 * x * (1 + erf(x * np.float32(0.5**0.5)))


def gpt(weights, data, *, vocabulary, context, d, heads, layers, lr):
    x, y = (onehot(a, vocabulary) for a in data)
    update = by_hand.adam(weights, lr, decay=0.01)
    return trainer(weights, update, functional.gpt, x, y, d=d, heads=heads, layers=layers, gelu=gelu)


STARTS = {"mlp": mlp, "lstm": lstm, "gpt": gpt}
