# ruff: noqa: N803, N806  (matrices have capital letters)
"""Assignment 2: what is asked, what is right, what usually goes wrong."""

import numpy as np

from dlbook.grade.spec import Assignment

assignment = Assignment("Activations and softmax", minutes=80)
ask = assignment.question


def scores(rng, *shape):
    return np.round(rng.normal(0, 2, shape), 2)


def one(*shape):
    """A function that makes one array of scores."""
    return lambda rng: [scores(rng, *shape)]


@ask("q1", "relu", "ReLU")
def relu(z):
    return np.where(np.asarray(z) > 0, z, 0.0)


relu.check("positive and negative scores", 1, one(6))
relu.check("a whole batch, left as it was", 1, one(4, 5))
relu.check("three axes", 1, one(2, 3, 4), hidden=True)
relu.mistake("Negative numbers become 0, not positive.")(lambda z: np.abs(z))
relu.mistake("This keeps what is negative; ReLU keeps what is positive.")(lambda z: np.minimum(z, 0))
relu.mistake("This says only where z is positive: 0 or 1. ReLU gives z itself there.")(lambda z: (z > 0) * 1.0)
relu.mistake("The positive numbers changed too: was the largest of all taken?")(lambda z: np.max(z, initial=0))
relu.hints(
    "Of z and 0, the larger one, for each number on its own.",
    "`np.max` looks for the one largest; `np.maximum` compares.",
)


@ask("q2", "leaky_relu", "Leaky ReLU")
def leaky_relu(z, slope=0.01):
    return z * np.where(np.asarray(z) > 0, 1.0, slope)


leaky_relu.check("with a slope of 0.1", 1, lambda rng: [scores(rng, 5), 0.1])
leaky_relu.check("without naming a slope", 1, one(5))
leaky_relu.check("a batch, another slope", 1, lambda rng: [scores(rng, 3, 4), 0.25], hidden=True)
leaky_relu.mistake("This is the plain ReLU: below 0 a little must come through.")(lambda z, slope=0: z * (z > 0))
leaky_relu.mistake("The slope belongs to the negative side.")(lambda z, slope=0.01: np.where(z < 0, z, slope * z))
leaky_relu.mistake("The slope is to be multiplied with z, not put in its place.")(
    lambda z, slope=0.01: np.where(z > 0, z, slope)
)
leaky_relu.mistake("Below 0 the result must stay negative.")(lambda z, slope=0.01: np.where(z > 0, z, -slope * z))
leaky_relu.hints("`np.where(condition, a, b)` takes from a where the condition is true, else from b.")


@ask("q3", "sigmoid", "The sigmoid, safely")
def sigmoid(z):
    return 0.5 * (1.0 + np.tanh(0.5 * np.asarray(z)))


sigmoid.check("a few scores", 1, one(5))
sigmoid.check("scores as large as 1000", 1, lambda rng: [rng.permutation([-1000, -50, 0, 50, 1000]) + scores(rng, 5)])
sigmoid.check("a batch far from zero", 2, lambda rng: [scores(rng, 4, 3) * 400], hidden=True)
sigmoid.mistake(
    "For large scores this is inf divided by inf. On which side of 0 is exp(z) harmless, on which exp(-z)?"
)(lambda z: np.exp(z) / (1 + np.exp(z)))
sigmoid.mistake("Upside down: large scores must give nearly 1. It is exp(-z) below the line.")(
    lambda z: 0.5 - 0.5 * np.tanh(z / 2)
)
sigmoid.mistake("This is tanh: it runs from -1 to 1, the sigmoid from 0 to 1.")(lambda z: np.tanh(z))
sigmoid.mistake("Everything was divided by one sum. That is softmax; a sigmoid looks at each score alone.")(
    lambda z: np.exp(z - np.max(z)) / np.exp(z - np.max(z)).sum()
)
sigmoid.rule("between 0 and 1", "A sigmoid lies between 0 and 1; yours does not.")
sigmoid.hints(
    "1 / (1 + exp(-z)) is right for moderate scores.",
    "exp(-z) runs over when z is very negative. There, exp(z) / (1 + exp(z)) is the same number and harmless.",
    "exp(-abs(z)) never runs over: use it in both formulas and choose with `np.where(z >= 0, …, …)`.",
)


@ask("q4", "slopes", "Three slopes")
def slopes(z):
    s = sigmoid.answer(z)
    return s - s**2, 1 / np.cosh(z) ** 2, np.heaviside(z, 0.0)


def first(answer, z):
    return answer(z)[0]


def second(answer, z):
    return answer(z)[1]


def third(answer, z):
    return answer(z)[2]


slopes.check("of the sigmoid", 1, one(5), call=first)
slopes.check("of tanh", 1, one(5), call=second)
slopes.check("of ReLU", 1, one(5), call=third)
slopes.check("all three, on a batch", 1, one(3, 4), hidden=True)
slopes.mistake("These are the functions; asked for are their slopes.")(
    lambda z: (sigmoid.answer(z), np.tanh(z), np.maximum(z, 0))
)
slopes.mistake("Nearly: s(1 - s) and 1 - tanh² need s = sigmoid(z) and tanh(z), not z itself.")(
    lambda z: (z * (1 - z), 1 - z**2, z > 0)
)
slopes.mistake("The square is missing, or is in the wrong place.")(
    lambda z: (sigmoid.answer(z) * (1 - sigmoid.answer(z)) ** 2, 1 - np.tanh(z), z >= 0)
)
slopes.hints(
    "With s = sigmoid(z) the slope is s(1 - s); with t = tanh(z) it is 1 - t².",
    "ReLU rises by 1 for each 1 where z is positive; elsewhere it is flat.",
)


def a_place(rng):
    return {"z0": float(rng.integers(10, 21)) / 10, "z1": float(rng.integers(28, 41)) / 10}


@ask("q5", "p_q5", "Two classes, by hand", constants=a_place)
def two_classes(z0, z1):
    return np.exp(z1) / (np.exp(z0) + np.exp(z1))


two_classes.check(
    "the probability of class 1", 2, rtol=0, atol=0.0051, says="Softmax of two scores; a calculator will do."
)
two_classes.mistake("That is the probability of class 0.")(lambda z0, z1: 1 / (1 + np.exp(z1 - z0)))
two_classes.mistake("That is a share of the scores themselves: the exp is missing.")(lambda z0, z1: z1 / (z0 + z1))
two_classes.mistake("That is the sigmoid of z1 alone; z0 plays a part as well.")(lambda z0, z1: 1 / (1 + np.exp(-z1)))
two_classes.hints(
    "Softmax: exp(z1), divided by exp(z0) + exp(z1).",
    "Divide above and below by exp(z1), and a sigmoid appears. Of what?",
)


@ask("q6", "collapse", "Without a bend, one layer")
def collapse(layers):
    size = np.shape(layers[0][0])[1]

    def through(x):
        for W, b in layers:
            x = W @ x + b
        return x

    bias = through(np.zeros(size))
    return np.stack([through(column) - bias for column in np.eye(size)], axis=1), bias


def linear(*sizes):
    def make(rng):
        pairs = zip(sizes, sizes[1:], strict=False)
        return [[[scores(rng, k, d), scores(rng, k)] for d, k in pairs]]

    return make


def wrong_order(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = W @ V, V @ b + c
    return W, b


def biases_added(layers):
    W, b = layers[0]
    for V, c in layers[1:]:
        W, b = V @ W, b + c
    return W, b


collapse.check("two layers, three wide", 2, linear(3, 3, 3))
collapse.check("four layers of different width", 2, linear(3, 5, 4, 4, 2), hidden=True)
collapse.mistake("The order: the first layer works first, so its matrix stands on the right.")(wrong_order)
collapse.mistake("The biases of the first layer go through the weights of the second; they are not just added up.")(
    biases_added
)
collapse.mistake("The biases of the early layers got lost.")(lambda layers: (collapse.answer(layers)[0], layers[-1][1]))
collapse.hints(
    "Two layers: W2 (W1 x + b1) + b2. Multiply out.",
    "That is (W2 W1) x + (W2 b1 + b2). Go on with the pair so found, one layer after the other.",
)


@ask("q7", "dead_units", "Dead units")
def dead_units(H):
    return int(H.shape[1] - np.count_nonzero(np.abs(H).sum(axis=0)))


def hidden_layer(rng, n, width):
    H = np.maximum(scores(rng, n, width), 0)
    H[:, rng.choice(width, width // 3, replace=False)] = 0
    H[0] = 0
    return [H]


dead_units.check("a batch of six", 1, lambda rng: hidden_layer(rng, 6, 7))
dead_units.check("a layer of a hundred", 2, lambda rng: hidden_layer(rng, 20, 100), hidden=True)
dead_units.mistake("These are all the zeros; a unit is dead only if it is 0 for every example.")(
    lambda H: (H == 0).sum()
)
dead_units.mistake("Those are examples for which everything is 0: units are columns, so look along axis 0.")(
    lambda H: (H == 0).all(axis=1).sum()
)
dead_units.mistake("Those are the units that are 0 for at least one example.")(lambda H: (H == 0).any(axis=0).sum())
dead_units.mistake("Those are the living ones.")(lambda H: (H > 0).any(axis=0).sum())
dead_units.hints("`(H == 0)` is True where a unit is silent.", "`.all(axis=0)` asks for each column whether all are.")


@ask("q8", "softmax", "Softmax over rows")
def softmax(z):
    e = np.exp(np.subtract(z, np.amax(z, axis=-1)[..., None]))
    return e / np.einsum("nk->n", e)[:, None]


def apart(rng):
    return [scores(rng, 4, 3) + np.array([[0.0], [1000.0], [-1000.0], [400.0]])]


def by_one_maximum(z):
    e = np.exp(z - np.max(z))
    return e / e.sum(axis=1, keepdims=True)


softmax.check("four rows of three scores", 1, one(4, 3))
softmax.check("as many rows as columns", 1, one(3, 3))
softmax.check("scores in the thousands", 2, lambda rng: [scores(rng, 3, 4) + 1000])
softmax.check(
    "rows far apart from each other", 2, apart, hidden=True, says="Some rows go wrong when others are far larger."
)
softmax.mistake("The rows do not sum to 1, the columns do: was the sum taken over axis 0?")(
    lambda z: np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=0)
)
softmax.mistake("All numbers together sum to 1; each row must, on its own.")(
    lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()
)
softmax.mistake(
    "exp of a thousand runs over. What may be taken from every score of a row without changing the result?"
)(lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
softmax.mistake("One maximum for the whole batch is not enough: rows far below it become 0 / 0. Each row has its own.")(
    by_one_maximum
)
softmax.mistake("The exp is missing: this is each score as a share of its row.")(
    lambda z: z / z.sum(axis=1, keepdims=True)
)
softmax.mistake("This is a sigmoid of each score; the scores of a row must compete.")(lambda z: sigmoid.answer(z))
softmax.rule("rows sum to 1", "The rows do not sum to 1.")
softmax.hints(
    "exp of every score, divided by the sum over its row.",
    "`sum(axis=1, keepdims=True)` gives shape (N, 1), which fits under shape (N, K).",
    "softmax(z) = softmax(z - c) for any number c of a row. With c the largest of the row, no exp can run over.",
)


@ask("q9", "softmax_at", "Temperature")
def softmax_at(z, temperature):
    return softmax.answer(np.divide(z, temperature))


softmax_at.check("colder: 0.5", 1, lambda rng: [scores(rng, 3, 4), 0.5])
softmax_at.check("hotter: 10", 1, lambda rng: [scores(rng, 3, 4), 10.0])
softmax_at.check("nearly frozen", 1, lambda rng: [scores(rng, 5, 4), 0.001], hidden=True)
softmax_at.mistake("A high temperature must make the classes more alike; here it does the opposite. Divide.")(
    lambda z, temperature: softmax.answer(np.asarray(z) * temperature)
)
softmax_at.mistake("The scores are divided before the softmax, not the probabilities after it.")(
    lambda z, temperature: softmax.answer(z) / temperature
)
softmax_at.mistake("The temperature has no effect.")(lambda z, temperature: softmax.answer(z))
softmax_at.rule("rows sum to 1", "The rows do not sum to 1.")
softmax_at.hints("One line, with your softmax: what happens to the scores before it?")


@ask("q10", "pick", "How surprised was it?")
def pick(p, t):
    return np.array([-np.log2(row[k]) for row, k in zip(p, t, strict=True)])


def beliefs(n, k):
    return lambda rng: [softmax.answer(scores(rng, n, k)), rng.integers(0, k, n)]


pick.check("four examples of three classes", 1, beliefs(4, 3))
pick.check("as many examples as classes", 1, beliefs(4, 4))
pick.check("forty examples", 1, beliefs(40, 6), hidden=True)
pick.mistake("These are nats: the logarithm must be the one to base 2.")(lambda p, t: -np.log(p[np.arange(len(t)), t]))
pick.mistake("The sign: a surprise is never negative.")(lambda p, t: np.log2(p[np.arange(len(t)), t]))
pick.mistake("`p[:, t]` picks whole columns; from each row only the one entry of its class is wanted.")(
    lambda p, t: -np.log2(p[:, t])
)
pick.mistake("That is the surprise about the likeliest class; the right one is t.")(
    lambda p, t: -np.log2(p.max(axis=1))
)
pick.rule("not negative", "A surprise is never negative.")
pick.hints("p[n, t[n]] for n = 0, 1, 2, …", "`p[np.arange(len(t)), t]` picks one entry from each row.")


@ask("q11", "log_softmax", "Stretch: the logarithm, safely")
def log_softmax(z):
    return z - np.logaddexp.reduce(z, axis=1)[:, None]


def log_of_softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.log(e / e.sum(axis=1, keepdims=True))


log_softmax.check("four rows of three scores", 1, one(4, 3))
log_softmax.check("one class a thousand ahead", 2, lambda rng: [scores(rng, 2, 3) + [[0, 1000, 3], [-1000, 0, 1]]])
log_softmax.check(
    "all scores in the thousands",
    2,
    lambda rng: [scores(rng, 5, 4) * 900 + 3000],
    hidden=True,
    says="For large scores it goes wrong.",
)
log_softmax.mistake("The logarithm of a probability that has become 0 is -inf. Take the logarithm on paper first.")(
    log_of_softmax
)
log_softmax.mistake("exp of a thousand runs over: take the largest score of each row away first.")(
    lambda z: z - np.log(np.exp(z).sum(axis=1, keepdims=True))
)
log_softmax.mistake("The largest score was taken away inside the logarithm and never given back.")(
    lambda z: z - np.log(np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))
)
log_softmax.hints(
    "log(a / b) = log a - log b, and log(exp(z)) = z.",
    "So the result is z minus the logarithm of the sum of the exps. Only that sum can still run over.",
    "With m the largest of the row: log Σ exp(z) = m + log Σ exp(z - m).",
)
