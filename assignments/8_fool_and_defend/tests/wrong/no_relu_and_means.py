# ruff: noqa
# score: 30
# q4: ReLU stops the slope
# q9: This is the plain mean
# q11: divide by their number
def input_gradient(x, t, W1, b1, W2, b2):
    p = softmax(np.maximum(x @ W1.T + b1, 0) @ W2.T + b2)
    return (p - np.eye(len(b2))[t]) @ W2 @ W1


def area(sizes, accuracies):
    return np.mean(accuracies)


def train_step(W, b, X, T, size, rate):
    A = np.clip(X + size * np.sign(reader_gradient(X, T, W, b)), 0, 1)
    d = softmax(A @ W.T + b) - np.eye(len(b))[T]
    return W - rate * d.T @ A, b - rate * d.sum(axis=0)
