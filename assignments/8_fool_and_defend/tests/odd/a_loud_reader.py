# ruff: noqa
# score: 35
# q12: Its area is below this mark.
# Hostile: the plain reader a million times as loud. Its softmax is saturated and its slopes are exactly 0; leads are not.
reader = (1e6 * W_plain, 1e6 * b_plain)
