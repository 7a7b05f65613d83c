"""Checks of the exercises of the page "Which one when"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()

WEIGHT_MISTAKES = (
    (4 * 32**2 * 500, "You counted the matrices anew for every place. The same four serve them all."),
    (4 * 32, "A matrix that turns D numbers into D has D² weights, not D."),
    (32**2, "That is one matrix. There are four: for queries, keys, values, and the one that mixes."),
    (3 * 32**2, "Those are queries, keys and values. A fourth matrix mixes at the end."),
    (2 * 500**2 * 32 + 4 * 500 * 32**2, "Those are the products that it computes. Weights are what it learns."),
    (2 * 500**2 * 32, "Those are products: all scores and all blends. Weights are what it learns."),
    (4 * 500 * 32**2 + 500**2, "Scores are computed for each example, not learned; and the matrices serve all places."),
    (500**2, "That is the table of scores. It is computed for each example, not learned."),
    (500**2 * 32**2, "That is a layer, all to all. Attention uses its matrices again at every place."),
    (4 * 500**2, "The matrices are as wide as the numbers of a place: 32, not 500."),
    (4 * 32**2 + 4 * 32, "With biases. They were left out here."),
    (4 * 32**2 + 500 * 32, "With a learned vector for each place. Asked for are the four matrices."),
    (3 * 32**2 * 500, "The same matrices serve all places; and there are four."),
    (2 * 32**2, "That is a plain recurrent layer. Attention has four matrices."),
)


@check.exercise("4.10a")
def weights_of_attention(weights):
    """4 D²."""
    weights = as_array(weights, "The number of weights")
    if weights.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {weights.shape}.")
    same(weights, 4096, "The number of weights", WEIGHT_MISTAKES, rtol=1e-6, show=False)
    return "Four matrices of 32 · 32, whatever the length."


def along(w, columns, kind="right"):
    """The weights that go along; `kind` makes the usual mistakes."""
    back = np.argsort(columns)
    return {
        "right": lambda: w[:, columns],
        "back": lambda: w[:, back],
        "rows": lambda: w[np.asarray(columns) % len(w)],
        "same": lambda: w.copy(),
        "turned": lambda: w[:, columns].T,
        "reversed": lambda: w[:, columns][:, ::-1],
        "sorted": lambda: np.sort(w, axis=1),
    }[kind]()


ALONG_MISTAKES = (
    ("back", "You put the weights into the opposite order, as `np.argsort(columns)` does. Column `columns[i]` of x now "
     "stands at place i; so must its weight."),
    ("same", "These are the weights as they were. They would now meet the wrong columns."),
    ("turned", "Rows and columns have changed places: a row for each unit, as before."),
    ("reversed", "Nearly: the order is turned round at the end."),
    ("sorted", "You sorted the weights by size. Put them into the order that the columns are in."),
)  # fmt: skip


@check.exercise("4.10b")
def weights_that_go_along(function):
    """w[:, columns]."""
    rng = np.random.default_rng(0)
    for units, columns in ((2, np.array([2, 0, 1])), (4, rng.permutation(7))):
        w = rng.normal(size=(units, len(columns))).round(2)
        wrong = [(along(w, columns, kind), words) for kind, words in ALONG_MISTAKES]
        got = call(function, w, columns)
        same(got, along(w, columns), f"For {units} units and the order {columns.tolist()}", wrong)
    return "So an MLP on shuffled columns is the same MLP."


def read_set(x, w1, b1, w2, b2, kind="right"):
    """A reader of sets; `kind` makes the usual mistakes."""
    each = np.maximum(x @ w1.T + b1, 0)
    return {
        "right": lambda: w2 @ each.sum(0) + b2,
        "mean": lambda: w2 @ each.mean(0) + b2,
        "largest": lambda: w2 @ each.max(0) + b2,
        "early": lambda: w2 @ np.maximum(x.sum(0) @ w1.T + b1, 0) + b2,
        "late": lambda: w2 @ np.maximum((x @ w1.T + b1).sum(0), 0) + b2,
        "no relu": lambda: w2 @ (x @ w1.T + b1).sum(0) + b2,
        "each": lambda: (each @ w2.T + b2).sum(0),
        "last": lambda: w2 @ each[-1] + b2,
        "rows": lambda: each @ w2.T + b2,
        "no first bias": lambda: w2 @ np.maximum(x @ w1.T, 0).sum(0) + b2,
        "no last bias": lambda: w2 @ each.sum(0),
        "relu": lambda: np.maximum(w2 @ each.sum(0) + b2, 0),
        "hidden": lambda: each.sum(0),
    }[kind]()


SET_MISTAKES = (
    ("mean", "You took the mean. Add up: then the reader can also count."),
    ("largest", "You took the largest. Add up."),
    ("early", "You added up the elements before the first layer. Then {1, 3} and {2, 2} are the same."),
    ("late", "The ReLU comes before the sum: each element on its own."),
    ("no relu", "The ReLU is missing."),
    ("each", "The last layer answers once, after the sum: its bias now counts for each element."),
    ("last", "That is the last element alone. Add up all."),
    ("rows", "There is an answer for each element. Add up before the last layer."),
    ("no first bias", "The bias b1 is missing."),
    ("no last bias", "The bias b2 is missing."),
    ("relu", "The last layer has no ReLU: it may answer below 0."),
    ("hidden", "The last layer is missing."),
)


@check.exercise("4.10c")
def reader_of_sets(function):
    """Sum over elements of a layer with ReLU, then a layer."""
    rng = np.random.default_rng(1)
    for n in (3, 5):
        inputs = [rng.normal(size=shape).round(1) for shape in ((n, 2), (4, 2), (4,), (3, 4), (3,))]
        inputs[-1] -= 1  # some answer below 0
        wrong = [(read_set(*inputs, kind), words) for kind, words in SET_MISTAKES]
        same(call(function, *inputs), read_set(*inputs), f"For {n} elements", wrong)
    return "In any order the same; and it reads sets of any size."


def _ring(x):
    return np.roll(x, 1) - 2 * x + np.roll(x, -1)


#: what each function is called, the function, whether it goes along with shifts, with shuffles
FUNCTIONS = (
    ("a filter on a ring", _ring, (True, False)),
    ("x minus its mean", lambda x: x - x.mean(), (True, True)),
    ("shares, the softmax", lambda x: np.exp(x) / np.exp(x).sum(), (True, True)),
    ("a running sum", np.cumsum, (False, False)),
    ("sorting", np.sort, (False, False)),
    ("a weight for each place", lambda x: x * np.arange(1, len(x) + 1), (False, False)),
    ("turned round", lambda x: x[::-1], (False, False)),
    ("every other number doubled", lambda x: x * (1 + np.arange(len(x)) % 2), (False, False)),
    ("ReLU", lambda x: np.maximum(x, 0), (True, True)),
)


@check.exercise("4.10d")
def which_symmetry(function):
    """Try each function of the list."""
    found = []
    for _, f, _ in FUNCTIONS:
        got = call(function, f, 6)
        if not isinstance(got, tuple | list | np.ndarray) or len(got) != 2:
            raise Mistake("Two are asked for: `return shifts, shuffles`, each True or False.")
        found.append(tuple(_truth(one) for one in got))
    wanted = [want for *_, want in FUNCTIONS]
    if found == wanted:
        return "Shuffles are the stronger bet: what goes along with every order goes along with shifts."
    if found == [want[::-1] for want in wanted]:
        raise Mistake("The two have changed places. First shifts, then shuffles.")
    if found == [(not shifts, not shuffles) for shifts, shuffles in wanted]:
        raise Mistake("True and False have changed places: True where f goes along.")
    for (name, _, want), got in zip(FUNCTIONS, found, strict=True):
        if got != want:
            raise Mistake(_words(name, got, want))


def _truth(one):
    if hasattr(one, "item"):
        one = one.item()
    if not isinstance(one, bool | int) or one not in (0, 1):
        raise Mistake(f"True or False is asked for, twice. I received {one!r}.")
    return bool(one)


def _words(name, got, want):
    """Say which of the two is wrong, and what may be behind it."""
    part = 0 if got[0] != want[0] else 1
    what = ("shifts", "shuffles")[part]
    if want[part]:
        return (
            f"For {name}: it does go along with {what}, and you say no. Compare with `np.allclose`, for sums in "
            "another order differ in the last digit; and shift the answer by as much as the row, the same way."
        )
    return (
        f"For {name}: it does not go along with {what}, and you say yes. Compare f of the moved row with the "
        "*moved* f, by random numbers, all places, and try several moves: one may be luck."
    )
