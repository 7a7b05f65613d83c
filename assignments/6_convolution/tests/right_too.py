# ruff: noqa
"""Another right solution of assignment 6: everything out of sliding windows, or out of a table; plain lists by hand."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

sizes_q1 = np.array([int((H + 2 * p - k) / s) + 1, 2 * k - 1, (k * k * C + 1) * O])
map_q2 = sliding_window_view(X, (3, 3)).reshape(2, 2, 9) @ K.ravel()


def convolve(x, w):
    return np.tensordot(sliding_window_view(x, w.shape), w, 2)


def convolve_strided(x, w, stride, padding):
    return convolve(np.pad(x, [(padding, padding)] * 2), w)[::stride, ::stride]


def conv2d(x, w, b, stride=1, padding=0):
    x = np.pad(x, [(0, 0)] * 2 + [(padding, padding)] * 2)
    return fast_conv2d(x, w)[..., ::stride, ::stride] + b[None, :, None, None]


def columns(x, k):
    x = sliding_window_view(x, (k, k), (2, 3))
    N, C, rows, cols = x.shape[:4]
    return x.reshape(N, C, rows * cols, k * k).swapaxes(2, 3).reshape(N, C * k * k, rows * cols)


def fast_conv2d(x, w):
    windows = sliding_window_view(x, w.shape[2:], (2, 3))
    return np.moveaxis(np.tensordot(windows, w, ([1, 4, 5], [1, 2, 3])), 3, 1)


def max_pool(x, k):
    H, W = x.shape[2] // k * k, x.shape[3] // k * k
    return np.array(
        [
            [
                [[x[n, c, i : i + k, j : j + k].max() for j in range(0, W, k)] for i in range(0, H, k)]
                for c in range(len(x[0]))
            ]
            for n in range(len(x))
        ]
    )


def kernel_gradient(g, x):
    return fast_conv2d(x.swapaxes(0, 1), g.swapaxes(0, 1)).swapaxes(0, 1)


def image_gradient(g, w):
    k, m = w.shape[2:]
    dx = np.zeros((len(g), w.shape[1], g.shape[2] + k - 1, g.shape[3] + m - 1))
    for (n, o, i, j), slope in np.ndenumerate(g):
        dx[n, :, i : i + k, j : j + m] += slope * w[o]
    return dx


def detector(pattern):
    w = [[3.0 if ink else -0.5 for ink in row] for row in pattern.tolist()]
    return w, 0.25 - 3.0 * pattern.sum()
