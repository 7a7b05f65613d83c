# ruff: noqa
# score: 31
# q5: The mean over the batch was taken
# q6: This is the sum over the batch
def linear_backward(g, X, W):
    return g @ W / len(g), g.T @ X / len(g), g.mean(axis=0)


def softmax_cross_entropy(z, t):
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(t)), t] + 1e-300).sum()
    p[np.arange(len(t)), t] -= 1
    return loss, p
