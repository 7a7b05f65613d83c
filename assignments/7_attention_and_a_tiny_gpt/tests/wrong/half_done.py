# ruff: noqa
# score: 28
# q9: Not answered yet.
# q10: Not answered yet.
# q12: Not answered yet.
def block(x, weights, h):
    raise NotImplementedError


learned_q12 = ...
