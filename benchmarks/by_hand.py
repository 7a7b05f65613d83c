"""The ceiling: the same training steps in NumPy with forward and backward written out by hand, no tape, no objects.

What these cost is what NumPy's own arithmetic costs; the distance from here to dlcore is the price of recording and
replaying the computation, the distance from here to PyTorch is the price of NumPy's arithmetic.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def end_to_end(weights):
    """Make the weights views of one vector; returns the vector and the slice of each."""
    row, start, pieces = np.concatenate([w.reshape(-1) for w in weights.values()]), 0, {}
    for name, w in weights.items():
        pieces[name] = slice(start, start + w.size)
        weights[name] = row[pieces[name]].reshape(w.shape)
        start += w.size
    return row, pieces


def sgd(weights, lr):
    def update(grads):
        for name, g in grads.items():
            g *= lr
            weights[name] -= g

    return update


def adam(weights, lr, beta1=0.9, beta2=0.999, eps=1e-8, decay=0.0):
    x, pieces = end_to_end(weights)
    g, spare, m, v = np.zeros((4, *x.shape), x.dtype)
    t = 0

    def update(grads):
        nonlocal t
        t += 1
        size, root = lr / (1 - beta1**t), (1 - beta2**t) ** 0.5
        np.concatenate([grads[name].reshape(-1) for name in pieces], out=g)
        if decay:
            np.multiply(x, 1 - lr * decay, out=x)
        np.multiply(m, beta1, out=m)
        np.multiply(g, 1 - beta1, out=spare)
        np.add(m, spare, out=m)
        np.multiply(v, beta2, out=v)
        np.multiply(g, g, out=spare)
        np.multiply(spare, 1 - beta2, out=spare)
        np.add(v, spare, out=v)
        np.sqrt(v, out=spare)
        np.multiply(spare, 1 / (root * size), out=spare)
        np.add(spare, eps / size, out=spare)
        np.divide(m, spare, out=spare)
        np.subtract(x, spare, out=x)

    return update


def cross_entropy(logits, y):
    """Loss and its gradient with respect to the logits (overwritten); logits (N, K), y (N,)."""
    rows = np.arange(len(y))
    logits -= logits.max(axis=1, keepdims=True)
    picked = logits[rows, y]
    p = np.exp(logits, out=logits)
    total = p.dot(np.ones(p.shape[1], p.dtype))  # faster than a sum over short rows
    loss = (np.log(total) - picked).sum() / len(y)
    p /= total[:, None]
    p[rows, y] -= 1
    p /= len(y)
    return float(loss), p


def bce_with_logits(z, y):
    loss = (np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))).mean()
    return float(loss), (1 / (1 + np.exp(-z)) - y) / z.size


def mlp(weights, data, *, sizes, activation, loss, optimiser, lr):
    x, y = data
    layers = range(0, 2 * (len(sizes) - 1), 2)
    last, tanh = layers[-1], activation == "Tanh"
    update = {"SGD": sgd, "Adam": adam}[optimiser](weights, lr)
    ones, zeros = np.ones(len(x), x.dtype), np.zeros(max(sizes), x.dtype)
    criterion = {"BCEWithLogitsLoss": bce_with_logits, "CrossEntropyLoss": cross_entropy}[loss]

    def step():
        a, inputs, grads = x, {}, {}
        for i in layers:
            inputs[i] = a
            a = a.dot(weights[f"{i}.weight"].T)
            a += weights[f"{i}.bias"]
            if i != last:  # (the maximum with a row of zeros is four times faster than with the number 0)
                a = np.tanh(a, out=a) if tanh else np.maximum(a, zeros[: a.shape[1]], out=a)
        value, g = criterion(a, y)
        for i in reversed(layers):
            a = inputs[i]
            grads[f"{i}.weight"] = g.T.dot(a)
            grads[f"{i}.bias"] = ones.dot(g)
            if i:
                g = g.dot(weights[f"{i}.weight"])
                g *= (1 - a * a) if tanh else (a > 0)
        update(grads)
        return value

    return step


def columns(x):
    """(N, C, H, W) -> (N, C*9, H*W): every 3x3 window of x padded by one, as a column."""
    n, c, h, w = x.shape
    padded = np.zeros((n, c, h + 2, w + 2), x.dtype)
    padded[:, :, 1:-1, 1:-1] = x
    return sliding_window_view(padded, (3, 3), (2, 3)).transpose(0, 1, 4, 5, 2, 3).reshape(n, c * 9, h * w)


def uncolumns(cols, c, h, w):
    """The adjoint of `columns`: nine shifted slices added up."""
    n = len(cols)
    windows, padded = cols.reshape(n, c, 3, 3, h, w), np.zeros((n, c, h + 2, w + 2), cols.dtype)
    for i in range(3):
        for j in range(3):
            padded[:, :, i : i + h, j : j + w] += windows[:, :, i, j]
    return padded[:, :, 1:-1, 1:-1]


def conv(x, weight, bias):
    cols = columns(x)
    y = weight.reshape(len(weight), -1) @ cols  # (N, C', H*W)
    y += bias[:, None]
    return cols, y.reshape(len(x), len(weight), *x.shape[2:])


def pool(y):
    """ReLU and 2x2 maximum in one: max(0, the four corners)."""
    top = np.maximum(y[:, :, ::2, ::2], y[:, :, ::2, 1::2])
    bottom = np.maximum(y[:, :, 1::2, ::2], y[:, :, 1::2, 1::2])
    return np.maximum(np.maximum(top, bottom, out=top), 0, out=top)


def unpool(g, p, y):
    """Gradient of `pool`: to the first of the four corners that equals the maximum p, where that is positive."""
    out, rest = np.zeros_like(y), np.where(p > 0, g, 0)
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        taken = rest * (y[:, :, i::2, j::2] == p)
        out[:, :, i::2, j::2] = taken
        rest -= taken
    return out


def cnn(weights, data, *, side, channels, classes, lr):
    x, y = data
    n, (_, c1, c2), half = len(x), channels, side // 2
    update = sgd(weights, lr)

    def step():
        cols1, z1 = conv(x, weights["0.weight"], weights["0.bias"])
        p1 = pool(z1)
        cols2, z2 = conv(p1, weights["3.weight"], weights["3.bias"])
        p2 = pool(z2)
        flat = p2.reshape(n, -1)
        value, g = cross_entropy(flat @ weights["7.weight"].T + weights["7.bias"], y)
        grads = {"7.weight": g.T @ flat, "7.bias": g.sum(axis=0)}
        g = unpool((g @ weights["7.weight"]).reshape(p2.shape), p2, z2).reshape(n, c2, -1)
        w2 = weights["3.weight"]
        grads["3.weight"] = (g @ cols2.transpose(0, 2, 1)).sum(axis=0).reshape(w2.shape)
        grads["3.bias"] = g.sum(axis=(0, 2))
        g = uncolumns(w2.reshape(c2, -1).T @ g, c1, half, half)
        g = unpool(g, p1, z1).reshape(n, c1, -1)
        grads["0.weight"] = (g @ cols1.transpose(0, 2, 1)).sum(axis=0).reshape(weights["0.weight"].shape)
        grads["0.bias"] = g.sum(axis=(0, 2))
        update(grads)
        return value

    return step


def sigmoid(x):
    """Logistic function in place, by the tanh that never overflows."""
    x *= 0.5
    np.tanh(x, out=x)
    x += 1
    x *= 0.5
    return x


def lstm(weights, data, *, vocabulary, embedding, hidden, lr):
    ids, y = data[0].T.copy(), data[1].T.reshape(-1)  # time first
    (T, N), D = ids.shape, hidden  # noqa: N806
    update = adam(weights, lr)
    i, f, g, o = (slice(k * D, (k + 1) * D) for k in range(4))

    def step():
        w_in, w_h = weights["lstm.weight_ih_l0"], weights["lstm.weight_hh_l0"]
        x = weights["embedding.weight"][ids].reshape(T * N, embedding)
        gates = (x @ w_in.T + (weights["lstm.bias_ih_l0"] + weights["lstm.bias_hh_l0"])).reshape(T, N, 4 * D)
        h, c, tanh_c = np.zeros((T + 1, N, D), x.dtype), np.zeros((T + 1, N, D), x.dtype), np.empty((T, N, D), x.dtype)
        w_ht = np.ascontiguousarray(w_h.T)
        for t in range(T):
            a = gates[t]
            a += h[t] @ w_ht
            sigmoid(a[:, : 2 * D]), np.tanh(a[:, g], out=a[:, g]), sigmoid(a[:, o])
            np.multiply(a[:, f], c[t], out=c[t + 1])
            c[t + 1] += a[:, i] * a[:, g]
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(a[:, o], tanh_c[t], out=h[t + 1])
        states = h[1:].reshape(T * N, D)
        value, dz = cross_entropy(states @ weights["head.weight"].T + weights["head.bias"], y)
        grads = {"head.weight": dz.T @ states, "head.bias": dz.sum(axis=0)}
        dstates = (dz @ weights["head.weight"]).reshape(T, N, D)
        dh, dc = np.zeros((N, D), x.dtype), np.zeros((N, D), x.dtype)
        dgates = np.empty_like(gates)
        for t in reversed(range(T)):
            a, da, tc = gates[t], dgates[t], tanh_c[t]
            dh += dstates[t]
            dc += dh * a[:, o] * (1 - tc * tc)
            da[:, i] = dc * a[:, g] * a[:, i] * (1 - a[:, i])
            da[:, f] = dc * c[t] * a[:, f] * (1 - a[:, f])
            da[:, g] = dc * a[:, i] * (1 - a[:, g] * a[:, g])
            da[:, o] = dh * tc * a[:, o] * (1 - a[:, o])
            dc *= a[:, f]
            dh = da @ w_h
        dgates = dgates.reshape(T * N, 4 * D)
        grads["lstm.weight_ih_l0"] = dgates.T @ x
        grads["lstm.weight_hh_l0"] = dgates.T @ h[:-1].reshape(T * N, D)
        grads["lstm.bias_ih_l0"] = grads["lstm.bias_hh_l0"] = dgates.sum(axis=0)
        onehot = (np.arange(vocabulary)[:, None] == ids.reshape(-1)).astype(x.dtype)
        grads["embedding.weight"] = onehot @ (dgates @ w_in)
        update(grads)
        return value

    return step


STARTS = {"mlp": mlp, "cnn": cnn, "lstm": lstm}
