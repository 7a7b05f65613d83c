# ruff: noqa
# score: 31
# q1: The scores were not divided
# q3: The scores are not divided by √D
# q9: numbers differ
# note: q10 was tried once more with a right `block` (q9)
def _softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


shares_q1 = _softmax(np.array([np.dot(query, key_1), np.dot(query, key_2)]))


def attention(q, k, v):
    return _softmax(q @ k.T) @ v


def block(x, weights, h):
    w = weights
    n = layer_norm(x, w["norm1.weight"], w["norm1.bias"])
    q, k, v = [
        split_heads(part, h) for part in np.split(n @ w["attention.qkv.weight"].T + w["attention.qkv.bias"], 3, axis=1)
    ]
    x = (
        x
        + merge_heads(causal_weights(q @ k.swapaxes(1, 2)) @ v) @ w["attention.proj.weight"].T
        + w["attention.proj.bias"]
    )
    n = layer_norm(x, w["norm2.weight"], w["norm2.bias"])
    return x + feed_forward(n, w["mlp.0.weight"], w["mlp.0.bias"], w["mlp.2.weight"], w["mlp.2.bias"])
