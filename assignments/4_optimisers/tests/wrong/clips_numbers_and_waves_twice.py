# ruff: noqa
# score: 35
# q9: Each number was cut at the bound
# q10: That is a whole wave
def clip(gs, longest):
    return [np.clip(g, -longest, longest) for g in gs]


def cosine_rate(t, steps, rate, lowest=0.0):
    return lowest + (rate - lowest) * (1 + np.cos(2 * np.pi * t / steps)) / 2
