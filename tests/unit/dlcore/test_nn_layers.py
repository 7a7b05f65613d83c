"""Every layer beside its PyTorch twin: printing, forward, gradients, state, ten steps, in both dtypes."""

import re

import numpy as np
import pytest
import torch
from nn_twins import assert_same_state, check_twins, train_twins

import dlcore
from dlcore import nn

DTYPES = ["float32", "float64"]


def draw(*shape):
    return np.random.default_rng(0).standard_normal(shape)


# name: (class, arguments, keywords, shape of x)
LAYERS = {
    "linear": ("Linear", (5, 3), {}, (4, 5)),
    "linear without bias": ("Linear", (5, 3), {"bias": False}, (4, 5)),
    "linear, axes in front": ("Linear", (5, 3), {}, (2, 4, 5)),
    "linear, a vector": ("Linear", (5, 3), {}, (5,)),
    "linear, empty batch": ("Linear", (5, 3), {}, (0, 5)),
    "conv1d": ("Conv1d", (2, 4, 3), {}, (3, 2, 9)),
    "conv1d all": ("Conv1d", (2, 4, 3), {"stride": 2, "padding": 2, "dilation": 2, "bias": False}, (3, 2, 11)),
    "conv1d same": ("Conv1d", (2, 4, 3), {"padding": "same"}, (3, 2, 7)),
    "conv2d": ("Conv2d", (2, 4, 3), {}, (3, 2, 6, 7)),
    "conv2d all": (
        "Conv2d",
        (2, 4, (3, 2)),
        {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2), "bias": False},
        (2, 2, 7, 6),
    ),
    "conv2d same": ("Conv2d", (2, 4, 3), {"padding": "same"}, (2, 2, 5, 6)),
    "conv2d valid": ("Conv2d", (2, 4, 3), {"padding": "valid"}, (2, 2, 5, 6)),
    "conv_transpose2d": ("ConvTranspose2d", (2, 4, 3), {}, (3, 2, 4, 5)),
    "conv_transpose2d all": (
        "ConvTranspose2d",
        (2, 4, 3),
        {"stride": 2, "padding": 1, "output_padding": 1, "bias": False},
        (2, 2, 4, 3),
    ),
    "conv2d groups": ("Conv2d", (4, 6, 3), {"groups": 2, "padding": 1}, (2, 4, 5, 6)),
    "conv1d by channel": ("Conv1d", (4, 4, 3), {"groups": 4, "bias": False}, (2, 4, 7)),
    "conv_transpose2d groups": ("ConvTranspose2d", (4, 6, 3, 2, 1, 1, 2, False), {}, (2, 4, 3, 4)),
    "max_pool2d dilated": ("MaxPool2d", (2, 1, 1, 2), {}, (2, 3, 6, 7)),
    "max_pool1d dilated": ("MaxPool1d", (2,), {"dilation": 2}, (2, 3, 7)),
    "softplus of twice": ("Softplus", (2.0,), {}, (4, 5)),
    "dropout in place": ("Dropout", (0.0, True), {}, (4, 5)),
    "max_pool1d": ("MaxPool1d", (2,), {}, (2, 3, 7)),
    "max_pool2d": ("MaxPool2d", (2,), {}, (2, 3, 6, 7)),
    "max_pool2d overlapping": ("MaxPool2d", (3,), {"stride": 2, "padding": 1}, (2, 3, 6, 7)),
    "avg_pool2d": ("AvgPool2d", (2,), {}, (2, 3, 6, 7)),
    "avg_pool2d overlapping": ("AvgPool2d", (3,), {"stride": 2, "padding": 1}, (2, 3, 6, 7)),
    "adaptive_avg_pool2d": ("AdaptiveAvgPool2d", (1,), {}, (2, 3, 4, 5)),
    "adaptive_avg_pool2d to a grid": ("AdaptiveAvgPool2d", ((2, 3),), {}, (2, 3, 4, 6)),
    "adaptive_avg_pool2d uneven": ("AdaptiveAvgPool2d", (3,), {}, (2, 3, 5, 4)),
    "avg_pool1d": ("AvgPool1d", (2,), {}, (2, 3, 7)),
    "avg_pool1d overlapping": ("AvgPool1d", (3,), {"stride": 2, "padding": 1}, (2, 3, 7)),
    "group_norm": ("GroupNorm", (2, 4), {"eps": 1e-3}, (3, 4, 2, 3)),
    "group_norm not affine": ("GroupNorm", (2, 4), {"affine": False}, (3, 4, 5)),
    "rms_norm": ("RMSNorm", (5,), {}, (4, 5)),
    "rms_norm of two axes": ("RMSNorm", ((3, 5),), {"eps": 1e-3, "elementwise_affine": False}, (2, 3, 5)),
    "flatten": ("Flatten", (), {}, (2, 3, 4)),
    "flatten some": ("Flatten", (0, 1), {}, (2, 3, 4)),
    "unflatten": ("Unflatten", (1, (2, 3)), {}, (4, 6)),
    "identity": ("Identity", (), {}, (2, 3)),
    "batch_norm1d": ("BatchNorm1d", (3,), {}, (6, 3)),
    "batch_norm1d of sequences": ("BatchNorm1d", (3,), {"eps": 1e-3, "momentum": 0.3}, (4, 3, 5)),
    "batch_norm1d cumulative": ("BatchNorm1d", (3,), {"momentum": None}, (6, 3)),
    "batch_norm1d not affine": ("BatchNorm1d", (3,), {"affine": False}, (6, 3)),
    "batch_norm1d untracked": ("BatchNorm1d", (3,), {"track_running_stats": False}, (6, 3)),
    "batch_norm2d": ("BatchNorm2d", (3,), {}, (4, 3, 5, 2)),
    "layer_norm": ("LayerNorm", (5,), {}, (4, 5)),
    "layer_norm of two axes": ("LayerNorm", ((3, 5),), {"eps": 1e-3}, (2, 4, 3, 5)),
    "layer_norm without bias": ("LayerNorm", (5,), {"bias": False}, (4, 5)),
    "layer_norm not affine": ("LayerNorm", (5,), {"elementwise_affine": False}, (4, 5)),
    "dropout of nothing": ("Dropout", (0.0,), {}, (4, 5)),
    "relu": ("ReLU", (), {}, (4, 5)),
    "leaky_relu": ("LeakyReLU", (0.2,), {}, (4, 5)),
    "elu": ("ELU", (0.7,), {}, (4, 5)),
    "gelu": ("GELU", (), {}, (4, 5)),
    "gelu tanh": ("GELU", (), {"approximate": "tanh"}, (4, 5)),
    "silu": ("SiLU", (), {}, (4, 5)),
    "tanh": ("Tanh", (), {}, (4, 5)),
    "sigmoid": ("Sigmoid", (), {}, (4, 5)),
    "softplus": ("Softplus", (), {}, (4, 5)),
    "softmax": ("Softmax", (), {"dim": -1}, (4, 5)),
    "log_softmax": ("LogSoftmax", (), {"dim": 0}, (4, 5)),
}


def twins(case):
    name, arguments, keywords, shape = LAYERS[case]
    dlcore.manual_seed(0)
    return getattr(nn, name)(*arguments, **keywords), getattr(torch.nn, name)(*arguments, **keywords), draw(*shape)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", LAYERS)
def test_twin(case, dtype):
    ours, theirs, x = twins(case)
    assert repr(ours) == repr(theirs)
    check_twins(ours, theirs, [x], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", LAYERS)
def test_twin_in_evaluation(case, dtype):
    ours, theirs, x = twins(case)
    for _ in range(2):  # so that running statistics are of use
        ours(dlcore.tensor(x.astype(np.float32)))
    check_twins(ours.eval(), theirs.eval(), [x], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", [case for case in LAYERS if "empty" not in case and list(twins(case)[0].parameters())])
def test_ten_steps(case, dtype):
    ours, theirs, x = twins(case)
    train_twins(ours, theirs, [x], dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_embedding(dtype):
    index = np.array([[1, 0, 3], [3, 3, 4]])
    for options in ({}, {"padding_idx": 3}, {"padding_idx": -1}):
        ours, theirs = nn.Embedding(5, 4, **options), torch.nn.Embedding(5, 4, **options)
        assert repr(ours) == repr(theirs)
        check_twins(ours, theirs, [index], dtype)
        train_twins(ours, theirs, [index], dtype)


@pytest.mark.parametrize(
    ("name", "arguments"), [("ReLU", (True,)), ("LeakyReLU", (0.2, True)), ("ELU", (0.7, True)), ("SiLU", (True,))]
)
def test_in_place_is_accepted(name, arguments):
    """PyTorch overwrites what the layer before made; here nothing is, and all that is seen is the same."""
    ours, theirs = (n.Sequential(n.Linear(5, 3), getattr(n, name)(*arguments)) for n in (nn, torch.nn))
    assert repr(ours) == repr(theirs)
    check_twins(ours, theirs, [draw(4, 5)], "float64")


def test_padding_row_starts_and_stays_at_zero():
    layer = nn.Embedding(5, 4, padding_idx=-1)
    assert layer.padding_idx == 4
    assert (layer.weight.array[4] == 0).all()
    layer(np.array([4, 1])).sum().backward()
    assert (layer.weight.grad.array[4] == 0).all() and (layer.weight.grad.array[1] == 1).all()


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm2d"])
def test_running_statistics_after_many_batches(name):
    rng = np.random.default_rng(3)
    shape = (6, 3) if name == "BatchNorm1d" else (6, 3, 2, 2)
    ours, theirs = getattr(nn, name)(3), getattr(torch.nn, name)(3)
    for _ in range(20):
        x = (rng.standard_normal(shape) * 3 + 2).astype(np.float32)
        ours(dlcore.tensor(x))
        theirs(torch.tensor(x))
    assert int(ours.num_batches_tracked.array) == 20
    assert ours.num_batches_tracked.array.dtype == np.int64
    assert_same_state(ours, theirs, 1e-6)


class TestDropout:
    def test_drops_the_share_p_and_keeps_the_mean(self):
        dlcore.manual_seed(0)
        y = nn.Dropout(0.25)(dlcore.ones(100, 1000)).numpy()
        assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
        assert abs((y == 0).mean() - 0.25) < 0.01

    def test_gradient_passes_where_the_value_passed(self):
        x = dlcore.ones(1000, requires_grad=True)
        y = nn.Dropout(0.5)(x)
        y.sum().backward()
        np.testing.assert_array_equal(x.grad.numpy(), y.detach().numpy())

    def test_same_seed_same_bits(self):
        def draw(layer):
            return layer(dlcore.ones(50)).tolist()

        assert draw(nn.Dropout(0.5, generator=dlcore.Generator(3))) == draw(
            nn.Dropout(0.5, generator=dlcore.Generator(3))
        )
        dlcore.manual_seed(1)
        first = draw(nn.Dropout(0.5))
        dlcore.manual_seed(1)
        assert draw(nn.Dropout(0.5)) == first
        assert draw(nn.Dropout(0.5)) != first

    def test_nothing_happens_in_evaluation(self):
        x = dlcore.ones(5)
        assert nn.Dropout(0.5).eval()(x) is x

    @pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
    def test_p_must_be_a_probability(self, p):
        with pytest.raises(ValueError, match=re.escape(f"Dropout: p must be a probability in [0, 1], got {p}.")):
            nn.Dropout(p)


# what is done wrong, and the whole message
WRONG = {
    "Linear: x should have shape (…, in_features=3), but got (5, 4): axis 1 (in_features) is 4, expected 3.": lambda: (
        nn.Linear(3, 2)(dlcore.ones(5, 4))
    ),
    "Conv1d: x should have shape (N, C=3, T), but got (5, 2, 9): axis 1 (C) is 2, expected 3. "
    "Axes are batch, channels, time.": lambda: nn.Conv1d(3, 4, 2)(dlcore.ones(5, 2, 9)),
    "Conv2d: x should have shape (N, C=3, H, W), but got (3, 8, 8): it has 3 axes, expected 4. "
    "Axes are batch, channels, height, width.": lambda: nn.Conv2d(3, 4, 2)(dlcore.ones(3, 8, 8)),
    "ConvTranspose2d: x should have shape (N, C=3, H, W), but got (2, 1, 8, 8): axis 1 (C) is 1, expected 3. "
    "Axes are batch, channels, height, width.": lambda: nn.ConvTranspose2d(3, 4, 2)(dlcore.ones(2, 1, 8, 8)),
    "MaxPool1d: x should have shape (N, C, T), but got (4, 4): it has 2 axes, expected 3. "
    "Axes are batch, channels, time.": lambda: nn.MaxPool1d(2)(dlcore.ones(4, 4)),
    "MaxPool2d: x should have shape (N, C, H, W), but got (4, 4): it has 2 axes, expected 4. "
    "Axes are batch, channels, height, width.": lambda: nn.MaxPool2d(2)(dlcore.ones(4, 4)),
    "AvgPool2d: x should have shape (N, C, H, W), but got (4, 4): it has 2 axes, expected 4. "
    "Axes are batch, channels, height, width.": lambda: nn.AvgPool2d(2)(dlcore.ones(4, 4)),
    "AdaptiveAvgPool2d: x should have shape (N, C, H, W), but got (4, 4): it has 2 axes, expected 4. "
    "Axes are batch, channels, height, width.": lambda: nn.AdaptiveAvgPool2d(1)(dlcore.ones(4, 4)),
    "BatchNorm1d: x should have shape (N, features=3), but got (4, 4): axis 1 (features) is 4, expected 3.": lambda: (
        nn.BatchNorm1d(3)(dlcore.ones(4, 4))
    ),
    "BatchNorm2d: x should have shape (N, C=3, H, W), but got (4, 3): it has 2 axes, expected 4. "
    "Axes are batch, channels, height, width.": lambda: nn.BatchNorm2d(3)(dlcore.ones(4, 3)),
    "AvgPool1d: x should have shape (N, C, T), but got (4, 4): it has 2 axes, expected 3. "
    "Axes are batch, channels, time.": lambda: nn.AvgPool1d(2)(dlcore.ones(4, 4)),
    "GroupNorm: x should have shape (N, C=4, H), but got (2, 3, 5): axis 1 (C) is 3, expected 4.": lambda: nn.GroupNorm(
        2, 4
    )(dlcore.ones(2, 3, 5)),
    "RMSNorm: x should have shape (…, 3), but got (4,): axis 0 (3) is 4, expected 3.": lambda: nn.RMSNorm(3)(
        dlcore.ones(4)
    ),
    "LayerNorm: x should have shape (…, 3), but got (3, 4): axis 1 (3) is 4, expected 3.": lambda: nn.LayerNorm(3)(
        dlcore.ones(3, 4)
    ),
}


@pytest.mark.parametrize("message", WRONG)
def test_shape_errors_name_layer_axis_expected_received(message):
    with pytest.raises(dlcore.ShapeError) as error:
        WRONG[message]()
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Embedding(5, 2, padding_idx=5), "Embedding: padding_idx must be one of the 5 symbols, got 5."),
        (lambda: nn.Conv2d(1, 1, (1, 2, 3)), "expected one number, or 2: one an axis; got (1, 2, 3)."),
        (lambda: nn.GELU("erf"), "GELU: approximate must be 'none' or 'tanh', got 'erf'."),
        (
            lambda: nn.Conv2d(4, 3, 2, groups=2),
            "Conv2d: groups=2 must divide in_channels and out_channels, (4, 3).",
        ),
        (lambda: nn.GroupNorm(2, 3), "GroupNorm: num_channels must be a multiple of num_groups, got 3 and 2."),
    ],
)
def test_argument_errors(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda: nn.Linear(300, 200), lambda: torch.nn.Linear(300, 200)),
        (lambda: nn.Conv1d(30, 40, 5), lambda: torch.nn.Conv1d(30, 40, 5)),
        (lambda: nn.Conv2d(20, 40, 5), lambda: torch.nn.Conv2d(20, 40, 5)),
        (lambda: nn.ConvTranspose2d(20, 40, 5), lambda: torch.nn.ConvTranspose2d(20, 40, 5)),
        (lambda: nn.Embedding(300, 200), lambda: torch.nn.Embedding(300, 200)),
    ],
)
def test_first_weights_have_the_twin_s_law(ours, theirs):
    dlcore.manual_seed(0)
    torch.manual_seed(0)
    for (name, p), (_, q) in zip(ours().named_parameters(), theirs().named_parameters(), strict=True):
        p, q = p.detach().numpy().ravel(), q.detach().numpy().ravel()
        assert abs(p.std() / q.std() - 1) < (0.02 if p.size > 1000 else 0.25), name
        if p.size > 1000 and "Embedding" not in type(ours()).__name__:  # a uniform law has a bound
            assert abs(abs(p).max() / abs(q).max() - 1) < 0.01, name


def test_same_seed_same_weights():
    def weights(seed):
        dlcore.manual_seed(seed)
        return nn.Sequential(nn.Linear(3, 4), nn.Conv2d(1, 2, 3)).state_dict()

    a, b, c = weights(0), weights(0), weights(1)
    assert all((a[key].numpy() == b[key].numpy()).all() for key in a)
    assert all((a[key].numpy() != c[key].numpy()).any() for key in a)


LAYERS_WITH_WEIGHTS = {
    "Linear": (lambda: nn.Linear(3, 2), (5, 3)),
    "Conv1d": (lambda: nn.Conv1d(3, 4, 2), (5, 3, 9)),
    "Conv2d": (lambda: nn.Conv2d(3, 4, 2), (5, 3, 8, 8)),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(3, 4, 2), (5, 3, 8, 8)),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), (5, 3)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), (5, 3, 8, 8)),
    "LayerNorm": (lambda: nn.LayerNorm(3), (5, 3)),
    "GroupNorm": (lambda: nn.GroupNorm(1, 3), (5, 3)),
    "RMSNorm": (lambda: nn.RMSNorm(3), (5, 3)),
    "RNN": (lambda: nn.RNN(3, 4), (5, 2, 3)),
    "LSTM": (lambda: nn.LSTM(3, 4), (5, 2, 3)),
    "GRU": (lambda: nn.GRU(3, 4), (5, 2, 3)),
}


@pytest.mark.parametrize("name", LAYERS_WITH_WEIGHTS)
def test_dtypes_are_not_mixed_in_silence(name):
    """NumPy's numbers are float64 unless told otherwise: half of the speed would be gone without a word."""
    make, shape = LAYERS_WITH_WEIGHTS[name]
    with pytest.raises(TypeError) as error:
        make()(dlcore.tensor(np.ones(shape)))
    assert str(error.value) == (
        f"{name}: x is float64, but the weights are float32. Write x.to(dlcore.float32), or change the module."
    )
    with pytest.raises(TypeError, match=f"{name}: x is int64, but the weights are float64"):
        make().double()(dlcore.ones(*shape).long())
    with pytest.raises(TypeError) as error:
        make()([1.0, 2.0])
    assert str(error.value) == f"{name}: x should be a tensor, but got list. Write dlcore.tensor(x)."


@pytest.mark.parametrize("name", ["MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d"])
def test_something_else_than_a_tensor(name):
    with pytest.raises(TypeError, match=f"{name}: x should be a tensor, but got float"):
        getattr(nn, name)(2)(1.0)


NOTHING = {
    "Linear": ((3, 2), {}, (0, 3)),
    "Conv1d": ((3, 4, 2), {}, (0, 3, 5)),
    "Conv2d": ((3, 4, 2), {}, (0, 3, 5, 5)),
    "ConvTranspose2d": ((3, 4, 2), {}, (0, 3, 5, 5)),
    "MaxPool2d": ((2,), {}, (0, 3, 4, 4)),
    "AvgPool2d": ((2,), {}, (0, 3, 4, 4)),
    "AdaptiveAvgPool2d": ((1,), {}, (0, 3, 4, 4)),
    "LayerNorm": ((3,), {}, (0, 3)),
    "GroupNorm": ((1, 3), {}, (0, 3)),
    "RMSNorm": ((3,), {}, (0, 3)),
    "RNN": ((3, 4, 2), {}, (5, 0, 3)),
    "LSTM": ((3, 4), {"bidirectional": True}, (5, 0, 3)),
    "GRU": ((3, 4), {}, (5, 0, 3)),
    "TransformerEncoderLayer": ((4, 2, 8, 0.0), {"batch_first": True}, (0, 3, 4)),
}


@pytest.mark.parametrize("name", NOTHING)
def test_an_empty_batch_gives_what_the_twin_gives(name):
    arguments, keywords, shape = NOTHING[name]
    ours, theirs = getattr(nn, name)(*arguments, **keywords), getattr(torch.nn, name)(*arguments, **keywords)
    check_twins(ours, theirs, [np.zeros(shape)], "float32")


def test_batch_norm_of_one_example_says_what_is_wrong():
    with pytest.raises(ValueError, match="expected more than 1 number per channel when training"):
        nn.BatchNorm1d(3)(dlcore.ones(1, 3))
    assert nn.BatchNorm1d(3).eval()(dlcore.ones(1, 3)).shape == (1, 3)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("name", ["relu", "tanh", "sigmoid", "silu", "softmax", "linear", "layer_norm", "max_pool2d"])
def test_infinities_and_nan_come_out_as_in_the_twin(name, value):
    ours, theirs, x = twins(name)
    theirs.load_state_dict(ours.state_dict())
    x = x.astype(np.float32)
    x.flat[3] = value
    y, t = ours(dlcore.tensor(x)).detach().numpy(), theirs(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(y, t, rtol=1e-5, atol=1e-6)
