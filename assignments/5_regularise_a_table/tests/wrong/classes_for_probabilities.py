# ruff: noqa
# score: 35
# q11: Are these classes, not probabilities
def predict(X, y, X_new):
    X, X_new = standardise(X, X_new)
    w, b = train(X, y, 60, 0.5, 0.03)
    return (X_new @ w + b > 0).astype(int)
