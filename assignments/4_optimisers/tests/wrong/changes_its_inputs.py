# ruff: noqa
# score: 36
# q4: the function has changed its inputs
# q5: the function has changed its inputs
# q6: the function has changed its inputs
def sgd_step(w, g, rate, decay=0.0):
    w -= rate * (g + decay * w)
    return w


def momentum_step(w, g, m, rate, mu=0.9):
    m *= mu
    m += g
    w -= rate * m
    return w, m


def rmsprop_step(w, g, v, rate, alpha=0.99, eps=1e-8):
    v *= alpha
    v += (1 - alpha) * g**2
    w -= rate * g / (np.sqrt(v) + eps)
    return w, v
