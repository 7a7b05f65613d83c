# ruff: noqa
# score: 31
# q5: This is OR
# q11: This is OR
and_neuron = [1, 1, -0.5]
xor_layers = [(np.eye(2), np.zeros(2)), (np.ones((1, 2)), np.array([-0.5]))]
