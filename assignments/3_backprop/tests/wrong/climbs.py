# ruff: noqa
# score: 35
# q11: It climbs
def fit(x, t, steps, rate):
    w = b = 0.0
    for _ in range(steps):
        y = np.tanh(w * x + b)
        slope = 2 * (y - t) * (1 - y**2) / len(x)
        w, b = w + rate * sum(slope * x), b + rate * sum(slope)
    return w, b
