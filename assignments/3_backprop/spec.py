# ruff: noqa: N803, N806  (matrices have capital letters)
"""Assignment 3: what is asked, what is right, what usually goes wrong."""

import numpy as np

from dlbook.grade.recipe import here as there
from dlbook.grade.spec import Assignment

assignment = Assignment("Backprop, by hand and by engine", minutes=90)
ask = assignment.question


def some(rng, *shape):
    return np.round(rng.normal(0, 1, shape), 2)


class Value:
    """The same as in the notebook, for our own answers."""

    def __init__(self, data, parents=(), pull=None):
        self.data, self.parents, self.pull = np.asarray(data, dtype=float), parents, pull
        self.grad = np.zeros_like(self.data)


# By hand


def one_neuron(rng):
    x, w = rng.permutation([2, 3, 4, 5])[:2]
    b = rng.integers(1, 4)
    return {"x": int(x), "w": int(w), "b": int(b), "t": int(x * w + b - rng.choice([-3, -2, 2, 3]))}


@ask("q1", "grads_q1", "The chain rule, by hand", constants=one_neuron)
def chain(x, w, b, t):
    e = w * x + b - t
    return [2.0 * e * x, 2.0 * e]


chain.check("the slopes of the loss for w and for b", 2, says="Outer slope times inner slope, one for w and one for b.")
chain.mistake("The factor 2, from the square, is missing.")(lambda x, w, b, t: [(w * x + b - t) * x, (w * x + b - t)])
chain.mistake("The slope for w also has the slope of w·x in it, which is x.")(
    lambda x, w, b, t: [2 * (w * x + b - t), 2 * (w * x + b - t)]
)
chain.mistake("The sign: the error is the output minus the target.")(
    lambda x, w, b, t: [-2 * (w * x + b - t) * x, -2 * (w * x + b - t)]
)
chain.mistake("The slope of w·x for w is x, not w.")(lambda x, w, b, t: [2 * (w * x + b - t) * w, 2 * (w * x + b - t)])
chain.hints(
    "Three steps: z = w·x + b, e = z - t, loss = e². What is the slope of each?",
    "d loss / de = 2e, de / dz = 1, dz / dw = x, dz / db = 1. Multiply along the way.",
)


def two_numbers(rng):
    return {"p": int(rng.integers(3, 7)), "q": int(rng.integers(8, 12))}


@ask("q2", "grad_q2", "Two ways from p to L", constants=two_numbers)
def two_ways(p, q):
    return float(q + 2 * p)


two_ways.check("the slope of L for p", 2, says="Add what comes along every way from p to L.")
two_ways.mistake("That is only the way through p·q; p also reaches L through p².")(lambda p, q: q)
two_ways.mistake("That is only the way through p²; p also reaches L through p·q.")(lambda p, q: 2 * p)
two_ways.mistake("The two ways are added, not multiplied.")(lambda p, q: q * 2 * p)
two_ways.mistake("The slope of p² is 2p.")(lambda p, q: q + p)
two_ways.hints("p is used twice. Each use is a way from p to L.", "The slope of p·q for p is q.")


# The measuring stick


def cubes(answer, x):
    return answer(lambda v: np.sum(v**3), x)


def waves(answer, x):
    return answer(lambda v: float(np.sin(v).sum() * v.flat[0]), x)


@ask("q3", "numerical_gradient", "Measure a slope")
def numerical_gradient(f, x, h=1e-5):
    steps = h * np.eye(np.size(x)).reshape(-1, *np.shape(x))
    return np.array([(f(x + step) - f(x - step)) / (2 * h) for step in steps]).reshape(np.shape(x))


def forward_difference(f, x, h=1e-5):
    steps = h * np.eye(np.size(x)).reshape(-1, *np.shape(x))
    return np.array([(f(x + step) - f(x)) / h for step in steps]).reshape(np.shape(x))


def half(f, x, h=1e-5):
    return 2 * numerical_gradient.answer(f, x, h)


def all_together(f, x, h=1e-5):
    return np.full(np.shape(x), (f(x + h) - f(x - h)) / (2 * h))


FINE = {"rtol": 1e-8, "atol": 1e-7}
numerical_gradient.check("three numbers", 2, lambda rng: [some(rng, 3) + 2], call=cubes, **FINE)
numerical_gradient.check("a matrix", 1, lambda rng: [some(rng, 2, 3)], call=waves, **FINE)
numerical_gradient.check("a larger one", 1, lambda rng: [some(rng, 4, 3) + 1], call=cubes, hidden=True, **FINE)
numerical_gradient.mistake("Nearly: one step ahead is less exact than one step to each side.")(forward_difference)
numerical_gradient.mistake("From x - h to x + h the distance is 2h.")(half)
numerical_gradient.mistake("All numbers were moved together; move one at a time, and put it back.")(all_together)
numerical_gradient.hints(
    "One entry at a time: f a little to the right, f a little to the left, the difference divided by 2h.",
    "Work on a copy of x as floats. `for i in np.ndindex(x.shape)` goes through the places of any array.",
)


# Backward, layer by layer


@ask("q4", "relu_backward", "Back through ReLU")
def relu_backward(g, z):
    return np.where(z > 0, g, 0.0)


relu_backward.check("a row of five", 1, lambda rng: [some(rng, 5), some(rng, 5)])
relu_backward.check("a batch", 1, lambda rng: [some(rng, 6, 4), some(rng, 6, 4)], hidden=True)
relu_backward.mistake("What decides is whether z was positive, not whether the gradient is.")(
    lambda g, z: np.where(g > 0, g, 0)
)
relu_backward.mistake("This is the slope of ReLU alone: multiply it with the gradient that arrives.")(
    lambda g, z: (z > 0) * 1.0
)
relu_backward.mistake("The output of ReLU was taken for its slope, which is 1 or 0.")(lambda g, z: g * np.maximum(z, 0))
relu_backward.mistake("It lets everything pass.")(lambda g, z: g)
relu_backward.hints("Where z was positive the gradient passes; elsewhere it stops.")


@ask("q5", "linear_backward", "Back through a layer")
def linear_backward(g, X, W):
    return np.einsum("nk,kd->nd", g, W), np.einsum("nk,nd->kd", g, X), np.einsum("nk->k", g)


def to_inputs(answer, g, X, W):
    return answer(g, X, W)[0]


def to_weights(answer, g, X, W):
    return answer(g, X, W)[1]


def to_biases(answer, g, X, W):
    return answer(g, X, W)[2]


def arriving(n, d, k):
    return lambda rng: [some(rng, n, k), some(rng, n, d), some(rng, k, d)]


linear_backward.check("for the inputs", 1, arriving(5, 3, 2), call=to_inputs)
linear_backward.check("for the weights", 1, arriving(5, 3, 2), call=to_weights)
linear_backward.check("for the biases", 1, arriving(5, 3, 2), call=to_biases)
linear_backward.check("all three, square", 1, arriving(3, 3, 3), hidden=True)
linear_backward.mistake(
    "It is the other way round: forward went through the transpose, so back goes through W itself."
)(lambda g, X, W: (g @ W.T, X.T @ g, g.sum(axis=1)))
linear_backward.mistake("The mean over the batch was taken; whoever made g has seen to that already. Sum.")(
    lambda g, X, W: (g @ W / len(g), g.T @ X / len(g), g.mean(axis=0))
)
linear_backward.mistake("The bias served every example, so its gradients add up over the batch.")(
    lambda g, X, W: (g, X, g)
)
linear_backward.hints(
    "A gradient has the shape of what it belongs to: (N, D), (K, D) and (K,). Only one product fits each.",
    "From g (N, K) and W (K, D) to (N, D); from g and X (N, D) to (K, D).",
    "The bias was added to each of the N rows: it gets the sum of the N gradients.",
)


@ask("q6", "softmax_cross_entropy", "The loss and its gradient")
def softmax_cross_entropy(z, t):
    logp = z - np.logaddexp.reduce(z, axis=1)[:, None]
    right = np.eye(z.shape[1])[t]
    return -np.sum(right * logp) / len(t), (np.exp(logp) - right) / len(t)


def loss_only(answer, z, t):
    return answer(z, t)[0]


def gradient_only(answer, z, t):
    return answer(z, t)[1]


def classified(n, k, scale=1):
    return lambda rng: [some(rng, n, k) * scale, rng.integers(0, k, n)]


def summed(z, t):
    loss, dz = softmax_cross_entropy.answer(z, t)
    return loss * len(t), dz * len(t)


def no_onehot(z, t):
    loss, dz = softmax_cross_entropy.answer(z, t)
    return -loss, dz + np.eye(z.shape[1])[t] / len(t)


def clumsy(z, t):
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(t)), t])), (p - np.eye(z.shape[1])[t]) / len(t)


softmax_cross_entropy.check("the loss", 1, classified(4, 3), call=loss_only)
softmax_cross_entropy.check("the gradient", 2, classified(4, 3), call=gradient_only)
softmax_cross_entropy.check("rows of enormous scores", 1, classified(5, 3, 1000), hidden=True)
softmax_cross_entropy.check("a larger batch", 1, classified(20, 5), hidden=True)
softmax_cross_entropy.mistake("This is the sum over the batch; the loss is the mean, and so is divided the gradient.")(
    summed
)
softmax_cross_entropy.mistake("The gradient is softmax minus 1 at the right class; and a loss is not negative.")(
    no_onehot
)
softmax_cross_entropy.mistake("exp of a thousand runs over: take the largest score of each row away first.")(clumsy)
softmax_cross_entropy.hints(
    "loss = mean over n of -log softmax(z[n])[t[n]]; see assignment 2 for a safe logarithm of softmax.",
    "The gradient of one example is p - onehot(t): what was believed minus what was right.",
    "Divide it by N, because the loss is a mean over N examples.",
)


# The engine


def rule_of_two(answer, a, b, g):
    node = answer.__globals__["Value"]
    left, right = node(a), node(b)
    out = answer(left, right)
    if tuple(out.parents) != (left, right):
        raise ValueError("the parents of the result must be the two Values that went in")
    return [out.data, *out.pull(g)]


@ask("q7", "mul", "A rule: times")
def mul(a, b):
    return Value(a.data * b.data, (a, b), lambda g: (b.data * g, a.data * g))


mul.check("two arrays", 2, lambda rng: [some(rng, 3), some(rng, 3), some(rng, 3)], call=rule_of_two)
mul.check(
    "two matrices", 1, lambda rng: [some(rng, 2, 3), some(rng, 2, 3), some(rng, 2, 3)], hidden=True, call=rule_of_two
)
mul.mistake("The two have changed places: the slope for a is b, the slope for b is a.")(
    lambda a, b: Value(a.data * b.data, (a, b), lambda g: (a.data * g, b.data * g))
)
mul.mistake("The gradient that arrives, g, must be in both products.")(
    lambda a, b: Value(a.data * b.data, (a, b), lambda g: (b.data, a.data))
)
mul.mistake("This is the rule for adding.")(lambda a, b: Value(a.data * b.data, (a, b), lambda g: (g, g)))
mul.hints("Look at `add`: data, parents, and a function of g with one gradient for each parent.", "d(ab)/da = b.")


def rule_of_one(answer, a, g):
    inside = answer.__globals__["Value"](a)
    out = answer(inside)
    return [out.data, *out.pull(g)]


@ask("q8", "tanh", "A rule: tanh")
def tanh(a):
    return Value(np.tanh(a.data), (a,), lambda g: (g / np.cosh(a.data) ** 2,))


tanh.check("an array", 2, lambda rng: [some(rng, 4), some(rng, 4)], call=rule_of_one)
tanh.check("a matrix", 1, lambda rng: [some(rng, 3, 2), some(rng, 3, 2)], call=rule_of_one, hidden=True)
tanh.mistake("The slope is 1 - tanh², of the output; here the input was squared.")(
    lambda a: Value(np.tanh(a.data), (a,), lambda g: (g * (1 - a.data**2),))
)
tanh.mistake("The gradient that arrives, g, is missing.")(
    lambda a: Value(np.tanh(a.data), (a,), lambda g: (1 - np.tanh(a.data) ** 2,))
)
tanh.mistake("The square is missing: 1 - tanh².")(
    lambda a: Value(np.tanh(a.data), (a,), lambda g: (g * (1 - np.tanh(a.data)),))
)
tanh.hints("With y = tanh(a.data) the slope is 1 - y².", "A tuple with one thing in it needs a comma: `(x,)`.")


@ask("q9", "unbroadcast", "Undo the stretching")
def unbroadcast(g, shape):
    lost = g.ndim - len(shape)
    stretched = [i + lost for i, n in enumerate(shape) if n == 1]
    return np.sum(g, axis=tuple(range(lost)) + tuple(stretched)).reshape(shape)


unbroadcast.check("a bias (3,) that became (4, 3)", 1, lambda rng: [some(rng, 4, 3), (3,)])
unbroadcast.check("a column (4, 1) that became (4, 3)", 1, lambda rng: [some(rng, 4, 3), (4, 1)])
unbroadcast.check("nothing was stretched", 1, lambda rng: [some(rng, 2, 3), (2, 3)])
unbroadcast.check("a single number", 1, lambda rng: [some(rng, 2, 3), ()], hidden=True)
unbroadcast.check("both at once", 1, lambda rng: [some(rng, 5, 4, 3), (1, 3)], hidden=True)
unbroadcast.mistake("It served many times, so its gradients are added, not averaged.")(
    lambda g, shape: unbroadcast.answer(g, shape) / (g.size / max(1, int(np.prod(shape))))
)
unbroadcast.mistake("One of the many gradients was picked; they must be added up.")(
    lambda g, shape: np.resize(g, shape) if g.shape != tuple(shape) else g
)
unbroadcast.hints(
    "First the axes that are too many, at the front: sum over axis 0 until the number of axes agrees.",
    "Then the axes where `shape` has a 1 and g has more: sum over them with `keepdims=True`.",
)


def shared_parents(answer, x, y):
    node = answer.__globals__["Value"]
    a, b = node(x), node(y)
    c = node(x * y, (a, b), lambda g: (g * y, g * x))
    d = node(c.data + x, (c, a), lambda g: (g, g))
    e = node(c.data * d.data, (c, d), lambda g: (g * d.data, g * c.data))
    loss = node(e.data.sum(), (e,), lambda g: (g * np.ones_like(e.data),))
    answer(loss)
    return [node.grad for node in (a, b, c, d, e)]


def long_chain(answer, x):
    row = there("""def row(node, x):
        start = last = node(x)
        for _ in range(3000):
            last = node(last.data + 0.001, (last,), lambda g: (g,))
        return start, last""")
    start, last = row(answer.__globals__["Value"], x)
    answer(last)
    return start.grad


def ladder(answer, x):
    climb = there("""def climb(node, x):
        start = last = node(x)
        for _ in range(40):
            last = node(last.data + last.data, (last, last), lambda g: (0.5 * g, 0.5 * g))
        return start, last""")
    start, last = climb(answer.__globals__["Value"], x)
    answer(last)
    return start.grad


def ordered(last):
    """All that a Value was made of, children before parents, without recursion."""
    order, seen, todo = [], set(), [(last, False)]
    while todo:
        node, done = todo.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            todo += [(node, True), *((parent, False) for parent in node.parents)]
    return order[::-1]


@ask("q10", "backward", "The engine itself")
def backward(last):
    last.grad = np.ones_like(last.data)
    for node in ordered(last):
        for parent, gradient in zip(node.parents, node.pull(node.grad) if node.parents else (), strict=True):
            parent.grad = parent.grad + gradient


def overwriting(last):
    last.grad = np.ones_like(last.data)
    for node in ordered(last):
        for parent, gradient in zip(node.parents, node.pull(node.grad) if node.parents else (), strict=True):
            parent.grad = gradient


def too_early(last):
    last.grad, todo = np.ones_like(last.data), [last]
    while todo:
        node = todo.pop(0)
        for parent, gradient in zip(node.parents, node.pull(node.grad) if node.parents else (), strict=True):
            parent.grad = parent.grad + gradient
            todo += [parent] if len(todo) < 100 else []


backward.check(
    "a graph in which values are used twice", 2, lambda rng: [some(rng, 3), some(rng, 3)], call=shared_parents
)
backward.check("the same parent twice, forty times over", 1, lambda rng: [some(rng)], call=ladder)
DEEP = "A graph can be deeper than Python lets a function call itself: use a list of what is still to do."
backward.check("three thousand steps in a row", 2, lambda rng: [some(rng)], call=long_chain, hidden=True, says=DEEP)
backward.mistake("A value that is used twice must add up both gradients: it has overwritten the first.")(overwriting)
backward.mistake("A value was passed on before all its gradients had arrived: children first, every one of them.")(
    too_early
)
backward.mistake("Nothing arrives: does the last Value start with a gradient of 1?")(lambda last: None)
backward.hints(
    "Two parts: put all values in an order in which each comes after everything made from it; then walk along it.",
    "The order: visit a value's parents first, then append the value itself; reversed, that list is what you need.",
    "In the walk: `for parent, gradient in zip(node.parents, node.pull(node.grad))`, and add.",
)


@ask("q11", "fit", "Stretch: learn something")
def fit(x, t, steps, rate):
    w = b = 0.0
    for _ in range(steps):
        y = np.tanh(w * x + b)
        slope = 2 * (y - t) * (1 - y**2) / len(x)
        w, b = w - rate * np.sum(slope * x), b - rate * np.sum(slope)
    return float(w), float(b)


def lesson(steps, rate):
    def make(rng):
        x = np.linspace(-2, 2, 12)
        return [x, np.round(np.tanh(1.5 * x - 0.5) + rng.normal(0, 0.1, 12), 3), steps, rate]

    return make


def uphill(x, t, steps, rate):
    return fit.answer(x, t, steps, -rate)


def too_far(x, t, steps, rate):
    return fit.answer(x, t, steps, rate * len(x))


def without_bend(x, t, steps, rate):
    w = b = 0.0
    for _ in range(steps):
        slope = 2 * (w * x + b - t) / len(x)
        w, b = w - rate * np.sum(slope * x), b - rate * np.sum(slope)
    return w, b


fit.check("one step", 1, lesson(1, 0.1))
fit.check("fifty steps", 2, lesson(50, 0.2))
fit.check("two hundred steps, another rate", 2, lesson(200, 0.05), hidden=True)
fit.mistake("It climbs: a step goes against the gradient.")(uphill)
fit.mistake("The steps are N times too long: the loss is the mean over the examples.")(too_far)
fit.mistake("The tanh is missing: this fits a straight line.")(without_bend)
fit.hints(
    "Forward, loss, backward, step; then everything anew: gradients add up, so make fresh Values in each round.",
    "The loss is the mean of (tanh(w·x + b) - t)². You may use your engine, or the chain rule by hand.",
    "The gradient for w adds up over all examples: that is what q9 is for.",
)
