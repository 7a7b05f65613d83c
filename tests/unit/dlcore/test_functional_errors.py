# ruff: noqa: E501 (tables, one case per line)
"""What the errors of dlcore.nn.functional say: where, which axis, what was expected, what came, what to do."""

import re

import numpy as np
import pytest

import dlcore
from dlcore import ShapeError, expect, ones, zeros
from dlcore.nn import functional as F  # noqa: N812

CASES = [
    (lambda: F.linear(ones(2, 5), ones(4, 3)), ShapeError,
     "linear: input should have shape (…, in=3), but got (2, 5): axis 1 (in) is 5, expected 3."),
    (lambda: F.linear(ones(2, 3), ones(3)), ShapeError,
     "linear: weight should have shape (out, in), but got (3,): it has 1 axis, expected 2."),
    (lambda: F.linear(ones(2, 3), ones(4, 3), ones(5)), ShapeError,
     "linear: bias should have shape (out=4,), but got (5,): axis 0 (out) is 5, expected 4."),
    (lambda: F.linear(dlcore.tensor(1.0), ones(4, 3)), ShapeError, "but got (): it has 0 axes, expected at least 1."),
    (lambda: F.conv2d(ones(1, 3, 8, 8), ones(4, 2, 3, 3)), ShapeError,
     "conv2d: input should have shape (N, C=2, H, W), but got (1, 3, 8, 8): axis 1 (C) is 3, expected 2."),
    (lambda: F.conv2d(ones(1, 2, 2, 8), ones(4, 2, 3, 3)), ShapeError,
     "conv2d: along H the kernel reaches over 3, but the padded input has only 2. Use a smaller kernel, or padding."),
    (lambda: F.conv2d(ones(1, 2, 8, 8), ones(4, 2, 3, 3), ones(3)), ShapeError, "bias should have shape (O=4,), but got (3,)"),
    (lambda: F.conv2d(ones(1, 2, 8, 8), ones(4, 2, 3, 3), stride=0), ValueError,
     "conv2d: stride should be an integer of at least 1 or a pair of them, but got 0"),
    (lambda: F.conv2d(ones(1, 2, 8, 8), ones(4, 2, 3, 3), padding=(1, 2, 3)), ValueError, "but got (1, 2, 3)"),
    (lambda: F.conv2d(ones(1, 2, 8, 8), ones(4, 2, 2, 2), padding="same"), ValueError, "an odd reach of the kernel"),
    (lambda: F.conv2d(ones(1, 4, 8, 8), ones(3, 2, 3, 3), groups=2), ValueError, "groups=2 does not divide the 3 output channels"),
    (lambda: F.conv1d(ones(1, 3, 8), ones(4, 2, 3)), ShapeError, "conv1d: input should have shape (N, C=2, L), but got (1, 3, 8)"),
    (lambda: F.conv_transpose2d(ones(1, 3, 8, 8), ones(2, 4, 3, 3)), ShapeError, "(N, C=2, H, W), but got (1, 3, 8, 8)"),
    (lambda: F.conv_transpose2d(ones(1, 2, 8, 8), ones(2, 4, 3, 3), ones(2)), ShapeError, "bias should have shape (O=4,)"),
    (lambda: F.conv_transpose2d(ones(1, 3, 8, 8), ones(3, 4, 3, 3), groups=2), ValueError, "groups=2 does not divide the 3 input channels"),
    (lambda: F.conv_transpose2d(ones(1, 2, 8, 8), ones(2, 4, 3, 3), output_padding=1), ValueError,
     "conv_transpose2d: output_padding should be smaller than stride or dilation"),
    (lambda: F.max_pool2d(ones(8, 8), 2), ShapeError, "max_pool2d: input should have shape (N, C, H, W), but got (8, 8)"),
    (lambda: F.max_pool2d(ones(1, 1, 8, 8), 2, padding=2), ValueError, "padding should be at most half of the kernel (2, 2), but got (2, 2)"),
    (lambda: F.avg_pool2d(ones(1, 1, 8, 8), 2, ceil_mode=True), ValueError, "ceil_mode is not there; pad the input with F.pad instead"),
    (lambda: F.avg_pool2d(ones(1, 1, 2, 2), 3), ShapeError, "avg_pool2d: along H the kernel reaches over 3"),
    (lambda: F.layer_norm(ones(2, 5), (3,)), ShapeError, "layer_norm: input should have shape (…, 3), but got (2, 5): axis 1 (3) is 5, expected 3."),
    (lambda: F.layer_norm(ones(2, 5), (5,), ones(4)), ShapeError, "layer_norm: weight should have shape (5,), but got (4,)"),
    (lambda: F.batch_norm(ones(1, 3), None, None, training=True), ValueError,
     "batch_norm: expected more than 1 number per channel when training, but got shape (1, 3)"),
    (lambda: F.batch_norm(ones(2, 3), zeros(4), ones(3)), ShapeError, "batch_norm: running_mean should have shape (C=3,), but got (4,)"),
    (lambda: F.batch_norm(ones(2, 3), None, None), ValueError, "running_mean and running_var are needed when training=False"),
    (lambda: F.group_norm(ones(2, 3), 2), ShapeError, "group_norm: num_groups=2 does not divide the 3 channels"),
    (lambda: F.scaled_dot_product_attention(ones(4, 5), ones(4, 6), ones(4, 6)), ShapeError,
     "scaled_dot_product_attention: key should have shape (…, S, D=5), but got (4, 6): axis 1 (D) is 6, expected 5."),
    (lambda: F.scaled_dot_product_attention(ones(4, 5), ones(3, 5), ones(4, 5)), ShapeError, "value should have shape (…, S=3, E)"),
    (lambda: F.scaled_dot_product_attention(ones(4, 5), ones(4, 5), ones(4, 5), ones(4, 4), is_causal=True), ValueError, "not both"),
    (lambda: F.cross_entropy(ones(2, 3), np.array([0, 1, 2])), ShapeError,
     "cross_entropy: target should have shape (N=2,), but got (3,): axis 0 (N) is 3, expected 2."),
    (lambda: F.cross_entropy(ones(2, 3), np.array([[0, 0, 1], [1, 0, 0]])), ShapeError,
     "Targets are class indices, one per example, not one-hot rows of integers."),
    (lambda: F.cross_entropy(ones(2, 3), np.array([0, 3])), IndexError, "cross_entropy: target should lie in [0, 3), but has 0 … 3"),
    (lambda: F.cross_entropy(ones(2, 3), np.array([0, -1])), IndexError, "cross_entropy: target should lie in [0, 3), but has -1 … 0"),
    (lambda: F.cross_entropy(ones(2, 3), np.array([0, 3]), label_smoothing=0.1), IndexError, "target should lie in [0, 3), but has 0 … 3"),
    (lambda: F.cross_entropy(ones(2, 3), np.array([0, 1]), reduction="average"), ValueError,
     'reduction should be "mean", "sum" or "none", but got \'average\''),
    (lambda: F.cross_entropy(ones(2, 3, 4), np.array([0, 1])), ShapeError, "target should have shape (2, 4), input's without the classes, but got (2,)"),
    (lambda: F.cross_entropy(ones(2, 3), np.ones((2, 2))), ShapeError, "target should have the shape of input (2, 3), but got (2, 2)"),
    (lambda: F.mse_loss(ones(4, 1), ones(4)), ShapeError,
     "mse_loss: target should have the shape of input (4, 1), but got (4,); broadcasting a loss is nearly always a mistake. "
     "Reshape one of them, e.g. input.squeeze(-1)."),
    (lambda: F.mse_loss(ones(4), ones(4), reduction="avg"), ValueError, "mse_loss: reduction should be"),
    (lambda: F.l1_loss(ones(4), ones(4), reduction="avg"), ValueError, "l1_loss: reduction should be"),
    (lambda: F.binary_cross_entropy(dlcore.tensor([1.5]), ones(1)), ValueError, "input should hold probabilities in [0, 1]"),
    (lambda: F.dropout(ones(2), 1.5), ValueError, "dropout: p should be in [0, 1], but got 1.5"),
    (lambda: F.embedding(np.array([0.0]), ones(2, 3)), TypeError, "Indices come first: embedding(i, w)"),
    (lambda: F.embedding(np.array([0, 2]), ones(2, 3)), IndexError, "embedding: input should lie in [0, 2), but has 0 … 2"),
    (lambda: F.one_hot(np.array([3]), 3), IndexError, "one_hot: indices should lie in [0, 3), but have 3 … 3"),
    (lambda: F.gelu(ones(1), "fast"), ValueError, 'gelu: approximate should be "none" or "tanh", but got \'fast\''),
    (lambda: F.pad(ones(1), (1, 1), mode="mirror"), ValueError, "pad: mode should be constant, reflect, replicate, circular, but got 'mirror'"),
    (lambda: dlcore.ones(1).clamp(), ValueError, "clamp: give at least one of min and max"),
    (lambda: expect("Layer", "x", ones(2, 3), "N N"), ShapeError, "Layer: x should have shape (N, N), but got (2, 3): axis 1 (N) is 3, expected 2."),
    (lambda: expect("Layer", "x", ones(2), "N", "Try this.", N=3), ShapeError, "axis 0 (N) is 2, expected 3. Try this."),
]  # fmt: skip


@pytest.mark.parametrize("call, kind, text", CASES)
def test_message(call, kind, text):
    with pytest.raises(kind, match=re.escape(text)):
        call()


def test_expect_returns_the_sizes():
    assert expect("f", "x", ones(2, 3, 4), "… T D", D=4) == {"T": 3, "D": 4}
