# ruff: noqa
# score: 35
# q5: the words are mixed up
# q6: the words are mixed up
def split_heads(x, h):
    return x.reshape(h, x.shape[0], x.shape[1] // h)


def merge_heads(y):
    h, T, n = y.shape
    return y.reshape(T, h * n)
