# ruff: noqa
# score: 29
# q3: For large scores this is inf divided by inf
# q8: exp of a thousand runs over
# note: q9 was tried once more with a right `softmax` (q8)
# q11: The logarithm of a probability that has become 0
def sigmoid(z):
    return np.exp(z) / (1 + np.exp(z))


def softmax(z):
    e = np.exp(np.asarray(z))
    return e / e.sum(axis=1, keepdims=True)


def log_softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.log(e / e.sum(axis=1, keepdims=True))
