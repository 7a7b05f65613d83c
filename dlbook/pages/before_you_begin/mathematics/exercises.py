"""Checks of the exercises of the page "The mathematics you need"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, call_or_explain, same

check = Exercises()


def cosine(a, b):
    return a @ b / np.sqrt((a @ a) * (b @ b))


COSINE_MISTAKES = (
    (lambda a, b: a @ b, "That is the product itself. Divide it by both lengths."),
    (lambda a, b: a @ b / ((a @ a) * (b @ b)), "You divided by the squares of the lengths: their roots are missing."),
    (lambda a, b: a @ b / np.sqrt(a @ a), "You divided by one length only. The other one counts as well."),
    (lambda a, b: a @ b / np.sqrt(b @ b), "You divided by one length only. The other one counts as well."),
    (lambda a, b: np.arccos(cosine(a, b)), "That is the angle. Its cosine was asked for."),
    (lambda a, b: np.degrees(np.arccos(cosine(a, b))), "That is the angle. Its cosine was asked for."),
    (lambda a, b: a @ b / (np.abs(a).sum() * np.abs(b).sum()), "A length is the root of the sum of *squares*, not the "
     "sum of the sizes."),
    (lambda a, b: a * b / np.sqrt((a @ a) * (b @ b)), "The products of the pairs are not added up."),
    (lambda a, b: a @ b / (a.sum() * b.sum()), "You divided by the sums. A length is the root of the sum of squares."),
    (lambda a, b: a @ b / (len(a) * len(b)), "`len` counts the numbers. The length of the arrow is the root of a · a."),
    (lambda a, b: a @ b / np.sqrt(a @ a) * np.sqrt(b @ b), "`a / b * c` divides by b and *multiplies* by c. Put "
     "brackets around the product of both lengths."),
    (lambda a, b: a @ b / np.sqrt(a @ a + b @ b), "Below the line multiply both lengths; you added their squares."),
    (lambda a, b: 1 - cosine(a, b), "That is 1 minus the cosine. The cosine itself was asked for."),
    (lambda a, b: np.sqrt((a @ a) * (b @ b)), "That is the product of both lengths. Divide a · b by it."),
    (lambda a, b: abs(cosine(a, b)), "The sign is lost: arrows that part have a negative cosine."),
    (lambda a, b: -cosine(a, b), "The sign is turned round."),
    (lambda a, b: a @ b / (np.sqrt(a @ a) + np.sqrt(b @ b)), "Divide by the *product* of both lengths."),
)  # fmt: skip


@check.exercise("0.1a")
def cosine_of_two_arrows(function):
    """a · b / (|a| |b|)."""
    for a, b in (([3.0, -1.0], [1.0, 2.5]), ([1.0, -2.0, 2.0], [-4.0, 1.0, 0.5])):
        a, b = np.array(a), np.array(b)
        usual = [(wrong(a, b), words) for wrong, words in COSINE_MISTAKES]
        same(call(function, a, b), cosine(a, b), f"For {a.tolist()} and {b.tolist()}", usual)
    return "1 means the same way, 0 at right angles, −1 the other way, however long the arrows are."


SHAPE_ANSWERS = (
    ("(5, 3) @ (3, 2)", (5, 2)),
    ("(4,) + (3, 4)", (3, 4)),
    ("(6, 1) - (6,)", (6, 6)),
    ("(2, 7) transposed", (7, 2)),
)
HOW = (
    "Rows meet columns, and the inner number goes.",
    "Write the shapes below each other, from the right.",
    "Write the shapes below each other, from the right.",
    "Transposing turns rows into columns.",
)


@check.exercise("0.1b")
def four_shapes(shapes):
    """Shapes of four results."""
    try:
        given = [tuple(int(n) for n in np.atleast_1d(shape)) for shape in shapes]
    except (TypeError, ValueError):
        raise Mistake("Give four shapes in a list, each in brackets: [(5, 2), …].") from None
    if len(given) != len(SHAPE_ANSWERS):
        raise Mistake(f"There are four results; I received {len(given)} shapes.")
    usual = {
        (0, (5, 3)): "In a product the inner number goes, and both outer ones stay.",
        (0, (3, 2)): "In a product the inner number goes, and both outer ones stay.",
        (0, (2, 5)): "The rows come from the left table, the columns from the right one.",
        (0, (5, 3, 3, 2)): "The inner number is summed over: it is gone.",
        (1, (4,)): "The list is added to each of the three rows, so there are three.",
        (1, (4, 4)): "The list is added to each of the *three* rows.",
        (1, (7, 4)): "Adding puts numbers onto numbers; it does not put tables below each other.",
        (2, (6,)): "A column minus a list: each row of the column meets each number of the list.",
        (2, (6, 1)): "A column minus a list: each row of the column meets each number of the list.",
        (2, (0,)): "The shapes are not the same, (6, 1) and (6,), so nothing is subtracted number by number.",
        (0, (3, 3)): "Each *row* of the left table, and there are five, meets each *column* of the right one: two.",
        (1, (4, 3, 4)): "You put the two shapes one behind the other. Here arrays *of* these shapes are added.",
        (2, (6, 1, 6)): "You put the two shapes one behind the other. Here arrays *of* these shapes are subtracted.",
        (2, (36,)): "36 numbers, yes, but as a table: each row of the column meets each number of the list.",
        (3, (7,)): "Transposing turns rows into columns, and keeps the table a table.",
        (3, (2, 7)): "Transposing turns rows into columns.",
        (3, (14,)): "Transposing turns rows into columns, and keeps the table a table.",
    }
    for i, (got, (text, want)) in enumerate(zip(given, SHAPE_ANSWERS, strict=True)):
        if got != want:
            raise Mistake(f"{text}: {usual.get((i, got), f'it is not {got}. {HOW[i]}')}")
    return "The third is the trap of this book: (6, 1) and (6,) look alike, and give 36 numbers."


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


SLOPE_MISTAKES = (
    (lambda f, x, h: (f(x + h) - f(x)) / h, "That is a step to the right alone. Go one step to each side."),
    (lambda f, x, h: (f(x) - f(x - h)) / h, "That is a step to the left alone. Go one step to each side."),
    (lambda f, x, h: (f(x + h) - f(x - h)) / h, "From x − h to x + h the way is 2h."),
    (lambda f, x, h: f(x + h) - f(x - h), "That is the rise. A slope is the rise divided by the way."),
    (lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h, "`/ 2 * h` divides by 2 and *multiplies* by h. Write `/ (2 * h)`."),
    (lambda f, x, h: f(x + h) - f(x - h) / (2 * h), "Only the second height is divided. Put brackets around the rise."),
    (lambda f, x, h: (f(x + h) - f(x - h)) / 2, "You divided by 2 alone: the way is 2h."),
    (lambda f, x, h: (f(x) - f(x + h)) / h, "Right minus left; and go one step to each side."),
    (lambda f, x, h: (f(x + h) - f(x)) / (2 * h), "Your rise is that of one step, your way that of two."),
    (lambda f, x, h: (f(x + 2 * h) - f(x)) / (2 * h), "You went two steps to the right. Go one to each side."),
    (lambda f, x, h: central(f, x, 1e-5), "Use the h that is given."),
    (
        lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / h**2,
        "That is how fast the slope changes. The slope itself was asked for.",
    ),
    (lambda f, x, h: abs(central(f, x, h)), "The sign is lost: where a curve falls its slope is negative."),
    (lambda f, x, h: -central(f, x, h), "The sign is turned round: right minus left."),
    (lambda f, x, h: (f(x + h) + f(x - h)) / (2 * h), "Take the difference of both heights, not their sum."),
    (lambda f, x, h: (2 * h) / (f(x + h) - f(x - h)), "It is upside down: rise divided by way."),
    (lambda f, x, h: f(x), "That is the height of the curve, not its slope."),
    (lambda f, x, h: (f(x + h / 2) - f(x - h / 2)) / (2 * h), "Half a step to each side makes a way of h, not of 2h."),
)


@check.exercise("0.1c")
def slope_by_two_steps(function):
    """(f(x + h) - f(x - h)) / 2h."""
    cases = ((lambda x: x**3 + x, 1.5, 0.25), (np.exp, 0.4, 0.125), (lambda x: -(x**3), 0.5, 0.25))
    for f, x, h in cases:
        usual = [(wrong(f, x, h), words) for wrong, words in SLOPE_MISTAKES]
        same(call(function, f, x, h), central(f, x, h), f"At x = {x} with h = {h}", usual)
    return "With this you can check every slope in this book."


def gradient(x, y, w):
    return 2 * x.T @ (x @ w - y) / len(y)


GRADIENT_MISTAKES = (
    (lambda x, y, w: x.T @ (x @ w - y) / len(y), "The 2 of the square is missing."),
    (lambda x, y, w: 2 * x.T @ (x @ w - y), "That is the gradient of the *sum*. The mean divides by N."),
    (lambda x, y, w: -gradient(x, y, w), "The sign: the answer x w minus the truth y."),
    (lambda x, y, w: ((x @ w - y) ** 2).mean(), "That is the loss itself. Its slopes by w are asked for."),
    (lambda x, y, w: 2 * (x @ w - y) / len(y), "Those are the slopes by the answers. Each answer hangs on w by x: "
     "multiply from the left with x transposed."),
    (lambda x, y, w: 2 * (x @ w - y).mean() * x.mean(0), "You took means first. Each example’s error goes with that "
     "example’s x; only then the mean."),
    (lambda x, y, w: x.T @ (x @ w - y), "The 2 of the square is missing, and the mean divides by N."),
    (lambda x, y, w: -2 * x.T @ (x @ w - y), "The sign: the answer x w minus the truth y; and the mean divides by N."),
    (lambda x, y, w: 2 * x.T @ (x @ w - y) / len(w), "You divided by the number of weights. The mean is over the "
     "examples."),
    (lambda x, y, w: 2 * (x @ w - y), "Those are the slopes by the answers, not yet by w: multiply from the left with "
     "x transposed; and the mean divides by N."),
    (lambda x, y, w: 2 * (x.T @ (x @ w - y)).mean(), "You took the mean over the weights. Each keeps a slope of its "
     "own; the mean is over the examples."),
    (lambda x, y, w: 2 * x.T * (x @ w - y), "`*` multiplies number by number. `@` multiplies and adds up; and the mean "
     "divides by N."),
    (lambda x, y, w: 2 * x.T * (x @ w - y) / len(y), "`*` multiplies number by number. `@` multiplies and adds up."),
    (lambda x, y, w: (2 * (x @ w - y)[:, None] * x).mean(1), "You took the mean over the wrong axis: over the "
     "examples, axis 0."),
    (lambda x, y, w: gradient(x, y, w)[:, None], "The slopes are right, but stand in a column (D, 1): give a list."),
    (lambda x, y, w: 2 * x.T @ (x @ w - y) ** 2 / len(y), "The slope of a square is twice the error, not twice its "
     "square."),
    (lambda x, y, w: 2 * x.T @ (x @ w - y) / x.size, "Divide by the number of examples, not of all entries of x."),
    (lambda x, y, w: 2 * x * (x @ w - y)[:, None] / len(y), "The sum over the examples is missing: one slope for each "
     "weight is asked for."),
    (lambda x, y, w: 2 * x.T @ (x @ w) / len(y), "The truth y is missing from the error."),
    (lambda x, y, w: 2 * x.T @ np.abs(x @ w - y) / len(y), "The error keeps its sign."),
)  # fmt: skip


@check.exercise("0.1d")
def gradient_of_a_mean_square(function):
    """2 Xᵀ(Xw - y) / N."""
    rng = np.random.default_rng(0)
    for n, d in ((5, 3), (4, 2)):
        x, y, w = rng.normal(size=(n, d)).round(1), rng.normal(size=n).round(1), rng.normal(size=d).round(1)
        usual = [(wrong(x, y, w), words) for wrong, words in GRADIENT_MISTAKES]
        words = "Shapes: x is (N, D), so x transposed is (D, N), and the errors are (N)."
        got = call_or_explain(function, x, y, w, phrase="matmul", words=words)
        same(as_array(got, "The gradient"), gradient(x, y, w), f"For x of shape ({n}, {d})", usual)
    return "Go downhill along it, and a linear model learns. Other losses put something else in the error’s place."
