"""Recurrent cells and whole sequences: plain RNN, GRU, LSTM. Gate orders are PyTorch's.

The input's share of the pre-activations, x wᵀ, is computed for all time steps at once before (see linear). What is
left to a step is h wᵀ and the gates. A whole-sequence rule walks back through time itself and computes the gradient of
the weights with one large product: four times faster than a graph with a node per step and operation.
"""

import numpy as np

from dlcore.ops.activations import logistic
from dlcore.ops.product import product
from dlcore.ops.rule import once, op


@op
def lstm_cell(gates, c):
    """One step of an LSTM from its four pre-activations (N, 4H) in the order i, f, g, o and its cell state c (N, H).

        c' = σ(f) c + σ(i) tanh(g)        h' = σ(o) tanh(c')

    Returns two values, h' and c'; so the pullbacks take two gradients. (Hochreiter & Schmidhuber 1997; Gers 2000)
    """
    i, f, g, o = np.split(gates, 4, axis=-1)
    i, f, g, o = logistic(i), logistic(f), np.tanh(g), logistic(o)
    new_c = f * c + i * g
    t = np.tanh(new_c)

    @once
    def to_cell(grads):
        gh, gc = grads
        through_h = 0 if gh is None else gh * o * (1 - t * t)
        return through_h if gc is None else gc + through_h

    def to_gates(grads):
        gc, gh = to_cell(grads), 0 if grads[0] is None else grads[0]
        parts = gc * g * i * (1 - i), gc * c * f * (1 - f), gc * i * (1 - g * g), gh * t * o * (1 - o)
        return np.concatenate(parts, axis=-1)

    return (o * t, new_c), (to_gates, lambda grads: to_cell(grads) * f)


@op
def gru_cell(gx, gh, h):
    """One step of a GRU from the input's and the state's pre-activations (N, 3H), in the order r, z, n.

        r, z = σ(gx + gh)        n = tanh(gx + r gh)        h' = (1 - z) n + z h

    (Cho et al. 2014, with the reset gate after the product, as in PyTorch)
    """
    xr, xz, xn = np.split(gx, 3, axis=-1)
    hr, hz, hn = np.split(gh, 3, axis=-1)
    r, z = logistic(xr + hr), logistic(xz + hz)
    n = np.tanh(xn + r * hn)

    @once
    def parts(g):
        to_n = g * (1 - z) * (1 - n * n)
        return to_n * hn * r * (1 - r), g * (h - n) * z * (1 - z), to_n

    def to_gh(g):
        to_r, to_z, to_n = parts(g)
        return np.concatenate([to_r, to_z, to_n * r], axis=-1)

    return (1 - z) * n + z * h, (lambda g: np.concatenate(parts(g), axis=-1), to_gh, lambda g: g * z)


@op
def rnn(gx, h, w, relu=False):
    """A plain RNN over a whole sequence: h[t] = tanh(gx[t] + h[t-1] wᵀ).

    gx (T, N, H) the input's share with all biases, h (N, H) the first state, w (H, H) -> (T, N, H).
    """
    hs = np.empty((len(gx) + 1, *h.shape), gx.dtype)
    hs[0] = h
    for t in range(len(gx)):
        a = product(hs[t], w.T)
        a += gx[t]
        np.maximum(a, 0, out=hs[t + 1]) if relu else np.tanh(a, out=hs[t + 1])

    @once
    def back(g):
        slope = (hs[1:] != 0).astype(gx.dtype) if relu else 1 - hs[1:] * hs[1:]
        ga, gh = np.empty_like(gx), np.zeros_like(h)
        for t in reversed(range(len(gx))):
            np.multiply(g[t] + gh, slope[t], out=ga[t])
            gh = product(ga[t], w)
        return ga, gh

    return hs[1:], (lambda g: back(g)[0][...], lambda g: back(g)[1][...], lambda g: _outer(back(g)[0], hs[:-1]))


def _outer(ga, hs):
    """Σ over time and batch of ga[t, n]ᵀ hs[t, n], as one product."""
    return product(ga.reshape(-1, ga.shape[-1]).T, hs.reshape(-1, hs.shape[-1]))


@op
def lstm(gx, h, c, w):
    """An LSTM over a whole sequence (see lstm_cell for a step).

    gx (T, N, 4H) the input's share with all biases, h and c (N, H) the first states, w (4H, H).
    Returns two values: h of every step (T, N, H), and c of the last one (N, H).

    The gates of a step are kept as four blocks (4, N, H), each one run of memory, and slopes are taken step by step,
    while their gates are in the processor's cache: a training step is 1.04 times faster.
    """
    steps, (n, size) = len(gx), h.shape
    hs, cs = np.empty((2, steps + 1, n, size), gx.dtype)
    hs[0], cs[0] = h, c
    gates, tanh_c = np.empty((steps, 4, n, size), gx.dtype), np.empty((steps, n, size), gx.dtype)
    blocks, share = w.reshape(4, size, size).swapaxes(1, 2).copy(), gx.reshape(steps, n, 4, size).swapaxes(1, 2)
    spare = np.empty((n, size), gx.dtype)
    for t in range(steps):
        a = np.matmul(hs[t], blocks, out=gates[t])
        a += share[t]
        i, f, g, o = a
        sigmoid_(a[:2]), np.tanh(g, out=g), sigmoid_(o)
        np.multiply(f, cs[t], out=cs[t + 1])
        cs[t + 1] += np.multiply(i, g, out=spare)
        np.tanh(cs[t + 1], out=tanh_c[t])
        np.multiply(o, tanh_c[t], out=hs[t + 1])

    @once
    def back(grads):
        gy, gc = grads
        ga, gh = np.empty(gx.shape, gx.dtype), np.zeros_like(h)
        gc = np.zeros_like(c) if gc is None else gc.copy()
        to_a, slope = np.empty((2, 4, n, size), gx.dtype)
        for t in reversed(range(steps)):
            a, tc = gates[t], tanh_c[t]
            i, f, g, o = a
            if gy is not None:
                gh += gy[t]
            gc += gh * o * (1 - tc * tc)
            np.multiply(gc, g, out=to_a[0])
            np.multiply(gc, cs[t], out=to_a[1])
            np.multiply(gc, i, out=to_a[2])
            np.multiply(gh, tc, out=to_a[3])
            np.multiply(a, a, out=slope)
            np.subtract(a, slope, out=slope)  # σ' = σ - σ²
            np.subtract(1, g * g, out=slope[2])  # tanh' = 1 - tanh²
            np.multiply(to_a, slope, out=ga[t].reshape(n, 4, size).swapaxes(0, 1))
            np.matmul(ga[t], w, out=gh)
            gc *= f
        return ga, gh, gc

    return (hs[1:], cs[-1]), (
        lambda grads: back(grads)[0][...],
        lambda grads: back(grads)[1][...],
        lambda grads: back(grads)[2][...],
        lambda grads: _outer(back(grads)[0], hs[:-1]),
    )


def sigmoid_(x):
    """σ in place."""
    x *= 0.5
    np.tanh(x, out=x)
    x += 1
    x *= 0.5


@op
def gru(gx, h, w, b):
    """A GRU over a whole sequence (see gru_cell for a step).

    gx (T, N, 3H) the input's share with its bias, h (N, H) the first state, w (3H, H), b (3H) the state's bias, which
    the reset gate multiplies -> (T, N, H).
    """
    steps, size = len(gx), h.shape[-1]
    hs = np.empty((steps + 1, *h.shape), gx.dtype)
    hs[0] = h
    rz, n = np.empty((steps, len(h), 2 * size), gx.dtype), np.empty((steps, *h.shape), gx.dtype)
    hn = np.empty_like(n)
    for t in range(steps):
        gh = product(hs[t], w.T)
        if b is not None:
            gh += b
        rz[t] = logistic(gx[t, :, : 2 * size] + gh[:, : 2 * size])
        r, z = rz[t, :, :size], rz[t, :, size:]
        hn[t] = gh[:, 2 * size :]
        np.tanh(gx[t, :, 2 * size :] + r * hn[t], out=n[t])
        hs[t + 1] = n[t] + z * (hs[t] - n[t])

    @once
    def back(g):
        to_x, to_h, gh = np.empty(gx.shape, gx.dtype), np.empty(gx.shape, gx.dtype), np.zeros_like(h)
        for t in reversed(range(steps)):
            r, z = rz[t, :, :size], rz[t, :, size:]
            gh = gh + g[t]
            to_n = gh * (1 - z) * (1 - n[t] * n[t])
            to_x[t, :, :size] = to_n * hn[t] * r * (1 - r)
            to_x[t, :, size : 2 * size] = gh * (hs[t] - n[t]) * z * (1 - z)
            to_x[t, :, 2 * size :] = to_n
            to_h[t] = to_x[t]
            to_h[t, :, 2 * size :] *= r
            gh = gh * z + product(to_h[t], w)
        return to_x, to_h, gh

    return hs[1:], (
        lambda g: back(g)[0][...],
        lambda g: back(g)[2][...],
        lambda g: _outer(back(g)[1], hs[:-1]),
        lambda g: back(g)[1].sum((0, 1)),
    )
