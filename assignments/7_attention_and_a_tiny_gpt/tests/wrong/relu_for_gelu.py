# ruff: noqa
# score: 30
# q8: not a ReLU
def feed_forward(x, w1, b1, w2, b2):
    return np.maximum(0, x @ w1.T + b1) @ w2.T + b2
