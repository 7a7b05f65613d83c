# ruff: noqa
# score: 36
# q12: the target at each place is the *next* word
_head = np.zeros((len(words), 128))
for _ in range(150):
    _p = np.exp(_x @ _head.T)
    _t = np.eye(len(words))[np.concatenate([window[:-1] for window in windows])]
    _head = _head - 0.3 * (_p / _p.sum(axis=1, keepdims=True) - _t).T @ _x / len(_x)
learned_q12 = learned_q12 | {"head.weight": _head}
