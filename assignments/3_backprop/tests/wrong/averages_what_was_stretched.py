# ruff: noqa
# score: 36
# q9: its gradients are added, not averaged
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.mean(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.mean(axis=axis, keepdims=True)
    return g
