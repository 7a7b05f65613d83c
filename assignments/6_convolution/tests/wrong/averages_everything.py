# ruff: noqa
# score: 29
# q5: The channels are added up, not averaged.
# q8: This is the mean of each window
# q9: the mean was taken
right_conv2d, right_gradient = conv2d, kernel_gradient


def conv2d(x, w, b, stride=1, padding=0):
    return right_conv2d(x, w / w.shape[1], b, stride, padding)


def max_pool(x, k):
    N, C, H, W = x.shape
    return x[:, :, : H // k * k, : W // k * k].reshape(N, C, H // k, k, W // k, k).mean((3, 5))


def kernel_gradient(g, x):
    return right_gradient(g, x) / len(x)
