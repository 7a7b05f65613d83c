"""Page "Gradients on a graph": its exercises, and the numbers and words of its figures."""

import itertools
import json
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from exercise_tests import held

from dlbook.pages.backprop.gradients_on_a_graph import drawings
from dlbook.pages.backprop.gradients_on_a_graph.exercises import check, layer_gradients
from dlbook.pages.backprop.gradients_on_a_graph.experiment import (
    Value,
    add,
    backward,
    births,
    history,
    mul,
    relu,
    sheet,
)
from dlbook.pages.backprop.gradients_on_a_graph.figures import (
    INPUTS,
    SPAN,
    TARGET,
    WEIGHTS,
    computed,
    text,
    there_and_back,
)
from dlbook.pages.backprop.gradients_on_a_graph.steps import HAND, bench, by_hand
from dlcore import Tensor, data, manual_seed, no_grad
from dlcore.models import MLP, scalar_autograd
from dlcore.nn.functional import cross_entropy
from dlcore.rng import fork_rng


def keeps(**change):
    """A class Value that keeps something else than it should, or not at all (None)."""

    class Value:
        def __init__(self, data, parents=(), slopes=()):
            made = {"data": data, "parents": parents, "slopes": slopes, "grad": 0.0, "age": next(births)}
            for name, value in (made | {n: f(made) for n, f in change.items()}).items():
                if value is not None:
                    setattr(self, name, value)

    return Value


class Forgets:
    def __init__(self, data, parents=(), slopes=()):
        data = data  # noqa: PLW0127 - without self, as a beginner writes it


class GetsOne:
    def __init__(self, data):
        self.data = data


class ByDepth:
    """Another way to tell who is younger."""

    def __init__(self, data, parents=(), slopes=()):
        self.data, self.parents, self.slopes, self.grad = data, list(parents), list(slopes), 0
        self.age = next(births) + 0.5


@dataclass
class Compared:
    data: float
    parents: tuple = ()
    slopes: tuple = ()
    grad: float = 0.0
    age: int = field(default_factory=lambda: next(births))


def product(slopes=lambda x, y: (y.data, x.data), value=lambda x, y: x.data * y.data, parents=lambda x, y: (x, y)):
    return lambda x, y: Value(value(x, y), parents(x, y), slopes(x, y))


def bent(slopes=lambda x: (float(x.data > 0),), value=lambda x: max(x.data, 0.0), parents=lambda x: (x,)):
    return lambda x: Value(value(x), parents(x), slopes(x))


def mul_turned(x, y):
    return Value(x.data * y.data, [y, x], [x.data, y.data])


def relu_by_two_cases(x):
    if x.data > 0:
        return Value(x.data, (x,), (1,))
    return Value(0.0)


def never_sorted(end):
    found, seen = [end], {end}
    for value in found:
        for parent in value.parents:
            if parent not in seen:
                seen.add(parent)
                found.append(parent)
    return found


def only_parents(end):
    return [end, *dict.fromkeys(end.parents)]


def with_repeats(end):
    found = [end]
    for value in found:
        found.extend(value.parents)
    return sorted(found, key=lambda v: -v.age)


def recursive(end):
    found = {end}
    for parent in end.parents:
        found |= set(recursive(parent))
    return sorted(found, key=lambda v: -v.age)


def ready_first(end):
    """Another right order: whoever has no use left that waits."""
    everything, waiting, order, ready = history(end), {}, [], [end]
    for value in everything:
        for parent in value.parents:
            waiting[parent] = waiting.get(parent, 0) + 1
    for value in ready:
        order.append(value)
        for parent in value.parents:
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
    return order


def walk(step, start=lambda end: 1.0):
    """A backward pass in which the last line is another one."""

    def function(end):
        end.grad = start(end)
        for value in history(end):
            for parent, slope in zip(value.parents, value.slopes, strict=True):
                parent.grad += step(slope, value)

    return function


def drawn(relu=relu, last=lambda off: mul(off, off), sign=-1, order=(0, 1, 2, 3), guess=lambda z: z):
    """The sheet with one of its parts changed."""

    def function(w, x, y):
        a, b, c, d = order
        h1 = relu(add(mul(w[a], x[0]), mul(w[b], x[1])))
        h2 = relu(add(mul(w[c], x[0]), mul(w[d], x[1])))
        out = guess(add(mul(w[4], h1), mul(w[5], h2)))
        return last(add(out, Value(sign * y)))

    return function


def sheet_by_signs(w, x, y):
    return w[0] * x[0]


def sheet_with_a_bare_truth(w, x, y):
    return add(w[0], -y)


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
    end.grad = 1.0
    for value in history(end):
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


def all_ones(end):
    for value in history(end):
        value.grad = 1.0
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad += slope * value.grad


def relu_left_out(x, y, w, v):
    return 2 * (v @ np.maximum(w @ x, 0) - y) * (w @ x)


def untouched(end): ...


ANSWERS = {
    "3.2 step 1": [Value, ByDepth, keeps(), scalar_autograd.Value],
    "3.2 step 2": [mul, mul_turned, product()],
    "3.2 step 3": [
        relu,
        relu_by_two_cases,
        bent(slopes=lambda x: (x.data > 0,)),
        bent(slopes=lambda x: [int(x.data >= 0)]),
    ],
    "3.2 step 4": [history, ready_first, lambda end: iter(history(end))],
    "3.2 step 5": [backward, walk(lambda slope, value: value.grad * slope)],
    "3.2 step 6": [sheet, drawn()],
    "3.2a": [3.75, np.float32(3.75), np.array(3.75)],
    "3.2b": [sigmoid, lambda x: Value(0.5 + 0.5 * math.tanh(x.data / 2), [x], [sigmoid(x).slopes[0]])],
    "3.2c": [layer_gradients, lambda x, y, w, v: tuple(a.tolist() for a in layer_gradients(x, y, w, v))],
}
RIGHT = [(exercise, answer) for exercise, answers in ANSWERS.items() for answer in answers]

WRONG = [
    ("3.2 step 1", Value(2.0), "I expected a function"),
    ("3.2 step 1", GetsOne, "Compare its parameters"),
    ("3.2 step 1", keeps(grad=lambda made: None), "no `grad` yet"),
    ("3.2 step 1", keeps(age=lambda made: None), "no `age` yet"),
    ("3.2 step 1", keeps(age=lambda made: 0), "the same age"),
    ("3.2 step 1", keeps(age=lambda made: births), "`births` alone does not"),
    ("3.2 step 1", keeps(age=lambda made: -made["age"]), "each must have a larger one"),
    ("3.2 step 1", keeps(grad=lambda made: 1.0), "Only the end of the walk starts at 1"),
    ("3.2 step 1", keeps(parents=lambda m: m["slopes"], slopes=lambda m: m["parents"]), "exchanged"),
    ("3.2 step 1", keeps(parents=lambda made: ()), "The parents are not kept as they were given"),
    ("3.2 step 1", keeps(slopes=lambda made: made["slopes"] or (1.0,)), "its slopes must be empty"),
    ("3.2 step 1", Compared, "cannot be put into a set"),
    ("3.2 step 1", keeps(age=lambda made: births()), "`next(births)`"),
    ("3.2 step 2", lambda x, y: x.data * y.data, "wrap the number"),
    ("3.2 step 2", product(parents=lambda x, y: {x, y}), "not a tuple. Write"),
    ("3.2 step 2", product(value=lambda x, y: x.data + y.data), "That is the sum"),
    ("3.2 step 2", product(slopes=lambda x, y: (x.data, y.data)), "exchanged"),
    ("3.2 step 2", product(slopes=lambda x, y: (1.0, 1.0)), "a sum's slope"),
    ("3.2 step 2", product(slopes=lambda x, y: (y, x)), "plain numbers"),
    ("3.2 step 2", product(slopes=lambda x, y: y.data), "comma"),
    ("3.2 step 2", product(slopes=lambda x, y: (y.data,)), "2 parents and 1 slopes"),
    ("3.2 step 2", product(parents=lambda x, y: ()), "its parents are `(x, y)`"),
    ("3.2 step 2", product(parents=lambda x, y: (x.data, y.data)), "not their numbers"),
    ("3.2 step 2", product(value=lambda x, y: x * y), "does not know the signs"),
    ("3.2 step 2", 3, "I expected a function"),
    ("3.2 step 3", bent(parents=lambda x: x), "needs a comma"),
    ("3.2 step 3", bent(slopes=lambda x: 1.0), "needs a comma"),
    ("3.2 step 3", bent(slopes=lambda x: (1.0,)), "the slope of a ReLU that is off is 0"),
    ("3.2 step 3", bent(slopes=lambda x: (max(x.data, 0.0),)), "not its value"),
    ("3.2 step 3", bent(value=lambda x: x.data), "A ReLU that is off answers 0"),
    ("3.2 step 3", bent(value=lambda x: abs(x.data)), "That is the size"),
    ("3.2 step 3", bent(value=lambda x: min(x.data, 0.0)), "A positive number passes"),
    ("3.2 step 3", bent(value=lambda x: max(x, 0)), "cannot be compared"),
    ("3.2 step 3", bent(parents=lambda x: ()), "its parents are `(x,)`"),
    ("3.2 step 3", lambda x: max(x.data, 0.0), "wrap the number"),
    ("3.2 step 4", never_sorted, "Sort: youngest first"),
    ("3.2 step 4", only_parents, "Parents have parents too"),
    ("3.2 step 4", with_repeats, "twice"),
    ("3.2 step 4", lambda end: history(end)[::-1], "turn the order round"),
    ("3.2 step 4", lambda end: history(end)[1:], "the end itself is missing"),
    ("3.2 step 4", lambda end: set(history(end)), "A set has no order"),
    ("3.2 step 4", lambda end: [v.data for v in history(end)], "the Values themselves"),
    ("3.2 step 4", lambda end: end.data, "not iterable"),
    ("3.2 step 4", lambda end: end, "Return a list of Values. This is Value"),
    ("3.2 step 4", recursive, "calls itself once per step"),
    ("3.2 step 4", lambda end: end.nothing, "nothing"),
    ("3.2 step 5", overwrites, "You overwrite"),
    ("3.2 step 5", first_come, "before all of it had arrived"),
    ("3.2 step 5", calls_itself, "calls itself once per step"),
    ("3.2 step 5", without_a_seed, "Nothing arrived at x"),
    ("3.2 step 5", walk(lambda slope, value: value.grad), "The slope is missing"),
    ("3.2 step 5", walk(lambda slope, value: slope), "the slope alone"),
    ("3.2 step 5", walk(lambda slope, value: slope + value.grad), "slopes *multiply*"),
    ("3.2 step 5", walk(lambda slope, value: slope * value.data), "not by its number"),
    ("3.2 step 5", walk(lambda slope, value: slope * value.grad, lambda end: end.data), "not with its number"),
    ("3.2 step 5", walk(lambda slope, value: slope * value.grad, lambda end: -1.0), "The sign"),
    ("3.2 step 5", all_ones, "more than the end's"),
    ("3.2 step 5", 3, "I expected a function"),
    ("3.2 step 5", lambda end: end.nothing, "nothing"),
    ("3.2 step 6", lambda w, x, y: 0.09, "which remembers nothing"),
    ("3.2 step 6", lambda w, x, y: Value(0.09), "the gradient of w₁"),
    ("3.2 step 6", drawn(relu=lambda z: z), "The ReLUs are missing"),
    ("3.2 step 6", drawn(last=lambda off: off), "The loss is its square"),
    ("3.2 step 6", drawn(sign=1), "You added the truth"),
    ("3.2 step 6", drawn(sign=0), "The truth is missing"),
    ("3.2 step 6", drawn(sign=0, last=lambda guess: guess), "That is the guess"),
    ("3.2 step 6", drawn(order=(0, 2, 1, 3)), "w₂ and w₃ are exchanged"),
    ("3.2 step 6", sheet_by_signs, "does not know the signs"),
    ("3.2 step 6", sheet_with_a_bare_truth, "wrap it first"),
    ("3.2 step 6", lambda w, x, y: sheet(w, x), "y"),
    ("3.2 step 6", lambda w, x, y: sheet([Value(v.data) for v in w], x, y), "the Values that you are given"),
    ("3.2 step 6", drawn(last=lambda off: mul(off, Value(off.data))), "is `off` used twice?"),
    ("3.2 step 6", drawn(guess=relu), "The guess itself has no ReLU"),
    ("3.2a", 3.7499, "answers 2.00004 hours, not 2"),
    ("3.2a", math.nan, "a finite number"),
    ("3.2a", 2.6, "2.6 is what h₁ should be"),
    ("3.2a", 3.25, "You have left out the second input"),
    ("3.2a", 0.0, "the first unit is off"),
    ("3.2a", 3.0, "the network answers 2.3 hours, not 2. Try a larger w₁"),
    ("3.2a", 5.0, "Try a smaller w₁"),
    ("3.2a", [3.75], "I received an array of shape (1,)"),
    ("3.2b", 0.5, "I expected a function"),
    ("3.2b", lambda x: 1 / (1 + math.exp(-x.data)), "returns float; wrap the number"),
    ("3.2b", rule(value=lambda s: -s), "The sign is turned round."),
    ("3.2b", rule(parents=()), "does not remember where it came from"),
    ("3.2b", lambda x: Value(sigmoid(x).data, (x), (0.25,)), "needs a comma"),
    ("3.2b", lambda x: Value(sigmoid(x).data, (x,), (0.25)), "needs a comma"),
    ("3.2b", lambda x: Value(sigmoid(x).data, x, 0.25), "needs a comma"),
    ("3.2b", lambda x: Value(1 / (1 + math.exp(-x)), (x,), (0.25,)), "does not know the signs"),
    ("3.2b", lambda x: Value(1 / (1 + np.exp(x)), (x,), (0.25,)), "NumPy does not know Values"),
    ("3.2b", lambda x: Value(1 / (1 + np.exp**-x.data), (x,), (0.25,)), "Your function stopped at its line 1"),
    ("3.2b", lambda x: Value(1 / (1 + math.exp(x.data)), (x,), (0.25,)), "The sign of x"),
    ("3.2b", rule(slope=lambda s, x: -s * (1 - s)), "The sign of the slope"),
    ("3.2b", rule(slope=lambda s, x: 1 - s), "One factor is missing"),
    ("3.2b", rule(slope=lambda s, x: s), "The slope is not the value itself"),
    ("3.2b", rule(slope=lambda s, x: x * (1 - x)), "You put x into s · (1 − s)"),
    ("3.2b", rule(slope=lambda s, x: 1 - s * s), "the slope of tanh"),
    ("3.2b", rule(slope=lambda s, x: 1.0), "a straight line"),
    ("3.2b", rule(slope=lambda s, x: 0.3), "At x = 2, the slope: expected 0.105, received 0.3."),
    ("3.2c", lambda x, y, w, v: np.outer(v, x), "Return two arrays"),
    ("3.2c", lambda x, y, w, v: layer_gradients(x, y, w, v)[::-1], "You return dv first"),
    ("3.2c", layer(lambda g, v, on, h, x: (g * v * on, g * h)), "`np.outer`"),
    ("3.2c", lambda x, y, w, v: np.zeros((2, 2)), "Return two arrays"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * v, x), g * h)), "The ReLU is missing on the way back"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g / 2 * v * on, x), g / 2 * h)), "The factor 2"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(-g * v * on, x), -g * h)), "The sign is turned round"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(x, g * v * on), g * h)), "Rows and columns are exchanged"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * on, x), g * h)), "The weight v between"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * v * on, x), g / 2 * h)), "dv lacks the factor 2"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * v * on, x), h)), "dv lacks the factor g"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * v * on, x), g * v)), "h, not v itself"),
    ("3.2c", lambda x, y, w, v: (layer_gradients(x, y, w, v)[0], relu_left_out(x, y, w, v)), "after the ReLU, not z"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(v * on, x), g * h)), "The factor g is missing"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * v * ~on, x), g * h)), "You keep the units that are off"),
    ("3.2c", layer(lambda g, v, on, h, x: (np.outer(g * v * on, h), g * h)), "before W is x, not h"),
    ("3.2c", layer(lambda g, v, on, h, x: (g * v * on * x[: len(h)], g * h)), "entry by entry"),
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
    said = [there_and_back(step=step).says for step in range(18)]
    assert said[1].endswith("z₁ = w₁ x₁ + w₂ x₂ = 3 · 0.8 + (−1) · 0.4 = 2.")
    assert said[8] == "Backwards, 2 of 11: ∂L/∂w₅ = ∂L/∂ŷ · h₁ = 0.6 · 2 = 1.2."
    assert len(set(said)) == 18


def test_values_come_first_and_gradients_one_by_one():
    def known(step, column):
        nodes, weights = (there_and_back(step=step).tables[name] for name in ("nodes", "weights"))
        return sum(bool(x) for x in [*nodes[column], *(weights["slope"] if column == "slope" else ())])

    assert [known(step, "value") for step in range(7)] == [3, 4, 5, 6, 7, 8, 9]
    assert [known(step, "slope") for step in range(6, 18)] == [0, *range(2, 13)]  # that of L itself is 1


def test_a_step_back_multiplies_what_it_says():
    """The product in the sentence of each one-edge step comes out as the sentence says."""
    for step in range(8, 18):
        a, b, c = re.search(r"= ([−\d.]+) · \(?([−\d.]+?)\)? = ([−\d.]+)\.$", there_and_back(step=step).says).groups()
        a, b, c = (float(x.replace("−", "-")) for x in (a, b, c))
        assert a * b == pytest.approx(c)


def test_a_unit_that_is_off_frees_its_weights():
    bars = there_and_back(step=17, w1=0).tables["blame"]
    assert [w for w, slope in zip(bars["weight"], bars["slope"], strict=True) if slope] == ["w₃", "w₄", "w₆"]


def test_no_setting_of_the_figure_lies_on_the_kink_or_leaves_the_axis():
    for w1, w5 in itertools.product(*(there_and_back.controls[name].positions() for name in ("w1", "w5"))):
        values = computed(w1, w5)
        assert abs(values["z₁"].data) > 0.1 and abs(values["z₂"].data) > 0.1
        slopes = there_and_back(step=17, w1=w1, w5=w5).tables["blame"]["slope"]
        assert SPAN[0] < min(slopes) and max(slopes) < SPAN[1]


PAGE = Path(__file__).parents[3] / "chapters/3_backprop/2_gradients_on_a_graph.ipynb"


def test_the_drawing_says_the_numbers_of_the_page_s_table():
    """Each row's product stands in the sentence of a step, and its result in what is drawn."""
    cells = json.loads(PAGE.read_text(encoding="utf-8"))["cells"]
    table = next("".join(cell["source"]) for cell in cells if cell["id"] == "text-2-table")
    rows = re.findall(r"\| \$(\w)_(\d)\$ \| (\S+) \| .*?([-\d.]+)(?:\$|, the ReLU is on) \| (\S+) \|", table)
    assert len(rows) == 10
    said = " ".join(drawings.walk_back.says)
    for letter, digit, arrives, local, result in rows:
        name = letter + "₀₁₂₃₄₅₆"[int(digit)]
        assert text(drawings.V[name].grad) == result
        if letter != "z":
            assert f"{arrives} · {local.replace('-', '(−') + ')' * (local[0] == '-')} = {result}" in said


def test_every_gradient_of_the_walk_becomes_known_once():
    names = [name for names, _ in drawings.WALK for name in names]
    assert sorted(names) == sorted(["L", "ŷ", "h₁", "h₂", "z₁", "z₂", *WEIGHTS])


def test_the_worked_engine_agrees_with_the_formula_and_with_the_library():
    w, x = ([Value(a) for a in HAND[name]] for name in "wx")
    backward(sheet(w, x, HAND["y"]))
    _, _, dw, dx = by_hand(**HAND)
    np.testing.assert_allclose([v.grad for v in (*w, *x)], [*dw, *dx])
    library = computed(3.0, -0.5)
    np.testing.assert_allclose([library[name].grad for name in (*WEIGHTS, *INPUTS)], [*dw, *dx])


def test_a_later_step_stands_on_the_earlier_ones_or_on_the_worked_ones():
    assert bench(sheet, 5)[2]
    names = {"mul": mul, "relu": relu, "Value": keeps(grad=lambda made: None)}
    exec("def sheet(w, x, y):\n    return mul(w[0], w[0])", names)
    function, engine, own = bench(names["sheet"], 5)
    assert not own and engine.Value is Value
    assert isinstance(function([Value(2.0)], [], 0.0), Value)


def test_the_gradient_of_w6_foretells_the_opposite_of_what_taking_it_out_does():
    w = np.array(list(WEIGHTS.values()))
    assert -w[5] * computed(3.0, -0.5)["w₆"].grad < 0 < loss([*w[:5], 0.0]) - loss(w)


def test_in_the_network_of_digits_the_gradient_foretells_most_removals():
    """The other side of the verdict: the sheet's w6 is not how it always goes."""
    part = data.digits().train
    x, y = Tensor(part.x[:100].reshape(100, 64), dtype=np.float64), part.y[:100]
    with fork_rng():
        manual_seed(0)
        model = MLP([64, 16, 10]).double()
    loss = cross_entropy(model(x), y)
    loss.backward()
    arrays = [p.array for p in model.parameters()]
    lines = np.concatenate([-(p.grad.numpy() * p.array).ravel() for p in model.parameters()])
    rises = []
    with no_grad():
        for array, i in ((a, i) for a in arrays for i in np.ndindex(a.shape)):
            before, array[i] = array[i], 0.0
            rises.append(cross_entropy(model(x), y).item() - loss.item())
            array[i] = before
    alike = ((np.array(rises) > 0) == (lines > 0))[lines != 0]
    assert 0.9 < alike.mean() < 1


def test_texts_have_no_dust():
    assert [text(x) for x in (0.1 + 0.2, -1e-17, -0.24)] == ["0.3", "0", "−0.24"]
