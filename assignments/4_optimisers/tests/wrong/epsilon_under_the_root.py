# ruff: noqa
# score: 34
# q6: ε belongs beside the root
# q7: ε belongs beside the root
def rmsprop_step(w, g, v, rate, alpha=0.99, eps=1e-8):
    v = alpha * v + (1 - alpha) * g**2
    return w - rate * g / np.sqrt(v + eps), v


def adam_step(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - rate * m / (1 - beta1**t) / np.sqrt(v / (1 - beta2**t) + eps), m, v
