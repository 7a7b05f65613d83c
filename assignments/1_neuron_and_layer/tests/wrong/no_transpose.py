# ruff: noqa
# score: 36
# q6: The weights were used without a transpose
# note: q8 was tried once more with a right `layer` (q6)
def layer(batch, weights, biases):
    return batch @ weights + biases


def forward(batch, layers):
    for i, (weights, biases) in enumerate(layers):
        batch = layer(np.maximum(batch, 0) if i else batch, weights, biases)
    return batch
