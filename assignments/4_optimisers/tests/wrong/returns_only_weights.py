# ruff: noqa
# score: 32
# q5: Give all of them
# q6: Give all of them
def momentum_step(w, g, m, rate, mu=0.9):
    return w - rate * (mu * m + g)


def rmsprop_step(w, g, v, rate, alpha=0.99, eps=1e-8):
    return w - rate * g / (np.sqrt(alpha * v + (1 - alpha) * g**2) + eps)
