# ruff: noqa
# score: 36
# q6: The biases of the first layer go through the weights of the second
def collapse(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = V @ W, b + c if b.shape == c.shape else c
    return W, b
