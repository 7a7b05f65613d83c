# ruff: noqa
# score: 35
# q11: There is no warm-up
def train(X, y, w, rate, steps, warmup, longest, decay):
    m, v = np.zeros(w.shape), np.zeros(w.shape)
    for t in range(1, steps + 1):
        [g] = clip([2 / len(y) * X.T @ (X @ w - y)], longest)
        w, m, v = adamw_step(w, g, m, v, t, cosine_rate(t - 1, steps, rate), decay)
    return w
