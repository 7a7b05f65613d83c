# ruff: noqa
"""An independent right solution of assignment 7: words one by one, heads as slices, and a network that is trained by hand.

For the last question nothing but the head learns; the block in front of it stirs at random.
"""

import math

import numpy as np

_good = [sum(a * b for a, b in zip(query, key)) / 2 for key in (key_1, key_2)]
shares_q1 = (1 / (1 + math.exp(_good[1] - _good[0])), 1 - 1 / (1 + math.exp(_good[1] - _good[0])))

_share = 1 / (1 + math.exp(scores_q2[0] - scores_q2[1]))
blend_q2 = _share * values_q2[1] + (1 - _share) * values_q2[0]


def attention(q, k, v):
    out = []
    for one in q:
        scores = np.array([one @ key for key in k]) / math.sqrt(len(one))
        e = np.exp(scores - max(scores))
        out.append(sum(share * value for share, value in zip(e / sum(e), v)))
    return np.array(out)


def causal_weights(scores):
    out = np.zeros(scores.shape)
    for place in np.ndindex(scores.shape[:-1]):
        t = place[-1] + 1
        e = np.exp(scores[place][:t] - np.max(scores[place][:t]))
        out[place][:t] = e / np.sum(e)
    return out


def split_heads(x, h):
    n = x.shape[1] // h
    return np.array([x[:, i * n : i * n + n] for i in range(h)])


def merge_heads(y):
    return np.concatenate([head for head in y], axis=1)


def layer_norm(x, weight, bias, eps=1e-5):
    out = np.empty(x.shape)
    for t, row in enumerate(x):
        row = row - sum(row) / len(row)
        out[t] = row / math.sqrt(sum(row * row) / len(row) + eps)
    return out * weight + bias


def feed_forward(x, w1, b1, w2, b2):
    return (w2 @ gelu(w1 @ x.T + b1[:, None])).T + b2


def block(x, weights, h):
    w = weights
    n, d = layer_norm(x, w["norm1.weight"], w["norm1.bias"]), x.shape[1]
    rows = [w["attention.qkv.weight"][i * d : i * d + d] for i in range(3)]
    biases = [w["attention.qkv.bias"][i * d : i * d + d] for i in range(3)]
    q, k, v = (n @ r.T + b for r, b in zip(rows, biases))
    heads, m = np.zeros(x.shape), d // h
    for i in range(0, d, m):
        heads[:, i : i + m] = causal_weights(q[:, i : i + m] @ k[:, i : i + m].T / math.sqrt(m)) @ v[:, i : i + m]
    x = x + heads @ w["attention.proj.weight"].T + w["attention.proj.bias"]
    n = layer_norm(x, w["norm2.weight"], w["norm2.bias"])
    return x + feed_forward(n, w["mlp.0.weight"], w["mlp.0.bias"], w["mlp.2.weight"], w["mlp.2.bias"])


def _body(tokens, weights, h):
    x = np.array([weights["embed.weight"][token] + weights["position.weight"][t] for t, token in enumerate(tokens)])
    i = 0
    while f"blocks.{i}.norm1.bias" in weights:
        x = block(x, {k.split(".", 2)[2]: w for k, w in weights.items() if k.startswith(f"blocks.{i}.")}, h)
        i += 1
    return layer_norm(x, weights["norm.weight"], weights["norm.bias"])


def gpt(tokens, weights, h):
    return np.dot(_body(tokens, weights, h), np.transpose(weights["head.weight"]))


def choose(logits, temperature, u):
    if not temperature:
        return max(range(len(logits)), key=lambda i: logits[i])
    p = np.exp(logits / temperature - max(logits) / temperature)
    left = u * sum(p)
    for i, piece in enumerate(p):
        left -= piece
        if left < 0:
            return i
    return len(p) - 1


words = sorted(set(text.split()))
tokens = np.array([words.index(word) for word in text.split()])
windows = np.stack([tokens[i : i + 9] for i in range(len(tokens) - 8)])
_rng, _d, _v = np.random.default_rng(1), 128, len(words)
_sizes = {"attention.qkv": (3 * _d, _d), "attention.proj": (_d, _d), "mlp.0": (4 * _d, _d), "mlp.2": (_d, 4 * _d)}
learned_q12 = {
    "tokens": tokens,
    "embed.weight": _rng.normal(size=(_v, _d)),
    "position.weight": 0.3 * _rng.normal(size=(8, _d)),
}
for _name, _size in _sizes.items():
    learned_q12[f"blocks.0.{_name}.weight"] = _rng.normal(size=_size) * 1.3 / np.sqrt(_size[1])
    learned_q12[f"blocks.0.{_name}.bias"] = np.zeros(_size[0])
for _name in ("norm", "blocks.0.norm1", "blocks.0.norm2"):
    learned_q12[_name + ".weight"], learned_q12[_name + ".bias"] = np.ones(_d), np.zeros(_d)
_x = np.concatenate([_body(window[:-1], learned_q12, 2) for window in windows])
_y = np.eye(_v)[np.concatenate([window[1:] for window in windows])]
_head = _speed = np.zeros((_v, _d))
for _ in range(400):
    _p = np.exp(_x @ _head.T)
    _speed = 0.9 * _speed - 0.3 * (_p / _p.sum(axis=1, keepdims=True) - _y).T @ _x / len(_x)
    _head = _head + _speed
learned_q12["head.weight"] = _head
