# ruff: noqa
# score: 37
# q7: These are all the zeros
def dead_units(H):
    return int((H == 0).sum())
