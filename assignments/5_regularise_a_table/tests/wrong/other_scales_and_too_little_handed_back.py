# ruff: noqa
# score: 20
# q4: The right rows, but sorted
# q5: Each column was brought to the range from 0 to 1
# q6: Several things are expected, and a single number came
# q8: That is the lowest loss
# q10: These are shares of wrong answers
def split(X, y, order, n_valid):
    chosen, others = np.sort(order[:n_valid]), np.sort(order[n_valid:])
    return X[others], y[others], X[chosen], y[chosen]


def standardise(X_train, X_new):
    low, width = X_train.min(axis=0), np.ptp(X_train, axis=0)
    return (X_train - low) / width, (X_new - low) / width


def loss_and_slopes(X, y, w, b, decay):
    z = X @ w + b
    return np.mean(np.logaddexp(0, z) - y * z) + decay / 2 * w @ w


def early_stopping(losses, patience):
    kept = 0
    for epoch, loss in enumerate(losses):
        kept = epoch if loss < losses[kept] else kept
        if epoch - kept >= patience:
            break
    return losses[kept], epoch


def choose(X_valid, y_valid, decays, W, b):
    wrong = np.mean((X_valid @ W.T + b > 0) != y_valid[:, None], axis=0)
    return decays[np.argmin(wrong)], wrong
