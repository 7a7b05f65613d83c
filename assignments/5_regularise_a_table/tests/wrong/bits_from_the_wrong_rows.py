# ruff: noqa
# score: 34
# q3: It must come from the 60
# q4: Rows and labels no longer belong together
share = malignant[60:].mean()
ignorance_q3 = -np.mean(np.where(malignant[60:], np.log(share), np.log(1 - share)))


def split(X, y, order, n_valid):
    X = X[order]
    return X[n_valid:], y[n_valid:], X[:n_valid], y[:n_valid]
