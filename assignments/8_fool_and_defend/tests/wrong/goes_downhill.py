# ruff: noqa
# score: 27
# q5: It goes downhill
# q6: It goes downhill
# q7: It flees from the target
# q11: The images were moved downhill
def fgsm(x, g, size):
    return np.clip(x - size * np.sign(g), 0, 1)


def pgd(x, t, W, b, size, steps, rate):
    return walk(x, t, W, b, size, steps, -rate)


def targeted(x, target, W, b, size, steps, rate):
    return walk(x, target, W, b, size, steps, rate)


def train_step(W, b, X, T, size, rate):
    A = np.clip(X - size * np.sign(reader_gradient(X, T, W, b)), 0, 1)
    d = (softmax(A @ W.T + b) - np.eye(len(b))[T]) / len(T)
    return W - rate * d.T @ A, b - rate * d.sum(axis=0)
