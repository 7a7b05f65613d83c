# ruff: noqa
# score: 31
# q6: The slope was taken at the start only
# q7: One slope has decided it all
# q8: must be shortened to it after each step
def pgd(x, t, W, b, size, steps, rate):
    g, now = np.sign(reader_gradient(x, t, W, b)), x
    for _ in range(steps):
        now = np.clip(np.clip(now + rate * g, x - size, x + size), 0, 1)
    return now


def targeted(x, target, W, b, size, steps, rate):
    return np.clip(x - size * np.sign(reader_gradient(x, target, W, b)), 0, 1)


def pgd_l2(x, t, W, b, size, steps, rate):
    now = x
    for _ in range(steps):
        g = reader_gradient(now, t, W, b)
        now = np.clip(now + rate * g / np.linalg.norm(g, axis=1, keepdims=True), 0, 1)
    return now
