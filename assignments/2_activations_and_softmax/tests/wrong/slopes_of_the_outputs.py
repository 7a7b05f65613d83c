# ruff: noqa
# score: 37
# q4: need s = sigmoid(z) and tanh(z), not z itself
def slopes(z):
    return z * (1 - z), 1 - z**2, z > 0
