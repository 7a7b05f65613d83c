# ruff: noqa
# score: 32
# q1: it counts twice
# q4: The margin goes round all four sides.
# q10: The kernel is turned by 180° on the way back
sizes_q1 = [(H + p - k) // s + 1, 2 * k - 1, O * (C * k * k + 1)]


def convolve_strided(x, w, stride, padding):
    x = np.pad(x, ((padding, 0), (padding, 0)))
    return np.array(convolve(x, w))[::stride, ::stride]


def image_gradient(g, w):
    g = np.pad(g, ((0, 0), (0, 0), (w.shape[2] - 1,) * 2, (w.shape[3] - 1,) * 2))
    return fast_conv2d(g, w.swapaxes(0, 1))
