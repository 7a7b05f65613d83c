# ruff: noqa
# score: 24
# q2: The kernel was turned by 180°
# q3: The kernel was turned by 180°
# q5: The kernels were turned by 180°
# q7: The kernels were turned by 180°
# The mathematicians' convolution, wherever one goes forward.
map_q2 = [[(X[i : i + 3, j : j + 3] * K[::-1, ::-1]).sum() for j in range(2)] for i in range(2)]


def convolve(x, w):
    k, m = w.shape
    rows, cols = x.shape[0] - k + 1, x.shape[1] - m + 1
    return np.array([[(x[i : i + k, j : j + m] * w[::-1, ::-1]).sum() for j in range(cols)] for i in range(rows)])


right_conv2d, right_fast = conv2d, fast_conv2d


def conv2d(x, w, b, stride=1, padding=0):
    return right_conv2d(x, w[:, :, ::-1, ::-1], b, stride, padding)


def fast_conv2d(x, w):
    return right_fast(x, w[:, :, ::-1, ::-1])
