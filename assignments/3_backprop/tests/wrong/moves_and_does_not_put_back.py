# ruff: noqa
# score: 36
# q3: numbers differ
def numerical_gradient(f, x, h=1e-5):
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        x[place] += h
        above = f(x)
        x[place] -= 2 * h
        out[place] = (above - f(x)) / (2 * h)
    return out
