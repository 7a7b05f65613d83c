# ruff: noqa
# score: 34
# q8: was the sum taken over axis 0
# note: q9 was tried once more with a right `softmax` (q8)
def softmax(z):
    z = np.asarray(z)
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)
