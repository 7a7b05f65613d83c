# ruff: noqa
# score: 37
# q8: not a ReLU
# note: q9 was tried once more with a right `feed_forward` (q8)
# note: q10 was tried once more with a right `feed_forward` (q8)
def feed_forward(x, w1, b1, w2, b2):
    return np.maximum(0, x @ w1.T + b1) @ w2.T + b2
