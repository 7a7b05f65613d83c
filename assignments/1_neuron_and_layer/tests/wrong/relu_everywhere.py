# ruff: noqa
# score: 35
# q8: After the last layer there is no ReLU
def forward(batch, layers):
    for weights, biases in layers:
        batch = np.maximum(layer(batch, weights, biases), 0)
    return batch
