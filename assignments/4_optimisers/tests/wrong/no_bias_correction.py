# ruff: noqa
# score: 32
# q3: Without bias correction
# q7: The bias correction is missing
moves_q3 = [-pace * 0.1 * s / np.sqrt(0.001 * s * s) for s in (slope_a, slope_b)]


def adam_step(w, g, m, v, t, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return w - rate * m / (np.sqrt(v) + eps), m, v
