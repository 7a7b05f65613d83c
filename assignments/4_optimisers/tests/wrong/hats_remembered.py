# ruff: noqa
# score: 34
# q7: what is remembered, and handed back, are m and v
def adam_step(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m = m / (1 - beta1**t)
    v = v / (1 - beta2**t)
    return w - rate * m / (np.sqrt(v) + eps), m, v
