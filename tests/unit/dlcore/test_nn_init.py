"""Initialisers: the laws of their PyTorch twins, and nothing drawn twice by accident."""

import math

import numpy as np
import pytest
import torch

import dlcore
from dlcore import nn
from dlcore.nn import init

LAWS = {
    "uniform_": {"a": -2.0, "b": 3.0},
    "normal_": {"mean": 1.0, "std": 2.0},
    "trunc_normal_": {"std": 2.0, "a": -1.0, "b": 3.0},
    "xavier_uniform_": {"gain": 2.0},
    "xavier_normal_": {},
    "kaiming_uniform_": {"a": math.sqrt(5)},
    "kaiming_normal_": {"mode": "fan_out", "nonlinearity": "relu"},
    "orthogonal_": {"gain": 3.0},
}


@pytest.mark.parametrize("shape", [(200, 100), (40, 20, 5, 5)])
@pytest.mark.parametrize("name", LAWS)
def test_same_law_as_the_twin(name, shape):
    ours = nn.Parameter(np.zeros(shape, np.float32))
    assert getattr(init, name)(ours, **LAWS[name], generator=dlcore.Generator(0)) is ours
    theirs = getattr(torch.nn.init, name)(
        torch.empty(shape), **LAWS[name], generator=torch.Generator().manual_seed(0)
    ).numpy()
    for quantile in (0.05, 0.2, 0.5, 0.8, 0.95):
        a, b = np.quantile(ours.array, quantile), np.quantile(theirs, quantile)
        assert abs(a - b) < 0.04 * theirs.std(), quantile
    assert abs(ours.array.std() / theirs.std() - 1) < 0.03
    assert ours.array.dtype == np.float32 and ours.grad_fn is None


@pytest.mark.parametrize("name", LAWS)
def test_generator_and_seed(name):
    def draw(generator=None):
        return getattr(init, name)(nn.Parameter(np.zeros((4, 3))), generator=generator).array

    assert (draw(dlcore.Generator(1)) == draw(dlcore.Generator(1))).all()
    dlcore.manual_seed(2)
    first = draw()
    dlcore.manual_seed(2)
    assert (draw() == first).all() and (draw() != first).any()


def test_constants():
    p = nn.Parameter(np.full((2, 3), 5.0))
    assert (init.zeros_(p).array == 0).all() and (init.ones_(p).array == 1).all()
    assert (init.constant_(p, 0.3).array == 0.3).all()


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (4, 2, 3)])
def test_orthogonal(shape):
    q = init.orthogonal_(nn.Parameter(np.zeros(shape)), gain=2.0).array.reshape(shape[0], -1)
    gram = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-12)


def test_truncation_holds():
    p = init.trunc_normal_(nn.Parameter(np.zeros(10_000)), a=-0.5, b=1.0)
    assert -0.5 <= p.array.min() < -0.49 and 0.99 < p.array.max() <= 1.0


@pytest.mark.parametrize(
    "name", ["linear", "conv1d", "conv2d", "conv_transpose2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"]
)
def test_gains(name):
    assert init.calculate_gain(name) == pytest.approx(torch.nn.init.calculate_gain(name))
    if name == "leaky_relu":
        assert init.calculate_gain(name, 0.5) == pytest.approx(torch.nn.init.calculate_gain(name, 0.5))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: init.xavier_uniform_(nn.Parameter(np.zeros(3))),
            "init: a tensor of shape (3,) has no fan in and fan out, which needs (out, in, …); "
            "for biases use zeros_ or uniform_.",
        ),
        (
            lambda: init.orthogonal_(nn.Parameter(np.zeros(3))),
            "init.orthogonal_: expected at least 2 axes, got shape (3,).",
        ),
        (
            lambda: init.kaiming_normal_(nn.Parameter(np.zeros((3, 2))), mode="in"),
            "init: mode must be 'fan_in' or 'fan_out', got 'in'.",
        ),
        (
            lambda: init.calculate_gain("gelu"),
            "calculate_gain: expected one of linear, conv1d, conv2d, conv_transpose2d, sigmoid, tanh, relu, selu, "
            "leaky_relu, got 'gelu'.",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == message
