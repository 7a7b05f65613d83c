# ruff: noqa
"""An independent right solution of assignment 6: sums and loops where the master has products of tensors, and back."""

import numpy as np

sizes_q1 = (len(range(0, H + 2 * p - k + 1, s)), k + (k - 1), C * k * k * O + O)

map_q2 = np.zeros((2, 2))
for u in range(3):
    for v in range(3):
        map_q2 += K[u, v] * X[u : u + 2, v : v + 2]


def convolve(x, w):
    rows = []
    for i in range(len(x) - len(w) + 1):
        row = []
        for j in range(len(x[0]) - len(w[0]) + 1):
            total = 0.0
            for u in range(len(w)):
                for v in range(len(w[0])):
                    total += w[u][v] * x[i + u][j + v]
            row.append(total)
        rows.append(row)
    return rows


def convolve_strided(x, w, stride, padding):
    H, W = x.shape
    frame = np.zeros((H + 2 * padding, W + 2 * padding))
    frame[padding : padding + H, padding : padding + W] = x
    tops, lefts = range(0, len(frame) - len(w) + 1, stride), range(0, len(frame[0]) - len(w[0]) + 1, stride)
    return [[np.vdot(frame[i : i + len(w), j : j + len(w[0])], w) for j in lefts] for i in tops]


def conv2d(x, w, b, stride=1, padding=0):
    x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    k, m = w.shape[2:]
    rows, cols = 1 + (x.shape[2] - k) // stride, 1 + (x.shape[3] - m) // stride
    y = 0
    for u in range(k):
        for v in range(m):
            seen = x[:, :, u : u + rows * stride : stride, v : v + cols * stride : stride][:, :, :rows, :cols]
            y = y + np.einsum("ncij,oc->noij", seen, w[:, :, u, v])
    return y + b[:, None, None]


def columns(x, k):
    N, C, H, W = x.shape
    places = [(i, j) for i in range(H - k + 1) for j in range(W - k + 1)]
    return np.stack([x[:, :, i : i + k, j : j + k].reshape(N, -1) for i, j in places], axis=2)


def fast_conv2d(x, w):
    (N, C, H, W), (O, _, k, m) = x.shape, w.shape
    rows, cols = H - k + 1, W - m + 1
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, m), axis=(2, 3))
    table = windows.transpose(0, 1, 4, 5, 2, 3).reshape(N, C * k * m, rows * cols)
    return (w.reshape(O, -1) @ table).reshape(N, O, rows, cols)


def max_pool(x, k):
    rows, cols = x.shape[2] // k, x.shape[3] // k
    out = np.full((*x.shape[:2], rows, cols), -np.inf)
    for u in range(k):
        for v in range(k):
            out = np.maximum(out, x[:, :, u : rows * k : k, v : cols * k : k])
    return out


def kernel_gradient(g, x):
    dw = 0.0
    k, m = x.shape[2] - g.shape[2] + 1, x.shape[3] - g.shape[3] + 1
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            dw = dw + np.einsum("no,ncuv->ocuv", g[:, :, i, j], x[:, :, i : i + k, j : j + m])
    return dw


def image_gradient(g, w):
    (N, O, rows, cols), (_, C, k, m) = g.shape, w.shape
    framed = np.pad(g, ((0, 0), (0, 0), (k - 1, k - 1), (m - 1, m - 1)))
    dx = np.zeros((N, C, rows + k - 1, cols + m - 1))
    for i in range(dx.shape[2]):
        for j in range(dx.shape[3]):
            dx[:, :, i, j] = np.tensordot(
                framed[:, :, i : i + k, j : j + m], w[:, :, ::-1, ::-1], ([1, 2, 3], [0, 2, 3])
            )
    return dx


def detector(pattern):
    w = 4.0 * pattern - 2
    return w, 1 - 2.0 * np.count_nonzero(pattern)
