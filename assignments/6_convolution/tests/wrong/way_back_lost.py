# ruff: noqa
# score: 33
# q9: Filters and channels have changed places
# q10: add, do not overwrite
right_gradient = kernel_gradient


def kernel_gradient(g, x):
    return right_gradient(g, x).swapaxes(0, 1)


def image_gradient(g, w):
    dx = np.zeros((len(g), w.shape[1], g.shape[2] + w.shape[2] - 1, g.shape[3] + w.shape[3] - 1))
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            dx[:, :, i : i + w.shape[2], j : j + w.shape[3]] = np.tensordot(g[:, :, i, j], w, axes=1)
    return dx
