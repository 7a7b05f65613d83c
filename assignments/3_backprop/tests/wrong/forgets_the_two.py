# ruff: noqa
# score: 36
# q1: The factor 2, from the square, is missing.
# q2: That is only the way through p·q
grads_q1 = [(x * w + b - t) * x, x * w + b - t]
grad_q2 = q
