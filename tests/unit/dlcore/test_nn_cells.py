"""RNNCell, LSTMCell and GRUCell beside their PyTorch twins, and beside the layers that go through whole sequences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from nn_twins import TOLERANCE, assert_close, backward_of, check_twins, pair, same_modules, train_twins

import dlcore
from dlcore import nn
from dlcore.gradcheck import gradcheck

KINDS = ["RNN", "LSTM", "GRU"]
DTYPES = ["float32", "float64"]


def twins(kind, *sizes, **settings):
    dlcore.manual_seed(0)
    sizes = sizes or (3, 4)
    return getattr(nn, f"{kind}Cell")(*sizes, **settings), getattr(torch.nn, f"{kind}Cell")(*sizes, **settings)


def draw(*shape):
    return np.random.default_rng(sum(shape)).standard_normal(shape)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(2, 3), (3,), (0, 3), (1, 3)])
@pytest.mark.parametrize("kind", KINDS)
def test_twin(kind, shape, bias, dtype):
    ours, theirs = twins(kind, bias=bias)
    assert repr(ours) == repr(theirs)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    check_twins(ours, theirs, [draw(*shape)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_relu_instead_of_tanh(dtype):
    ours, theirs = twins("RNN", nonlinearity="relu")
    assert repr(ours) == repr(theirs)
    check_twins(ours, theirs, [draw(2, 3)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("front", [(2,), ()])
@pytest.mark.parametrize("kind", KINDS)
def test_given_states_and_their_gradients(kind, front, dtype):
    ours, theirs = same_modules(*twins(kind), dtype)
    x, u = pair(draw(*front, 3), dtype)
    (h, h_twin), (c, c_twin) = pair(draw(*front, 4), dtype), pair(-draw(*front, 4), dtype)
    y, t = (ours(x, (h, c)), theirs(u, (h_twin, c_twin))) if kind == "LSTM" else (ours(x, h), theirs(u, h_twin))
    assert_close(y, t, TOLERANCE[dtype], "output")
    backward_of(y)
    backward_of(t)
    for name, a, b in (("x", x, u), ("h", h, h_twin), ("c", c, c_twin)):
        assert_close(a.grad, b.grad, TOLERANCE[dtype], f"gradient of {name}")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.sampled_from(KINDS), st.integers(0, 4), st.integers(1, 5), st.integers(1, 5), st.booleans())
def test_any_size(kind, batch, features, hidden, bias):
    check_twins(*twins(kind, features, hidden, bias=bias), [draw(batch, features)], "float64")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_ten_steps(kind, dtype):
    train_twins(*twins(kind), [draw(5, 3)], dtype)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients(kind):
    cell = twins(kind)[0].double()
    x, h, c = (dlcore.tensor(draw(2, n), requires_grad=True) for n in (3, 4, 4))
    weights = list(cell.parameters())

    def step(x, h, c, *values):
        for name, value in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), values, strict=True):
            vars(cell)[name] = value  # past the module, which takes only parameters here
        return cell(x, (h, c) if kind == "LSTM" else h)

    assert gradcheck(step, [x, h, c, *weights])


@pytest.mark.parametrize("kind", KINDS)
def test_a_loop_over_the_cell_is_the_layer(kind):
    layer, cell = getattr(nn, kind)(3, 4).double(), twins(kind)[0].double()
    cell.load_state_dict({key.removesuffix("_l0"): value for key, value in layer.state_dict().items()})
    x, state = dlcore.tensor(draw(6, 2, 3)), None
    for step in x:
        state = cell(step, state)
    end = layer(x)[1]
    for mine, last in zip(state, end, strict=True) if kind == "LSTM" else [(state, end)]:
        assert_close(mine, last[0], 1e-12)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: nn.LSTMCell(3, 4)(dlcore.ones(2, 5)),
            dlcore.ShapeError,
            "LSTMCell: x should have shape (N, D=3), but got (2, 5): axis 1 (D) is 5, expected 3. "
            "D is the cell's input_size.",
        ),
        (
            lambda: nn.GRUCell(3, 4)(dlcore.ones(5, 2, 3)),
            dlcore.ShapeError,
            "GRUCell: x should have shape (D=3,), but got (5, 2, 3): it has 3 axes, expected 1. "
            "D is the cell's input_size.",
        ),
        (
            lambda: nn.GRUCell(3, 4)(dlcore.ones(2, 3), dlcore.ones(1, 4)),
            dlcore.ShapeError,
            "GRUCell: hx should have shape (N=2, H=4), but got (1, 4): axis 0 (N) is 1, expected 2.",
        ),
        (
            lambda: nn.LSTMCell(3, 4)(dlcore.ones(2, 3), (dlcore.ones(2, 4), dlcore.ones(2, 3))),
            dlcore.ShapeError,
            "LSTMCell: c should have shape (N=2, H=4), but got (2, 3): axis 1 (H) is 3, expected 4.",
        ),
        (
            lambda: nn.LSTMCell(3, 4)(dlcore.ones(2, 3), (dlcore.ones(2, 4),)),
            ValueError,
            "LSTMCell: hx should be the pair (h, c), but has 1 parts.",
        ),
        (
            lambda: nn.RNNCell(3, 4)(dlcore.ones(2, 3), dlcore.ones(2, 4, dtype=dlcore.float64)),
            TypeError,
            "RNNCell: hx is float64, but the weights are float32. Write hx.to(dlcore.float32), or change the module.",
        ),
        (
            lambda: nn.RNNCell(3, 4)([1.0, 2.0, 3.0]),
            TypeError,
            "RNNCell: x should be a tensor, but got list. Write dlcore.tensor(x).",
        ),
        (
            lambda: nn.RNNCell(3, 4, nonlinearity="sine"),
            ValueError,
            "RNNCell: nonlinearity must be 'tanh' or 'relu', got 'sine'.",
        ),
    ],
)
def test_errors(make, error, message):
    with pytest.raises(error) as raised:
        make()
    assert str(raised.value) == message
