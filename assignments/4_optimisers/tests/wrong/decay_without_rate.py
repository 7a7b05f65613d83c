# ruff: noqa
# score: 34
# q4: the rate multiplies it, too
# q8: the rate is missing in it
def sgd_step(w, g, rate, decay=0.0):
    return w - rate * g - decay * w


def adamw_step(w, g, m, v, t, rate, decay, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam_step((1 - decay) * w, g, m, v, t, rate, beta1, beta2, eps)
