"""Checks of the page "Gradients on a graph": what can be done with the engine that its six steps build."""

import math

import numpy as np

from dlbook.page.exercises import Mistake, as_array, call, same
from dlbook.pages.backprop.gradients_on_a_graph.steps import answer, bench, check, rule


def prediction(w1):
    """What the page's network answers, as a function of its first weight."""
    return -0.5 * max(0.8 * w1 - 0.4, 0) + 1.5 * 2.2


@check.exercise("3.2a")
def no_one_to_blame(w1):
    """The value of w1 at which the loss, and with it every gradient, is 0."""
    w1 = as_array(w1, "The weight")
    if w1.shape != ():
        raise Mistake(f"I expected one number, the weight w₁. I received an array of shape {w1.shape}.")
    guess = prediction(float(w1))
    if abs(guess - 2) < 1e-6:
        return "The network answers exactly 2 hours. With no error there is no blame: all six gradients are 0."
    if w1 <= 0.5:
        raise Mistake(
            f"With w₁ = {w1:g} the first unit is off, and the network answers 3.3 hours, even further from 2."
        )
    if abs(float(w1) - 2.6) < 1e-6:
        raise Mistake("2.6 is what h₁ should be. Which w₁ makes z₁ = 0.8 w₁ − 0.4 come out as 2.6?")
    if abs(float(w1) - 3.25) < 1e-6:
        raise Mistake("You have left out the second input: z₁ = 0.8 w₁ − 0.4, not 0.8 w₁.")
    way = "larger" if guess > 2 else "smaller"
    raise Mistake(f"With w₁ = {w1:g} the network answers {guess:.4g} hours, not 2. Try a {way} w₁.")


@check.exercise("3.2b")
def sigmoid_rule(function):
    """A rule for the scalar engine: value, parent and local derivative."""
    function, engine, _ = bench(function, 1)
    for at in (2.0, -1.5, 0.0):
        x = engine.Value(at)
        s, given = 1 / (1 + math.exp(-at)), f"At x = {at:g}"
        usual = [
            (s, "The slope is not the value itself; that is true only of the exponential."),
            (1 - s, "One factor is missing: the slope is s · (1 − s)."),
            (-s * (1 - s), "The sign of the slope is turned round: the sigmoid rises."),
            (at * (1 - at), "You put x into s · (1 − s); it wants the *value* s, not the input."),
            (1 - s * s, "That is the slope of tanh, 1 − y²."),
            (1.0, "A slope of 1 everywhere would make it a straight line."),
        ]
        values = [(-s, "The sign is turned round.")] + [(1 - s, "The sign of x: the power is of −x.")] * (at != 0)
        rule(answer(function, x), engine, given, s, [(x, s * (1 - s), usual)], values)
    return "Value and slope, side by side. That was all."


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
    yield g * v * on, "That is what arrives at z. Each entry of dw is it times an input: `np.outer`."


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
        if np.shape(got[0]) == dv.shape != dw.shape and np.shape(got[1]) == dw.shape:
            raise Mistake("You return dv first. Return `dw, dv`.")
        mistakes = [(wrong, words) for wrong, words in wrong_gradients(x, y, w, v) if not _alike(wrong, dw)]
        same(got[0], dw, f"{said}, dw", mistakes)
        usual = [(dv / 2, "dv lacks the factor 2, the slope of the square."), (-dv, "dv has the wrong sign.")]
        same(got[1], dv, f"{said}, dv", usual)
    return "That is one layer of backpropagation, for any number of inputs and units."


def _alike(a, b):
    return a.shape == b.shape and np.allclose(a, b)
