# ruff: noqa
# score: 33
# q1: The penalty is missing
# q6: The penalty, ½ λ times the sum of the squares, is missing in the loss
# q6: The penalty's slope, λ w, is missing
# note: q9 was tried once more with a right `loss_and_slopes` (q6)
w_q1 = [w_a - rate * g_a, w_b]


def loss_and_slopes(X, y, w, b, decay):
    z = X @ w + b
    error = (sigmoid(z) - y) / len(y)
    return np.mean(np.logaddexp(0, z) - y * z), X.T @ error, error.sum()


def train(X, y, steps, rate, decay):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        _, dw, db = loss_and_slopes(X, y, w, b, decay)
        w, b = w - rate * dw, b - rate * db
    return w, b
