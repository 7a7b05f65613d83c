"""The messages are the teaching: each is matched to the mistake that it names."""

import re

import numpy as np
import pytest

from dlbook.grade import verdict
from dlbook.grade.errors import describe, explain


def check(**changes):
    return {"rtol": 1e-4, "atol": 1e-6, "mistakes": [], "rules": [], "says": ""} | changes


X = np.array([[0.5, 1.5, -2.0], [3.0, 0.25, 1.0]])


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (X, X + 1e-8),
        (X, X.tolist()),
        (X, X.astype(np.float32)),
        (3.0, 3),
        (3.0, np.array(3.0)),
        ([X, 1.0], [X.copy(), 1]),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        (np.array([1, 0]), np.array([True, False])),
        (np.array([1.0, 2.0]), [1.0, 2.0]),
        ({"a": X}, {"a": X}),
        (None, None),
        ("relu", "relu"),
        (np.array([np.inf, np.nan]), np.array([np.inf, np.nan])),
    ],
)
def test_right_answers_are_right(expected, got):
    assert verdict.diagnose(check(), expected, got) is None


@pytest.mark.parametrize(
    ("expected", "got", "says"),
    [
        (X, None, "Is there a `return`"),
        (X, {"missing": True}, "Not answered yet"),
        (X, "text", "a text came where numbers"),
        (X, X.T, r"expected shape \(2, 3\), received shape \(3, 2\).*transpose"),
        (X, X.sum(), "a single number.*`axis=`"),
        (X[0], X[:1], "an axis too many"),
        (X, X[0], "An axis has been lost"),
        (1.0, X, r"expected a single number, received shape \(2, 3\)"),
        (X, -X, "wrong sign"),
        (X, 2 * X, "every number is 2 times too large"),
        (X, X / 4, "every number is 4 times too small"),
        (X, np.where(X > 2.5, np.nan, X), "holds nan or inf"),
        (X[:, :2], X[:, :2].T, "Rows and columns have changed places"),
        (X, np.where(X > 2.5, 9, X), r"1 of 6 numbers differ; the first, at \[1, 0\], is too large"),
        (2.0, 1.5, "the number is too small"),
        ([1.0, X], [1.0, -X], "Result 2 of 2: every number has the wrong sign"),
        ([1.0, X], X, "2 things"),
        ([X[0], X[0]], X[0], r"received shape \(3,\). Give all of them, with commas between.$"),
        ({"a": 1.0}, {"b": 1.0}, "None"),
        ("relu", "tanh", "this is not it"),
        (X, [1, "a", None], "expected shape"),
    ],
)
def test_wrong_answers_are_explained(expected, got, says):
    said = verdict.diagnose(check(), expected, got)
    assert said is not None
    assert re.search(says, said, re.I), said


def test_a_known_mistake_is_named_before_anything_else():
    said = verdict.diagnose(check(mistakes=[(X + 1, "You added one.")], says="General."), X, X + 1)
    assert said == "You added one."


def test_a_known_mistake_of_another_shape_tells_the_shapes_too():
    said = verdict.diagnose(check(mistakes=[(X.T, "Transposed.")]), X, X.T)
    assert said.startswith("Transposed. (Expected shape (2, 3), received shape (3, 2)")


def test_a_rule_that_is_broken_is_named():
    p = np.array([[0.5, 0.5], [0.25, 0.75]])
    said = verdict.diagnose(check(rules=[("rows sum to 1", "The rows do not sum to 1.")]), p, p + 0.1)
    assert said == "The rows do not sum to 1."


@pytest.mark.parametrize("rule", sorted(verdict.RULES))
def test_rules_hold_where_they_should_and_nowhere_else(rule):
    good = {"sums to 1": [0.25, 0.75], "rows sum to 1": [[0.25, 0.75]]}.get(rule, [[0.5, 0.5]])
    bad = {"finite": [np.nan], "not negative": [-1.0]}.get(rule, [[2.0, 3.0]])
    assert verdict.holds(rule, good) and not verdict.holds(rule, bad) and not verdict.holds(rule, "text")


def test_messages_never_hold_the_right_number():
    right = np.array([0.731, 12.345])
    for got in (right + 1, right * 3, -right, right[::-1], right[:1], None, "x", [1.0, None]):
        said = verdict.diagnose(check(), right, got)
        assert "0.731" not in said and "12.345" not in said


def test_inputs_must_be_left_alone():
    said = verdict.diagnose(check(), X, X, after=[X + 1], before=[X])
    assert "has changed its inputs" in said
    assert verdict.diagnose(check(), X, X, after=[X.copy()], before=[X]) is None


def test_a_sealed_number_is_recognised_and_not_held():
    lock = verdict.seal([0.7311, 2.5], 0.01, "salt")
    assert verdict.opens(lock, [0.7311 + 0.004, 2.5 - 0.004])
    for wrong in ([0.7311 + 0.006, 2.5], [2.5, 0.7311], [0.7311], 0.7311, "text", [np.nan, 2.5], [1e300, 2.5], None):
        assert not verdict.opens(lock, wrong)
    assert np.all(np.abs(lock["rest"]) <= 0.5)
    assert "0.73" not in str(lock) and "2.5" not in str(lock)


def test_a_sealed_mistake_is_named():
    mistakes = [(verdict.seal(5.0, 0.01, "s"), "That is five.")]
    data = check(seal=verdict.seal(4.0, 0.01, "s"), mistakes=mistakes, says="Think.")
    assert verdict.diagnose_sealed(data, 4.0) is None
    assert verdict.diagnose_sealed(data, 5.0) == "That is five."
    assert verdict.diagnose_sealed(data, 6.0) == "Think."
    assert verdict.diagnose_sealed(data, None).startswith("The answer is None")


def test_one_number_for_two_is_no_sum_that_went_too_far():
    data = check(seal=verdict.seal([4.0, 2.0], 0.01, "s"))
    assert verdict.diagnose_sealed(data, 4.0).endswith(
        "received a single number. Give all of them, with commas between."
    )


def test_too_few_results_are_named_where_they_were_to_be_taken_apart():
    for text in ("not enough values to unpack (expected 2, got 1)", "too many values to unpack (expected 2)"):
        said = explain({"type": "ValueError", "text": text, "line": 0})
        assert "apart into 2" in said and "return all of them" in said


def taken_apart(result):
    first, second = result
    return first, second


@pytest.mark.parametrize("single", [2.5, 3, np.float64(2.5), np.int64(3), np.array(2.5)], ids=repr)
@pytest.mark.parametrize("take", [taken_apart, lambda result: result[0]])
def test_a_single_number_for_several_things_is_named(single, take):
    with pytest.raises((TypeError, IndexError)) as caught:
        take(single)
    said = describe(caught.value, "<cell")
    assert (
        explain(said)
        == "Several things are expected, and a single number came. Return all of them, with commas between."
    )
    assert explain(said | {"line": 3}).startswith("It stopped in line 3 of its cell with ")  # the student's own line
    assert "single number" not in explain({"type": "AttributeError", "text": "'float' object has no attribute 'x'"})
