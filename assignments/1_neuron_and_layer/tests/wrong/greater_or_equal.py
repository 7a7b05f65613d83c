# ruff: noqa
# score: 39
# q3: A sum of exactly 0 does not fire
def fires(batch, weights, bias):
    return (batch @ weights + bias >= 0).astype(int)
