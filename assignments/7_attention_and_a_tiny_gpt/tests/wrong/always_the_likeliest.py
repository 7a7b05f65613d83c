# ruff: noqa
# score: 38
# q11: It always takes the likeliest
def choose(logits, temperature, u):
    return int(np.argmax(logits))
