"""Sequences and signals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import data

fast = settings(max_examples=40, deadline=None, derandomize=True)


@fast
@given(n=st.integers(1, 50), distance=st.integers(0, 30), symbols=st.integers(1, 9), seed=st.integers(0, 99))
def test_recall_asks_for_the_first_symbol(n, distance, symbols, seed):
    x, y = data.recall(n, distance, symbols, generator=seed)
    assert x.shape == (n, distance + 2) and x.dtype == y.dtype == np.int64
    assert np.array_equal(x[:, 0], y) and (x[:, -1] == symbols).all()
    assert (x[:, :-1] < symbols).all() and (x >= 0).all()


def test_the_distractors_of_recall_say_nothing_about_the_cue():
    x, y = data.recall(20000, 3, generator=0)
    assert abs((x[:, 1] == y).mean() - 0.25) < 0.02


@fast
@given(length=st.integers(1, 8), delay=st.integers(0, 12), symbols=st.integers(1, 9), seed=st.integers(0, 99))
def test_copy_returns_the_symbols_after_the_go_signal(length, delay, symbols, seed):
    x, y = data.copy(5, length, delay, symbols, generator=seed)
    assert x.shape == y.shape == (5, 2 * length + delay)
    assert np.array_equal(x[:, :length], y[:, length + delay :])
    assert (y[:, : length + delay] == symbols).all() and (x[:, :length] < symbols).all()
    assert (x[:, length + delay] == symbols + 1).all()
    rest = np.delete(x, length + delay, axis=1)[:, length:]
    assert (rest == symbols).all()


@fast
@given(n=st.integers(1, 60), length=st.integers(2, 30), seed=st.integers(0, 99))
def test_order_holds_each_marker_once_in_the_order_of_its_class(n, length, seed):
    x, y = data.order(n, length, symbols=4, generator=seed)
    assert ((x == 4).sum(axis=1) == 1).all() and ((x == 5).sum(axis=1) == 1).all()
    assert np.array_equal((x == 4).argmax(axis=1) > (x == 5).argmax(axis=1), y == 1)
    assert abs(int(y.sum()) - n // 2) <= 1


def test_sines_without_noise_are_sums_of_few_frequencies():
    x = data.sines(2, length=4000, waves=2, noise=0, periods=(10, 20), generator=0)
    assert x.shape == (2, 4000) and x.dtype == np.float32
    power = np.abs(np.fft.rfft(x * np.hanning(4000), axis=1)) ** 2
    frequency = np.fft.rfftfreq(4000)
    inside = (frequency > 1 / 20 - 0.002) & (frequency < 1 / 10 + 0.002)
    assert (power[:, inside].sum(axis=1) / power.sum(axis=1) > 0.999).all()
    assert np.abs(x).max() <= 2.0


def test_the_best_predictor_of_an_autoregressive_signal_errs_by_the_noise():
    c = (0.75, -0.5)
    (x,) = data.autoregressive(1, 20000, c, noise=0.3, generator=1).astype(np.float64)
    error = x[2:] - (c[0] * x[1:-1] + c[1] * x[:-2])
    assert abs(error.std() - 0.3) < 0.01
    assert abs(np.corrcoef(error[1:], error[:-1])[0, 1]) < 0.03


@fast
@given(c=st.floats(-0.95, 0.95), seed=st.integers(0, 20))
def test_an_autoregressive_signal_of_order_one_starts_in_its_steady_state(c, seed):
    x = data.autoregressive(4000, 3, [c], generator=seed)
    assert np.allclose(x.std(axis=0), 1 / np.sqrt(1 - c * c), rtol=0.08)


@pytest.mark.parametrize("coefficients", [[1.0], [0.5, 0.6], [2.0, -1.0], (-1.01,)])
def test_an_exploding_recursion_is_refused(coefficients):
    with pytest.raises(ValueError, match="so the signal explodes; the modulus must be below 1"):
        data.autoregressive(coefficients=coefficients)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data.recall(0, 3), "recall: n must be a whole number, at least 1; got 0"),
        (lambda: data.recall(1, -1), "recall: distance must be a whole number, at least 0"),
        (lambda: data.copy(1, length=0), "copy: length must be"),
        (lambda: data.order(4, length=1), "order: length must be a whole number, at least 2"),
        (lambda: data.sines(waves=0), "sines: waves must be"),
        (lambda: data.sines(periods=(5, 2)), "0 < shortest <= longest; got"),
        (lambda: data.autoregressive(coefficients=[]), "a list of at least one number; got"),
        (lambda: data.autoregressive(noise=-1), "autoregressive: noise must be at least 0"),
        (
            lambda: data.windows(np.zeros((2, 9)), 3),
            r"expected one series of shape \(T,\), such as one row; got \(2, 9\)",
        ),
        (lambda: data.windows(np.zeros(4), 3, horizon=2), "too short for length 3 and horizon 2; it needs at least 5"),
        (lambda: data.windows(np.zeros(9), 3, stride=0), "windows: stride must be"),
        (lambda: data.contexts(np.zeros(3), 3), "contexts: a series of 3 steps is too short"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@fast
@given(t=st.integers(2, 80), length=st.integers(1, 20), horizon=st.integers(1, 5), stride=st.integers(1, 7))
def test_windows_hold_consecutive_values_and_the_one_to_come(t, length, horizon, stride):
    if t < length + horizon:
        t = length + horizon
    x, y = data.windows(np.arange(t), length, horizon, stride)
    assert np.array_equal(x[:, 0], np.arange(len(x)) * stride)
    assert (np.diff(x, axis=1) == 1).all() and np.array_equal(y, x[:, -1] + horizon)
    assert y[-1] < t <= y[-1] + stride  # none is left out


@fast
@given(t=st.integers(2, 80), length=st.integers(1, 20), stride=st.none() | st.integers(1, 30))
def test_contexts_and_targets_are_one_step_apart(t, length, stride):
    t = max(t, length + 1)
    x, y = data.contexts(np.arange(t), length, stride)
    assert x.shape == y.shape and x.shape[1] == length
    assert np.array_equal(y, x + 1) and np.array_equal(x[:, 0], np.arange(len(x)) * (stride or length))
    assert y.max() < t < x[-1, 0] + (stride or length) + length + 1
