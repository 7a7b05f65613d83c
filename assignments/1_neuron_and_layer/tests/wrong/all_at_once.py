# ruff: noqa
# score: 36
# q10: The examples were judged all together
def train_perceptron(X, t, epochs):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        errors = t - (X @ w + b > 0)
        w, b = w + errors @ X, b + errors.sum()
    return w, b
