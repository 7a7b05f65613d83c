# ruff: noqa
# score: 34
# q2: struck out after the softmax
# q4: The mask came after the softmax
# note: q9 was tried once more with a right `causal_weights` (q4)
# note: q10 was tried once more with a right `causal_weights` (q4)
def _softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


blend_q2 = _softmax(np.array(scores_q2))[:2] @ values_q2[:2]


def causal_weights(scores):
    return np.tril(_softmax(scores))
