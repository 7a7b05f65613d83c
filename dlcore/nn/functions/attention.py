"""Attention, and the normalisations that keep deep networks trainable."""

import math
from functools import lru_cache
from typing import Any

import numpy as np

from dlcore import ops
from dlcore.ops.normalisation import moments
from dlcore.rng import numpy_generator
from dlcore.shapes import DtypeError, ShapeError, expect, expect_alike, need
from dlcore.tensor import Tensor, apply
from dlcore.tensor.protocols import as_array, plain


@lru_cache(maxsize=16)
def causal_bias(t: int, s: int, dtype: Any) -> np.ndarray:
    """(T, S): 0 where position t may see position s ≤ t, and -inf where s lies in the future."""
    return np.triu(np.full((t, s), -np.inf, dtype), 1)


def additive(where: str, mask: Any, dtype: Any, forbids: bool = True) -> np.ndarray:
    """Return a mask as numbers to add to the scores: -inf where a Boolean mask forbids, 0 elsewhere.

    >>> additive("MultiheadAttention", np.array([True, False]), np.float32)
    array([-inf,   0.], dtype=float32)
    """
    array = as_array(mask)
    if array.dtype.kind not in "bf":
        raise DtypeError(
            f"{where}: a mask should hold booleans, or floats that are added to the scores, but got {array.dtype}. "
            "Write mask == 1, or mask.bool()."
        )
    return (
        np.where(array == forbids, -np.inf, 0).astype(dtype) if array.dtype == bool else array.astype(dtype, copy=False)
    )


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    generator: Any = None,
) -> Tensor:
    """Each query takes the mean of the values, weighted by how well their keys match it.

        softmax(q kᵀ / √D + mask) v

    Args:
        query: (…, T, D). key: (…, S, D). value: (…, S, E). Leading axes (batch, heads) broadcast.
        attn_mask: (…, T, S): booleans (True: may be seen) or numbers that are added to the scores.
        dropout_p: share of the weights set to zero. Applied whenever it is not 0, as in PyTorch.
        is_causal: no position sees a later one; not together with attn_mask.
        scale: instead of 1/√D, which keeps the variance of the scores at 1.

    Returns:
        (…, T, E).

    Twin: torch.nn.functional.scaled_dot_product_attention. Source: Vaswani et al. (2017), Attention is all you need.

    >>> q = Tensor([[100.0, 0.0]]); k = Tensor([[1.0, 0.0], [0.0, 1.0]]); v = Tensor([[1.0], [2.0]])
    >>> scaled_dot_product_attention(q, k, v)
    tensor([[1.]])
    """
    if query.ndim < 2 or query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        where = "scaled_dot_product_attention"
        d = expect(where, "query", query, "… T D")["D"]
        s = expect(where, "key", key, "… S D", D=d)["S"]
        expect(where, "value", value, "… S E", S=s)
    expect_alike("scaled_dot_product_attention", query=query, key=key, value=value)
    need(0 <= dropout_p <= 1, "scaled_dot_product_attention", "dropout_p should lie in [0, 1], but got {}", dropout_p)
    t, s = query.shape[-2], key.shape[-2]
    if is_causal and attn_mask is not None:
        raise ValueError("scaled_dot_product_attention: give attn_mask or is_causal, not both")
    bias = causal_bias(t, s, query.dtype) if is_causal else attn_mask
    if bias is not None and as_array(bias).dtype.kind != "f":
        bias = additive("scaled_dot_product_attention", bias, query.array.dtype, forbids=False)
    keep = None
    if dropout_p:
        lead = np.broadcast_shapes(query.shape[:-2], key.shape[:-2])
        keep = numpy_generator(generator).random((*lead, t, s), np.float32) >= dropout_p
    return apply(ops.attention, query, key, value, bias, scale=scale, keep=keep, p=dropout_p)


def layer_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Bring each example to mean 0 and variance 1 over its last axes, then scale and shift.

        y = (x - mean) / √(var + eps) · weight + bias

    Args:
        input: (…, *normalized_shape).
        normalized_shape: the sizes of the last axes, e.g. (D,).
        weight, bias: of shape normalized_shape, or None.

    Numerics: the variance is that of the centred numbers, never E[x²] - E[x]².
    Twin: torch.nn.functional.layer_norm. Source: Ba, Kiros & Hinton (2016).

    >>> layer_norm(Tensor([[1.0, 3.0]]), (2,))
    tensor([[-1.0000,  1.0000]])
    """
    shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    input.need_float("layer_norm")
    expect_alike("layer_norm", input=input, weight=weight, bias=bias)
    if not shape or input.shape[-len(shape) :] != shape:
        need(shape, "layer_norm", "normalized_shape should name at least one axis, but got ()")
        expect("layer_norm", "input", input, "… " + " ".join(map(str, shape)))
    for name, part in (("weight", weight), ("bias", bias)):
        if part is not None and part.shape != shape:
            expect("layer_norm", name, part, " ".join(map(str, shape)))
    return apply(ops.layer_norm, input, weight, bias, axes=len(shape), eps=eps)


def batch_norm(
    input: Tensor,
    running_mean: Any,
    running_var: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Bring each channel to mean 0 and variance 1 over the batch (and all places), then scale and shift.

        y = (x - mean) / √(var + eps) · weight + bias
        running = (1 - momentum) running + momentum · (this batch's)      (the variance with n - 1)

    Args:
        input: (N, C) or (N, C, …).
        running_mean, running_var: (C) averages, changed in place while training, used when not; or None.
        weight, bias: (C) or None.

    Raises:
        ShapeError: if running_mean, weight or bias are not (C).
        ValueError: when training with a single number per channel, whose variance is always 0.

    Twin: torch.nn.functional.batch_norm. Source: Ioffe & Szegedy (2015).

    >>> batch_norm(Tensor([[1.0], [3.0]]), None, None, training=True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    input.need_float("batch_norm")
    need(input.ndim > 1, "batch_norm", "input should have shape (N, C, …), but got {}", input.array.shape, ShapeError)
    c = input.shape[1]
    parts = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    for name, part in parts.items():
        if part is not None and part.shape != (c,):
            expect("batch_norm", name, part, "C", C=c)
    axes = (0, *range(2, input.ndim))
    if not training:
        return _standardise(input, running_mean, running_var, weight, bias, eps)
    n = input.numel() // c if c else 0
    if n <= 1:
        raise ValueError(
            f"batch_norm: expected more than 1 number per channel when training, but got shape {input.array.shape}"
        )
    mean, var = moments(input.array, axes)
    if running_mean is not None:
        for running, now in ((plain(running_mean), mean), (plain(running_var), var * (n / (n - 1)))):
            running += momentum * (now.reshape(c) - running)
    return apply(ops.batch_norm, input, weight, bias, mean=mean, var=var, eps=eps)


def _standardise(x: Tensor, mean: Any, var: Any, weight: Tensor | None, bias: Tensor | None, eps: float) -> Tensor:
    if mean is None or var is None:
        raise ValueError("batch_norm: running_mean and running_var are needed when training=False")
    shape = (1, -1) + (1,) * (x.ndim - 2)
    scale = (1 / np.sqrt(plain(var) + eps)).astype(x.dtype).reshape(shape)
    y = (x - plain(mean).reshape(shape)) * scale
    y = y if weight is None else y * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """Layer normalisation over each of num_groups groups of the channels of (N, C, …). Source: Wu & He (2018).

    >>> group_norm(Tensor([[1.0, 3.0]]), 1)
    tensor([[-1.0000,  1.0000]])
    """
    need(input.ndim > 1, "group_norm", "input should have shape (N, C, …), but got {}", input.array.shape, ShapeError)
    n, c = input.shape[:2]
    fits = num_groups > 0 and c % num_groups == 0
    given = "num_groups={} does not divide the {} channels of input {}"
    need(fits, "group_norm", given, num_groups, c, input.array.shape, ShapeError)
    grouped = input.reshape(n, num_groups, c // num_groups * math.prod(input.shape[2:]))
    y = apply(ops.layer_norm, grouped, None, None, axes=1, eps=eps).reshape(input.shape)
    shape = (1, c) + (1,) * (input.ndim - 2)
    y = y if weight is None else y * weight.reshape(shape)
    return y if bias is None else y + bias.reshape(shape)


def rms_norm(input: Tensor, normalized_shape: Any, weight: Tensor | None = None, eps: float | None = None) -> Tensor:
    """x divided by the root of the mean of its squares over the last axes. Source: Zhang & Sennrich (2019).

    >>> rms_norm(Tensor([[3.0, 4.0]]), (2,))
    tensor([[0.8485, 1.1314]])
    """
    input.need_float("rms_norm")
    expect("rms_norm", "input", input, " ".join(["…", *map(str, normalized_shape)]))
    dims = tuple(range(-len(normalized_shape), 0))
    small = float(np.finfo(input.dtype).eps) if eps is None else eps
    y = input / (input.square().mean(dims, keepdim=True) + small).sqrt()
    return y if weight is None else y * weight
