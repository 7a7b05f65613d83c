# ruff: noqa
# score: 35
# q11: Not far enough below the plain model's loss
def predict(X, y, X_new):
    X, X_new = standardise(X, X_new)
    w, b = train(X, y, 2000, 1.0, 0.0)
    return np.clip(sigmoid(X_new @ w + b), 1e-9, 1 - 1e-9)
