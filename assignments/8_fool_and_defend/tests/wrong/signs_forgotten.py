# ruff: noqa
# score: 31
# q1: The weights were added with their signs
# q2: The weights are added without their signs
# q5: The slope itself was added
# q3: the weight only says which way
scores_q1 = [w @ x + b, w @ x + b - size * w.sum()]
size_q2 = (v @ u + c) / v.sum()


def worst_change(x, w, size):
    return np.clip(x - size * w, 0, 1)


def fgsm(x, g, size):
    return np.clip(x + size * g, 0, 1)
