# ruff: noqa
# score: 27
# q2: A score of 0 does not hide a word
# q4: A score of 0 still gets a share
blend_q2 = float(np.exp([*scores_q2[:2], 0]) @ values_q2 / np.exp([*scores_q2[:2], 0]).sum())


def causal_weights(scores):
    e = np.exp(np.tril(scores) - np.tril(scores).max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
