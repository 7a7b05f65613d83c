# ruff: noqa
# score: 32
# q1: That is the weighted sum alone
# q2: The bias is missing.
# q7: Every unit has a bias as well.
z_q1 = sum(x * w)


def neuron(inputs, weights, bias):
    return sum(inputs * weights)


def count_parameters(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:]))


def fires(batch, weights, bias):  # these do not use the neuron above
    return (batch @ weights + bias > 0).astype(int)


def layer(batch, weights, biases):
    return batch @ weights.T + biases


def perceptron_step(w, b, x, t):
    y = int(w @ x + b > 0)
    return w + (t - y) * x, b + t - y
