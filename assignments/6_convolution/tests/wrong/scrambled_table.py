# ruff: noqa
# score: 30
# q6: A reshape alone scrambles the pixels
# q7: give it its rows and columns back
# q11: It fires also where there is more ink
def columns(x, k):
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))
    return windows.reshape(len(x), x.shape[1] * k * k, -1)


right_fast = fast_conv2d


def fast_conv2d(x, w):
    y = right_fast(x, w)
    return y.reshape(len(x), len(w), -1)


def detector(pattern):
    return pattern, -(np.sum(pattern) - 0.5)
