"""Metrics against scikit-learn and by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as reference

import dlcore
from dlcore import train
from dlcore.train.metrics import predictions

fast = settings(max_examples=60, deadline=None, derandomize=True)
pairs = st.integers(2, 5).flatmap(
    lambda k: st.integers(1, 40).flatmap(
        lambda n: st.tuples(
            st.just(k),
            hnp.arrays(np.float32, (n, k), elements=st.floats(-5, 5, width=32)),
            hnp.arrays(np.int64, n, elements=st.integers(0, k - 1)),
        )
    )
)


@fast
@given(pairs)
def test_classification_metrics_agree_with_scikit_learn(case):
    k, logits, target = case
    named = logits.argmax(axis=1)
    classes = list(range(k))
    assert train.accuracy(logits, target) == pytest.approx(reference.accuracy_score(target, named))
    matrix = train.confusion_matrix(logits, target)
    assert np.array_equal(matrix, reference.confusion_matrix(target, named, labels=classes))
    theirs = reference.precision_recall_fscore_support(target, named, labels=classes, zero_division=0)
    for ours, expected in zip(train.precision_recall_f1(logits, target), theirs[:3], strict=True):
        assert np.allclose(ours, expected)


@fast
@given(pairs, st.integers(1, 12))
def test_calibration_accounts_for_every_example(case, bins):
    _, logits, target = case
    p = np.exp(logits.astype(float))
    p /= p.sum(axis=1, keepdims=True)
    result = train.calibration(p, target, bins)
    assert result.examples.sum() == len(target)
    there = result.examples > 0
    assert np.isnan(result.confidence[~there]).all() and np.isnan(result.accuracy[~there]).all()
    edges = np.linspace(0, 1, bins + 1)
    assert (result.confidence[there] <= edges[1:][there] + 1e-9).all()
    assert (result.confidence[there] >= edges[:-1][there] - 1e-9).all()
    assert (result.accuracy[there] * result.examples[there]).sum() / len(target) == pytest.approx(
        train.accuracy(p, target)
    )
    assert 0 <= train.calibration_error(p, target, bins) <= 1


def test_calibration_error_by_hand():
    p = np.array([[0.9, 0.1]] * 10 + [[0.6, 0.4]] * 10)
    y = np.array([0] * 7 + [1] * 3 + [0] * 6 + [1] * 4)
    assert train.calibration_error(p, y) == pytest.approx(0.5 * 0.2)
    assert train.calibration_error(np.eye(2)[[0, 1]], np.array([0, 1])) == 0


@fast
@given(
    hnp.arrays(np.float64, st.integers(2, 30), elements=st.floats(-100, 100)),
    st.integers(0, 99),
)
def test_r2_agrees_with_scikit_learn(y, seed):
    if np.ptp(y) < 1e-6:
        y = y + np.arange(len(y))
    guess = y + np.random.default_rng(seed).normal(size=len(y))
    assert train.r2(guess, y) == pytest.approx(reference.r2_score(y, guess))
    assert train.r2(np.full(len(y), y.mean()), y) == pytest.approx(0, abs=1e-9)
    assert train.r2(y[:, None], y) == 1


@pytest.mark.parametrize("make", [np.asarray, dlcore.tensor, torch.tensor], ids=["numpy", "dlcore", "torch"])
def test_metrics_take_arrays_and_tensors_of_both_libraries(make):
    logits, target = make(np.array([[2.0, 1.0], [0.0, 1.0]])), make(np.array([0, 0]))
    assert train.accuracy(logits, target) == 0.5
    assert train.confusion_matrix(logits, target).tolist() == [[1, 1], [0, 0]]
    assert train.perplexity(make(np.array(np.log(8.0)))) == pytest.approx(8)
    assert train.r2(make(np.array([1.0, 2.0])), make(np.array([1.0, 2.0]))) == 1


def test_tensors_that_require_grad_are_no_hindrance():
    for package in (dlcore, torch):
        assert train.accuracy(package.tensor([[2.0, 1.0]], requires_grad=True), np.array([0])) == 1


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (np.array([-1.0, 0.0, 2.0]), [0, 0, 1]),
        (np.array([[-1.0], [3.0]]), [0, 1]),
        (np.array([2, 0]), [2, 0]),
        (np.array([[2, 0]]), [[2, 0]]),
        (np.array([[[0.0, 1.0], [2.0, 1.0]]]), [[1, 0]]),
        (np.array([True, False]), [1, 0]),
        (np.array([[1.0, 1.0]]), [0]),
        (np.array([[np.inf, 0.0], [-np.inf, 0.0]]), [0, 1]),
    ],
)
def test_predictions_of_every_kind_of_output(output, expected):
    assert predictions(output).tolist() == expected and predictions(output).dtype == np.int64


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: predictions(np.zeros((2, 0))), r"of shape \(N, K\), \(N, T, K\) or \(N,\); got \(2, 0\)"),
        (lambda: predictions(np.float64(1.0)), "expected outputs of shape"),
        (lambda: predictions(np.array([np.nan])), "the outputs hold NaN"),
        (
            lambda: train.accuracy(np.zeros((2, 3)), np.zeros(3)),
            r"accuracy: outputs for \(2,\) examples need as many targets; got \(3,\)",
        ),
        (lambda: train.accuracy(np.zeros((0, 3)), np.zeros(0)), "accuracy: there are no examples to measure on"),
        (
            lambda: train.confusion_matrix(np.array([0, 3]), np.array([0, 1]), 3),
            r"predicted classes lie outside \[0, 3\)",
        ),
        (
            lambda: train.confusion_matrix(np.array([0, 1]), np.array([0, -1])),
            r"target classes lie outside \[0, 2\): -1 to 0",
        ),
        (lambda: train.calibration(np.array([[2.0, 1.0]]), [0]), "and other rows: apply softmax to logits first"),
        (lambda: train.calibration(np.array([0.5, 0.5]), [0, 1]), r"rows add up to 1; got shape \(2,\)\."),
        (lambda: train.calibration(np.array([[0.5, 0.5]]), np.array([0]), bins=0), "bins must be at least 1; got 0"),
        (lambda: train.r2(np.zeros(3), np.zeros(2)), "r2: 3 outputs need as many targets; got 2"),
        (lambda: train.r2(np.zeros(3), np.ones(3)), "r2: the target does not vary"),
        (lambda: train.r2(np.zeros(0), np.zeros(0)), "r2: the target does not vary"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_two_classes_make_a_matrix_of_two_even_if_one_never_comes():
    assert train.confusion_matrix(np.array([-1.0, -2.0]), np.array([0, 0])).tolist() == [[2, 0], [0, 0]]
    assert train.confusion_matrix(np.array([[-1.0]]), np.array([0])).shape == (2, 2)


def test_tokens_are_counted_over_all_steps():
    logits, target = np.eye(3)[[[0, 1], [2, 2]]], np.array([[0, 1], [2, 0]])
    assert train.accuracy(logits, target) == 0.75
    assert train.confusion_matrix(logits, target).sum() == 4


def test_targets_may_be_a_column():
    assert train.accuracy(np.array([[1.0], [-1.0]]), np.array([[1.0], [0.0]])) == 1


def test_perplexity_of_a_hopeless_model_is_infinite_without_a_warning():
    assert train.perplexity(1e4) == float("inf") and train.perplexity(0.0) == 1
