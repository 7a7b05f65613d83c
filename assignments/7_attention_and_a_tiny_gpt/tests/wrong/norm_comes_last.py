# ruff: noqa
# score: 35
# q9: The norm comes before each part
# note: q10 was tried once more with a right `block` (q9)
def block(x, weights, h):
    w = weights
    q, k, v = [
        split_heads(part, h) for part in np.split(x @ w["attention.qkv.weight"].T + w["attention.qkv.bias"], 3, axis=1)
    ]
    answers = merge_heads(causal_weights(q @ k.swapaxes(1, 2) / np.sqrt(q.shape[2])) @ v)
    x = layer_norm(
        x + answers @ w["attention.proj.weight"].T + w["attention.proj.bias"], w["norm1.weight"], w["norm1.bias"]
    )
    y = feed_forward(x, w["mlp.0.weight"], w["mlp.0.bias"], w["mlp.2.weight"], w["mlp.2.bias"])
    return layer_norm(x + y, w["norm2.weight"], w["norm2.bias"])
