# ruff: noqa
# score: 13
# q6: Not answered yet.
# q7: Nothing is called
# q11: It stopped with TypeError
def layer(X, W, b):
    # your code here
    raise NotImplementedError


del count_parameters, forward, train_perceptron, perceptron_step
xor_layers = None
