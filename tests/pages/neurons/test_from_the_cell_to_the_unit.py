"""Exercises of part 1: right answers pass, each usual mistake is named in its own words."""

import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from exercise_tests import held

from dlbook.page.stills import svg_of
from dlbook.pages.neurons.from_the_cell_to_the_unit import drawings, experiment
from dlbook.pages.neurons.from_the_cell_to_the_unit.drawings import cell_and_unit
from dlbook.pages.neurons.from_the_cell_to_the_unit.exercises import check, spikes_of
from dlbook.pages.neurons.from_the_cell_to_the_unit.figures import GAPS, one_current, pulses, two_inputs
from dlcore.models.neurons import Cell, lif


def relu_unit(x, w, b):
    return np.maximum(x @ w + b, 0)


def one_by_one(x, w, b):
    return [max(float(sum(xi * wi for xi, wi in zip(row, w, strict=True)) + b), 0.0) for row in x]


def max_of_arrays(x, w, b):
    return max(x @ w + b, 0)


def cell(**mistake):
    return lambda current, dt=0.1: spikes_of(current, **{"dt": dt, **mistake})


ANSWERS = {
    "1.2a": [-1.5, -2, -1.01, np.float32(-1.2), np.array(-1.5)],
    "1.2b": [relu_unit, one_by_one],
    "1.2c": [(1, -2, -1), [0.5, -1, -0.5], np.array([3.0, -6.0, -3.0])],
    "1.2d": [cell(), lambda current, dt: np.int64(spikes_of(current, dt) + (current[0] > 1.5))],
}
RIGHT = [(exercise, answer) for exercise, answers in ANSWERS.items() for answer in answers]

WRONG = [
    ("1.2a", 1.5, "a bias above zero pushes it on. The bias is the threshold with its sign turned round."),
    ("1.2a", 0, "the sum 0 reaches the threshold 0"),
    ("1.2a", -0.5, "A single active input is enough to fire this unit: that is an *or*."),
    ("1.2a", -1, "that is an *or*"),
    ("1.2a", -3, "never fires"),
    ("1.2a", float("nan"), "never fires"),
    ("1.2a", [-1.5], "A unit has one bias. I received an array of shape (1,)."),
    ("1.2a", "−1.5", "expected a number, received str"),
    ("1.2a", -2.5, "never fires"),
    ("1.2a", 2, "a bias above zero pushes it on"),
    ("1.2b", lambda x, w, b: x @ w + b, "That is the sum before it is bent."),
    ("1.2b", lambda x, w, b: np.maximum(x @ w, 0), "The bias is missing."),
    ("1.2b", lambda x, w, b: np.maximum(x @ w, 0) + b, "The bias comes too late"),
    ("1.2b", lambda x, w, b: np.maximum(x * w + b, 0), "The products are not added up"),
    ("1.2b", lambda x, w, b: np.maximum(x * w, 0).sum(axis=1) + b, "Add first, bend once."),
    ("1.2b", lambda x, w, b: relu_unit(x, w, b)[:, None], "they stand in a column, (N, 1)"),
    ("1.2b", lambda x, w, b: relu_unit(x, w, b).sum(), "Each keeps its own answer."),
    ("1.2b", lambda x, w, b: np.maximum(-x @ w - b, 0), "The sign is turned round"),
    ("1.2b", lambda x, w, b: np.minimum(x @ w + b, 0), "You kept what is negative."),
    ("1.2b", lambda x, w, b: np.maximum(x @ w - b, 0), "You subtracted the bias."),
    ("1.2b", lambda x, w, b: np.maximum((x * w + b).sum(axis=1), 0), "once for each input"),
    ("1.2b", lambda x, w, b: (x @ w + b >= 0).astype(float), "That is a step unit."),
    ("1.2b", max_of_arrays, "Your function stopped at its line 2, `return max(x @ w + b, 0)`"),
    ("1.2b", relu_unit(np.ones((1, 2)), np.ones(2), 0), "I expected a function and received a value of type ndarray."),
    ("1.2c", (-1, 2, 1), "your unit fires on the other side"),
    ("1.2c", (1, -2, 1), "Your border has the right slope, but lies elsewhere."),
    ("1.2c", (1, 2, 1), "At x₁ = 0, x₂ = 0 your unit should be off, and it fires."),
    ("1.2c", (0, 0, 1), "there is no border"),
    ("1.2c", (2, -4, -1), "Your border has the right slope, but lies elsewhere."),
    ("1.2c", (1, -2, -1.2), "Your border has the right slope, but lies elsewhere."),
    ("1.2c", (1, 2, -1), "should"),
    ("1.2c", (2, -1, -1), "should"),
    ("1.2c", (1, -2, -1, 0), "I expected three numbers, (w1, w2, b), and received an answer of shape (4,)."),
    ("1.2c", "x1 - 2 x2 - 1", "expected a number, received str"),
    ("1.2c", (1, -2), "I expected three numbers, (w1, w2, b), and received an answer of shape (2,)."),
    ("1.2d", cell(leak=False), "Your cell never forgets: the leak is missing"),
    ("1.2d", cell(leak=False, refractory=0), "forgets"),
    ("1.2d", cell(reset=None), "After a spike the voltage must be set back to −65 mV."),
    ("1.2d", cell(reset=None, refractory=0), "yours fires in every step"),
    ("1.2d", cell(reset=0.0), "After a spike the voltage must be set back to −65 mV."),
    ("1.2d", cell(refractory=0), "It is not deaf for 2 ms after a spike: in that time the voltage does not move."),
    ("1.2d", cell(start=0.0), "The voltage starts at −65 mV"),
    ("1.2d", lambda current, dt: min(1, spikes_of(current, dt)), "It stops counting at its first spike."),
    ("1.2d", cell(lift=1.0), "each nA lifts the voltage by 10 mV"),
    ("1.2d", cell(dt=0.1), "the length of a step is the argument `dt`"),
    ("1.2d", lambda current, dt: np.zeros(3), "I expected one count for the whole current"),
    ("1.2d", lambda current, dt: 7777, "With 1.4 nA for 300 ms in steps of 0.1 ms: expected 0 spikes, received 7777."),
]


def with_another_threshold(current, dt=0.1):
    """A mistake that is none of the usual ones: fires at −55 mV."""
    return lif(current, dt, Cell(threshold=-55.0))[1].sum()


test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


@pytest.mark.parametrize(("name", "answer", "said"), WRONG)
def test_no_message_gives_the_solution_away(name, answer, said):
    message = check.judge(name, answer).message
    assert not any(line in message for line in ("x @ w + b, 0)\n", "np.maximum", "(1, -2, -1)", "-1.5"))


def test_a_mistake_that_is_not_known_gets_no_wrong_name():
    message = check.judge("1.2d", with_another_threshold).message
    assert message == "With 1.4 nA for 300 ms in steps of 0.1 ms: expected 0 spikes, received 20."


def test_the_drawing_has_the_numbers_of_the_page():
    assert drawings.SUM == 0.75 and "0.75: cycle" in drawings.a_unit_by_hand.says[-1]
    page = Path(__file__).parents[3] / "chapters/1_neurons/2_from_the_cell_to_the_unit.ipynb"
    source = "".join(line for cell in json.loads(page.read_text())["cells"] for line in cell["source"])
    assert f"np.array({list(drawings.WEIGHTS)}), {drawings.BIAS}" in source


def test_the_best_relu_follows_the_rate_and_starts_too_early():
    """N5, steady: of all ReLU units the best is close, and its start is its largest miss."""
    rate = experiment.rates()
    w, b = experiment.best_relu(rate)
    answer = np.maximum(w * experiment.CURRENTS + b, 0)
    r2 = 1 - ((rate - answer) ** 2).sum() / ((rate - rate.mean()) ** 2).sum()
    assert 0.96 < r2 < 0.99
    assert 0.8 < -b / w < 0.9 and np.abs(rate - answer).argmax() == 30  # at 1.5 nA
    for turn in (-b / w - 0.05, -b / w + 0.05):
        x = np.maximum(experiment.CURRENTS - turn, 0)
        assert ((rate - (x @ rate) / (x @ x) * x) ** 2).sum() > ((rate - answer) ** 2).sum()


def test_leak_and_deafness_are_what_makes_timing_matter():
    """N5, timing: the counts differ with either, and with neither they are equal."""
    drawn = {name: experiment.spikes_drawn(cell)[1].sum(axis=0) for name, cell in experiment.CELLS.items()}
    assert np.ptp(drawn["leaks, is deaf 2 ms"]) == 20
    assert np.ptp(drawn["neither"]) == 0
    assert np.ptp(drawn["no leak"]) > 0 and np.ptp(drawn["never deaf"]) > 0
    spread, pairs, block, _ = drawn["no leak"]
    assert spread == pairs > block
    assert drawn["never deaf"][2] > drawn["never deaf"][1]


def test_a_unit_without_memory_cannot_tell_the_arrangements_apart():
    currents, _ = experiment.spikes_drawn()
    first, second, recent = experiment.readings(currents, 47.0, -40.0).values()
    np.testing.assert_allclose([np.ptp(first), np.ptp(second)], 0, atol=1e-9)
    assert np.ptp(recent) > 5


def test_the_border_lies_at_the_bias_over_the_length_of_the_arrow():
    """N8 with two inputs: doubled weights bring it nearer, a doubled bias takes it back."""
    for w, b, distance in ((1.0, -1.0, "0.71"), (2.0, -1.0, "0.35"), (2.0, -2.0, "0.71")):
        assert f"{distance} from the centre" in two_inputs(w1=w, w2=w, b=b).says


def test_two_inputs_by_hand():
    """1·x₁ + 1.5·x₂ − 1 = 0 lies 1/√3.25 = 0.55 from the centre."""
    frame = two_inputs(w1=1.0, w2=1.5, b=-1.0)
    assert "x₁ + 1.5 x₂ − 1 = 0" in frame.says
    assert "0.55" in frame.says
    ends = frame.tables["border"]
    np.testing.assert_allclose(ends["x"] + 1.5 * ends["y"], 1)
    along = frame.tables["along"]
    at = np.interp(frame.tables["foot"]["distance"], along["distance"], along["answer"])
    np.testing.assert_allclose(at, 0.5, atol=1e-6)  # the sigmoid of 0


def test_cell_and_unit_names_all_parts():
    plt.switch_backend("Agg")
    words = set(
        re.findall(r"<text[^>]*>([^<]+)<", svg_of(cell_and_unit(), "A drawing that is looked at by a test only."))
    )
    plt.close("all")
    parts = {"synapses", "dendrites", "soma", "threshold", "axon", "inputs", "weights", "sum z", "bias b", "answer a"}
    assert parts <= words


def test_every_grouping_brings_the_same_charge():
    charges = [pulses(group, gap, 10.0)[1].sum() for group in (1, 2, 4, 8) for gap in GAPS]
    np.testing.assert_allclose(charges, 8 * 10 * 10)  # eight pulses of ten steps and 10 nA


def test_the_figure_answers_its_question_and_opens_before_it():
    assert "fires 0 times" in one_current().says
    assert "fires 4 times" in one_current(leak=False).says
    answers = {one_current(group=g, gap=gap).tables["answers"]["spikes"][1] for g in (1, 2, 4, 8) for gap in GAPS}
    assert np.ptp(list(answers)) < 1e-9  # the unit does not hear when
