# ruff: noqa
# score: 36
# q5: the function has changed its inputs
# Honest and loud: works in place, prints, asks, draws from a generator without a seed.
name = input("Who are you? ")
print("hello " * 1000)


def standardise(X_train, X_new):
    mean, spread = X_train.mean(axis=0), X_train.std(axis=0)
    spread[spread == 0] = 1
    X_train -= mean
    X_train /= spread
    X_new -= mean
    X_new /= spread
    return X_train, X_new


def predict(X, y, X_new):
    standardise(X, X_new)
    order = np.random.permutation(len(y))
    print("learning", order)
    X, y = X[order], y[order]
    w, b = train(X, y, 50, 0.5, 0.02)
    y[:] = 0
    return sigmoid(X_new @ w + b)


plot = get_ipython().run_line_magic("matplotlib", "inline")
