# ruff: noqa
# score: 38
# q7: It took longer than 0.5 s
# Right, in one loop inside the other: the large image has nearly half a million places.
def fast_conv2d(x, w):
    (N, C, H, W), (O, _, k, m) = x.shape, w.shape
    y = np.zeros((N, O, H - k + 1, W - m + 1))
    for i in range(H - k + 1):
        for j in range(W - m + 1):
            for n in range(N):
                for o in range(O):
                    y[n, o, i, j] = np.sum(x[n, :, i : i + k, j : j + m] * w[o])
    return y
