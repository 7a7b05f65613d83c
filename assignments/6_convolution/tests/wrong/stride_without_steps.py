# ruff: noqa
# score: 32
# q4: The window moves by one pixel still
# q5: Stride and padding are not used yet.
# q8: The windows overlap
# A stride that only makes the map smaller; a layer without stride; pooling without one.


def convolve_strided(x, w, stride, padding):
    x = np.pad(x, padding)
    rows, cols = (x.shape[0] - len(w)) // stride + 1, (x.shape[1] - len(w[0])) // stride + 1
    return np.array([[(x[i : i + len(w), j : j + len(w[0])] * w).sum() for j in range(cols)] for i in range(rows)])


def conv2d(x, w, b, stride=1, padding=0):
    return fast_conv2d(x, w) + b[:, None, None]


def max_pool(x, k):
    rows, cols = x.shape[2] - k + 1, x.shape[3] - k + 1
    return np.array(
        [[[[m[i : i + k, j : j + k].max() for j in range(cols)] for i in range(rows)] for m in image] for image in x]
    )
