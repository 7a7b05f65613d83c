# ruff: noqa: N803, N806  (matrices have capital letters)
"""Assignment 5: what is asked, what is right, what usually goes wrong.

The table is Breast Cancer Wisconsin (Diagnostic) (Wolberg, Mangasarian & Street, 1995, doi 10.24432/C5DW2B, CC BY 4.0),
as scikit-learn brings it. Its patients are dealt into two halves, always the same. What a student's notebook shows (a
table of her own, and the tables of visible checks) comes from the first half; q11 is graded with the second.

What is protected: the labels of held-out patients never reach a student's code, nor do their rows stand in a notebook.
What is not: the whole table is public. Each graded table holds ten of its thirty measurements in another order and in
other units, measured again with an error, among twenty columns of chance; so nobody is found by her numbers alone. Who
brings the public table along and matches columns by how they go together can still learn from more patients than were
given. It takes more work than the question, and the band asks for less.
"""

from functools import lru_cache

import numpy as np

from dlbook.grade.spec import Assignment

assignment = Assignment("Regularise a real table", minutes=85, limits={"call": 20})
ask = assignment.question
FINE = {"rtol": 1e-6, "atol": 1e-8}
ROUNDED = {"rtol": 0, "atol": 0.0051}  # two decimals are enough


def some(rng, *shape):
    """Numbers none of which is near 0, so that a forgotten term always shows."""
    return np.round(rng.choice([-1, 1], shape) * rng.uniform(0.3, 2.5, shape), 2)


def labels(rng, n):
    """Zeros and ones, of both kinds some."""
    return rng.permutation(np.arange(n) % 3 == 0).astype(int)


# The table, its two halves, and what is drawn from them


@lru_cache(1)
def patients():
    """Names of the 30 measurements, the measurements, 1 for malignant, and the two halves of the rows."""
    from sklearn.datasets import load_breast_cancer

    table = load_breast_cancer()
    order = np.random.default_rng(1995).permutation(len(table.target))
    return [str(name) for name in table.feature_names], table.data, 1 - table.target, np.split(order, [285])


def rows_of(rng, half, malignant, benign):
    """Rows of one half, so many of each kind, in a random order."""
    kinds = patients()[2]
    pool = rng.permutation(patients()[3][half])
    return rng.permutation([*pool[kinds[pool] == 1][:malignant], *pool[kinds[pool] == 0][:benign]])


def disguised(rng, half, n, new):
    """A table as the judge draws it: X, y, X_new, y_new. A third is malignant; 20 of 30 columns are chance."""
    _, data, kinds, _ = patients()
    rows = rows_of(rng, half, (n + new) // 3, n + new - (n + new) // 3)
    measured = ((data - data.mean(axis=0)) / data.std(axis=0))[rows][:, rng.permutation(30)[:10]]
    measured = measured + rng.normal(0, 0.3, measured.shape)
    mixed = np.hstack([measured, rng.normal(0, 1, (n + new, 20))])[:, rng.permutation(30)]
    units = np.round(mixed * rng.uniform(30, 300, 30) + rng.uniform(-500, 500, 30)).astype(np.int16)
    return [units[:n], kinds[rows][:n], units[n:], kinds[rows][n:]]


# By hand


def a_small_step(rng):
    return {
        "w_a": int(rng.integers(3, 9)),
        "w_b": -int(rng.integers(3, 9)),
        "g_a": float(rng.integers(2, 6)) / 2,
        "rate": float(rng.choice([0.1, 0.2])),
        "decay": float(rng.choice([0.4, 0.5, 0.6])),
    }


@ask("q1", "w_q1", "Weights that shrink", constants=a_small_step)
def shrunk(w_a, w_b, g_a, rate, decay):
    return [w_a - rate * (g_a + decay * w_a), w_b * (1 - rate * decay)]


shrunk.check("both weights after one step", 2, says="The slope of the loss, plus that of the penalty.", **ROUNDED)
shrunk.mistake("The penalty is missing: the second weight feels no slope of the loss, and shrinks all the same.")(
    lambda w_a, w_b, g_a, rate, decay: [w_a - rate * g_a, w_b]
)
shrunk.mistake("The penalty's slope is decay · w, and the rate multiplies it as it does every slope.")(
    lambda w_a, w_b, g_a, rate, decay: [w_a - rate * g_a - decay * w_a, w_b - decay * w_b]
)
shrunk.mistake("The weights have grown: decay pulls towards 0.")(
    lambda w_a, w_b, g_a, rate, decay: [w_a - rate * (g_a - decay * w_a), w_b * (1 + rate * decay)]
)
shrunk.mistake("The slope of ½ λ w² is λ w: the ½ is gone.")(
    lambda w_a, w_b, g_a, rate, decay: [w_a - rate * (g_a + decay * w_a / 2), w_b * (1 - rate * decay / 2)]
)
shrunk.mistake("The slope of ½ λ w² is λ w, without a factor 2.")(
    lambda w_a, w_b, g_a, rate, decay: [w_a - rate * (g_a + 2 * decay * w_a), w_b * (1 - 2 * rate * decay)]
)
shrunk.mistake("It climbs: a step goes against the slope.")(
    lambda w_a, w_b, g_a, rate, decay: [w_a + rate * (g_a + decay * w_a), w_b * (1 + rate * decay)]
)
shrunk.mistake("A negative weight shrinks towards 0 as well, so it rises.")(
    lambda w_a, w_b, g_a, rate, decay: [w_a - rate * (g_a + decay * w_a), w_b - rate * decay * abs(w_b)]
)
shrunk.hints(
    "The penalty ½ λ w² has the slope λ w. The whole slope of the first weight is g_a + λ w_a.",
    "The second weight has only the penalty's slope: it becomes (1 - η λ) times what it was.",
)


def four_units(rng):
    stay = rng.permutation([1, 1, 0, 0]) if rng.integers(2) else rng.permutation([1, 1, 1, 0])
    answers = {f"h{number}": int(rng.integers(2, 10)) for number in range(1, 5)}
    return {**answers, "keep": [int(k) for k in stay], "p": float(rng.choice([0.2, 0.5, 0.6]))}


@ask("q2", "dropped_q2", "Dropout, by hand", constants=four_units)
def dropped(h1, h2, h3, h4, keep, p):
    return [h * k / (1 - p) for h, k in zip((h1, h2, h3, h4), keep, strict=True)]


dropped.check("what goes on of each unit", 2, says="Drop where keep is 0; make up for it where it is 1.", **ROUNDED)
dropped.mistake("What stays must make up for what is dropped: divide by 1 - p.")(
    lambda h1, h2, h3, h4, keep, p: [h * k for h, k in zip((h1, h2, h3, h4), keep, strict=True)]
)
dropped.mistake("It was multiplied by 1 - p; so the sums get smaller still. Divide.")(
    lambda h1, h2, h3, h4, keep, p: [h * k * (1 - p) for h, k in zip((h1, h2, h3, h4), keep, strict=True)]
)
dropped.mistake("p is the share that is dropped. What stays is divided by the share that stays, 1 - p.")(
    lambda h1, h2, h3, h4, keep, p: [h * k / p for h, k in zip((h1, h2, h3, h4), keep, strict=True)]
)
dropped.mistake("Those that stay were dropped: keep is 1 where the unit stays.")(
    lambda h1, h2, h3, h4, keep, p: [h * (1 - k) / (1 - p) for h, k in zip((h1, h2, h3, h4), keep, strict=True)]
)
dropped.hints(
    "Two of the four answers are 0, or one is: see keep.",
    "p is the probability of being dropped, so the share 1 - p stays, and what stays is divided by it.",
)


# Your table


def ninety(rng):
    """Rows of a table of a student's own: 60 of whom a third is malignant, and 30 others."""
    rows, kinds = rows_of(rng, 0, 20, 40), patients()[2]
    rest, malignant = rng.permutation(np.setdiff1d(patients()[3][0], rows)), int(rng.integers(5, 10))
    others = [*rest[kinds[rest] == 1][:malignant], *rest[kinds[rest] == 0][: 30 - malignant]]
    return np.concatenate([rows, rng.permutation(others)])


def own_table(rng):
    """A table that can be learned by heart, and on which regularisation helps: others are not handed out."""
    names, data, kinds, _ = patients()
    while True:
        rows, columns, seed = ninety(rng), np.sort(rng.permutation(30)[:10]), int(rng.integers(1000, 9999))
        blurred = data[rows][:, columns] + rng.normal(0, 0.4, (90, 10)) * data[:, columns].std(axis=0)
        table = np.array([[float(f"{x:.3g}") for x in row] for row in np.maximum(blurred, 0)])
        X = np.hstack([table, np.random.default_rng(seed).normal(size=(90, 20))])
        whole = [[X[:60], kinds[rows][:60], X[60:], kinds[rows][60:]]]
        plain = loss_when_trained(whole, *PLAIN)
        if plain > 0.8 * loss_of_ignorance(whole) and loss_when_trained(whole, *TAMED) < 0.6 * plain:
            named = [names[column] for column in columns]
            return {"seed": seed, "columns": named, "malignant": kinds[rows], "table": table}


@ask("q3", "ignorance_q3", "What knowing nothing costs", constants=own_table)
def ignorance(seed, columns, malignant, table):
    share = np.sum(malignant[:60]) / 60
    return float(np.sum(np.where(malignant[60:], -np.log(share), -np.log(1 - share))) / 30)


SHARE = "The share of ones comes from the first 60; the mean loss, by natural logarithms, is over the other 30."
ignorance.check("the loss of one number for everybody", 3, says=SHARE, rtol=0, atol=5.1e-4)
ignorance.mistake("These are bits: the loss of this book is in nats, with the natural logarithm.")(
    lambda seed, columns, malignant, table: ignorance.answer(seed, columns, malignant, table) / np.log(2)
)
ignorance.mistake("The share was taken from the 30 patients that it is judged on. It must come from the 60.")(
    lambda seed, columns, malignant, table: ignorance.answer(seed, columns, np.tile(malignant[60:], 3), table)
)
ignorance.mistake("That is the loss on the 60 patients that the share was taken from; asked for is that on the 30.")(
    lambda seed, columns, malignant, table: ignorance.answer(seed, columns, np.tile(malignant[:60], 2)[:90], table)
)
ignorance.mistake("The loss of a coin, ½ for everybody, is ln 2; here the share says a little more than that.")(
    lambda seed, columns, malignant, table: np.log(2)
)
ignorance.mistake("A loss is the negative logarithm: the sign.")(
    lambda seed, columns, malignant, table: -ignorance.answer(seed, columns, malignant, table)
)
ignorance.mistake("That is the sum over the 30; the loss is their mean.")(
    lambda seed, columns, malignant, table: 30 * ignorance.answer(seed, columns, malignant, table)
)
ignorance.mistake("Zeros and ones have changed places: the share is the probability of 1, malignant.")(
    lambda seed, columns, malignant, table: ignorance.answer(
        seed, columns, np.concatenate([1 - malignant[:60], malignant[60:]]), table
    )
)
ignorance.hints(
    "One probability for all: the share of ones among the first 60. The other 30 tell what it costs.",
    "A malignant one costs -ln(share), a benign one -ln(1 - share). Take the mean over the 30.",
)


@ask("q4", "split", "Split, before anything else")
def split(X, y, order, n_valid):
    chosen, others = np.asarray(order)[:n_valid], np.asarray(order)[n_valid:]
    return np.take(X, others, axis=0), np.take(y, others), np.take(X, chosen, axis=0), np.take(y, chosen)


def rows_with_labels(n, d, n_valid):
    """Rows whose first column is their label's sign, so that every mix-up shows."""
    return lambda rng: [some(rng, n, d), labels(rng, n) + 10 * np.arange(n), rng.permutation(n), n_valid]


split.check("nine rows, three of them for validation", 2, rows_with_labels(9, 2, 3))
split.check("forty rows", 1, rows_with_labels(40, 5, 13), hidden=True)
split.mistake("The order was not used: a table is often sorted, so it is mixed before it is cut.")(
    lambda X, y, order, n_valid: (X[n_valid:], y[n_valid:], X[:n_valid], y[:n_valid])
)
split.mistake("Rows and labels no longer belong together: the same order for both.")(
    lambda X, y, order, n_valid: (X[order[n_valid:]], y[n_valid:], X[order[:n_valid]], y[:n_valid])
)
split.mistake("Training and validation have changed places.")(
    lambda X, y, order, n_valid: (X[order[:n_valid]], y[order[:n_valid]], X[order[n_valid:]], y[order[n_valid:]])
)
split.mistake("The first of the order are for validation; the last were taken.")(
    lambda X, y, order, n_valid: (X[order[:-n_valid]], y[order[:-n_valid]], X[order[-n_valid:]], y[order[-n_valid:]])
)
split.mistake("The right rows, but sorted: both parts stay in the order of `order`.")(
    lambda X, y, order, n_valid: [part[np.sort(rows)] for rows in (order[n_valid:], order[:n_valid]) for part in (X, y)]
)
split.mistake("The validation rows are among the training rows as well: nothing new is left to judge with.")(
    lambda X, y, order, n_valid: (X[order], y[order], X[order[:n_valid]], y[order[:n_valid]])
)
split.mistake("All is there, in another order of the four: X and y for training, then X and y for validation.")(
    lambda X, y, order, n_valid: (X[order[n_valid:]], X[order[:n_valid]], y[order[n_valid:]], y[order[:n_valid]])
)
split.hints(
    "`X[rows]` takes rows by their numbers, in that order; `y[rows]` takes the labels that belong to them.",
    "The numbers for validation are `order[:n_valid]`, those for training the rest.",
)


@ask("q5", "standardise", "One scale, learned from training rows")
def standardise(X_train, X_new):
    spread = np.sqrt(np.var(X_train, axis=0))
    spread[spread == 0] = 1.0
    middle = np.mean(X_train, axis=0)
    return np.divide(X_train - middle, spread), np.divide(X_new - middle, spread)


def two_tables(rng):
    return [some(rng, 6, 3) * 20 + 50, some(rng, 4, 3) * 30 + 40]


def with_a_constant(rng):
    X = some(rng, 7, 4) * 5 + 3
    X[:, 2] = 8.0
    new = some(rng, 5, 4) * 5 + 3
    return [X, new]


def scaled_by(of_train, of_new):
    """A pair of tables, each scaled by what a function makes of both."""

    def both(X_train, X_new):
        out = []
        for X, which in ((X_train, of_train), (X_new, of_new)):
            by = which(X_train, X_new)
            out.append((X - by.mean(axis=0)) / np.where(by.std(axis=0) == 0, 1, by.std(axis=0)))
        return out

    return both


def first_table(X_train, X_new):
    return X_train


standardise.check("six rows, and four new ones", 2, two_tables)
standardise.check("a column that never changes", 1, with_a_constant, hidden=True, says="Some columns have no spread.")
standardise.check("many rows", 1, lambda rng: [some(rng, 50, 6) * 9, some(rng, 20, 6) * 12], hidden=True)
standardise.mistake("The new rows were scaled by their own mean and spread. They must be measured with the old ones.")(
    scaled_by(first_table, lambda X_train, X_new: X_new)
)
standardise.mistake("A leak: mean and spread came from both tables. They may come from the training rows only.")(
    scaled_by(lambda *both: np.concatenate(both), lambda *both: np.concatenate(both))
)
standardise.mistake("Each column has a mean and a spread of its own: axis=0.")(
    lambda X_train, X_new: [(X - X_train.mean()) / X_train.std() for X in (X_train, X_new)]
)
standardise.mistake("Each row was brought to mean 0; asked for is each column: axis=0.")(
    lambda X_train, X_new: [
        (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True) for X in (X_train, X_new)
    ]
)
standardise.mistake("Each column was brought to the range from 0 to 1; asked for are mean 0 and standard deviation 1.")(
    lambda X_train, X_new: [(X - X_train.min(axis=0)) / np.ptp(X_train, axis=0) for X in (X_train, X_new)]
)
standardise.mistake("The mean was taken away, but nothing was divided by the spread.")(
    lambda X_train, X_new: [X - X_train.mean(axis=0) for X in (X_train, X_new)]
)
standardise.mistake("Divided by the spread, but the mean is still in it.")(
    lambda X_train, X_new: [X / X_train.std(axis=0) for X in (X_train, X_new)]
)
standardise.mistake("The variance divides; it should be its root, the standard deviation.")(
    lambda X_train, X_new: [(X - X_train.mean(axis=0)) / X_train.var(axis=0) for X in (X_train, X_new)]
)
standardise.mistake("The spread asked for is NumPy's `std`, a mean over N; here the sum was divided by N - 1.")(
    lambda X_train, X_new: [(X - X_train.mean(axis=0)) / X_train.std(axis=0, ddof=1) for X in (X_train, X_new)]
)
standardise.mistake("A column that never changes has spread 0: 0 / 0. Divide such a column by 1.")(
    lambda X_train, X_new: [(X - X_train.mean(axis=0)) / X_train.std(axis=0) for X in (X_train, X_new)]
)
standardise.hints(
    "`X_train.mean(axis=0)` and `X_train.std(axis=0)`: one number for each column. Use them on both tables.",
    "`np.where(spread == 0, 1, spread)` divides by 1 where there is no spread.",
)


# Penalty and dropout


def probability(z):
    return 0.5 * (1 + np.tanh(z / 2))


@ask("q6", "loss_and_slopes", "A loss with a penalty")
def loss_and_slopes(X, y, w, b, decay):
    z = np.dot(X, w) + b
    loss = np.sum(np.where(y, np.logaddexp(0, -z), np.logaddexp(0, z))) / len(y) + 0.5 * decay * np.dot(w, w)
    error = (probability(z) - y) / len(y)
    return loss, np.dot(np.transpose(X), error) + decay * w, np.sum(error)


def slip_in_slopes(loss_of=None, dw_of=None, db_of=None):
    """Loss and slopes of which one part is made in another way."""

    def wrong(X, y, w, b, decay):
        loss, dw, db = loss_and_slopes.answer(X, y, w, b, decay)
        return (
            loss_of(loss, X, y, w, b, decay) if loss_of else loss,
            dw_of(dw, X, y, w, b, decay) if dw_of else dw,
            db_of(db, X, y, w, b, decay) if db_of else db,
        )

    return wrong


def loss_of(answer, *given):
    return answer(*given)[0]


def slopes_of(answer, *given):
    loss, dw, db = answer(*given)
    return [dw, db]


def rows_and_weights(n, d, scale=1.0, decay=0.3):
    return lambda rng: [some(rng, n, d) * scale, labels(rng, n), some(rng, d), 0.4, decay]


def overflowing(X, y, w, b, decay):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    loss = -np.mean(np.where(y, np.log(p), np.log(1 - p))) + decay / 2 * np.sum(w**2)
    return loss, X.T @ (p - y) / len(y) + decay * w, np.mean(p - y)


loss_and_slopes.check("the loss", 1, rows_and_weights(6, 3), call=loss_of)
loss_and_slopes.check("the slopes", 2, rows_and_weights(6, 3), call=slopes_of)
loss_and_slopes.check("rows of enormous scores", 1, rows_and_weights(8, 3, 900.0), hidden=True, call=loss_of)
loss_and_slopes.check("thirty columns", 1, rows_and_weights(20, 30, decay=0.07), hidden=True)
loss_and_slopes.mistake("The penalty, ½ λ times the sum of the squares, is missing in the loss.")(
    slip_in_slopes(loss_of=lambda loss, X, y, w, b, decay: loss - decay / 2 * np.sum(w**2))
)
loss_and_slopes.mistake("The penalty's slope, λ w, is missing in that of the weights.")(
    slip_in_slopes(dw_of=lambda dw, X, y, w, b, decay: dw - decay * w)
)
loss_and_slopes.mistake("The penalty is missing in loss and slopes.")(
    lambda X, y, w, b, decay: loss_and_slopes.answer(X, y, w, b, 0.0)
)
loss_and_slopes.mistake("The penalty is ½ λ times the sum of the squares: the ½ is missing.")(
    slip_in_slopes(loss_of=lambda loss, X, y, w, b, decay: loss + decay / 2 * np.sum(w**2))
)
loss_and_slopes.mistake("The slope of ½ λ w² is λ w, without a factor 2.")(
    slip_in_slopes(dw_of=lambda dw, X, y, w, b, decay: dw + decay * w)
)
loss_and_slopes.mistake("The bias is not punished: it only says how common the ones are.")(
    slip_in_slopes(
        loss_of=lambda loss, X, y, w, b, decay: loss + decay / 2 * b**2,
        db_of=lambda db, X, y, w, b, decay: db + decay * b,
    )
)
loss_and_slopes.mistake("The penalty was divided by the number of rows; only the losses of the rows are averaged.")(
    lambda X, y, w, b, decay: loss_and_slopes.answer(X, y, w, b, decay / len(y))
)
loss_and_slopes.mistake("These are sums over the rows; the loss is a mean, and so are its slopes.")(
    lambda X, y, w, b, decay: [len(y) * part for part in loss_and_slopes.answer(X, y, w, b, decay / len(y))]
)
loss_and_slopes.mistake("The slopes have the wrong sign: the error is p - y.")(
    slip_in_slopes(dw_of=lambda dw, X, y, w, b, decay: 2 * decay * w - dw, db_of=lambda db, X, y, w, b, decay: -db)
)
loss_and_slopes.mistake(
    "For large scores a probability becomes 0, and its logarithm is -inf. Take the logarithm on paper."
)(overflowing)
loss_and_slopes.hints(
    "z = Xw + b, p = sigmoid(z). Loss: the mean of -ln p where y is 1, of -ln(1 - p) where it is 0, plus ½ λ Σ w².",
    "With e = (p - y) / N the slopes are Xᵀe + λ w for the weights, and the sum of e for the bias.",
    "`np.logaddexp(0, z) - y * z` is the loss of each row, for any z; `0.5 * (1 + np.tanh(z / 2))` is a safe sigmoid.",
)


@ask("q7", "dropout", "Dropout")
def dropout(h, u, p, training=True):
    mask = np.where(np.asarray(u) < p, 0.0, 1 / (1 - p)) if training else np.ones(np.shape(h))
    return np.multiply(h, mask), mask


def coins(rng, *shape):
    """Numbers in [0, 1) that never meet a p of two decimals."""
    return (rng.integers(0, 1000, shape) + 0.5) / 1000


def layer_of(p, *shape, training=True):
    return lambda rng: [some(rng, *shape), coins(rng, *shape), p, training]


dropout.check("three examples of four units", 2, layer_of(0.3, 3, 4))
dropout.check("after training nothing is dropped", 1, layer_of(0.4, 3, 4, training=False))
dropout.check("a large layer, most of it dropped", 1, layer_of(0.8, 20, 30), hidden=True)
dropout.mistake("What stays must be divided by 1 - p, so that sums stay what they are on average.")(
    lambda h, u, p, training=True: (h * (u >= p), (u >= p) * 1.0) if training else (h, np.ones(h.shape))
)
dropout.mistake("The wrong ones were dropped: a unit is dropped where its number lies below p.")(
    lambda h, u, p, training=True: (h * (u < p) / (1 - p), (u < p) / (1 - p)) if training else (h, np.ones(h.shape))
)
dropout.mistake("Divide by the share that stays, 1 - p, not by the share that is dropped.")(
    lambda h, u, p, training=True: (h * (u >= p) / p, (u >= p) / p) if training else (h, np.ones(h.shape))
)
dropout.mistake("After training, too, units are dropped: look at `training`.")(
    lambda h, u, p, training=True: (h * (u >= p) / (1 - p), (u >= p) / (1 - p))
)
dropout.mistake("After training nothing is scaled either: what stays was made up for while training.")(
    lambda h, u, p, training=True: (
        (h * (u >= p), (u >= p) * 1.0) if training else (h * (1 - p), np.full(h.shape, 1 - p))
    )
)
dropout.mistake("The mask must hold the factor as well, 0 or 1 / (1 - p): the slopes on the way back need both.")(
    lambda h, u, p, training=True: (h * (u >= p) / (1 - p), (u >= p) * 1.0) if training else (h, np.ones(h.shape))
)
dropout.hints(
    "The mask is 0 where u < p, and 1 / (1 - p) elsewhere. After training it is 1 everywhere.",
    "`(u >= p) / (1 - p)` makes that mask at once. Return h times the mask, and the mask.",
)


# When to stop, what to choose


@ask("q8", "early_stopping", "When to stop")
def early_stopping(losses, patience):
    kept = 0
    for epoch in range(len(losses)):
        kept = epoch if losses[epoch] < losses[kept] else kept
        if epoch - kept >= patience:
            return kept, epoch
    return kept, len(losses) - 1


def curve(fall, patience):
    """A loss that falls with one bump, gets stuck to and fro, would fall again later, and then climbs."""

    def make(rng):
        down = np.sort(rng.choice(np.arange(500, 900), fall, replace=False))[::-1].tolist()
        down.insert(2, down[1] + 3)  # a bump that patience must bear
        high, low = down[-1] + rng.integers(100, 200, patience + 1), down[-1] + rng.integers(5, 90, patience + 1)
        stuck = [pair[number % 2] for number, pair in enumerate(zip(high, low, strict=True))]
        later = down[-1] - 100 + np.cumsum(rng.integers(5, 30, patience + 3))
        return [np.array([*down, *stuck, *later]) / 1000, patience]

    return make


def falling(rng):
    return [np.sort(rng.choice(np.arange(300, 900), 9, replace=False))[::-1] / 1000, 3]


def impatient(losses, patience):
    for epoch in range(1, len(losses)):
        if losses[epoch] >= losses[epoch - 1]:
            return epoch - 1, epoch
    return len(losses) - 1, len(losses) - 1


def counting_all(losses, patience):
    kept, bad = 0, 0
    for epoch, loss in enumerate(losses):
        kept, bad = (epoch, bad) if loss < losses[kept] or epoch == 0 else (kept, bad + 1)
        if bad >= patience:
            return kept, epoch
    return kept, len(losses) - 1


def compared_with_the_last(losses, patience):
    kept, bad = 0, 0
    for epoch in range(1, len(losses)):
        bad = 0 if losses[epoch] < losses[epoch - 1] else bad + 1
        kept = epoch if losses[epoch] < losses[kept] else kept
        if bad >= patience:
            return kept, epoch
    return kept, len(losses) - 1


early_stopping.check("stuck for two epochs", 1, curve(5, 2))
early_stopping.check("a loss that only falls", 1, falling)
early_stopping.check("stuck for four", 2, curve(9, 4), hidden=True, says="On some curves it keeps or stops elsewhere.")
early_stopping.mistake("It looks into the future: an epoch after the end of training was never reached.")(
    lambda losses, patience: (int(np.argmin(losses)), early_stopping.answer(losses, patience)[1])
)
early_stopping.mistake("It stops at the first bad epoch; with patience it bears `patience` of them in a row.")(
    impatient
)
early_stopping.mistake("It stops one epoch too late.")(
    lambda losses, patience: early_stopping.answer(losses, patience + 1)
)
early_stopping.mistake("It never stops.")(lambda losses, patience: (int(np.argmin(losses)), len(losses) - 1))
early_stopping.mistake("The weights kept are those of the lowest loss so far, not those of the last epoch.")(
    lambda losses, patience: (early_stopping.answer(losses, patience)[1],) * 2
)
early_stopping.mistake("That is the lowest loss; asked for is the number of its epoch.")(
    lambda losses, patience: (
        losses[early_stopping.answer(losses, patience)[0]],
        early_stopping.answer(losses, patience)[1],
    )
)
early_stopping.mistake("Epochs count from 0; here they count from 1.")(
    lambda losses, patience: [epoch + 1 for epoch in early_stopping.answer(losses, patience)]
)
early_stopping.mistake("All bad epochs were counted; a new lowest loss sets the count back to 0.")(counting_all)
early_stopping.mistake("Each loss was compared with the one before; what counts is the lowest so far.")(
    compared_with_the_last
)
early_stopping.mistake("The two have changed places: first the epoch kept, then the last one.")(
    lambda losses, patience: early_stopping.answer(losses, patience)[::-1]
)
early_stopping.hints(
    "Go through the losses with their numbers, and remember the number of the lowest so far.",
    "`epoch - kept` bad epochs in a row have passed. When that reaches patience, this epoch is the last.",
)


@ask("q9", "train", "Train it")
def train(X, y, steps, rate, decay):
    w, b = np.zeros(np.shape(X)[1]), 0.0
    for _ in range(steps):
        error = (probability(X @ w + b) - y) / len(y)
        w, b = (1 - rate * decay) * w - rate * (error @ X), b - rate * np.sum(error)
    return w, float(b)


def lesson(n, d, steps, rate, decay):
    return lambda rng: [some(rng, n, d), labels(rng, n), steps, rate, decay]


def old_weights_for_the_bias(X, y, steps, rate, decay):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        w = w - rate * (X.T @ (probability(X @ w + b) - y) / len(y) + decay * w)
        b = b - rate * np.mean(probability(X @ w + b) - y)
    return w, b


def bias_decays(X, y, steps, rate, decay):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        e = (probability(X @ w + b) - y) / len(y)
        w, b = w - rate * (X.T @ e + decay * w), b - rate * (e.sum() + decay * b)
    return w, b


def summed(X, y, steps, rate, decay):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(steps):
        e = probability(X @ w + b) - y
        w, b = w - rate * (X.T @ e + decay * w), b - rate * e.sum()
    return w, b


train.check("one step", 1, lesson(8, 3, 1, 0.3, 0.2), **FINE)
train.check("sixty steps", 1, lesson(8, 3, 60, 0.3, 0.2), **FINE)
train.check("two hundred steps of twelve weights", 2, lesson(30, 12, 200, 0.2, 0.05), hidden=True, **FINE)
train.mistake("Without decay: the weights do not shrink.")(
    lambda X, y, steps, rate, decay: train.answer(X, y, steps, rate, 0)
)
train.mistake("It climbs: a step goes against the slope.")(
    lambda X, y, steps, rate, decay: train.answer(X, y, steps, -rate, decay)
)
train.mistake("The steps are N times too long: the loss is a mean over the rows.")(summed)
train.mistake("The bias has learned from weights that had already moved: work out all slopes, then step.")(
    old_weights_for_the_bias
)
train.mistake("The bias shrinks as well; only the weights are punished.")(bias_decays)
train.mistake("One step too many.")(lambda X, y, steps, rate, decay: train.answer(X, y, steps + 1, rate, decay))
train.mistake("It stops after one step: is the `return` inside the loop?")(
    lambda X, y, steps, rate, decay: train.answer(X, y, 1, rate, decay)
)
train.mistake("The slope of the penalty is decay · w, without a factor 2.")(
    lambda X, y, steps, rate, decay: train.answer(X, y, steps, rate, 2 * decay)
)
train.hints(
    "Weights and bias start at 0. In each step: all slopes where you are, then weights and bias move against them.",
    "The slopes are those of q6: Xᵀe + λ w and the sum of e, with e = (p - y) / N.",
)


@ask("q10", "choose", "Choose by what is new")
def choose(X_valid, y_valid, decays, W, b):
    z = np.einsum("nd,kd->kn", X_valid, W) + np.reshape(b, (-1, 1))
    losses = np.mean(np.logaddexp(0, np.where(y_valid, -z, z)), axis=1)
    return decays[int(np.argsort(losses)[0])], losses


DECAYS = np.array([0.001, 0.01, 0.03, 0.1, 0.3, 0.9])


def contenders(n):
    """Weights trained by us with each decay, and validation rows on which one of them clearly wins, not the first."""

    def make(rng):
        while True:
            X, y, X_new, y_new = disguised(rng, 0, 45, n)
            X, X_new = (np.round(part, 3) for part in standardise.answer(X.astype(float), X_new.astype(float)))
            trained = [train.answer(X, y, 100, 0.5, decay) for decay in DECAYS]
            W, b = np.round([w for w, _ in trained], 4), np.round([bias for _, bias in trained], 4)
            given = [X_new, y_new, DECAYS, W, b]
            decay, losses = choose.answer(*given)
            lowest, second = np.sort(losses)[:2]
            harmless = np.abs(X_new @ W.T + b).max() < 20  # for whoever takes logarithms of probabilities
            if harmless and second - lowest > 0.003 and decay not in (DECAYS[0], DECAYS[-1]):
                return given

    return make


def judged(X_valid, y_valid, decays, W, b, losses_of):
    losses = losses_of(choose.answer(X_valid, y_valid, decays, W, b)[1])
    return decays[int(np.argmin(losses))], losses


choose.check("six decays, thirty patients", 2, contenders(30))
choose.check("six decays, sixty patients", 2, contenders(60), hidden=True)
choose.mistake("The penalty is in it: it steers the training; a validation loss asks only how right the answers are.")(
    lambda X_valid, y_valid, decays, W, b: judged(
        X_valid, y_valid, decays, W, b, lambda losses: losses + decays / 2 * np.sum(W**2, axis=1)
    )
)
choose.mistake("The one with the largest loss was chosen.")(
    lambda X_valid, y_valid, decays, W, b: (
        decays[int(np.argmax(choose.answer(X_valid, y_valid, decays, W, b)[1]))],
        choose.answer(X_valid, y_valid, decays, W, b)[1],
    )
)
choose.mistake("The losses are right; return the decay itself, not its place in the list.")(
    lambda X_valid, y_valid, decays, W, b: (
        int(np.argmin(choose.answer(X_valid, y_valid, decays, W, b)[1])),
        choose.answer(X_valid, y_valid, decays, W, b)[1],
    )
)
choose.mistake("The losses are right; return the decay that has the lowest, not the lowest loss.")(
    lambda X_valid, y_valid, decays, W, b: (
        np.min(choose.answer(X_valid, y_valid, decays, W, b)[1]),
        choose.answer(X_valid, y_valid, decays, W, b)[1],
    )
)
choose.mistake("These are sums over the patients; a loss is a mean.")(
    lambda X_valid, y_valid, decays, W, b: judged(X_valid, y_valid, decays, W, b, lambda losses: losses * len(y_valid))
)
choose.mistake("These are shares of wrong answers; a loss asks as well how sure the model was.")(
    lambda X_valid, y_valid, decays, W, b: judged(
        X_valid, y_valid, decays, W, b, lambda losses: np.mean(((X_valid @ W.T + b > 0).T != y_valid), axis=1)
    )
)
choose.mistake("The biases are missing.")(
    lambda X_valid, y_valid, decays, W, b: choose.answer(X_valid, y_valid, decays, W, 0 * b)
)
choose.hints(
    "For each row of W and its b: the scores z of the validation rows, and the mean of ln(1 + exp(z)) - y z.",
    "`np.argmin(losses)` is the place of the smallest; `decays[…]` the decay that stands there.",
)


# A model for patients that nobody has seen


def held_out(answer, tables, ignorant, bound):
    losses = []
    for X, y, X_new, y_new in tables:
        p = np.array(answer(X.astype(float), y.copy(), X_new.astype(float)), float)
        if p.shape != y_new.shape:
            raise ValueError(f"expected one probability for each row of X_new, shape {y_new.shape}, received {p.shape}")
        if not np.all((p >= 0) & (p <= 1)):
            raise ValueError("a probability lies between 0 and 1: is there a nan, or a score without its sigmoid?")
        with np.errstate(divide="ignore"):
            losses.append(-np.mean(np.log(np.where(y_new == 1, p, 1 - p))))
    loss = np.mean(losses)
    knowing = 0.95 * ignorant
    return [bool(np.isfinite(loss)), bool(loss < knowing), bool(loss <= min(bound, knowing))]


@ask("q11", "predict", "Stretch: patients that nobody has seen")
def predict(X, y, X_new):
    X, X_new = standardise.answer(X, X_new)
    w, b = train.answer(X, y, *TAMED)
    return probability(X_new @ w + b)


def knows_nothing(X, y, X_new):
    return np.full(len(X_new), np.mean(y))


PLAIN = 1000, 1.0, 0.0  # steps, rate, decay
TAMED = 60, 0.5, 0.03


def loss_when_trained(tables, steps, rate, decay):
    """The mean held-out loss of a model, trained on each of the tables, all at once."""
    scaled = [standardise.answer(rows.astype(float), others.astype(float)) for rows, _, others, _ in tables]
    rows, others = (np.stack(part) for part in zip(*scaled, strict=True))  # (tables, 60, 30), (tables, new, 30)
    kinds, truth = (np.stack([table[part] for table in tables])[..., None] for part in (1, 3))
    w, b = np.zeros((len(tables), rows.shape[2], 1)), np.zeros((len(tables), 1, 1))
    for _ in range(steps):
        error = (probability(rows @ w + b) - kinds) / rows.shape[1]
        slope = rows.transpose(0, 2, 1) @ error + decay * w
        w, b = w - rate * slope, b - rate * error.sum(axis=1, keepdims=True)
    z = others @ w + b
    return float(np.mean(np.logaddexp(0, np.where(truth == 1, -z, z))))


def loss_of_ignorance(tables):
    """The mean held-out loss of the share of ones among the rows to learn from."""
    shares = [(np.mean(kinds), np.mean(truth)) for _, kinds, _, truth in tables]
    return float(np.mean([-np.log(share) * new - np.log(1 - share) * (1 - new) for share, new in shares]))


def unseen(half, count, new, share):
    """Tables, what knowing nothing costs on them, and a bound: a share of what the plain model costs.

    They are drawn until the plain model costs 0.7 of what knowing nothing does, or more: on few tables it may be lucky.
    """

    def make(rng):
        while True:
            tables = [disguised(rng, half, 60, new) for _ in range(count)]
            ignorant, overfitted = loss_of_ignorance(tables), loss_when_trained(tables, *PLAIN)
            if overfitted > 0.7 * ignorant:
                return [tables, ignorant, share * overfitted]

    return make


TOO_NEAR = "Not far enough below the plain model's loss: regularise. More decay, fewer steps, or both."
predict.check(
    "three tables, clearly below the plain model's loss", 1, unseen(0, 3, 100, 0.95), says=TOO_NEAR, call=held_out
)
predict.check(
    "eight unseen tables, clearly below the plain model's loss", 2, unseen(1, 8, 150, 0.95), hidden=True, call=held_out
)
predict.check("eight other unseen tables, in the band", 2, unseen(1, 8, 150, 0.75), hidden=True, call=held_out)
predict.mistake(
    "Somebody got probability 0 for what then was true: that costs infinitely much. Are these classes, not "
    "probabilities, or scores so large (of columns not standardised?) that their sigmoid is 0 or 1?"
)(lambda X, y, X_new: (predict.answer(X, y, X_new) > 0.5) * 1.0)
predict.mistake(
    "Knowing nothing costs hardly more, or less (q3). Either these are not the probabilities of 1 for the rows of "
    "X_new, in their order, or the model is far too sure of itself (regularise), or it has been held back until it "
    "says nearly the same to everybody (less of it)."
)(lambda X, y, X_new: 1 - predict.answer(X, y, X_new))
predict.mistake(TOO_NEAR)(lambda X, y, X_new: 0.94 * np.mean(y) + 0.06 * predict.answer(X, y, X_new))
predict.hints(
    "Standardise with the rows of X, train with some decay, and return sigmoids of the scores of X_new.",
    "How strong a decay, how many steps? Ask your own table: split it, try several, keep what costs least on new rows.",
    "Then train once more on all rows of X with what you have chosen: more rows help as much as any penalty.",
)
