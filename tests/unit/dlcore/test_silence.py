# ruff: noqa: E501 (tables)
"""What once went wrong without a word: slopes, masks, copies, origins, dtypes, histories."""

import copy
import importlib
import io
import math

import numpy as np
import pytest
import torch

import dlcore
from dlcore import data, models, nn, optim
from dlcore.models.generative import waves
from dlcore.shapes import DtypeError, ShapeError

F = nn.functional
LIBRARIES = pytest.mark.parametrize("lib", [dlcore, torch])


def slopes(function, *values, lib):
    xs = [lib.tensor(value, requires_grad=True) for value in values]
    function(*xs).sum().backward()
    return [x.grad.tolist() for x in xs]


@LIBRARIES
def test_the_remainder_has_a_slope(lib):
    assert slopes(lambda x: x * (x % 3), [7.0, -7.0], lib=lib) == [[8.0, -5.0]]
    assert slopes(lambda x, y: x % y, [7.0], [3.0], lib=lib) == [[1.0], [-2.0]]
    assert (lib.tensor([5, -5]) % 3).tolist() == [2, 1]


def test_the_remainder_of_a_number_too():
    assert slopes(lambda x: 7 % x, [3.0], lib=dlcore) == [[-2.0]]  # (PyTorch has no derivative for this one)


@LIBRARIES
@pytest.mark.parametrize("p", [0.5, 1, 1.5, 2, 3, 4, math.inf, -math.inf, -1])
def test_a_length_has_slope_0_at_the_origin(p, lib):
    assert slopes(lambda x: x.norm(p), [0.0, 0.0], lib=lib) == [[0.0, 0.0]]


@LIBRARIES
@pytest.mark.parametrize(
    "p, length", [(0, 2.0), (-math.inf, 0.0), (math.inf, 3.0), (1, 4.0), (-1, 0.0), ("fro", math.sqrt(10))]
)
def test_lengths_of_every_kind(p, length, lib):
    assert lib.tensor([-3.0, 0.0, 1.0]).norm(p).item() == pytest.approx(length)


@LIBRARIES
def test_a_row_of_zeros_can_be_normalised(lib):
    (((first, second),),) = slopes(lambda x: lib.nn.functional.normalize(x, p=3.0), [[0.0, 0.0]], lib=lib)
    assert first == second == pytest.approx(1e12)


@LIBRARIES
def test_a_mirror_image_is_a_copy(lib):
    x = lib.tensor([[1.0, 2.0], [3.0, 4.0]])
    x.flip(1).add_(100)
    lib.flip(x, (0,)).mul_(0)
    assert x.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("each", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("fractions", [(0.6, 0.2, 0.2), (0.5, 0.5), (0.9, 0.1)])
def test_small_classes_leave_no_group_empty(each, fractions):
    labels = np.repeat(np.arange(20), each)
    groups = data.split(len(labels), fractions, labels=labels, generator=0)
    assert sorted(np.concatenate(groups)) == list(range(len(labels)))
    for rows, share in zip(groups, fractions, strict=True):
        assert abs(len(rows) - share * len(labels)) <= 2
        counts = np.bincount(labels[rows], minlength=20)
        assert np.abs(counts - share * each).max() < 1.5


@pytest.mark.parametrize("make", [optim.SGD, optim.Adam, optim.RMSprop, torch.optim.SGD])
def test_a_result_is_no_parameter(make):
    lib = torch if make is torch.optim.SGD else dlcore
    with pytest.raises(ValueError, match="leaf"):
        make([lib.randn(3, requires_grad=True) * 0.01], lr=0.1)
    optimizer = make([lib.randn(3, requires_grad=True)], lr=0.1)
    with pytest.raises(ValueError, match="leaf"):
        optimizer.add_param_group({"params": lib.randn(3, requires_grad=True) * 0.01})


@pytest.mark.parametrize("dim", [5, 1, 0])
def test_waves_come_in_pairs(dim):
    with pytest.raises(ValueError, match=f"dim .* must be even, a sine and a cosine each, but got {dim}"):
        waves(dlcore.arange(4), dim)


def test_diffusion_says_at_once_that_its_width_is_odd():
    with pytest.raises(ValueError, match="hidden of Diffusion"):
        models.Diffusion(hidden=33)


@LIBRARIES
def test_losses_are_saved_without_their_history(lib):
    w, file = lib.ones(2, requires_grad=True), io.BytesIO()
    lib.save({"losses": [(w * w).sum()]}, file)
    file.seek(0)
    (loss,) = lib.load(file)["losses"]
    assert loss.item() == 2 and loss.grad_fn is None and loss.requires_grad


def test_a_copy_of_a_parameter_keeps_what_belongs_to_it():
    p = nn.Parameter([1.0, 2.0])
    (p * p).sum().backward()
    q = copy.deepcopy(p)
    assert type(q) is nn.Parameter and q.tolist() == [1, 2] and q.grad.tolist() == [2, 4] and q.requires_grad
    assert copy.deepcopy(nn.Buffer([1.0], persistent=False)).persistent is False


@LIBRARIES
@pytest.mark.parametrize("join", ["cat", "stack"])
@pytest.mark.parametrize(
    "kinds", [("int64", "float32"), ("float32", "float64"), ("bool", "uint8"), ("float16", "int64"), ("int32", "int64")]
)
def test_what_is_joined_meets_in_one_dtype(kinds, join, lib):
    def joined(lib):
        return getattr(lib, join)([lib.ones(1, dtype=getattr(lib, kind)) for kind in kinds])

    assert repr(joined(lib)) == repr(joined(torch))


def attend(lib, x, **masks):
    return lib.nn.MultiheadAttention(4, 2, batch_first=True)(x, x, x, **masks)


def encode(lib, x, mask):
    return lib.nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)(x, src_key_padding_mask=mask)


MASKS = {
    "padding": lambda lib, x, mask: attend(lib, x, key_padding_mask=mask),
    "pairs": lambda lib, x, mask: attend(lib, x, attn_mask=mask.expand(3, 3)),
    "encoder": encode,
    "function": lambda lib, x, mask: lib.nn.functional.scaled_dot_product_attention(x, x, x, mask.expand(3, 3)),
}


@LIBRARIES
@pytest.mark.parametrize("name", MASKS)
def test_a_mask_of_integers_is_refused(name, lib):
    x, mask = lib.ones(1, 3, 4), lib.tensor([[0, 0, 1]])
    with pytest.raises((TypeError, RuntimeError, AssertionError), match="mask"):
        MASKS[name](lib, x, mask)
    MASKS[name](lib, x, mask == 1)
    MASKS[name](lib, x, mask.float())


def test_the_mask_of_bert_too():
    with pytest.raises(DtypeError, match="a mask should hold booleans, or floats .* but got int64. Write mask == 1"):
        models.BERT(20, 8, 16)(dlcore.tensor([[1, 2, 0]]), dlcore.tensor([[0, 0, 1]]))


def test_a_mask_that_is_learned_gets_its_gradient():
    q, bias = dlcore.ones(2, 2), dlcore.zeros(2, 2, requires_grad=True)
    F.scaled_dot_product_attention(q, q, dlcore.tensor([[1.0], [3.0]]), attn_mask=bias).sum().backward()
    assert bias.grad.tolist() == [[-0.5, 0.5], [-0.5, 0.5]]


@LIBRARIES
def test_padding_counted_from_the_end(lib):
    weight = lib.ones(3, 2, requires_grad=True)
    lib.nn.functional.embedding(lib.tensor([0, 2]), weight, padding_idx=-1).sum().backward()
    assert weight.grad.tolist() == [[1, 1], [0, 0], [0, 0]]


@LIBRARIES
@pytest.mark.parametrize("equation", ["ii->i", "ii", "iij->j", "...i,i", "ab,bc", "i...->..."])
def test_einsum_with_letters_of_every_kind(equation, lib):
    def gradient(lib):
        x = lib.arange(8.0).reshape(2, 2, 2) if "j" in equation else lib.arange(4.0).reshape(2, 2)
        x.requires_grad_()
        others = [
            lib.tensor([2.0, 3.0]) if part == "i" else lib.ones(2, 2) for part in equation.split("->")[0].split(",")[1:]
        ]
        y = lib.einsum(equation, x, *others)
        (y * y).sum().backward()
        return y.tolist(), x.grad.tolist()

    assert gradient(lib) == gradient(torch)


def test_errors_are_of_both_kinds():
    assert issubclass(ShapeError, RuntimeError) and issubclass(ShapeError, ValueError)
    assert issubclass(DtypeError, RuntimeError) and issubclass(DtypeError, TypeError)


VIEWED = [
    "x.transpose(1, 2).contiguous()", "x[:, t.tensor([0, 2])]", "x.index_select(2, t.tensor([0, 2]))", "F.conv2d(img, k)",
    "F.max_pool2d(img, 2)", "F.avg_pool2d(img, 2)", "F.conv1d(x, t.ones(5, 3, 2))", "F.conv_transpose2d(img, k.transpose(0, 1))",
    "F.layer_norm(x.transpose(1, 2), (3,))", "nn.MultiheadAttention(4, 2)(x, x, x)[0]", "nn.LSTM(4, 3)(x)[0]", "x.flip(1)",
    "x.transpose(1, 2).softmax(-1)", "t.cat([x.transpose(1, 2)] * 2)", "x[1:]", "x.repeat_interleave(2, 1)", "x[0].t().t()",
    "F.embedding(t.tensor([[0, 1]]), x[0])", "t.zeros(0, 3).t()", "x.max(1)[0]", "x.sort(1)[0]", "x.gather(1, x.long() * 0)",
]  # fmt: skip


@LIBRARIES
@pytest.mark.parametrize("expression", VIEWED)
def test_what_lies_in_order_in_pytorch_has_a_view(expression, lib):
    x, img, k = lib.arange(24.0).reshape(2, 3, 4), lib.ones(2, 2, 6, 6), lib.ones(3, 2, 3, 3)
    y = eval(expression, {"t": lib, "nn": lib.nn, "F": lib.nn.functional, "x": x, "img": img, "k": k})
    assert y.view(-1).tolist() == y.reshape(-1).tolist()


@LIBRARIES
@pytest.mark.parametrize("requires_grad", [False, True])
def test_a_view_shares_memory_or_is_refused(requires_grad, lib):
    x = lib.arange(6.0).reshape(2, 3).requires_grad_(requires_grad)
    for moved in (x.t(), x[:, ::2], x.permute(1, 0)[1:], x[0].expand(2, 3)):
        with pytest.raises(RuntimeError, match="view"):
            moved.view(-1)
        assert moved.reshape(-1).shape == moved.contiguous().view(-1).shape
    y = lib.zeros(2, 3)
    y.view(3, 2)[0, 1] = 5.0
    y.t().view(3, 2, 1)[2, 1, 0] = 7.0  # the new axis needs no copy
    assert y.tolist() == [[0, 5, 0], [0, 0, 7]]
    assert y.view_as(lib.ones(6)).tolist() == [0, 5, 0, 0, 0, 7]


def test_batches_of_numbers_are_as_exact_as_those_of_pytorch():
    for examples in ([0.5, 1.5], [1, 2], [True, False], [(0.1, 1)], [{"a": 0.1}], [np.float32(1)], [np.ones(2)]):
        ours, theirs = (
            importlib.import_module(f"{lib.__name__}.utils.data").default_collate(examples) for lib in (dlcore, torch)
        )
        assert repr(ours) == repr(theirs)
