# ruff: noqa: E501 (tables, one case per line)
"""Every function of dlcore.nn.functional beside torch's: values and gradients, in float32 and in float64."""

import inspect

import numpy as np
import pytest
import torch
from nn_twins import assert_close, assert_close_to_truth
from torch.nn import functional as TF  # noqa: N812

import dlcore
from dlcore.nn import functional as F  # noqa: N812

RNG = np.random.default_rng(11)
CLASSES = np.array([0, 2, 1, 2, 0])
HOLES = np.array([0, -100, 1, -100, 0])
PROBABILITIES = RNG.dirichlet(np.ones(3), 5)
CAUSAL = np.tril(np.ones((4, 4), bool))


def normal(*shape):
    return RNG.standard_normal(shape)


def unit(*shape):
    return RNG.uniform(0.05, 0.95, shape)


def case(name, function, *arrays, **options):
    return pytest.param(function, arrays, options, id=f"{function}-{name}")


X, IMAGE, SIGNAL = normal(5, 3), normal(2, 4, 7, 6), normal(2, 4, 9)
CASES = [
    case("2d", "linear", X, normal(4, 3), normal(4)),
    case("3d", "linear", normal(2, 5, 3), normal(4, 3), normal(4)),
    case("1d no bias", "linear", normal(3), normal(4, 3)),
    *[case("plain", name, X * 3) for name in ("relu", "leaky_relu", "elu", "tanh", "sigmoid", "silu", "gelu", "softplus")],
    case("slope", "leaky_relu", X, negative_slope=0.3),
    case("alpha", "elu", X, alpha=0.3),
    case("tanh", "gelu", X * 3, approximate="tanh"),
    case("beta", "softplus", X, beta=2.5),
    case("dim 0", "softmax", X, dim=0),
    case("dim 1", "log_softmax", X, dim=1),
    case("3d", "embedding", np.array([[0, 2], [1, 1]]), normal(4, 3)),
    case("padding", "embedding", np.array([0, 2, 1, 1]), normal(4, 3), padding_idx=1),
    case("margin", "pad", X, pad=(1, 2, 0, 3), value=0.5),
    case("cut", "pad", X, pad=(-1, 1)),
    case("rows", "normalize", X),
    case("columns", "normalize", X, dim=0, p=1.0),
    case("plain", "conv2d", IMAGE, normal(3, 4, 3, 3), normal(3)),
    case("options", "conv2d", IMAGE, normal(3, 4, 3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2)),
    case("same", "conv2d", IMAGE, normal(3, 4, 3, 3), padding="same"),
    case("valid", "conv2d", IMAGE, normal(3, 4, 3, 3), padding="valid"),
    case("groups", "conv2d", IMAGE, normal(6, 2, 3, 3), normal(6), groups=2, padding=1),
    case("groups no bias", "conv2d", IMAGE, normal(4, 1, 3, 3), groups=4),
    case("one image", "conv2d", IMAGE[0], normal(3, 4, 3, 3), normal(3)),
    case("1x1", "conv2d", IMAGE, normal(3, 4, 1, 1), normal(3)),
    case("plain", "conv1d", SIGNAL, normal(3, 4, 3), normal(3)),
    case("options", "conv1d", SIGNAL, normal(3, 4, 3), stride=2, padding=2, dilation=(2,)),
    case("same", "conv1d", SIGNAL, normal(3, 4, 5), padding="same"),
    case("one signal", "conv1d", SIGNAL[0], normal(3, 4, 3), normal(3)),
    case("plain", "conv_transpose2d", IMAGE, normal(4, 3, 3, 2), normal(3)),
    case("stride", "conv_transpose2d", IMAGE, normal(4, 3, 3, 3), stride=2, padding=1, output_padding=1),
    case("dilation", "conv_transpose2d", IMAGE, normal(4, 3, 3, 3), stride=(2, 3), dilation=2, output_padding=(1, 0)),
    case("side by side", "max_pool2d", IMAGE, kernel_size=2),
    case("overlapping", "max_pool2d", IMAGE, kernel_size=3, stride=2, padding=1),
    case("ties", "max_pool2d", np.maximum(IMAGE, 0), kernel_size=3, stride=2),
    case("dilated", "max_pool2d", IMAGE[0], kernel_size=(2, 3), stride=1, dilation=2),
    case("side by side", "avg_pool2d", IMAGE, kernel_size=2),
    case("overlapping", "avg_pool2d", IMAGE[0], kernel_size=(3, 2), stride=(2, 1), padding=1),
    case("side by side", "max_pool1d", SIGNAL, kernel_size=2),
    case("options", "max_pool1d", SIGNAL, kernel_size=3, stride=2, padding=1),
    case("side by side", "avg_pool1d", SIGNAL, kernel_size=2),
    case("options", "avg_pool1d", SIGNAL, kernel_size=3, stride=(2,), padding=(1,)),
    case("one", "adaptive_avg_pool2d", IMAGE, output_size=1),
    case("odd", "adaptive_avg_pool2d", IMAGE, output_size=(4, 3)),
    case("plain", "layer_norm", X, normalized_shape=(3,)),
    case("affine", "layer_norm", IMAGE, (7, 6), normal(7, 6), normal(7, 6)),
    case("weight", "layer_norm", X, (3,), normal(3), eps=0.1),
    case("training", "batch_norm", X, None, None, normal(3), normal(3), training=True),
    case("training images", "batch_norm", IMAGE, None, None, normal(4), None, training=True),
    case("training plain", "batch_norm", SIGNAL, None, None, training=True, eps=0.1),
    case("evaluating", "batch_norm", IMAGE, normal(4), unit(4), normal(4), normal(4)),
    case("evaluating plain", "batch_norm", X, normal(3), unit(3)),
    case("groups", "group_norm", IMAGE, num_groups=2),
    case("affine", "group_norm", SIGNAL, 2, normal(4), normal(4)),
    case("plain", "rms_norm", X, normalized_shape=(3,)),
    case("weight", "rms_norm", X, (3,), normal(3), eps=0.1),
    case("plain", "scaled_dot_product_attention", normal(2, 3, 4, 5), normal(2, 3, 6, 5), normal(2, 3, 6, 2)),
    case("causal", "scaled_dot_product_attention", normal(2, 4, 5), normal(2, 4, 5), normal(2, 4, 5), is_causal=True),
    case("mask", "scaled_dot_product_attention", normal(2, 4, 5), normal(2, 4, 5), normal(2, 4, 5), CAUSAL, scale=0.3),
    case("bias", "scaled_dot_product_attention", normal(2, 4, 5), normal(2, 4, 5), normal(2, 4, 5), normal(4, 4)),
    case("plain", "cross_entropy", X, CLASSES),
    case("long rows", "cross_entropy", normal(5, 40), CLASSES),
    case("sum", "cross_entropy", X, CLASSES, reduction="sum"),
    case("none", "cross_entropy", X, CLASSES, reduction="none"),
    case("holes", "cross_entropy", X, HOLES),
    case("ignored class", "cross_entropy", X, CLASSES, ignore_index=2),
    case("smooth", "cross_entropy", X, HOLES, label_smoothing=0.2),
    case("smooth none", "cross_entropy", X, HOLES, label_smoothing=0.2, reduction="none"),
    case("weight", "cross_entropy", X, HOLES, weight=unit(3)),
    case("everything", "cross_entropy", X, HOLES, weight=unit(3), label_smoothing=0.2),
    case("everything sum", "cross_entropy", X, HOLES, weight=unit(3), label_smoothing=0.2, reduction="sum"),
    case("one", "cross_entropy", X[0], np.array(1)),
    case("one none", "cross_entropy", X[0], np.array(1), reduction="none"),
    case("images", "cross_entropy", IMAGE, RNG.integers(0, 4, (2, 7, 6))),
    case("images none", "cross_entropy", IMAGE, RNG.integers(0, 4, (2, 7, 6)), reduction="none"),
    case("probabilities", "cross_entropy", X, PROBABILITIES),
    case("probabilities weight", "cross_entropy", X, PROBABILITIES, weight=unit(3), label_smoothing=0.1),
    case("probabilities sum", "cross_entropy", X, PROBABILITIES, reduction="sum"),
    case("probabilities one", "cross_entropy", X[0], PROBABILITIES[0]),
    case("plain", "nll_loss", X, CLASSES),
    case("weight", "nll_loss", X, HOLES, weight=unit(3)),
    case("none", "nll_loss", X, HOLES, reduction="none"),
    *[case(r, name, X, normal(5, 3), reduction=r) for name in ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss")
      for r in ("mean", "sum", "none")],
    case("delta", "huber_loss", X * 3, normal(5, 3), delta=0.5),
    case("beta", "smooth_l1_loss", X * 3, normal(5, 3), beta=0.5),
    *[case(r, "binary_cross_entropy_with_logits", X, unit(5, 3), reduction=r) for r in ("mean", "sum", "none")],
    case("weights", "binary_cross_entropy_with_logits", X, unit(5, 3), weight=unit(3), pos_weight=unit(3)),
    *[case(r, "binary_cross_entropy", unit(5, 3), unit(5, 3), reduction=r) for r in ("mean", "sum", "none")],
    case("weight", "binary_cross_entropy", unit(5, 3), unit(5, 3), weight=unit(3)),
    *[case(r, "kl_div", np.log(PROBABILITIES), PROBABILITIES[::-1].copy(), reduction=r) for r in ("batchmean", "sum", "none")],
    case("log target", "kl_div", np.log(PROBABILITIES), np.log(PROBABILITIES[::-1]), reduction="sum", log_target=True),
    case("plain", "hinge_embedding_loss", X, np.where(normal(5, 3) > 0, 1.0, -1.0)),
    case("rows", "cosine_similarity", X, normal(5, 3)),
    case("columns", "cosine_similarity", X, normal(5, 3), dim=0),
]  # fmt: skip
WITHOUT_TWIN = {"hinge_loss"}  # torch has none
OTHERWISE = {"dropout", "dropout2d", "one_hot"}  # compared below: random, and without a gradient


def test_every_function_has_a_twin_test():
    assert {p.values[0] for p in CASES} | WITHOUT_TWIN | OTHERWISE == {
        name
        for name, value in vars(F).items()
        if inspect.isfunction(value) and value.__module__.startswith("dlcore.nn")
    } | {"hinge_embedding_loss"}  # which is torchlike's


def convert(value, dtype, library):
    """An array as a leaf of the library, in this dtype; anything else as it is."""
    if not isinstance(value, np.ndarray):
        return value
    float_like = value.dtype.kind == "f"
    return library.tensor(value.astype(dtype) if float_like else value, requires_grad=float_like)


def answers(library, functions, function, arrays, options, dtype):
    """The value and the gradients that a library gives in this dtype."""
    args = [convert(a, dtype, library) for a in arrays]
    if function in ("batch_norm", "kl_div", "binary_cross_entropy", "cross_entropy", "hinge_embedding_loss"):
        args[1:3] = [a.detach() if hasattr(a, "detach") else a for a in args[1:3]]  # torch wants no gradients there
    rest = {k: convert(v, dtype, library) for k, v in options.items()}
    rest = {k: v.detach() if hasattr(v, "detach") else v for k, v in rest.items()}
    y = getattr(functions, function)(*args, **rest)
    weights = np.linspace(0.5, 1.5, int(np.prod(tuple(y.shape)))).reshape(tuple(y.shape)).astype(np.float32)
    y.backward(library.tensor(weights.astype(dtype)))
    return [y.detach(), *[a.grad for a in args if getattr(a, "requires_grad", False) and a.grad is not None]]


@pytest.mark.parametrize("function, arrays, options", CASES)
def test_twin(function, arrays, options):
    ours = answers(dlcore, F, function, arrays, options, np.float64)
    theirs = answers(torch, TF, function, arrays, options, np.float64)
    for a, b in zip(ours, theirs, strict=True):
        assert_close(a, b, 1e-10)


@pytest.mark.parametrize("function, arrays, options", CASES)
def test_twin_in_float32(function, arrays, options):
    def single(x):
        return x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x

    arrays, options = [single(a) for a in arrays], {k: single(v) for k, v in options.items()}
    runs = (dlcore, F, np.float32), (torch, TF, np.float32), (torch, TF, np.float64)
    answered = [answers(library, of, function, arrays, options, dtype) for library, of, dtype in runs]
    for i, (a, b, truth) in enumerate(zip(*answered, strict=True)):
        assert_close_to_truth(a, b, truth, f"gradient {i}" if i else "value")


def test_running_averages_of_batch_norm():
    for dtype, near in ((np.float32, 1e-6), (np.float64, 1e-12)):
        start, x = [normal(4).astype(dtype), unit(4).astype(dtype)], IMAGE.astype(dtype)
        ours, theirs = [dlcore.tensor(a) for a in start], [torch.tensor(a) for a in start]
        for _ in range(3):
            F.batch_norm(dlcore.tensor(x), *ours, training=True, momentum=0.3)
            TF.batch_norm(torch.tensor(x), *theirs, training=True, momentum=0.3)
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a.array, b.numpy(), rtol=near)


def test_one_hot():
    index = np.array([[2, 0], [1, 1]])
    for k in (-1, 5):
        assert F.one_hot(index, k).tolist() == TF.one_hot(torch.tensor(index), k).tolist()


def test_dropout_keeps_the_expectation_and_draws_from_its_generator():
    x = dlcore.ones(200, 50, requires_grad=True)
    y = F.dropout(x, 0.25, generator=dlcore.Generator(0))
    assert set(np.unique(y.array)) == {np.float32(0), np.float32(1 / 0.75)} and abs(y.detach().mean() - 1) < 0.02
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.array, y.array)
    assert F.dropout(x, 0.25, generator=dlcore.Generator(0)).equal(y)
    assert F.dropout(x, 0.0) is x and F.dropout(x, 0.9, training=False) is x and not F.dropout(x, 1.0).array.any()


def test_dropout_of_attention():
    q = dlcore.ones(2, 3, 4, 5)
    v = dlcore.ones(2, 3, 6, 1)
    y = F.scaled_dot_product_attention(q, dlcore.ones(2, 3, 6, 5), v, dropout_p=0.5, generator=dlcore.Generator(0))
    assert abs(y.mean() - 1) < 0.35 and len(np.unique(y.array)) > 2


def test_hinge_loss():
    x, y = dlcore.tensor([2.0, -0.5, 0.25]), np.array([1.0, -1.0, -1.0])
    assert F.hinge_loss(x, y, reduction="none").tolist() == [0.0, 0.5, 1.25]
    assert F.hinge_loss(x, y, margin=2.0, reduction="sum").item() == 0 + 1.5 + 2.25
