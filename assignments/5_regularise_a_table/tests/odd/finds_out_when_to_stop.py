# ruff: noqa
# score: 40
# Right in another style: the number of steps is found out anew on each table, each half once for validation.
def predict(X, y, X_new):
    """Early stopping: how many steps do best on a part left out, two halves in turn; then as many on all rows."""
    looks = (10, 20, 40)
    costs = dict.fromkeys(looks, 0.0)
    for k in range(2):
        out = np.arange(len(y)) % 2 == k
        A, B = standardise(X[~out], X[out])
        w, b, done = np.zeros(A.shape[1]), 0.0, 0
        for look in looks:
            for _ in range(look - done):
                e = (sigmoid(A @ w + b) - y[~out]) / sum(~out)
                w, b = w - 0.5 * e @ A, b - 0.5 * e.sum()
            done = look
            p = np.clip(sigmoid(B @ w + b), 1e-9, 1 - 1e-9)
            costs[look] -= np.sum(np.log(np.where(y[out], p, 1 - p)))
    A, B = standardise(X, X_new)
    w, b = train(A, y, min(costs, key=costs.get), 0.5, 0.0)
    return sigmoid(B @ w + b)
