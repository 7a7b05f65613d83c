# ruff: noqa
# score: 33
# q2: only one input could move
# q9: The half is missing
# q12: Its area is below this mark.
size_q2 = (v @ u + c) / np.abs(v).max()


def area(sizes, accuracies):
    return np.sum(np.diff(sizes) * (accuracies[1:] + accuracies[:-1])) / (sizes[-1] - sizes[0])


W_now, b_now = np.zeros((3, 64)), np.zeros(3)
for _ in range(200):
    W_now, b_now = train_step(W_now, b_now, X_train, T_train, 0.05, 0.5)
reader = W_now, b_now
