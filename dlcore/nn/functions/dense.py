"""Dense layers, activations and what goes with them."""

from typing import Any

import numpy as np

from dlcore import ops
from dlcore.rng import numpy_generator
from dlcore.shapes import DtypeError, expect, expect_alike, need
from dlcore.tensor import Tensor, apply, wrap
from dlcore.tensor.protocols import as_array


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """An affine map of the last axis: every output is a weighted sum of the inputs plus a bias.

        y = x wᵀ + b

    Args:
        input: (…, D) any number of leading axes.
        weight: (O, D) one row per output.
        bias: (O) or None.

    Returns:
        (…, O).

    Raises:
        ShapeError: if the last axis of input is not D, or bias is not (O).

    Twin: torch.nn.functional.linear.

    >>> linear(Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0]]), Tensor([0.5]))
    tensor([[11.5000]])
    """
    if input.array.shape[-1:] != weight.array.shape[1:]:
        expect("linear", "weight", weight, "out in")
        expect("linear", "input", input, "… in", **{"in": weight.shape[1]})
    if bias is not None and bias.array.shape != weight.array.shape[:1]:
        expect("linear", "bias", bias, "out", out=weight.shape[0])
    expect_alike("linear", input=input, weight=weight, bias=bias)
    return apply(ops.linear, input, weight, bias)


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """max(x, 0). `inplace` is accepted for PyTorch's sake; nothing is overwritten.

    >>> relu(Tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return apply(ops.relu, input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where x > 0, negative_slope · x elsewhere. Source: Maas, Hannun & Ng (2013).

    >>> leaky_relu(Tensor([-1.0, 2.0]), 0.1)
    tensor([-0.1000,  2.0000])
    """
    return input.floating(ops.leaky_relu, slope=negative_slope)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """x where x > 0, alpha (e^x - 1) elsewhere. Source: Clevert, Unterthiner & Hochreiter (2016).

    >>> elu(Tensor([0.0, 2.0]))
    tensor([0., 2.])
    """
    return input.floating(ops.elu, alpha=alpha)


def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent.

    >>> tanh(Tensor([0.0, 100.0]))
    tensor([0., 1.])
    """
    return input.unary(ops.tanh)


def sigmoid(input: Tensor) -> Tensor:
    """1 / (1 + e^-x), safe for x of any size.

    >>> sigmoid(Tensor([0.0, -1e4]))
    tensor([0.5000, 0.0000])
    """
    return input.unary(ops.sigmoid)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x · sigmoid(x), also called swish. Source: Hendrycks & Gimpel (2016); Ramachandran, Zoph & Le (2017).

    >>> silu(Tensor([0.0]))
    tensor([0.])
    """
    return input.floating(ops.silu)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x · Φ(x): x times the probability that a standard normal number is smaller than x.

    Args:
        approximate: "none" is exact; "tanh" is the approximation that GPT-2 used.

    Source: Hendrycks & Gimpel (2016), Gaussian Error Linear Units.

    >>> gelu(Tensor([-10.0, 0.0, 10.0]))
    tensor([-0.,  0., 10.])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'gelu: approximate should be "none" or "tanh", but got {approximate!r}')
    return input.floating(ops.gelu if approximate == "none" else ops.gelu_tanh)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + e^(beta x)) / beta, a smooth relu. (No threshold is needed: it is exact for x of any size.)

    >>> softplus(Tensor([1e4]))
    tensor([10000.])
    """
    return input.floating(ops.softplus) if beta == 1 else (input * beta).floating(ops.softplus) / beta


def softmax(input: Tensor, dim: int = -1) -> Tensor:
    """e^x / Σ e^x along dim: scores become probabilities. Safe for x of any size.

    >>> softmax(Tensor([0.0, 0.0, 1e4]))
    tensor([0., 0., 1.])
    """
    return input.softmax(dim)


def log_softmax(input: Tensor, dim: int = -1) -> Tensor:
    """log softmax, right also where softmax rounds to 0.

    >>> log_softmax(Tensor([0.0, 1e4]))
    tensor([-10000.,      0.])
    """
    return input.log_softmax(dim)


def dropout(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False, generator: Any = None
) -> Tensor:
    """Zero each number with probability p, and divide the others by 1 - p so that the expectation stays.

    Args:
        p: probability of a zero, in [0, 1].
        training: False returns the input as it is.
        generator: where the random numbers come from; None is the default generator.

    Source: Srivastava et al. (2014), Dropout.

    >>> dropout(Tensor([1.0, 2.0]), training=False)
    tensor([1., 2.])
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout: p should be in [0, 1], but got {p}")
    if not training or p == 0:
        return input
    keep = numpy_generator(generator).random(input.shape, np.float32) >= p
    return apply(ops.dropout, input, keep=keep, p=p)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, generator: Any = None) -> Tensor:
    """Dropout of whole channels of (N, C, …): neighbours in an image are too alike to be dropped one by one.

    Source: Tompson et al. (2015), Efficient object localization using convolutional networks.

    >>> dropout2d(Tensor([[[1.0, 2.0]]]), p=1.0)
    tensor([[[0., 0.]]])
    """
    ones = wrap(np.ones((*input.shape[:2], *[1] * (input.ndim - 2)), input.array.dtype))
    return input * dropout(ones, p, training, generator=generator)


def embedding(input: Any, weight: Tensor, padding_idx: int | None = None) -> Tensor:
    """Rows of the table weight (V, D) at integers input (…): (…, D). Note the order: the indices come first.

    The row padding_idx gets no gradient.

    Raises:
        TypeError: if input is not of integers.
        IndexError: if an index lies outside [0, V).

    >>> embedding(np.array([1, 0]), Tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor([[3., 4.],
            [1., 2.]])
    """
    index = as_array(input)
    if index.dtype.kind not in "iu":
        raise TypeError(
            f"embedding: input should be integers, but got {index.dtype}. Indices come first: embedding(i, w)"
        )
    v = expect("embedding", "weight", weight, "V D")["V"]
    if padding_idx is not None:
        if not -v <= padding_idx < v:
            raise IndexError(f"embedding: padding_idx should lie in [-{v}, {v}), but got {padding_idx}")
        padding_idx %= v
    if index.size and not (0 <= index.min() and index.max() < v):
        raise IndexError(f"embedding: input should lie in [0, {v}), but has {index.min()} … {index.max()}")
    return apply(ops.embedding, weight, index=index, skip=padding_idx)


def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """Integers (…) as rows with a single one: (…, K), integers too.

    >>> one_hot(np.array([2, 0]))
    tensor([[0, 0, 1],
            [1, 0, 0]])
    """
    index = as_array(tensor)
    need(index.dtype.kind in "iu", "one_hot", "expected integers, but got {}", index.dtype, DtypeError)
    k = int(index.max()) + 1 if num_classes == -1 else num_classes
    if index.size and not (0 <= index.min() and index.max() < k):
        raise IndexError(f"one_hot: indices should lie in [0, {k}), but have {index.min()} … {index.max()}")
    return wrap((index[..., None] == np.arange(k)).astype(np.int64))


def pad(input: Tensor, pad: Any, mode: str = "constant", value: float = 0.0) -> Tensor:
    """A margin around the last axes: pad = (before last, after last, before the one before, …). Negative cuts.

    >>> pad(Tensor([[1.0, 2.0]]), (1, 0))
    tensor([[0., 1., 2.]])
    """
    if mode != "constant" or len(pad) % 2 or len(pad) > 2 * input.ndim:
        raise ValueError(
            f'pad: expected mode "constant" and pairs for at most {input.ndim} axes, but got {mode!r}, {pad}'
        )
    pairs = [(int(pad[i]), int(pad[i + 1])) for i in range(0, len(pad), 2)][::-1]
    sizes = zip(input.shape[::-1], pairs[::-1], strict=False)
    fits = all(n + min(a, 0) + min(b, 0) >= 0 for n, (a, b) in sizes)
    need(fits, "pad", "{} cuts more than {} has", pad, input.array.shape)
    return apply(ops.pad, input, widths=[(0, 0)] * (input.ndim - len(pairs)) + pairs, value=value or 0.0)


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """x divided by its p-norm along dim (by eps if the norm is smaller).

    >>> normalize(Tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    """
    return input / input.norm(p, dim, keepdim=True).clamp(min=eps)
