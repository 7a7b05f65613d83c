# ruff: noqa
# score: 36
# q5: The new rows were scaled by their own mean and spread
def standardise(X_train, X_new):
    out = []
    for X in (X_train, X_new):
        spread = X.std(axis=0)
        out.append((X - X.mean(axis=0)) / np.where(spread == 0, 1, spread))
    return out
