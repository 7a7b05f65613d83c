# ruff: noqa
# score: 31
# q9: Not answered yet.
# q12: Not answered yet.
# note: q10 was tried once more with a right `block` (q9)
def block(x, weights, h):
    raise NotImplementedError


learned_q12 = ...
