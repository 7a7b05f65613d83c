# ruff: noqa
# score: 37
# q9: changed its inputs
def perceptron_step(w, b, x, t):
    y = int(w @ x + b > 0)
    w += (t - y) * x
    return w, b + (t - y)
