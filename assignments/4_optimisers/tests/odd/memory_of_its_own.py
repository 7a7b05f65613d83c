# ruff: noqa
# score: 38
# q5: Nothing is remembered
# q5: must use the memory that it is handed
# An honest student who keeps m in a global name: it is still there when the next path begins.
M = 0


def momentum_step(w, g, m, rate, mu=0.9):
    global M
    M = mu * M + g if np.shape(M) == np.shape(g) else g
    return w - rate * M, M
