# ruff: noqa: E501 (tables, one case per line)
"""The checker must find wrong gradients, or every test that leans on it proves nothing."""

import re

import numpy as np
import pytest
import torch

import dlcore
from dlcore.gradcheck import GradcheckError, gradcheck, numeric_gradient
from dlcore.tensor import apply


def wrong_square(x):
    """x², with a gradient that is wrong at its second number."""
    return x * x, (lambda g: g * (2 * x + 0.01 * np.eye(2)[1]),)


def leaf(*numbers, dtype=np.float64):
    return dlcore.tensor(list(numbers), requires_grad=True, dtype=dtype)


def test_a_right_gradient_passes():
    assert gradcheck(lambda x, y: (x.exp() * y).sum(), [leaf(0.5, 1.0), leaf(2.0)])


def test_a_wrong_gradient_is_found_and_located():
    x = leaf(1.0, 3.0)
    with pytest.raises(GradcheckError, match=re.escape("gradcheck: input 1 at (1,): backward says 4.6")) as caught:
        gradcheck(lambda c, x: apply(wrong_square, x), [np.ones(1), x])
    assert "differences say 4.6" in str(caught.value)
    assert gradcheck(lambda x: apply(wrong_square, x), [x], raise_exception=False) is False


def test_a_missing_gradient_is_found():
    with pytest.raises(GradcheckError):
        gradcheck(lambda x: x.detach() * 2 + x, [leaf(1.0)])


def test_several_outputs_and_no_output():
    assert gradcheck(lambda x: x.unbind(0), [leaf(1.0, 2.0)])
    assert gradcheck(lambda x: x.detach() * 0, [leaf(1.0)])


def test_float32_is_refused():
    with pytest.raises(
        TypeError, match=re.escape("gradcheck: input 0 should be float64, but is float32; use x.double()")
    ):
        gradcheck(lambda x: x * 2, [leaf(1.0, dtype=np.float32)])


def test_the_inputs_are_left_as_they_were():
    x = leaf(1.0, 2.0)
    gradcheck(lambda x: x * x, [x])
    assert x.grad is None and x.tolist() == [1.0, 2.0]


def test_numeric_gradient_like_torch():
    x = np.array([[0.5, -1.0], [2.0, 0.25]])
    t = torch.tensor(x, requires_grad=True)
    (t.sin() * t).sum().backward()
    np.testing.assert_allclose(numeric_gradient(lambda a: (np.sin(a) * a).sum(), x), t.grad.numpy(), atol=1e-8)
