"""Layers beside their twins over many sizes, chosen by hypothesis; axes of size one and zero included."""

import numpy as np
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nn_twins import check_twins

from dlcore import nn

SIZE, EMPTY = st.integers(1, 5), st.integers(0, 4)
few = settings(max_examples=40, deadline=None, derandomize=True)


def draw(*shape):
    return np.random.default_rng(sum(shape)).standard_normal(shape)


@few
@given(
    st.sampled_from(["RNN", "LSTM", "GRU"]), SIZE, EMPTY, SIZE, SIZE, st.integers(1, 3), st.booleans(), st.booleans()
)
def test_recurrent(kind, steps, batch, features, hidden, layers, both, first):
    settings = {"num_layers": layers, "bidirectional": both, "batch_first": first}
    ours = getattr(nn, kind)(features, hidden, **settings)
    theirs = getattr(torch.nn, kind)(features, hidden, **settings)
    x = draw(batch, steps, features) if first else draw(steps, batch, features)
    check_twins(ours, theirs, [x], "float64")


@few
@given(EMPTY, SIZE, SIZE, SIZE, SIZE, st.booleans(), st.booleans())
def test_attention(batch, target, source, heads, width, bias, first):
    settings = {"bias": bias, "batch_first": first}
    ours = nn.MultiheadAttention(heads * width, heads, **settings)
    theirs = torch.nn.MultiheadAttention(heads * width, heads, **settings)
    shapes = [(batch, length, heads * width) for length in (target, source, source)]
    inputs = [draw(*(shape if first else (shape[1], shape[0], shape[2]))) for shape in shapes]
    check_twins(ours, theirs, inputs, "float64")


@few
@given(EMPTY, SIZE, SIZE, SIZE, SIZE, st.integers(1, 3), st.integers(0, 2), st.integers(1, 2), st.booleans())
def test_conv2d(batch, inputs, outputs, kh, kw, stride, padding, dilation, bias):
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "bias": bias}
    ours = nn.Conv2d(inputs, outputs, (kh, kw), **settings)
    theirs = torch.nn.Conv2d(inputs, outputs, (kh, kw), **settings)
    check_twins(ours, theirs, [draw(batch, inputs, 10, 9)], "float64")


@few
@given(EMPTY, SIZE, SIZE, SIZE, st.integers(1, 3), st.integers(0, 1), st.booleans())
def test_conv_transpose2d(batch, inputs, outputs, kernel, stride, extra, bias):
    settings = {"stride": stride, "output_padding": min(extra, stride - 1), "bias": bias}
    ours = nn.ConvTranspose2d(inputs, outputs, kernel, **settings)
    theirs = torch.nn.ConvTranspose2d(inputs, outputs, kernel, **settings)
    check_twins(ours, theirs, [draw(batch, inputs, 3, 4)], "float64")


@few
@given(st.integers(2, 6), SIZE, st.lists(SIZE, max_size=1), st.booleans(), st.booleans())
def test_batch_norm(batch, features, time, affine, tracked):
    settings = {"affine": affine, "track_running_stats": tracked}
    ours, theirs = nn.BatchNorm1d(features, **settings), torch.nn.BatchNorm1d(features, **settings)
    check_twins(ours, theirs, [draw(batch, features, *time)], "float64")


@few
@given(st.lists(EMPTY, max_size=2), st.lists(SIZE, min_size=1, max_size=2), st.booleans())
def test_layer_norm(front, normalised, bias):
    assume(np.prod(normalised) > 1)  # of a single number PyTorch gives rounding noise, we give 0
    ours, theirs = nn.LayerNorm(normalised, bias=bias), torch.nn.LayerNorm(normalised, bias=bias)
    check_twins(ours, theirs, [draw(*front, *normalised)], "float64")


@few
@given(st.lists(EMPTY, max_size=3), SIZE, SIZE, st.booleans())
def test_linear(front, inputs, outputs, bias):
    check_twins(
        nn.Linear(inputs, outputs, bias), torch.nn.Linear(inputs, outputs, bias), [draw(*front, inputs)], "float64"
    )


@few
@given(st.lists(EMPTY, max_size=3), SIZE, SIZE)
def test_embedding(front, symbols, width):
    index = np.random.default_rng(1).integers(0, symbols, front)
    check_twins(nn.Embedding(symbols, width), torch.nn.Embedding(symbols, width), [index], "float64")
