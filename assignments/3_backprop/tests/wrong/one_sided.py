# ruff: noqa
# score: 36
# q3: one step ahead is less exact
def numerical_gradient(f, x, h=1e-5):
    out = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        moved = x.copy()
        moved[place] += h
        out[place] = (f(moved) - f(x)) / h
    return out
