# ruff: noqa
# score: 30
# q4: do not divide by their number
# q8: Each image has a length of its own
# q10: The attack may turn to any wrong class
def input_gradient(x, t, W1, b1, W2, b2):
    z = x @ W1.T + b1
    p = softmax(np.maximum(z, 0) @ W2.T + b2)
    return (p - np.eye(len(b2))[t]) / len(t) @ W2 * (z > 0) @ W1


def pgd_l2(x, t, W, b, size, steps, rate):
    now = x
    for _ in range(steps):
        g = reader_gradient(now, t, W, b)
        move = now + rate * g / np.linalg.norm(g) - x
        now = np.clip(x + move * min(1, size / np.linalg.norm(move)), 0, 1)
    return now


def robust_accuracy(x, t, W, b, size):
    right = 0
    for image, k in zip(x, t):
        scores = W @ image + b
        scores[k] = -np.inf
        j = np.argmax(scores)
        bad = np.clip(image - size * np.sign(W[k] - W[j]), 0, 1)
        right += (W[k] - W[j]) @ bad + b[k] - b[j] > 0
    return right / len(t)
