# ruff: noqa
# score: 36
# q7: not down a column
# note: q9 was tried once more with a right `layer_norm` (q7)
# note: q10 was tried once more with a right `layer_norm` (q7)
def layer_norm(x, weight, bias, eps=1e-5):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) * weight + bias
