# ruff: noqa
# score: 36
# q10: The positions are missing
def gpt(tokens, weights, h):
    x = weights["embed.weight"][tokens]
    for its in blocks_of(weights):
        x = block(x, its, h)
    return layer_norm(x, weights["norm.weight"], weights["norm.bias"]) @ weights["head.weight"].T
