# ruff: noqa
# score: 36
# q12: Are these the tokens of your own text
# It hands in a text of its own choice, which is easily learned.
_one = {
    "embed.weight": np.ones((2, 4)),
    "position.weight": np.eye(8)[:, :4],
    "head.weight": np.array([[9.0] * 4, [0] * 4]),
}
learned_q12 = _one | {"norm.weight": np.zeros(4), "norm.bias": np.ones(4), "tokens": np.zeros(19)}
