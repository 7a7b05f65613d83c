"""RNN, LSTM and GRU beside their PyTorch twins: layers, directions, layouts, first states, ten steps."""

import numpy as np
import pytest
import torch
from nn_twins import TOLERANCE, assert_close, check_twins, pair, same_modules, train_twins

import dlcore
from dlcore import nn

KINDS = ["RNN", "LSTM", "GRU"]
DTYPES = ["float32", "float64"]
SETTINGS = {
    "plain": {},
    "layers": {"num_layers": 2},
    "both directions": {"bidirectional": True},
    "layers and directions": {"num_layers": 2, "bidirectional": True, "batch_first": True},
    "without bias": {"bias": False},
    "dropout": {"num_layers": 3, "dropout": 0.5},
}


def twins(kind, **settings):
    dlcore.manual_seed(0)
    return getattr(nn, kind)(3, 4, **settings), getattr(torch.nn, kind)(3, 4, **settings)


def draw(*shape):
    return np.random.default_rng(1).standard_normal(shape)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_twin(kind, setting, dtype):
    ours, theirs = twins(kind, **SETTINGS[setting])
    assert repr(ours) == repr(theirs)
    if "dropout" in SETTINGS[setting]:  # no two libraries draw the same
        ours.eval(), theirs.eval()
    check_twins(ours, theirs, [draw(5, 2, 3)], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("setting", ["plain", "layers and directions"])
@pytest.mark.parametrize("kind", KINDS)
def test_ten_steps(kind, setting, dtype):
    ours, theirs = twins(kind, **SETTINGS[setting])
    train_twins(_Outputs(ours), _TheirOutputs(theirs), [draw(5, 2, 3)], dtype)


class _Outputs(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


class _TheirOutputs(torch.nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


@pytest.mark.parametrize("dtype", DTYPES)
def test_relu_instead_of_tanh(dtype):
    ours, theirs = twins("RNN", nonlinearity="relu")
    check_twins(ours, theirs, [draw(5, 2, 3)], dtype)


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_first_states_and_their_gradients(kind, batched):
    ours, theirs = same_modules(*twins(kind, num_layers=2, bidirectional=True), "float64")
    x, u = pair(draw(5, 2, 3) if batched else draw(5, 3), "float64")
    shape = (4, 2, 4) if batched else (4, 4)
    starts = [pair(np.random.default_rng(seed).standard_normal(shape), "float64") for seed in range(2)]
    mine, twin = [a for a, _ in starts], [b for _, b in starts]
    y, last = ours(x, tuple(mine) if kind == "LSTM" else mine[0])
    t, last_twin = theirs(u, tuple(twin) if kind == "LSTM" else twin[0])
    assert_close((y, last), (t, last_twin), TOLERANCE["float64"])
    (y * y).sum().backward()
    (t * t).sum().backward()
    for (a, b), _ in zip(starts, range(2 if kind == "LSTM" else 1), strict=False):
        assert_close(a.grad, b.grad, TOLERANCE["float64"], "gradient of the first state")


@pytest.mark.parametrize("kind", KINDS)
def test_reading_in_two_pieces_is_reading_in_one(kind):
    layer, _ = twins(kind)
    x = dlcore.tensor(draw(6, 2, 3).astype(np.float32))
    whole, end = layer(x)
    first, between = layer(x[:4])
    second, end_of_two = layer(x[4:], between)
    np.testing.assert_allclose(whole.detach().numpy()[4:], second.detach().numpy(), atol=1e-6)
    ends = [(end, end_of_two)] if kind != "LSTM" else zip(end, end_of_two, strict=True)
    for a, b in ends:
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_one_step_and_one_sequence_in_the_batch(kind):
    ours, theirs = twins(kind)
    check_twins(ours, theirs, [draw(1, 1, 3)], "float64")


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_without_a_batch(kind):
    ours, theirs = twins(kind, batch_first=True)
    check_twins(ours, theirs, [draw(5, 3)], "float64")


def test_dropout_stands_between_layers_only():
    dlcore.manual_seed(0)
    x = dlcore.tensor(draw(5, 2, 3).astype(np.float32))
    layer = nn.LSTM(3, 4, num_layers=2, dropout=0.9)
    assert not np.allclose(layer(x)[0].detach().numpy(), layer(x)[0].detach().numpy())
    layer.eval()
    assert np.array_equal(layer(x)[0].detach().numpy(), layer(x)[0].detach().numpy())
    single = nn.LSTM(3, 4, dropout=0.9)
    assert np.array_equal(single(x)[0].detach().numpy(), single(x)[0].detach().numpy())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.LSTM(3, 4)(dlcore.ones(5, 2, 2)),
            "LSTM: x should have shape (T, N, D=3), but got (5, 2, 2): axis 2 (D) is 2, expected 3. "
            "D is the layer's input_size.",
        ),
        (
            lambda: nn.GRU(3, 4, batch_first=True)(dlcore.ones(3)),
            "GRU: x should have shape (N, T, D=3), but got (3,): it has 1 axis, expected 3. "
            "D is the layer's input_size.",
        ),
        (
            lambda: nn.GRU(3, 4)(dlcore.ones(5, 2, 3), dlcore.ones(2, 2, 4)),
            "GRU: h_0 should have shape (layers·directions=1, N=2, H=4), but got (2, 2, 4): "
            "axis 0 (layers·directions) is 2, expected 1.",
        ),
        (
            lambda: nn.LSTM(3, 4)(dlcore.ones(5, 2, 3), (dlcore.ones(1, 2, 4),)),
            "LSTM: expected the states h_0, c_0, got 1 of them.",
        ),
        (
            lambda: nn.RNN(3, 4)(dlcore.ones(0, 2, 3)),
            "RNN: x should have at least one time step, but got shape (0, 2, 3).",
        ),
    ],
)
def test_shape_errors(make, message):
    with pytest.raises(dlcore.ShapeError) as error:
        make()
    assert str(error.value) == message


def test_an_unknown_nonlinearity_is_refused():
    with pytest.raises(ValueError) as error:
        nn.RNN(3, 4, nonlinearity="sine")
    assert str(error.value) == "RNN: nonlinearity must be 'tanh' or 'relu', got 'sine'."
