# ruff: noqa
# score: 32
# q11: attack them first
# q12: Its area is below this mark.
def train_step(W, b, X, T, size, rate):
    d = (softmax(X @ W.T + b) - np.eye(len(b))[T]) / len(T)
    return W - rate * d.T @ X, b - rate * d.sum(axis=0)


W_now, b_now = np.zeros((3, 64)), np.zeros(3)
for _ in range(200):
    W_now, b_now = train_step(W_now, b_now, X_train, T_train, 0.12, 0.5)
reader = W_now, b_now
