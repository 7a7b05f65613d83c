# ruff: noqa
# score: 37
# q9: It moved away from the answer
# note: q10 was tried once more with a right `perceptron_step` (q9)
def perceptron_step(w, b, x, t):
    y = int(w @ x + b > 0)
    return w + (y - t) * x, b + (y - t)
