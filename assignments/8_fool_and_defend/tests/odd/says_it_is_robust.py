# ruff: noqa
# score: 35
# q12: It stopped
# Hostile: a reader that is no pair of numbers but claims to be a good one.
class Reader:
    area = robust_accuracy = 1.0
    passed = True

    def __getitem__(self, i):
        return self

    def __ge__(self, other):
        return True

    def __array__(self, *args, **kwargs):
        return np.ones((3, 64), dtype=object)

    def __float__(self):
        return 1.0


reader = Reader()
