"""Page "Gradients on a graph": its exercises, and the numbers and words of its figure."""

import itertools
import math
import re

import numpy as np
import pytest
from exercise_tests import held

from dlbook.pages.backprop.gradients_on_a_graph.exercises import check, layer_gradients
from dlbook.pages.backprop.gradients_on_a_graph.figures import (
    INPUTS,
    LONGEST,
    TARGET,
    WEIGHTS,
    computed,
    text,
    there_and_back,
)
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

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def loss(w):
    """The network of the sheet, in plain NumPy."""
    x = np.array(list(INPUTS.values()))
    h = np.maximum(np.reshape(w[:4], (2, 2)) @ x, 0)
    return (w[4:] @ h - TARGET) ** 2


@pytest.mark.parametrize(("w1", "w5"), [*itertools.product([0.0, 3.0, 4.0], [-1.0, -0.5, 0.5])])
def test_gradients_agree_with_trying(w1, w5):
    w = np.array(list((WEIGHTS | {"w₁": w1, "w₅": w5}).values()))
    nudges = 1e-6 * np.eye(6)
    tried = [(loss(w + d) - loss(w - d)) / 2e-6 for d in nudges]
    values = computed(w1, w5)
    assert values["L"].data == pytest.approx(loss(w))
    np.testing.assert_allclose([values[name].grad for name in WEIGHTS], tried, atol=1e-7)


def test_the_walk_says_what_it_computes():
    said = [there_and_back(step=step).says for step in range(20)]
    assert said[1].endswith("z₁ = w₁ x₁ + w₂ x₂ = 3 · 0.8 + (−1) · 0.4 = 2.")
    assert said[8] == "Backwards, 2 of 13: ∂L/∂w₅ = ∂L/∂ŷ · h₁ = 0.6 · 2 = 1.2."
    assert said[18].endswith("−0.3 · 3 + 0.9 · 1.5 = 0.45.")
    assert len(set(said)) == 20


def test_values_come_first_and_gradients_one_by_one():
    def known(step, column):
        nodes, weights = (there_and_back(step=step).tables[name] for name in ("nodes", "weights"))
        return sum(bool(x) for x in [*nodes[column], *(weights["slope"] if column == "slope" else ())])

    assert [known(step, "value") for step in range(7)] == [3, 4, 5, 6, 7, 8, 9]
    assert [known(step, "slope") for step in range(6, 20)] == [0, *range(2, 15)]  # that of L itself is 1


def test_a_step_back_multiplies_what_it_says():
    """The product in the sentence of each one-edge step comes out as the sentence says."""
    for step in range(8, 18):
        a, b, c = re.search(r"= ([−\d.]+) · \(?([−\d.]+?)\)? = ([−\d.]+)\.$", there_and_back(step=step).says).groups()
        a, b, c = (float(x.replace("−", "-")) for x in (a, b, c))
        assert a * b == pytest.approx(c)


def test_a_unit_that_is_off_frees_its_weights():
    bars = there_and_back(step=19, w1=0.5).tables["blame"]
    assert [w for w, slope in zip(bars["weight"], bars["slope"], strict=True) if slope] == ["w₃", "w₄", "w₆"]


def test_long_bars_are_cut_and_say_so():
    bars = there_and_back(step=19, w1=0.0).tables["blame"]
    assert bars["slope"].max() == LONGEST and bars["shown"][5] == "5.72 ›"


def test_texts_have_no_dust():
    assert [text(x) for x in (0.1 + 0.2, -1e-17, -0.24)] == ["0.3", "0", "−0.24"]
