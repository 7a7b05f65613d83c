# ruff: noqa
# score: 38
# q12: at most 0.3 is asked for
learned_q12 = learned_q12 | {"head.weight": 0.05 * _head}
