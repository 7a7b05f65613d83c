# ruff: noqa
# score: 35
# q2: divide by 1 - p
# q7: What stays must be divided by 1 - p
dropped_q2 = [h * k for h, k in zip([h1, h2, h3, h4], keep)]


def dropout(h, u, p, training=True):
    mask = (u >= p) * 1.0 if training else np.ones(h.shape)
    return h * mask, mask
