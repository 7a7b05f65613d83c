# ruff: noqa
# score: 35
# q1: the first place counts as well
# q3: The last place is missing
sizes_q1 = [(H + 2 * p - k) // s, 2 * k - 1, O * (C * k * k + 1)]

right_convolve = convolve


def convolve(x, w):
    return np.array(right_convolve(x, w))[:-1, :-1]
