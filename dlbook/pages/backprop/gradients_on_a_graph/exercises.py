"""Checks of the exercises of part 3, page 2, Gradients on a graph."""

import math

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, NotYet, as_array, call, same
from dlcore.models import scalar_autograd as engine
from dlcore.models.scalar_autograd import Value

check = Exercises()


def prediction(w1):
    """What the page's network answers, as a function of its first weight."""
    return -0.5 * max(0.8 * w1 - 0.4, 0) + 1.5 * 2.2


@check.exercise("3.2a")
def no_one_to_blame(w1):
    """The value of w1 at which the loss, and with it every gradient, is 0."""
    w1 = as_array(w1, "The weight")
    if w1.shape != ():
        raise Mistake(f"I expected one number, the weight w₁. I received an array of shape {w1.shape}.")
    answer = prediction(float(w1))
    if abs(answer - 2) < 1e-6:
        return "The network answers exactly 2 hours. With no error there is no blame: all six gradients are 0."
    if w1 <= 0.5:
        raise Mistake(
            f"With w₁ = {w1:g} the first unit is off, and the network answers 3.3 hours, even further from 2."
        )
    if abs(float(w1) - 2.6) < 1e-6:
        raise Mistake("2.6 is what h₁ should be. Which w₁ makes z₁ = 0.8 w₁ − 0.4 come out as 2.6?")
    if abs(float(w1) - 3.25) < 1e-6:
        raise Mistake("You have left out the second input: z₁ = 0.8 w₁ − 0.4, not 0.8 w₁.")
    way = "larger" if answer > 2 else "smaller"
    raise Mistake(
        f"With w₁ = {w1:g} the network answers {answer:.4g} hours, not 2. Try a {way} w₁: its gradient says so."
    )


@check.exercise("3.2b")
def sigmoid_rule(function):
    """A rule for the scalar engine: value, parent and local derivative."""
    for at in (0.0, 2.0, -1.5):
        x = Value(at)
        y = _answer(function, x)
        s, given = 1 / (1 + math.exp(-at)), f"At x = {at:g}"
        same(y.data, s, f"{given} the value of your rule", [(-s, "The sign is turned round.")])
        if len(y.parents) != 1 or y.parents[0] is not x:
            raise Mistake(
                "The value is right, but it does not remember where it came from: its parents must be `(x,)`."
            )
        if len(y.slopes) != 1:
            raise Mistake("There must be one slope for the one parent: `slopes=(…,)`, with the comma.")
        usual = [
            (s, "The slope is not the value itself; that is true only of the exponential."),
            (1 - s, "One factor is missing: the slope is s · (1 − s)."),
            (at * (1 - at), "You put x into s · (1 − s); it wants the *value* s, not the input."),
            (1 - s * s, "That is the slope of tanh, 1 − y²."),
            (1.0, "A slope of 1 everywhere would make it a straight line."),
        ]
        same(y.slopes[0], s * (1 - s), f"{given} the slope", usual)
    return "Value and slope, side by side: that is all an engine has to know about a function."


def _answer(function, x):
    """The Value that the reader's rule returns, or words for what it returned instead."""
    if not callable(function):
        raise Mistake("I expected a function. Pass its name, without brackets.")
    y = call(lambda: function(x))
    if not isinstance(y, Value):
        raise Mistake(f"Your rule returns {type(y).__name__}; wrap the number: `Value(number, parents, slopes)`.")
    return y


def layer_gradients(x, y, w, v):
    """Gradients of (v · relu(w x) − y)² for w and v."""
    h = np.maximum(w @ x, 0)
    g = 2 * (v @ h - y)
    return np.outer(g * v * (h > 0), x), g * h


def wrong_gradients(x, y, w, v):
    """What the usual mistakes give for w."""
    h = np.maximum(w @ x, 0)
    g, on = 2 * (v @ h - y), h > 0
    yield np.outer(g * v, x), "The ReLU is missing on the way back: a unit that is off passes nothing."
    yield np.outer(g / 2 * v * on, x), "The factor 2, the slope of the square, is missing."
    yield np.outer(-g * v * on, x), "The sign is turned round: the error is the prediction minus the truth."
    yield np.outer(x, g * v * on), "Rows and columns are exchanged: one row per hidden unit, one column per input."
    yield np.outer(g * on, x), "The weight v between the unit and the output is missing."
    yield np.outer(g * v * h, x), "The slope of a ReLU that is on is 1, not its value."


@check.exercise("3.2c")
def two_layers(function):
    """Gradients of a two-layer network with matrices, on one example, several sizes."""
    rng = np.random.default_rng(2)
    page = (np.array([0.8, 0.4]), 2.0, np.array([[3.0, -1.0], [1.5, 2.5]]), np.array([-0.5, 1.5]))
    cases = [("For the network of this page", *page)]
    for d, h in ((3, 5), (4, 2)):
        said = f"With {d} inputs and {h} hidden units"
        cases.append((said, rng.normal(size=d), 1.0, rng.normal(size=(h, d)), rng.normal(size=h)))
    for said, x, y, w, v in cases:
        got, (dw, dv) = call(function, x, y, w, v), layer_gradients(x, y, w, v)
        if not isinstance(got, tuple | list) or len(got) != 2:
            raise Mistake("Return two arrays, `dw, dv`: the gradients for w and for v.")
        mistakes = [(wrong, words) for wrong, words in wrong_gradients(x, y, w, v) if not _alike(wrong, dw)]
        same(got[0], dw, f"{said}, dw", mistakes)
        same(
            got[1],
            dv,
            f"{said}, dv",
            [(dv / 2, "dv lacks the factor 2, the slope of the square."), (-dv, "dv has the wrong sign.")],
        )
    return "That is one layer of backpropagation, for any number of inputs and units."


def _alike(a, b):
    return a.shape == b.shape and np.allclose(a, b)


def _diamond():
    x = Value(2.0)
    middle = engine.square(x)
    return x, middle * 3 + middle * middle, 44.0


def _late():
    """One path of one step, one of thirty: the short one must wait."""
    x = Value(1.5)
    y = engine.square(x)
    longer = y
    for _ in range(30):
        longer = longer + 1
    return x, longer + y, 6.0


def _chain():
    x = Value(1.0)
    end = x
    for _ in range(5000):
        end = end + 1
    return x, end, 1.0


def _plain():
    x = Value(3.0)
    return x, engine.tanh(x * 0.1) * 10, 10 * 0.1 * (1 - math.tanh(0.3) ** 2)


def _twice():
    x = Value(3.0)
    return x, x * x + x, 7.0


GRAPHS = (
    (_plain, "For 10 · tanh(0.1 x) at x = 3", {}),
    (_twice, "For x · x + x at x = 3", {
        1.0: "You overwrite: a value that is used again must *add* what its uses send back (`+=`).",
        3.0: "You overwrite: a value that is used again must *add* what its uses send back (`+=`).",
        4.0: "You overwrite: a value that is used again must *add* what its uses send back (`+=`)."}),
    (_diamond, "For 3y + y² with y = x² at x = 2", {}),
    (_late, "For a graph with a short and a long path", {}),
    (_chain, "For a chain of 5,000 additions", {}),
)  # fmt: skip


@check.exercise("3.2d")
def the_way_back(function):
    """A backward pass of the reader's own on graphs that break the usual shortcuts."""
    if not callable(function):
        raise Mistake("I expected a function. Pass its name, without brackets.")
    for build, said, usual in GRAPHS:
        x, end, want = build()
        try:
            call(lambda end=end: (function(end), True)[1])
        except Mistake as finding:
            if "recursion" in str(finding).lower():
                words = "Your function calls itself once per step, and Python allows about a thousand. Use a loop."
                raise Mistake(words) from None
            raise
        if x.grad == 0 and end.grad == 0:
            raise NotYet("Write the body of the function, then run this cell again.")
        if x.grad == 0:
            raise Mistake(f"{said}: nothing arrived at x. Does `end` start with a gradient of 1, and does it travel?")
        late = "A value passed on its gradient before all of it had arrived. Visit the youngest first."
        mistakes = [(wrong, words) for wrong, words in usual.items()]
        if build in (_diamond, _late) and abs(x.grad - want) > 1e-9:
            raise Mistake(f"{said}: expected {want:g}, received {x.grad:g}. {late}")
        same(x.grad, want, f"{said}, ∂end/∂x", mistakes)
    return "Reuse, diamonds, long detours, five thousand steps: you have built an engine."
