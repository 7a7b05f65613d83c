# ruff: noqa
# score: 38
# q8: One maximum for the whole batch is not enough
def softmax(z):
    z = np.asarray(z)
    e = np.exp(z - np.max(z))
    return e / e.sum(axis=1, keepdims=True)


def softmax_at(z, temperature):
    z = z / temperature
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
