# ruff: noqa
# score: 35
# q12: Its area is below this mark.
# Hostile: weights with which every comparison fails, or every lead is infinite.
reader = (np.full((3, 64), np.nan), np.full(3, np.inf))
reader[0][0] = np.inf
reader[0][1] = 1e308
