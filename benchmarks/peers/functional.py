"""Losses as pure functions of a dictionary of weights: one text for the two peers that differentiate functions.

`np` is `autograd.numpy` or `jax.numpy`. One-hot rows stand for integer indexing, whose gradient is slow in both.
"""


def cross_entropy(np, logits, onehot):
    z = logits - np.max(logits, axis=-1, keepdims=True)
    return np.mean(np.log(np.sum(np.exp(z), axis=-1)) - np.sum(z * onehot, axis=-1))


def mlp(np, p, x, y, *, sizes, activation, loss):
    last = 2 * (len(sizes) - 2)
    for i in range(0, last + 2, 2):
        x = x @ p[f"{i}.weight"].T + p[f"{i}.bias"]
        if i != last:
            x = np.tanh(x) if activation == "Tanh" else np.maximum(x, 0)
    if loss == "BCEWithLogitsLoss":
        return np.mean(np.maximum(x, 0) - x * y + np.log1p(np.exp(-np.abs(x))))
    return cross_entropy(np, x, y)


def lstm(np, p, x, y, *, hidden, scan):
    """x and y (T, N, V), one-hot. `scan(f, state, xs)` -> (state, ys) is the loop over time."""
    D, w_h = hidden, p["lstm.weight_hh_l0"].T  # noqa: N806

    def cell(state, x):
        h, c = state
        a = x + h @ w_h
        s = 0.5 * (np.tanh(0.5 * a) + 1)
        c = s[:, D : 2 * D] * c + s[:, :D] * np.tanh(a[:, 2 * D : 3 * D])
        h = s[:, 3 * D :] * np.tanh(c)
        return (h, c), h

    x = (x @ p["embedding.weight"]) @ p["lstm.weight_ih_l0"].T + p["lstm.bias_ih_l0"] + p["lstm.bias_hh_l0"]
    zeros = np.zeros((x.shape[1], D), x.dtype)
    _, states = scan(cell, (zeros, zeros), x)
    return cross_entropy(np, states @ p["head.weight"].T + p["head.bias"], y)


def gpt(np, p, x, y, *, d, heads, layers, gelu):
    """x and y (N, T, V), one-hot."""
    n, t, _ = x.shape
    mask = -1e9 * (np.arange(t)[:, None] < np.arange(t)).astype(x.dtype)

    def norm(x, name):
        x = x - np.mean(x, axis=-1, keepdims=True)
        x = x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-5)
        return x * p[f"{name}.weight"] + p[f"{name}.bias"]

    def linear(x, name):
        return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    x = x @ p["token.weight"] + p["position.weight"]
    for i in range(layers):
        b = f"blocks.{i}."
        qkv = np.transpose(np.reshape(linear(norm(x, b + "norm1"), b + "qkv"), (n, t, 3, heads, -1)), (2, 0, 3, 1, 4))
        scores = qkv[0] @ np.swapaxes(qkv[1], -1, -2) / (d // heads) ** 0.5 + mask
        scores = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        mixed = (scores / np.sum(scores, axis=-1, keepdims=True)) @ qkv[2]  # (N, h, T, D/h)
        x = x + linear(np.reshape(np.swapaxes(mixed, 1, 2), (n, t, d)), b + "out")
        x = x + linear(gelu(linear(norm(x, b + "norm2"), b + "mlp.0")), b + "mlp.2")
    return cross_entropy(np, linear(norm(x, "norm"), "head"), y)
