# ruff: noqa
# score: 31
# q6: The weights were used without a transpose
# q8: It stopped
def layer(batch, weights, biases):
    return batch @ weights + biases


def forward(batch, layers):
    for i, (weights, biases) in enumerate(layers):
        batch = layer(np.maximum(batch, 0) if i else batch, weights, biases)
    return batch
