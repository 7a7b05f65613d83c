# ruff: noqa
# score: 34
# q2: A score of 0 does not hide a word
# q4: A score of 0 still gets a share
# note: q9 was tried once more with a right `causal_weights` (q4)
# note: q10 was tried once more with a right `causal_weights` (q4)
blend_q2 = float(np.exp([*scores_q2[:2], 0]) @ values_q2 / np.exp([*scores_q2[:2], 0]).sum())


def causal_weights(scores):
    e = np.exp(np.tril(scores) - np.tril(scores).max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
