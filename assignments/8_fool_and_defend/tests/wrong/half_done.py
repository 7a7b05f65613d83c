# ruff: noqa
# score: 22
# q1: The bias is missing.
# q4: Not answered yet.
# q5: The result is right, but the function has changed its inputs
# q8: Nothing is called
# q12: reader is a pair: W of shape (3, 64)
scores_q1 = [w @ x, w @ x - size * np.abs(w).sum()]


def input_gradient(x, t, W1, b1, W2, b2):
    # your code here
    raise NotImplementedError


def fgsm(x, g, size):
    x += size * np.sign(g)
    np.clip(x, 0, 1, out=x)
    return x


del pgd_l2
reader = [reader[0].T, reader[1]]
