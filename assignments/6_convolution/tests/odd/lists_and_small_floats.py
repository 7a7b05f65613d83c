# ruff: noqa
# score: 40
# Honest but odd: whole numbers as floats, lists of lists, float32, a map in Fortran's order, objects, an extra axis for the bias.
sizes_q1 = tuple(float(n) for n in sizes_q1)
map_q2 = np.ravel(map_q2).tolist()
others = convolve, convolve_strided, conv2d, columns, fast_conv2d, max_pool, kernel_gradient, image_gradient, detector


def convolve(x, w):
    return np.asarray(others[0](x, w)).astype(np.float32)


def convolve_strided(*inputs):
    return [list(row) for row in others[1](*inputs)]


def conv2d(x, w, b, stride=1, padding=0):
    return others[2](x.astype(np.float32), w.astype(np.float32), b.astype(np.float32), stride, padding)


def columns(*, x=None, k=None, **rest):
    return others[3](x, k)


columns = lambda *a, other=columns: np.asfortranarray(other(x=a[0], k=a[1]))


class Fast:
    def __call__(self, x, w):
        return others[4](x.astype(np.float32), w.astype("f4"))


fast_conv2d = Fast()


def max_pool(x, k):
    return others[5](x, k).astype(object)


def kernel_gradient(g, x):
    return others[6](g.astype(np.float32), x.astype(np.float32))


def image_gradient(g, w):
    return others[7](np.float32(g), np.float32(w)).tolist()


def detector(pattern):
    w, b = others[8](pattern)
    return [w.tolist(), np.array([b])]
