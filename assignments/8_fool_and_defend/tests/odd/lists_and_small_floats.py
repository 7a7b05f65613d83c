# ruff: noqa
# score: 40
# Honest but odd: float32 all the way, lists, tuples, whole numbers in objects, a reader of unusual size.
others = worst_change, input_gradient, fgsm, pgd, targeted, pgd_l2, area, robust_accuracy, train_step


def small(*inputs):
    return [a.astype(np.float32) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in inputs]


def worst_change(*inputs):
    return others[0](*small(*inputs)).tolist()


def input_gradient(*inputs):
    return others[1](*small(*inputs))


def fgsm(*inputs):
    return tuple(others[2](*small(*inputs)))


def pgd(*inputs):
    return others[3](*small(*inputs)).astype(object)


targeted = lambda *inputs: others[4](*small(*inputs))
pgd_l2 = lambda *inputs: np.asfortranarray(others[5](*small(*inputs)))


def area(sizes, accuracies):
    return np.array([others[6](list(sizes), list(accuracies))])[0]


def robust_accuracy(*inputs):
    return np.float32(others[7](*small(*inputs)))


def train_step(*inputs):
    W, b = others[8](*small(*inputs))
    return [W.tolist(), list(b)]


reader = {0: 1000 * reader[0].astype(np.float32), 1: (1000 * reader[1]).tolist()}
reader = [reader[0], reader[1]]
