# ruff: noqa
# score: 31
# q8: was the sum taken over axis 0
# q9: The rows do not sum to 1
def softmax(z):
    z = np.asarray(z)
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)
