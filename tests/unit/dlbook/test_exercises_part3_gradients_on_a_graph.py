"""Exercises of part 3, page 2: right answers pass, each usual mistake is named in its own words."""

import math

import numpy as np
from exercise_tests import held

from dlbook.exercises.part3_gradients_on_a_graph import layer_gradients
from dlcore.models.scalar_autograd import Value, backward


def sigmoid(x, value=None, slope=None, parents=None):
    s = 1 / (1 + math.exp(-x.data))
    value = s if value is None else value(s)
    slopes = (s * (1 - s) if slope is None else slope(s, x.data),)
    return Value(value, (x,) if parents is None else parents, slopes)


def rule(**mistake):
    return lambda x: sigmoid(x, **mistake)


def layer(change):
    """The gradients with one of their factors changed: change(g, v, on, h, x) → dw, dv."""

    def function(x, y, w, v):
        h = np.maximum(w @ x, 0)
        return change(2 * (v @ h - y), v, h > 0, h, x)

    return function


def overwrites(end):
    found, seen = [end], {end}
    for value in found:
        for parent in value.parents:
            if parent not in seen:
                seen.add(parent)
                found.append(parent)
    end.grad = 1.0
    for value in sorted(found, key=lambda v: -v.age):
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad = slope * value.grad


def first_come(end):
    """Passes on whatever has arrived, in the order of discovery."""
    end.grad = 1.0
    found, seen = [end], {end}
    for value in found:
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad += slope * value.grad
            if parent not in seen:
                seen.add(parent)
                found.append(parent)


def calls_itself(end):
    order, seen = [], set()

    def visit(value):
        if value not in seen:
            seen.add(value)
            for parent in value.parents:
                visit(parent)
            order.append(value)

    visit(end)
    end.grad = 1.0
    for value in reversed(order):
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad += slope * value.grad


def without_a_seed(end):
    for parent, slope in zip(end.parents, end.slopes, strict=True):
        parent.grad += slope * end.grad
    end.grad = 1.0


def untouched(end): ...


ANSWERS = {
    "3.2a": [3.75, np.float32(3.75), np.array(3.75)],
    "3.2b": [sigmoid, lambda x: Value(0.5 + 0.5 * math.tanh(x.data / 2), [x], [sigmoid(x).slopes[0]])],
    "3.2c": [layer_gradients, lambda x, y, w, v: tuple(a.tolist() for a in layer_gradients(x, y, w, v))],
    "3.2d": [backward],
}
RIGHT = [(exercise, answer) for exercise, answers in ANSWERS.items() for answer in answers]

WRONG = [
    ("3.2a", 2.6, "2.6 is what h₁ should be"),
    ("3.2a", 3.25, "You have left out the second input"),
    ("3.2a", 0.0, "the first unit is off"),
    ("3.2a", 3.0, "the network answers 2.3 hours, not 2. Try a larger w₁"),
    ("3.2a", 5.0, "Try a smaller w₁"),
    ("3.2a", [3.75], "I received an array of shape (1,)"),
    ("3.2b", 0.5, "I expected a function."),
    ("3.2b", lambda x: 1 / (1 + math.exp(-x.data)), "returns float; wrap the number"),
    ("3.2b", rule(value=lambda s: -s), "The sign is turned round."),
    ("3.2b", rule(parents=()), "does not remember where it came from"),
    ("3.2b", rule(slope=lambda s, x: s), "The slope is not the value itself"),
    ("3.2b", rule(slope=lambda s, x: x * (1 - x)), "You put x into s · (1 − s)"),
    ("3.2b", rule(slope=lambda s, x: 1 - s * s), "the slope of tanh"),
    ("3.2b", rule(slope=lambda s, x: 1.0), "a straight line"),
    ("3.2b", rule(slope=lambda s, x: 0.3), "At x = 0 the slope: expected 0.25, received 0.3."),
    ("3.2c", lambda x, y, w, v: np.outer(v, x), "Return two arrays"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * v, x), g * h)), "The ReLU is missing on the way back"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g / 2 * v * on, x), g / 2 * h)), "The factor 2"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(-g * v * on, x), -g * h)), "The sign is turned round"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(x, g * v * on), g * h)), "Rows and columns are exchanged"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * on, x), g * h)), "The weight v between"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * v * on, x), g / 2 * h)), "dv lacks the factor 2"),
    ("3.2d", overwrites, "You overwrite"),
    ("3.2d", first_come, "before all of it had arrived"),
    ("3.2d", calls_itself, "Your function calls itself once per step"),
    ("3.2d", without_a_seed, "nothing arrived at x"),
    ("3.2d", 3, "I expected a function."),
    ("3.2d", lambda end: end.nothing, "nothing"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(RIGHT, WRONG)
