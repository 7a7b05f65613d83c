"""clip_grad_norm_ beside its twin."""

import math

import numpy as np
import pytest
import torch
from nn_twins import assert_close, pair

from dlcore import nn

GRADIENTS = [np.array([3.0, 4.0]), np.array([[12.0]]), np.array(0.5)]


def parameters(dtype="float32", scale=1.0):
    ours, theirs = zip(*[pair(np.zeros_like(g), dtype) for g in GRADIENTS], strict=True)
    for p, q, g in zip(ours, theirs, GRADIENTS, strict=True):
        g, t = pair(g * scale, dtype, grad=False)
        p.grad, q.grad = g, t
    unused, unused_twin = pair(np.zeros(2), dtype)
    return [*ours, unused], [*theirs, unused_twin]


@pytest.mark.parametrize("norm_type", [2.0, 1.0, math.inf])
@pytest.mark.parametrize("max_norm", [1.0, 100.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_twin(dtype, max_norm, norm_type):
    ours, theirs = parameters(dtype)
    norm = nn.utils.clip_grad_norm_(ours, max_norm, norm_type)
    twin = torch.nn.utils.clip_grad_norm_(theirs, max_norm, norm_type)
    assert_close(norm, twin, 1e-6 if dtype == "float32" else 1e-12)
    for p, q in zip(ours, theirs, strict=True):
        assert_close(p.grad, q.grad, 1e-6 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("scale", [math.inf, math.nan])
def test_not_finite(scale):
    with np.errstate(all="ignore"):
        (ours, theirs) = parameters(scale=scale)
        nn.utils.clip_grad_norm_(ours, 1.0)
        torch.nn.utils.clip_grad_norm_(theirs, 1.0)
    for p, q in zip(ours[:-1], theirs[:-1], strict=True):
        assert_close(p.grad, q.grad, 0)
    ours, _ = parameters(scale=scale)
    with pytest.raises(RuntimeError) as error:
        nn.utils.clip_grad_norm_(ours, 1.0, error_if_nonfinite=True)
    assert str(error.value) == (
        f"clip_grad_norm_: the length of all gradients together is {scale}; look for its first NaN or infinity."
    )


def test_no_gradients_and_a_single_tensor():
    ours, _ = parameters()
    assert nn.utils.clip_grad_norm_(ours[-1], 1.0).item() == 0
    assert nn.utils.clip_grad_norm_(ours[0], 1.0).item() == 5
    np.testing.assert_allclose(ours[0].grad.numpy(), [0.6, 0.8], rtol=1e-6)
    assert nn.utils.clip_grad_norm_(iter(ours[1:2]), 6.0).item() == 12
    assert ours[1].grad.item() == pytest.approx(6, rel=1e-6)
