# ruff: noqa
# score: 39
# q7: After training, too, units are dropped
def dropout(h, u, p, training=True):
    mask = (u >= p) / (1 - p)
    return h * mask, mask
