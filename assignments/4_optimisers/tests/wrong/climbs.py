# ruff: noqa
# score: 28
# q1: It climbs
# q2: the weight has gone the wrong way
# q4: It climbs
# q5: It climbs
w_q1 = [w1 * (1 + rate * c1) ** 2, w2 * (1 + rate * c2) ** 2]
ball_q2 = [g3 + mu * g2 + mu**2 * g1, start + eta * (g1 * (1 + mu + mu**2) + g2 * (1 + mu) + g3)]


def sgd_step(w, g, rate, decay=0.0):
    return w + rate * (g + decay * w)


def momentum_step(w, g, m, rate, mu=0.9):
    m = mu * m + g
    return w + rate * m, m
