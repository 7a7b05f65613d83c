# ruff: noqa
# score: 24
# q3: A pixel cannot be darker than 0
# q5: A pixel cannot be darker than 0
# q6: clip a second time
# q10: A pixel at 0 cannot go below it
# q11: must stay between 0 and 1
def worst_change(x, w, size):
    return x - size * np.sign(w)


def fgsm(x, g, size):
    return x + size * np.sign(g)


def pgd(x, t, W, b, size, steps, rate):
    now = x
    for _ in range(steps):
        now = np.clip(now + rate * np.sign(reader_gradient(now, t, W, b)), x - size, x + size)
    return now


def robust_accuracy(x, t, W, b, size):
    lead = (x @ W.T + b)[np.arange(len(t)), t][:, None] - (x @ W.T + b)
    lead -= size * np.abs(W[t][:, None] - W).sum(-1)
    lead[np.arange(len(t)), t] = 1
    return np.mean(lead.min(1) > 0)


def train_step(W, b, X, T, size, rate):
    A = X + size * np.sign(reader_gradient(X, T, W, b))
    d = (softmax(A @ W.T + b) - np.eye(len(b))[T]) / len(T)
    return W - rate * d.T @ A, b - rate * d.sum(axis=0)
