# ruff: noqa
# score: 31
# q5: numbers differ
# q10: numbers differ
# Hostile: it has learned which shapes are asked for, and answers with noughts, or with what it saw the last time.
seen = {}


def conv2d(x, w, b, stride=1, padding=0):
    rows, cols = [(n + 2 * padding - k) // stride + 1 for n, k in zip(x.shape[2:], w.shape[2:])]
    seen.setdefault(x.shape, (x, w))
    return np.zeros((len(x), len(w), rows, cols)) + b.mean()


def image_gradient(g, w):
    shape = (len(g), w.shape[1], g.shape[2] + w.shape[2] - 1, g.shape[3] + w.shape[3] - 1)
    return next((x for x, _ in seen.values() if x.shape == shape), np.ones(shape))
