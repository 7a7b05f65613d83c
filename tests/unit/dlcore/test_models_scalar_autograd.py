"""The scalar engine: right for values used twice, for diamonds, for any depth, and equal to the big engine."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import Tensor
from dlcore.models.scalar_autograd import Value, add, backward, history, mul, relu, square, tanh

numbers = st.floats(-2, 2).map(lambda v: round(v, 3))


def test_by_hand():
    x, y = Value(2.0), Value(3.0)
    end = x * y + relu(x)
    backward(end)
    assert (end.data, end.grad, x.grad, y.grad) == (8, 1, 4, 2)


def test_a_value_that_is_used_again_adds_its_uses():
    x = Value(3.0)
    backward(x * x + x + x)
    assert x.grad == 8


def test_a_diamond_passes_on_only_when_all_has_arrived():
    x = Value(2.0)
    middle = square(x)  # 4
    left, right = middle * 3, middle * middle
    backward(left + right)  # 3x² + x⁴
    assert middle.grad == 3 + 2 * 4
    assert x.grad == 3 * 2 * 2 + 4 * 2**3


def test_a_long_way_round_does_not_overtake():
    """One path to x has one step, the other a hundred: x must still be visited after all of them."""
    x = Value(1.5)
    y = square(x)
    long = y
    for _ in range(100):
        long = long + 1
    backward(long + y)
    assert x.grad == 2 * 2 * 1.5


def test_any_depth():
    x = Value(1.0)
    end = x
    for _ in range(20_000):
        end = end + 1e-3
    backward(end)
    assert x.grad == 1


def test_many_paths_take_few_visits():
    """Doubling forty times has 2^40 paths, and 41 nodes."""
    x = Value(1.0)
    end = x
    for _ in range(40):
        end = end + end
    assert len(history(end)) == 41
    backward(end)
    assert x.grad == 2.0**40


def test_backward_twice_doubles_the_leaves_only():
    x, y = Value(2.0), Value(5.0)
    middle = x * y
    end = square(middle)
    backward(end)
    backward(end)
    assert (x.grad, y.grad) == (2 * 2 * 10 * 5, 2 * 2 * 10 * 2)
    assert (middle.grad, end.grad) == (20, 1)


@pytest.mark.parametrize(("at", "slope"), [(2.0, 1.0), (0.0, 0.0), (-1.0, 0.0)])
def test_relu_switches_the_way_back(at, slope):
    x = Value(at)
    backward(relu(x) * 3)
    assert x.grad == 3 * slope


def test_plain_numbers_join_in_on_either_side():
    x = Value(2.0)
    assert [v.data for v in (x + 1, 1 + x, x * 3, 3 * x, x - 1, 1 - x)] == [3, 3, 6, 6, 1, -1]
    end = 1 - x
    backward(end)
    assert x.grad == -1
    assert repr(end) == "Value(-1)"
    assert add(1, 2).data == 3 and mul(2, 3).data == 6


@settings(max_examples=60, deadline=None, derandomize=True)
@given(numbers, numbers, numbers)
def test_equals_the_engine_of_tensors(a, b, c):
    def formula(x, y, z, tanh, square):
        u = tanh(x * y + z) * x
        return square(u - y * z) + u * u - 2 * (1 - z)

    ours = [Value(v) for v in (a, b, c)]
    backward(formula(*ours, tanh, square))
    theirs = [Tensor(v, requires_grad=True, dtype=np.float64) for v in (a, b, c)]
    formula(*theirs, Tensor.tanh, lambda t: t**2).backward()
    for mine, other in zip(ours, theirs, strict=True):
        assert math.isclose(mine.grad, other.grad.item(), rel_tol=1e-9, abs_tol=1e-9)
