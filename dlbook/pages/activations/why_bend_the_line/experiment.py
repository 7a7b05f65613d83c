"""Three tasks for a network with and without a bend, and what does without a network."""

from functools import cache

import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from dlcore import data


@cache
def tasks():
    """name → three pairs of x (N, D) and y (N,): to train on, to choose the settings by, to test on."""
    (seen, seen_class), (new, new_class) = data.wandering_digits()
    seen, new = seen.reshape(-1, 144), new.reshape(-1, 144)
    cut = 3 * len(seen) // 4
    table = data.breast_cancer()
    spirals = [data.spirals(n, noise=0.02, turns=1.25, generator=seed) for seed, n in enumerate((400, 400, 1000))]
    found = {
        "spirals": spirals,
        "digits": [(seen[:cut], seen_class[:cut]), (seen[cut:], seen_class[cut:]), (new, new_class)],
        "tumours": [table.train, table.valid, table.test],
    }
    return {name: [(x.astype(np.float32), y) for x, y in parts] for name, parts in found.items()}


def rivals(task):
    """name → share of the test examples that two methods without layers get right; the second is tuned."""
    train, choose, test = tasks()[task]
    machines = [SVC(C=c, gamma=g).fit(*train) for c in (1, 10, 100) for g in ("scale", 0.1, 1, 10)]
    return {
        "nearest neighbour": KNeighborsClassifier(1).fit(*train).score(*test),
        "tuned RBF-SVM": max(machines, key=lambda machine: machine.score(*choose)).score(*test),
    }
