# ruff: noqa
# score: 32
# q5: That is the probability of class 0.
# q9: A high temperature must make the classes more alike
# q10: These are nats
p_q5 = 1 / (1 + np.exp(z1 - z0))


def softmax_at(z, temperature):
    return softmax(z * temperature)


def pick(p, t):
    return -np.log(p[np.arange(len(t)), t])
