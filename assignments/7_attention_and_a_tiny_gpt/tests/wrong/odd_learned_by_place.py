# ruff: noqa
# score: 36
# q12: No better than guessing
# A network that has learned nothing but which word stands at which place, from the first window.
_places = 3 * np.eye(len(words))[windows[0, 1:]]
learned_q12 = {
    "embed.weight": 0.01 * np.eye(len(words)),
    "position.weight": _places,
    "head.weight": 3 * np.eye(len(words)),
}
learned_q12 |= {"norm.weight": np.ones(len(words)), "norm.bias": np.zeros(len(words)), "tokens": tokens}
