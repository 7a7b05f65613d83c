"""The figure of the page "Gradients on a graph": its numbers are right, and each step says what it shows."""

import itertools
import re

import numpy as np
import pytest

from dlbook.figures.gradients_on_a_graph import INPUTS, LONGEST, TARGET, WEIGHTS, computed, text, there_and_back


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
