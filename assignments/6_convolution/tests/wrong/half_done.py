# ruff: noqa
# score: 19
# q1: That is what the first layer alone sees.
# q1: The biases are missing, one for each filter.
# q5: Not answered yet.
# q8: The result is right, but the function has changed its inputs
# q9: Nothing is called
# q10: Not answered yet.
# q11: it returns two things: weights
sizes_q1 = [(H + 2 * p - k) // s + 1, k, O * C * k * k]


def conv2d(x, w, b, stride=1, padding=0):
    # your code here
    raise NotImplementedError


def max_pool(x, k):
    out = np.zeros((*x.shape[:2], x.shape[2] // k, x.shape[3] // k))
    for place in np.ndindex(out.shape):
        n, c, i, j = place
        window = x[n, c, i * k : i * k + k, j * k : j * k + k]
        window.sort(axis=None) if window.flags.contiguous else window.sort(axis=1)
        out[place] = window.max()
    return out


del kernel_gradient


def image_gradient(g, w):
    raise NotImplementedError


def detector(pattern):
    return pattern
