# ruff: noqa
# score: 33
# q9: It moved away from the answer
# q10: numbers differ
def perceptron_step(w, b, x, t):
    y = int(w @ x + b > 0)
    return w + (y - t) * x, b + (y - t)
