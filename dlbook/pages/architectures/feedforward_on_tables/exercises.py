"""Checks of the exercises of the page "Feedforward on tables"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()

COLUMN_MISTAKES = (
    (1.25, "You divided by the variance, 4. Divide by its root, the spread."),
    (5.0, "The mean is gone. Now divide by the spread of the four training rows."),
    (5 / (16 / 3) ** 0.5, "You divided by the spread with N − 1. The page divides by N: the spread is 2."),
    (4.5, "You divided 9 by the spread. First take the mean away."),
    (9.0, "That is the number as it stands in the table. Take the mean away, then divide by the spread."),
    (7.0, "You divided the mean by the spread, and not the difference: (9 − 4) / 2."),
    (-2.5, "The other way round: the number minus the mean."),
    (4 / 7.2**0.5, "The new row has joined the training rows: mean 5. Only the training rows may say."),
    (4 / 3, "The new row has joined the training rows: mean 5. Only the training rows may say; and divide by N."),
    (10.0, "You multiplied by the spread. Divide by it."),
    (2.25, "That is 9 divided by the mean. Take the mean away, then divide by the spread."),
    (0.0, "That would be the mean itself, 4. The new row holds 9."),
    (1.75, "You stretched the column to run from 0 to 1. Standardise: take the mean away, divide by the spread."),
    (0.9375, "You divided by the variance, and by one with N − 1. Divide by the spread, 2."),
)


@check.exercise("4.1a")
def one_number(z):
    """(9 − 4) / 2."""
    z = as_array(z, "The number")
    if z.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {z.shape}.")
    same(z, 2.5, "The new row", COLUMN_MISTAKES, rtol=4e-3, show=False)
    return "The mean of 2, 2, 6, 6 is 4, their spread 2, and (9 − 4) / 2 = 2.5."


def standardise(train, new, own=False, both=False, root=True, ddof=0, guard=True, axis=0, centre=True, swapped=False,
                raw=False, zeroed=False, floor=False, stretch=False):  # fmt: skip
    """Both parts standardised by the training rows; the options make the usual mistakes."""
    by = np.concatenate([train, new]) if both else train

    def scale(x, by):
        mean, spread = by.mean(axis, keepdims=True), by.std(axis, ddof=ddof, keepdims=True)
        if stretch:
            mean, spread = by.min(0), np.ptp(by, 0)
        if guard:
            spread = np.where(spread > 0, spread, np.inf if zeroed else 1)
        if floor:
            spread = np.maximum(spread, 1)
        with np.errstate(all="ignore"):
            return (x - mean if centre else x) / (spread if root else spread**2)

    if axis == 1:
        return scale(train, train), scale(new, new)
    first, second = scale(train, by), new if raw else scale(new, new if own else by)
    return (second, first) if swapped else (first, second)


DIVIDED_BY_ZERO = "A column that never changes in the training rows has the spread 0. Divide such a column by 1."
STANDARDISE_MISTAKES = (
    ({"own": True}, "You standardise the new rows by their own mean and spread. Use those of the training rows: a new "
     "patient comes alone."),
    ({"both": True}, "Your mean and spread come from all rows together, a leak. Only the training rows may say."),
    ({"root": False}, "You divide by the variance. Divide by its root, the spread."),
    ({"ddof": 1}, "You divide by N − 1 in the spread. The page divides by N: `train.std(axis=0)`."),
    ({"axis": None}, "You took one mean and one spread for the whole table. Each column has its own: `axis=0`."),
    ({"axis": 1}, "You standardise each row. Each column has its own mean and spread: `axis=0`."),
    ({"centre": False}, "You divide by the spread, and do not take the mean away first."),
    ({"swapped": True}, "The two have changed places: first the training rows, then the new ones."),
    ({"guard": False}, DIVIDED_BY_ZERO),
    ({"raw": True}, "The new rows came out as they went in. Take mean and spread before the training rows change, and "
     "use them on the new rows, too."),
    ({"zeroed": True}, "In a column that never changes in the training rows your new rows get 0. Divide it by 1: what "
     "differs from the mean stays visible."),
    ({"floor": True}, "You divide by no spread below 1. Only a spread of 0 becomes 1."),
    ({"stretch": True}, "You stretched each column to run from 0 to 1. Take the mean away and divide by the spread."),
)  # fmt: skip


def _alike(a, b):
    return a.shape == b.shape and np.allclose(a, b, equal_nan=True)


def _pair(answer, given):
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Mistake(f"{given}: expected two arrays, `return train_z, new_z`.")
    return [as_array(part, given) for part in answer]


@check.exercise("4.1b")
def build_standardise(function):
    """Training rows and new ones, by the training rows."""
    rng = np.random.default_rng(0)
    for constant in (False, True):
        train, new = rng.normal(5, (1, 10, 100), (6, 3)), rng.normal(7, (1, 10, 100), (4, 3))
        train[:, 2] = 3.0 if constant else train[:, 2]
        given = "With a column that never changes" if constant else "For 6 training rows and 4 new ones"
        with np.errstate(all="ignore"):
            got = _pair(call(function, train, new), given)
        want = standardise(train, new)
        for k, part in enumerate(("training rows", "new rows")):
            mistakes = [(standardise(train, new, **how)[k], words) for how, words in STANDARDISE_MISTAKES]
            mistakes = [(wrong, words) for wrong, words in mistakes if not _alike(wrong, want[k])]
            if constant and got[k].shape == want[k].shape and not np.isfinite(got[k]).all():
                raise Mistake(DIVIDED_BY_ZERO)
            same(got[k], want[k], f"{given}, the {part}", mistakes)
    return "It is what `StandardScaler().fit(train).transform(new)` does in scikit-learn."


def one_hot(values, names, kind="right"):
    """(N, K) zeros and ones; `kind` makes the usual mistakes."""
    known = [value in names for value in values]
    table = np.array([[value == name for name in names] for value in values], float).reshape(len(values), len(names))
    place = [list(names).index(v) if k else 0 for v, k in zip(values, known, strict=True)]
    table_by = {
        "turned": table.T,
        "codes": np.array(place, float),
        "column": np.array(place, float)[:, None],
        "first": np.eye(len(names))[place],
        "last": np.eye(len(names))[[p if k else -1 for p, k in zip(place, known, strict=True)]],
        "own": np.eye(len(set(values)))[[sorted(set(values)).index(v) for v in values]],
        "sorted": np.array([[value == name for name in sorted(names)] for value in values], float),
        "opposite": 1 - table,
        "dropped": table[:, 1:],
        "other": np.concatenate([table, 1 - table.sum(1, keepdims=True)], axis=1),
        "shorter": table[known],
        "signs": 2 * table - 1,
        "summed": table.sum(0),
        "from 1": np.array(place, float) + 1,
        "gaps": np.where(np.array(known)[:, None], table, np.nan),
        "shared": np.where(np.array(known)[:, None], table, 1 / len(names)),
    }
    return table if kind == "right" else table_by[kind]


ONE_HOT_MISTAKES = (
    ("turned", "Rows and columns have changed places: a row for each value, a column for each name."),
    ("codes", "You number the names. Numbers have an order and sizes, names have none: give each name a column."),
    ("column", "You number the names. Numbers have an order and sizes, names have none: give each name a column."),
    ("first", "An unknown value got the column of the first name. It is none of the names: all zeros."),
    ("last", "An unknown value got the column of the last name. It is none of the names: all zeros."),
    ("own", "Your columns come from the values that you were given. Use `names`: new rows must get the same columns."),
    ("sorted", "Your columns are in alphabetical order. Keep the order of `names`."),
    ("opposite", "Zeros and ones have changed places."),
    ("dropped", "The column of the first name is missing."),
    ("other", "You added a column for unknown values. Asked for are the columns of `names` alone, so zeros."),
    ("shorter", "The row with an unknown value is missing. Keep all rows: it gets zeros."),
    ("signs", "Where a name does not fit, there should be 0 and not −1."),
    ("from 1", "You number the names. Numbers have an order and sizes, names have none: give each name a column."),
    ("shared", "An unknown value got a share of every column. It is none of the names: all zeros."),
    ("gaps", "An unknown value got nan, and so would every answer of the network. It gets zeros."),
    ("summed", "You counted the names. Each row needs zeros and ones of its own."),
)  # fmt: skip


@check.exercise("4.1c")
def build_one_hot(function):
    """A column for each name; unknown values get zeros."""
    for values, names in ((["red", "blue", "red"], ["red", "green", "blue"]),
                          (["tram", "car", "plane", "bike"], ["tram", "car", "bike"])):  # fmt: skip
        given = f"For the values {', '.join(values)} and the names {', '.join(names)}"
        got = as_array(call(function, list(values), list(names)), given)
        want = one_hot(values, names)
        mistakes = [(one_hot(values, names, kind), words) for kind, words in ONE_HOT_MISTAKES]
        if np.isnan(got).any():
            raise Mistake(dict(ONE_HOT_MISTAKES)["gaps"])
        same(got, want, given, [pair for pair in mistakes if not np.array_equal(pair[0], want)])
    return "An unknown name leaves all its columns at 0: the network then knows nothing, rather than something false."


def answers(x, w1, b1, w2, b2, mean, spread, relu=True, first=True, last=True, back=True, late=False, swapped=False,
            outer=False, halved=False, leak=False, again=False, traded=False, curve=None):  # fmt: skip
    """The network's numbers in the units of the table; the options make the usual mistakes."""
    z = x @ w1.T + (b1 if first else 0)
    hidden = np.maximum(z, 0) if relu else z
    if late:
        hidden = np.maximum(x @ w1.T, 0) + b1
    if leak:
        hidden = abs(z)
    hidden = curve(z) if curve else hidden
    out = hidden @ w2 + (b2 if last else 0)
    if outer:
        out = np.maximum(out, 0)
    if not back:
        return out
    if halved:
        return mean + out
    if again or traded:
        return (out - mean) / spread if again else spread + mean * out
    return (mean + out) * spread if swapped else mean + spread * out


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _columns_largest(z):
    return z.max(0)


FORWARD_MISTAKES = (
    ({"relu": False}, "The ReLU is missing between the layers: negative sums become 0."),
    ({"first": False}, "The biases b1 of the hidden units are missing."),
    ({"last": False}, "The bias b2 of the answer is missing."),
    ({"late": True}, "You add b1 after the ReLU. It belongs to the sum, before it."),
    ({"outer": True}, "The answer went through a ReLU as well. A number may be negative: no activation at the end."),
    ({"leak": True}, "You take the size of negative sums. ReLU makes them 0."),
    ({"back": False}, "That is in spreads from the mean. Go back to the units of the table: mean + spread · answer."),
    ({"halved": True}, "The spread is missing: mean + spread · answer."),
    ({"again": True}, "You standardised the answer once more. Undo it: mean + spread · answer."),
    ({"traded": True}, "Mean and spread have changed places: mean + spread · answer."),
    ({"curve": np.tanh}, "You bend the sums with tanh. This network has ReLU: negative sums become 0."),
    ({"curve": _sigmoid}, "You bend the sums with a sigmoid. This network has ReLU: negative sums become 0."),
    ({"curve": _columns_largest}, "`np.max(z, 0)` is each column's largest number. You mean `np.maximum(z, 0)`."),
    ({"swapped": True}, "You add the mean before multiplying. First times spread, then plus mean."),
)  # fmt: skip


@check.exercise("4.1d")
def build_forward(function):
    """A hidden layer, an answer, and back into the table's units."""
    rng = np.random.default_rng(1)
    x, w1, b1, w2 = rng.normal(size=(5, 4)), rng.normal(size=(3, 4)), rng.normal(size=3), rng.normal(size=3)
    inputs = (x, w1, b1, w2, 0.4, 150.0, 77.0)
    got = as_array(call(function, *inputs), "For five rows")
    if got.shape == (5, 1):
        raise Mistake("For five rows: expected five numbers, shape (5,), received (5, 1). With `w2` of shape (units,), "
                      "`hidden @ w2` is (N,).")  # fmt: skip
    mistakes = [(answers(*inputs, **how), words) for how, words in FORWARD_MISTAKES]
    same(got, answers(*inputs), "For five rows", mistakes)
    return "That is `one_row` for as many rows as you like."


def cross_validated(x, y, k, fit, leak="", wrong=""):
    """The mean squared error over all rows, each judged by a fit that has not seen it; options make mistakes."""
    blocks, missed, whole = np.array_split(np.arange(len(y)), k), [], (x.mean(0), x.std(0))
    blocks = [np.arange(first, len(y), k) for first in range(k)] if wrong == "dealt" else blocks
    for rows in blocks:
        rest = np.setdiff1d(np.arange(len(y)), rows)
        learn = rows if wrong == "turned" else np.arange(len(y)) if wrong == "all" else rest
        judge = rest if wrong in ("turned", "own") else rows
        mean, spread = whole if leak == "all" else (x[learn].mean(0), x[learn].std(0))
        mean, spread = (0, 1) if leak == "none" else (mean, spread**2) if wrong == "variance" else (mean, spread)
        new = (x[judge] - x[judge].mean(0)) / x[judge].std(0) if leak == "own" else (x[judge] - mean) / spread
        new = x[judge] if leak == "raw" else new
        told = fit((x[learn] - mean) / spread, y[learn])(new)
        miss = abs(told - y[judge]) if wrong == "sizes" else (told - y[judge]) ** 2
        missed.append(miss)
    if wrong == "folds":
        return np.mean([part.mean() for part in missed])
    if wrong == "list":
        return np.array([part.mean() for part in missed])
    if wrong in ("first", "last"):
        return missed[-1 if wrong == "last" else 0].mean()
    total = np.concatenate(missed)
    return total.sum() if wrong == "sum" else total.mean() ** 0.5 if wrong == "root" else total.mean()


FOLD_MISTAKES = (
    ({"leak": "all"}, "You standardise by all rows, a leak. In each turn only the rows that learn may say."),
    ({"leak": "own"}, "You standardise the judged rows by themselves. Use mean and spread of those that learn."),
    ({"leak": "none"}, "You do not standardise. `fit` expects standardised columns."),
    ({"wrong": "all"}, "Your fit has seen the rows that judge it. Leave them out when you fit."),
    ({"wrong": "turned"}, "You learn from one block and judge on all others. It is the other way round."),
    ({"wrong": "own"}, "You judge by the rows that were learned. Judge by the block that was left out."),
    ({"wrong": "list"}, "That is one number a block. Give one for all rows together."),
    ({"wrong": "folds"}, "You take the mean of the blocks' means. Blocks can differ in size: let each row count once."),
    ({"wrong": "last"}, "That is the last block alone. Gather all blocks."),
    ({"wrong": "first"}, "That is the first block alone: the `return` stands inside the loop."),
    ({"wrong": "dealt"}, "You deal the rows out in turn. Cut them in their order: `np.array_split`."),
    ({"wrong": "variance"}, "You divide by the variance. Divide by its root, the spread."),
    ({"leak": "raw"}, "The rows that judge are not standardised. Use mean and spread of those that learn."),
    ({"wrong": "sum"}, "You add up the squared errors. Take their mean."),
    ({"wrong": "root"}, "That is the root. Asked for is the mean squared error itself."),
    ({"wrong": "sizes"}, "You take the sizes of the errors. Square them."),
)  # fmt: skip


def _nearest_fit(x, y):
    """A fit for the check: the answer of the nearest row, with something of a straight line."""
    return lambda new: y[((new[:, None] - x) ** 2).sum(-1).argmin(1)] + 0.3 * new @ np.arange(1, x.shape[1] + 1)


@check.exercise("4.1e")
def build_cross_validation(function):
    """k blocks in the order of the rows; each judged by what the others taught."""
    rng = np.random.default_rng(0)
    for n, k in ((12, 3), (11, 4)):
        x, y = rng.normal(3, (1, 20), (n, 2)), rng.normal(size=n)
        given = f"For {n} rows and {k} blocks"
        got = as_array(call(function, x, y, k, _nearest_fit), given)
        want = cross_validated(x, y, k, _nearest_fit)
        mistakes = [(cross_validated(x, y, k, _nearest_fit, **how), words) for how, words in FOLD_MISTAKES]
        same(got, want, given, [pair for pair in mistakes if np.shape(pair[0]) or not np.isclose(pair[0], want)])
    return "Every row was judged once, by a fit that had never seen it: not even in the mean of a column."
