# ruff: noqa
# score: 36
# q6: The bias is not punished
# note: q9 was tried once more with a right `loss_and_slopes` (q6)
def loss_and_slopes(X, y, w, b, decay):
    z = X @ w + b
    error = (sigmoid(z) - y) / len(y)
    loss = np.mean(np.logaddexp(0, z) - y * z) + decay / 2 * (w @ w + b * b)
    return loss, X.T @ error + decay * w, error.sum() + decay * b


def train(X, y, steps, rate, decay):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        _, dw, db = loss_and_slopes(X, y, w, b, decay)
        w, b = w - rate * dw, b - rate * db
    return w, b
