"""Attention and transformer layers beside their PyTorch twins: masks, layouts, weights; positional encodings."""

import copy

import numpy as np
import pytest
import torch
from nn_twins import (
    TOLERANCE,
    assert_close,
    assert_same_gradients,
    backward_of,
    check_twins,
    pair,
    same_modules,
    train_twins,
)

import dlcore
from dlcore import nn

DTYPES = ["float32", "float64"]
N, T, S, D, H = 2, 4, 5, 6, 3
CAUSAL = np.triu(np.ones((T, T), bool), 1)
PADDING = np.array([[False, False, False, True], [False, False, True, True]])


def draw(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def mask_pair(mask, dtype):
    if mask is None:
        return None, None
    return pair(mask, dtype, grad=False)


# Masks in which no position is left without any answer.
MASKS = {
    "none": (None, None),
    "causal": (CAUSAL, None),
    "additive": (draw(T, T, seed=5), None),
    "one for each head": (draw(N * H, T, T, seed=6), None),
    "padding": (None, PADDING),
    "additive padding": (None, draw(N, T, seed=7)),
    "causal and padding": (CAUSAL, PADDING),
}


@pytest.mark.filterwarnings("ignore:Support for mismatched")
@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("need", [True, False])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", MASKS)
def test_self_attention(case, dtype, need, average):
    dlcore.manual_seed(0)
    ours, theirs = same_modules(
        nn.MultiheadAttention(D, H, batch_first=True), torch.nn.MultiheadAttention(D, H, batch_first=True), dtype
    )
    (x, u) = pair(draw(N, T, D), dtype)
    (a, b), (k, m) = (mask_pair(mask, dtype) for mask in MASKS[case])
    options = {"need_weights": need, "average_attn_weights": average}
    y = ours(x, x, x, attn_mask=a, key_padding_mask=k, **options)
    t = theirs(u, u, u, attn_mask=b, key_padding_mask=m, **options)
    assert_close(y, t, TOLERANCE[dtype])
    backward_of(y)
    backward_of(t)
    assert_close(x.grad, u.grad, TOLERANCE[dtype])
    assert_same_gradients(ours, theirs, TOLERANCE[dtype])


@pytest.mark.parametrize("settings", [{}, {"batch_first": True}, {"bias": False}])
@pytest.mark.parametrize("dtype", DTYPES)
def test_attention_to_another_sequence(dtype, settings):
    ours, theirs = nn.MultiheadAttention(D, H, **settings), torch.nn.MultiheadAttention(D, H, **settings)
    axes = (N, T, D), (N, S, D), (N, S, D)
    if "batch_first" not in settings:
        axes = (T, N, D), (S, N, D), (S, N, D)
    check = [draw(*shape, seed=i) for i, shape in enumerate(axes)]
    same_modules(ours, theirs, dtype)
    xs, us = zip(*[pair(x, dtype) for x in check], strict=True)
    y, t = ours(*xs), theirs(*us)
    assert_close(y, t, TOLERANCE[dtype])
    backward_of(y)
    backward_of(t)
    for x, u in zip(xs, us, strict=True):
        assert_close(x.grad, u.grad, TOLERANCE[dtype])
    assert_same_gradients(ours, theirs, TOLERANCE[dtype])


def test_attention_starts_as_its_twin():
    dlcore.manual_seed(0)
    layer = nn.MultiheadAttention(96, 3)
    bound = np.sqrt(6 / (96 + 3 * 96))
    assert 0.98 * bound < abs(layer.in_proj_weight.array).max() <= bound
    assert not layer.in_proj_bias.array.any() and not layer.out_proj.bias.array.any()


def test_dropout_of_weights_while_training():
    dlcore.manual_seed(0)
    layer, x = nn.MultiheadAttention(D, H, dropout=0.5), dlcore.tensor(draw(T, N, D).astype(np.float32))
    _, weights = layer(x, x, x, average_attn_weights=False)
    assert (weights.numpy() == 0).any() if not weights.requires_grad else (weights.detach().numpy() == 0).any()
    for need in (True, False):
        assert not np.allclose(*(layer(x, x, x, need_weights=need)[0].detach().numpy() for _ in range(2)))
    layer.eval()
    _, weights = layer(x, x, x)
    np.testing.assert_allclose(weights.detach().numpy().sum(-1), 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.MultiheadAttention(6, 4),
            "MultiheadAttention: embed_dim must be a multiple of num_heads, got 6 and 4.",
        ),
        (
            lambda: nn.MultiheadAttention(6, 3)(*[dlcore.ones(4, 2, 5)] * 3),
            "MultiheadAttention: query should have shape (T, N, D=6), but got (4, 2, 5): axis 2 (D) is 5, expected 6.",
        ),
        (
            lambda: nn.MultiheadAttention(6, 3)(dlcore.ones(4, 2, 6), dlcore.ones(4, 2), dlcore.ones(4, 2)),
            "MultiheadAttention: key should have shape (T, N=2, D=6), but got (4, 2): it has 2 axes, expected 3.",
        ),
        (
            lambda: nn.MultiheadAttention(6, 3)(*[dlcore.ones(4, 2, 6)] * 3, attn_mask=np.zeros((4, 3), bool)),
            "MultiheadAttention: attn_mask should have shape (T=4, S=4), but got (4, 3): axis 1 (S) is 3, expected 4.",
        ),
        (
            lambda: nn.MultiheadAttention(6, 3)(*[dlcore.ones(4, 2, 6)] * 3, attn_mask=np.zeros((2, 4, 4), bool)),
            "MultiheadAttention: attn_mask should have shape (N·h=6, T=4, S=4), but got (2, 4, 4): "
            "axis 0 (N·h) is 2, expected 6.",
        ),
        (
            lambda: nn.MultiheadAttention(6, 3)(*[dlcore.ones(4, 2, 6)] * 3, key_padding_mask=np.zeros((4, 2), bool)),
            "MultiheadAttention: key_padding_mask should have shape (N=2, S=4), but got (4, 2): "
            "axis 0 (N) is 4, expected 2.",
        ),
        (
            lambda: nn.TransformerEncoderLayer(6, 3, activation="tanh"),
            "Transformer layer: activation must be 'relu', 'gelu' or a function, got 'tanh'.",
        ),
        (
            lambda: nn.SinusoidalEncoding(4, max_len=3)(dlcore.ones(2, 4, 4)),
            "SinusoidalEncoding: x should have shape (N, T, D=4) with T up to 3, but got (2, 4, 4); "
            "make max_len larger.",
        ),
    ],
)
def test_errors(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == message


LAYERS = {
    "post": {},
    "pre": {"norm_first": True, "batch_first": True},
    "gelu": {"activation": "gelu", "layer_norm_eps": 1e-3},
    "without bias": {"bias": False},
    "a function": {"activation": lambda x: x * x},
}


def layer_twins(name, setting):
    dlcore.manual_seed(0)
    options = {"dim_feedforward": 7, "dropout": 0.0, **LAYERS[setting]}
    return getattr(nn, name)(D, H, **options), getattr(torch.nn, name)(D, H, **options)


def printed(module):
    """PyTorch prints a name of its own for the last layer of attention."""
    return repr(module).replace("NonDynamicallyQuantizableLinear", "Linear")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("setting", LAYERS)
def test_encoder_layer(setting, dtype):
    ours, theirs = layer_twins("TransformerEncoderLayer", setting)
    assert repr(ours) == printed(theirs)
    check_twins(ours, theirs, [draw(N, T, D)], dtype)
    train_twins(ours, theirs, [draw(N, T, D)], dtype)


@pytest.mark.parametrize("training", [True, False])
def test_encoder_layer_with_masks(training):
    ours, theirs = same_modules(*layer_twins("TransformerEncoderLayer", "pre"), "float64")
    ours.train(training), theirs.train(training)
    (x, u) = pair(draw(N, T, D), "float64")
    y = ours(x, src_mask=CAUSAL, src_key_padding_mask=PADDING)
    t = theirs(u, src_mask=torch.tensor(CAUSAL), src_key_padding_mask=torch.tensor(PADDING))
    assert_close(y, t, 1e-10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("setting", LAYERS)
def test_decoder_layer(setting, dtype):
    ours, theirs = layer_twins("TransformerDecoderLayer", setting)
    assert repr(ours) == printed(theirs)
    # (4, 4, D) fits both layouts
    check_twins(ours, theirs, [draw(T, T, D), draw(T, T, D, seed=1)], dtype)
    train_twins(ours, theirs, [draw(T, T, D), draw(T, T, D, seed=1)], dtype)


def test_decoder_layer_with_masks():
    ours, theirs = same_modules(*layer_twins("TransformerDecoderLayer", "pre"), "float64")
    (x, u), (m, v) = pair(draw(N, T, D), "float64"), pair(draw(N, S, D, seed=1), "float64")
    masks = {
        "tgt_mask": CAUSAL,
        "memory_mask": draw(T, S) > 1.5,
        "tgt_key_padding_mask": PADDING,
        "memory_key_padding_mask": np.array([[False] * 5, [False] * 3 + [True] * 2]),
    }
    y = ours(x, m, **masks)
    t = theirs(u, v, **{name: torch.tensor(mask) for name, mask in masks.items()})
    assert_close(y, t, 1e-10)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_encoder_is_a_stack_of_copies():
    ours, theirs = layer_twins("TransformerEncoderLayer", "pre")
    mine = nn.TransformerEncoder(ours, 3, norm=nn.LayerNorm(D))
    twin = torch.nn.TransformerEncoder(theirs, 3, norm=torch.nn.LayerNorm(D))
    assert repr(mine) == printed(twin)
    check_twins(mine, twin, [draw(N, T, D)], "float64", mask=None)
    assert mine.layers[0].linear1.weight is not mine.layers[1].linear1.weight
    bare = nn.TransformerEncoder(ours, 1)
    assert bare.norm is None and bare(dlcore.ones(N, T, D)).shape == (N, T, D)


def test_decoder_is_a_stack_of_copies():
    ours, theirs = layer_twins("TransformerDecoderLayer", "pre")
    mine = nn.TransformerDecoder(ours, 2, norm=nn.LayerNorm(D))
    twin = torch.nn.TransformerDecoder(theirs, 2, norm=torch.nn.LayerNorm(D))
    assert repr(mine) == printed(twin)
    same_modules(mine, twin, "float64")
    (x, u), (m, v) = pair(draw(N, T, D), "float64"), pair(draw(N, S, D, seed=1), "float64")
    y, t = mine(x, m, tgt_mask=CAUSAL), twin(u, v, tgt_mask=torch.tensor(CAUSAL))
    assert_close(y, t, 1e-10)
    backward_of(y), backward_of(t)
    assert_close(m.grad, v.grad, 1e-10)
    assert nn.TransformerDecoder(ours, 1)(x.detach().float(), m.detach().float()).shape == x.shape


def test_is_causal_is_a_hint_that_needs_its_mask():
    ours, theirs = same_modules(*layer_twins("TransformerEncoderLayer", "pre"), "float64")
    (x, u) = pair(draw(N, T, D), "float64")
    assert_close(ours(x, CAUSAL, is_causal=True), theirs(u, torch.tensor(CAUSAL), is_causal=True), 1e-10)
    stack = nn.TransformerEncoder(ours, 1)
    np.testing.assert_array_equal(stack(x, CAUSAL, is_causal=True).array, ours(x, CAUSAL).array)
    for make in (lambda: ours(x, is_causal=True), lambda: ours.self_attn(x, x, x, is_causal=True)):
        with pytest.raises(ValueError, match=r"is_causal=True needs the causal mask too: \w+=nn.causal_mask\(T\)."):
            make()


def test_a_copy_shares_nothing():
    layer, _ = layer_twins("TransformerEncoderLayer", "post")
    twin = copy.deepcopy(layer)
    twin.linear1.weight.array[...] = 0
    assert layer.linear1.weight.array.any()
    assert isinstance(twin.linear1.weight, nn.Parameter) and twin.linear1.weight.requires_grad


def test_causal_mask_is_the_twin_s():
    theirs = torch.nn.Transformer.generate_square_subsequent_mask(4)
    np.testing.assert_array_equal(nn.causal_mask(4), np.isinf(theirs.numpy()))


def test_sinusoids():
    table = nn.sinusoids(50, 7)
    for t, i in [(0, 0), (3, 4), (49, 6)]:
        assert abs(table[t, i] - np.sin(t / 10000 ** (i / 7))) < 1e-6
    for t, i in [(0, 1), (3, 5)]:
        assert abs(table[t, i] - np.cos(t / 10000 ** ((i - 1) / 7))) < 1e-6


def test_encodings_add_their_rows():
    dlcore.manual_seed(0)
    x = dlcore.zeros(2, 3, 4)
    fixed, learned = nn.SinusoidalEncoding(4), nn.LearnedEncoding(4, max_len=8)
    np.testing.assert_array_equal(fixed(x).numpy()[1], nn.sinusoids(3, 4))
    assert not list(fixed.parameters()) and fixed.state_dict() == {}
    learned(x).sum().backward()
    np.testing.assert_array_equal(learned.weight.grad.numpy()[:, 0], [2, 2, 2, 0, 0, 0, 0, 0])
