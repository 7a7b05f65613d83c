# ruff: noqa
# score: 33
# q2: you have multiplied it by 1 - mu
# q5: This is a running mean
memory, place = 0.0, start
for g in (g1, g2, g3):
    memory = mu * memory + (1 - mu) * g
    place = place - eta * memory
ball_q2 = [memory, place]


def momentum_step(w, g, m, rate, mu=0.9):
    m = mu * m + (1 - mu) * g
    return w - rate * m, m
