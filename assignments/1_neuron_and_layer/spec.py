# ruff: noqa: N803, N806  (matrices have capital letters)
"""Assignment 1: what is asked, what is right, what usually goes wrong."""

import numpy as np

from dlbook.grade.spec import Assignment

assignment = Assignment("Neuron and layer", minutes=70)
ask = assignment.question


def some(rng, *shape):
    """Numbers with one decimal, none of them zero, so that a forgotten term always shows."""
    return rng.choice([-1, 1], shape) * rng.integers(2, 20, shape) / 10


def exact(rng, *shape):
    """Eighths, none of them zero: their sums and products are exact in whatever order, so 0 is 0 for everybody."""
    return rng.choice([-1, 1], shape) * rng.integers(2, 20, shape) / 8


def three_inputs(rng):
    return {"x": some(rng, 3), "w": some(rng, 3), "b": float(some(rng))}


@ask("q1", "z_q1", "One neuron, by hand", constants=three_inputs)
def hand_sum(x, w, b):
    return np.dot(w, x) + b


hand_sum.check("the weighted sum of your three inputs", 2, says="Multiply pair by pair, add the three products.")
hand_sum.mistake("That is the weighted sum alone: what is still to be added?")(lambda x, w, b: np.dot(w, x))
hand_sum.mistake("The bias is added, not taken away.")(lambda x, w, b: np.dot(w, x) - b)
hand_sum.mistake("These are inputs and bias; the weights are missing.")(lambda x, w, b: np.sum(x) + b)
hand_sum.hints(
    "Three products, one for each input, and one more number.",
    "With x = [1, 2], w = [3, 4], b = 5 it would be 3·1 + 4·2 + 5 = 16.",
)


@ask("q2", "neuron", "One neuron, in code")
def neuron(x, w, b):
    return float(np.dot(w, x) + b)


neuron.check("three inputs", 1, lambda rng: [some(rng, 3), some(rng, 3), float(some(rng))])
neuron.check("a hundred inputs at once", 2, lambda rng: [some(rng, 100), some(rng, 100), 0.7], hidden=True)
neuron.mistake("The bias is missing.")(lambda x, w, b: np.dot(w, x))
neuron.mistake("The products are there, but they have not been added up.")(lambda x, w, b: w * x + b)
neuron.mistake("The bias was added once for every input; it belongs to the neuron, so once.")(
    lambda x, w, b: np.sum(w * x + b)
)
neuron.hints(
    "The same as in q1, for any number of inputs.",
    "NumPy multiplies arrays pair by pair with `*`, and adds up what is in one with `.sum()`; `@` does both.",
)


@ask("q3", "fires", "A threshold")
def fires(X, w, b):
    return np.array([1 if np.dot(row, w) > -b else 0 for row in X])


def exactly_on_the_line(rng):
    """Four examples in any order: two on the line, one above it, one below."""
    w = np.abs(exact(rng, 2))
    on, above = np.abs(exact(rng, 2)), np.abs(exact(rng, 2))
    X = np.array([on, on + [w[1], -w[0]], on + above, on - above])
    return [rng.permutation(X), w, -float(on @ w)]


def half_of_them(n, d):
    """Examples of which half fire, and all or none would if the bias were forgotten."""

    def make(rng):
        side = rng.choice([-1.0, 1.0])
        X, w = np.abs(exact(rng, n, d)), side * np.abs(exact(rng, d))
        return [X, w, -float(np.median(X @ w))]

    return make


fires.check("eight examples", 1, half_of_them(8, 3))
fires.check("a sum of exactly zero does not fire", 1, exactly_on_the_line)
fires.check("forty unseen rows", 1, half_of_them(40, 4), hidden=True)
fires.mistake("A sum of exactly 0 does not fire: is it `>=` where it should be `>`?")(
    lambda X, w, b: (X @ w + b >= 0) * 1
)
fires.mistake("The bias is missing, so the threshold is always at 0.")(lambda X, w, b: (X @ w > 0) * 1)
fires.mistake("Zeros and ones have changed places.")(lambda X, w, b: (X @ w + b <= 0) * 1)
fires.mistake("This is the sum itself; the neuron answers only 0 or 1.")(lambda X, w, b: X @ w + b)
fires.hints(
    "`X @ w` gives the weighted sum of every row at once, shape (N,).",
    "Compare the sums with 0; the comparison gives True and False. `.astype(int)` makes 1 and 0 of them.",
)


def two_inputs(rng):
    return {"v1": float(some(rng)), "v2": round(float(some(rng)) + 3.05, 2), "c": float(some(rng))}


@ask("q4", "crossing_q4", "Where the neuron changes its mind", constants=two_inputs)
def crossing(v1, v2, c):
    return -c / v1


crossing.check("the place where the line meets the first axis", 2, says="On that axis, x2 is 0 and so is the sum.")
crossing.mistake("The sign: solve v1·x1 + c = 0 once more.")(lambda v1, v2, c: c / v1)
crossing.mistake("That is where it meets the second axis.")(lambda v1, v2, c: -c / v2)
crossing.mistake("Upside down: it is the bias that is divided.")(lambda v1, v2, c: -v1 / c)
crossing.hints(
    "On the line the weighted sum is exactly 0.",
    "On the first axis x2 = 0, so v2 plays no part. What is left is an equation with one unknown.",
)

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def truth_table(answer, corners):
    if len(answer) != 3:
        raise ValueError("it takes three numbers, [w1, w2, b]")
    w1, w2, b = [float(number) for number in answer]
    return (corners @ np.array([w1, w2]) + b > 0).astype(int)


both = ask("q5", "and_neuron", "A neuron that means AND")([1.0, 1.0, -1.5])
both.check("fires only when both inputs are 1", 3, lambda rng: [CORNERS], call=truth_table)
both.mistake("This is OR: it fires when either input is 1. Which part decides how much is needed?")([1.0, 1.0, -0.5])
both.mistake("It never fires: the threshold is too high for two inputs.")([1.0, 1.0, -5.0])
both.mistake("It always fires: the threshold is too low.")([1.0, 1.0, 5.0])
both.mistake("This is the opposite (NAND): change all the signs.")([-1.0, -1.0, 1.5])
both.mistake("It fires when both are 0 as well, or never cares about one of the inputs.")([0.0, 1.0, -0.5])
both.hints(
    "Start with both weights at 1. What are the four weighted sums?",
    "The sums are 0, 1, 1, 2. Choose the bias so that only the last one ends up above 0.",
)


@ask("q6", "layer", "A layer")
def layer(X, W, b):
    return np.array([[np.dot(unit, row) + bias for unit, bias in zip(W, b, strict=True)] for row in X])


def batch(rng, n, d, k):
    return [some(rng, n, d), some(rng, k, d), some(rng, k)]


layer.check("five examples, three inputs, two units", 1, lambda rng: batch(rng, 5, 3, 2))
layer.check("as many units as inputs", 1, lambda rng: batch(rng, 4, 3, 3))
layer.check("as many examples as units", 1, lambda rng: batch(rng, 4, 2, 4), hidden=True)
layer.check("one single example in a batch", 1, lambda rng: batch(rng, 1, 6, 3), hidden=True)
layer.mistake("The weights were used without a transpose: row k of W belongs to unit k.")(lambda X, W, b: X @ W + b)
layer.mistake("The biases are missing.")(lambda X, W, b: X @ W.T)
layer.mistake("The bias went to the examples; it belongs to the units, one for each column of the result.")(
    lambda X, W, b: X @ W.T + b[:, None]
)
layer.mistake("Units and examples have changed places: examples go down, units across.")(
    lambda X, W, b: (X @ W.T + b).T
)
layer.hints(
    "Think in shapes: X is (N, D), W is (K, D), the result is (N, K).",
    "`A @ B` needs the last axis of A to be as long as the first of B. Which transpose makes that so?",
    "NumPy adds an array of shape (K,) to each row of an array of shape (N, K) by itself.",
)


@ask("q7", "count_parameters", "How many numbers are to be learned?")
def count_parameters(sizes):
    return int(sum((before + 1) * after for before, after in zip(sizes, sizes[1:], strict=False)))


count_parameters.check("one layer", 1, lambda rng: [(rng.permutation(12)[:2] + 2).tolist()])
count_parameters.check("a deep one", 1, lambda rng: [rng.integers(2, 12, 4).tolist()])
count_parameters.check("unseen sizes", 1, lambda rng: [rng.integers(2, 40, 6).tolist()], hidden=True)
count_parameters.mistake("Every unit has a bias as well.")(
    lambda sizes: sum(a * b for a, b in zip(sizes, sizes[1:], strict=False))
)
count_parameters.mistake("The inputs are not units: they have no bias and nothing to learn.")(
    lambda sizes: sum(a * b for a, b in zip(sizes, sizes[1:], strict=False)) + sum(sizes)
)
count_parameters.mistake("One bias for each layer is too few: it is one for each unit.")(
    lambda sizes: sum(a * b + 1 for a, b in zip(sizes, sizes[1:], strict=False))
)
count_parameters.mistake("These are units; the numbers to be learned sit on the lines between them.")(
    lambda sizes: sum(sizes)
)
count_parameters.hints(
    "Draw [3, 5]: how many lines are there, and how many biases?",
    "`zip(sizes, sizes[1:])` gives the pairs (inputs of a layer, units of that layer).",
)


@ask("q8", "forward", "Layers in a row")
def forward(X, layers):
    for i, (W, b) in enumerate(layers):
        X = np.clip(X, 0 if i else -np.inf, None) @ np.transpose(W) + b
    return X


def stack(rng, n, *sizes):
    pairs = zip(sizes, sizes[1:], strict=False)
    return [some(rng, n, sizes[0]), [[some(rng, k, d), some(rng, k)] for d, k in pairs]]


def every_relu(X, layers):
    for W, b in layers:
        X = np.maximum(X @ W.T + b, 0.0)
    return X


def no_relu(X, layers):
    for W, b in layers:
        X = X @ W.T + b
    return X


forward.check("two layers", 2, lambda rng: stack(rng, 6, 3, 4, 2))
forward.check("a single layer has no ReLU at all", 1, lambda rng: stack(rng, 6, 3, 2))
forward.check("five layers unseen", 2, lambda rng: stack(rng, 8, 4, 5, 5, 5, 5, 3), hidden=True)
forward.mistake("After the last layer there is no ReLU: a score may be negative.")(every_relu)
forward.mistake("Between the layers there must be a ReLU; without it they are one straight layer.")(no_relu)
forward.hints(
    "A loop over the layers; each takes what the one before has given.",
    "ReLU is `np.maximum(h, 0)`. It stands between two layers, so there is one fewer than there are layers.",
)


@ask("q9", "perceptron_step", "A perceptron learns from one mistake")
def perceptron_step(w, b, x, t):
    error = t - (1 if np.dot(w, x) + b > 0 else 0)
    return w + error * x, b + error


def taught(t, wrong):
    """Inputs on which the neuron is wrong, or right."""

    def make(rng):
        w, x = some(rng, 3), some(rng, 3)
        side = 1 if (t == 0) == wrong else -1  # the sign that the sum must have
        return [w, float(side * 0.5 - np.dot(w, x)), x, t]

    return make


def pushed_the_wrong_way(w, b, x, t):
    miss = (np.dot(w, x) + b > 0) * 1 - t
    return w + miss * x, b + miss


def always_moves(w, b, x, t):
    direction = 2 * t - 1
    return w + direction * x, b + direction


perceptron_step.check("it should have fired and did not", 1, taught(1, True))
perceptron_step.check("it fired and should not have", 1, taught(0, True))
perceptron_step.check("it was right: nothing changes", 1, taught(1, False))
perceptron_step.check("right about silence", 1, taught(0, False), hidden=True)
perceptron_step.check("a second mistake unseen", 1, taught(0, True), hidden=True)
perceptron_step.mistake("It moved away from the answer: the error is t minus the output, not the reverse.")(
    pushed_the_wrong_way
)
perceptron_step.mistake("It was right and was changed all the same.")(always_moves)
perceptron_step.mistake("The weights moved and the bias did not: the bias learns too.")(
    lambda w, b, x, t: (w + (t - (np.dot(w, x) + b > 0)) * x, b)
)
perceptron_step.mistake("It was wrong, and nothing has changed: is the new w returned, or the old one?")(
    lambda w, b, x, t: (w, b)
)
perceptron_step.hints(
    "Work out the output y first, 0 or 1. The error t - y is then 1, 0 or -1.",
    "The input of the bias is always 1, so the bias moves by the error itself.",
    "`w += …` changes the array that was handed in. `w = w + …` makes a new one.",
)


@ask("q10", "train_perceptron", "Until it makes no mistake")
def train_perceptron(X, t, epochs):
    w, b = np.zeros(np.shape(X)[1]), 0.0
    for _ in range(epochs):
        for row, target in zip(X, t, strict=True):
            error = target - (np.dot(w, row) + b > 0)
            w, b = w + error * row, b + error
    return w, float(b)


def separable(rng, n=30, d=2):
    w, points = exact(rng, d), exact(rng, 4 * n, d)
    sums = points @ w + 0.25
    points = points[np.abs(sums) > 0.3][:n]
    return points, (points @ w + 0.25 > 0).astype(int)


def lessons(epochs, d=2):
    return lambda rng: [*separable(rng, d=d), epochs]


def one_epoch_only(X, t, epochs):
    return train_perceptron.answer(X, t, 1)


def all_at_once(X, t, epochs):
    w, b = np.zeros(X.shape[1]), 0.0
    for _ in range(epochs):
        errors = t - (X @ w + b > 0)
        w, b = w + errors @ X, b + errors.sum()
    return w, b


def lesson_of_and(rng):
    """The four corners in any order, stretched by a number that is exact."""
    order, scale, rounds = rng.permutation(4), rng.integers(2, 20) / 8, int(rng.integers(6, 15))
    return [CORNERS[order] * scale, (order == 3).astype(int), rounds]


train_perceptron.check("the four corners of AND, in some order", 1, lesson_of_and)
train_perceptron.check("two inputs, two rounds", 1, lessons(2))
train_perceptron.check("five inputs, twenty rounds", 2, lessons(20, d=5), hidden=True)
train_perceptron.mistake("It stops after the first round through the examples.")(one_epoch_only)
train_perceptron.mistake("The examples were judged all together; a perceptron moves after each one, in order.")(
    all_at_once
)
train_perceptron.hints(
    "Two loops, one inside the other: rounds, and in each round the examples in their order.",
    "Start at zeros; call your `perceptron_step` for each example and keep what it returns.",
)


def xor_table(answer, corners):
    (W1, b1), (W2, b2) = answer
    hidden = np.maximum(corners @ np.asarray(W1, float).T + np.asarray(b1, float), 0)
    scores = hidden @ np.asarray(W2, float).T + np.asarray(b2, float)
    return (scores.reshape(4) > 0).astype(int)


XOR = [(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0.0, -1.0])), (np.array([[1.0, -2.0]]), np.array([-0.5]))]
NEITHER = [(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0.0, -1.0])), (np.array([[1.0, 0.0]]), np.array([-0.5]))]
xor = ask("q11", "xor_layers", "Stretch: what one neuron cannot do")(XOR)
xor.check("fires when exactly one input is 1", 6, lambda rng: [CORNERS], call=xor_table)
xor.mistake("This is OR: for (1, 1) it must be silent. What could the second hidden unit take away?")(NEITHER)
xor.mistake("It never fires.")([XOR[0], (np.array([[0.0, 0.0]]), np.array([-1.0]))])
xor.mistake("It always fires.")([XOR[0], (np.array([[0.0, 0.0]]), np.array([1.0]))])
xor.hints(
    "Let the first hidden unit add the inputs: on the four corners it gives 0, 1, 1, 2.",
    "Let the second hidden unit be above 0 only at (1, 1).",
    "The output adds the first and takes away enough of the second to sink below 0 at (1, 1).",
)
