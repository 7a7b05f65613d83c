"""Rules that make an axis disappear: sum, mean, variance, largest. `axis` is None (all), a number or a tuple."""

import math

import numpy as np

from dlcore.ops.arithmetic import sign
from dlcore.ops.rule import op


def _put_back(g, shape, axis, keepdims):
    """Stretch the gradient of a reduction over the axes that it reduced (a view: no memory is used)."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, shape)


def _count(shape, axis):
    if axis is None:
        return math.prod(shape)
    return math.prod(shape[a] for a in (axis if isinstance(axis, tuple) else (axis,)))


@op
def sum(x, axis=None, keepdims=False):  # noqa: A001
    """Σ x. Each term feels the whole gradient."""
    return x.sum(axis, keepdims=keepdims), (lambda g: _put_back(g, x.shape, axis, keepdims),)


@op
def mean(x, axis=None, keepdims=False):
    """Σ x / n. The mean of nothing is NaN."""
    n = x.dtype.type(_count(x.shape, axis) or np.nan)
    return x.sum(axis, keepdims=keepdims) / n, (lambda g: _put_back(g / n, x.shape, axis, keepdims),)


@op
def var(x, axis=None, correction=1, keepdims=False):
    """Σ (x - mean)² / (n - correction), in two passes: E[x²] - E[x]² would lose all digits at a mean of 1e4."""
    n = max(_count(x.shape, axis) - correction, 0)
    centred, whole = x, x.dtype.type(_count(x.shape, axis))
    for _ in range(2):  # the second time takes away what rounding left: equal numbers have variance 0, exactly
        mean = centred.sum(axis, keepdims=True) / whole
        centred = centred - (mean if centred is x else np.where(np.isfinite(mean), mean, 0).astype(x.dtype))
    y = (centred * centred).sum(axis, keepdims=keepdims) / x.dtype.type(n)
    scale = x.dtype.type(2) / x.dtype.type(n)
    return y, (lambda g: _put_back(g * scale, x.shape, axis, keepdims) * centred,)


@op
def std(x, axis=None, correction=1, keepdims=False):
    """√var. The slope is taken as 0 where all numbers are equal, as in PyTorch."""
    v, (to_x,) = var(x, axis, correction, keepdims)
    y = np.sqrt(v)
    return y, (lambda g: to_x(g * np.divide(0.5, y, out=np.zeros_like(y), where=y != 0)),)


@op
def amax(x, axis=None, keepdims=False, nan=False):
    """The largest x; equal largest share the gradient evenly, as in PyTorch (and if `nan` is set, so do NaN)."""
    y = x.max(axis, keepdims=keepdims)
    return y, (_to_extremes(x, y, axis, keepdims, nan),)


@op
def amin(x, axis=None, keepdims=False, nan=False):
    """The smallest x; equal smallest share the gradient evenly, as in PyTorch (and if `nan` is set, so do NaN)."""
    y = x.min(axis, keepdims=keepdims)
    return y, (_to_extremes(x, y, axis, keepdims, nan),)


def _to_extremes(x, y, axis, keepdims, nan):
    def pullback(g):
        hit = x == _put_back(y, x.shape, axis, keepdims)
        if nan and np.isnan(y).any():
            hit = hit | np.isnan(x)
        share = hit / hit.sum(axis, keepdims=True).astype(x.dtype)
        return _put_back(g, x.shape, axis, keepdims) * share

    return pullback


@op
def prod(x, axis=None, keepdims=False):
    """Π x. The gradient is the product of all the others, found without dividing by a zero."""
    y = x.prod(axis, keepdims=keepdims)

    def pullback(g):
        zeros = np.count_nonzero(x == 0)
        if axis is None and zeros > 1:
            return np.zeros(x.shape, x.dtype)
        others = _product_of_others(x, axis) if zeros else _put_back(y, x.shape, axis, keepdims) / x
        return _put_back(g, x.shape, axis, keepdims) * others

    return y, (pullback,)


def _product_of_others(x, axis):
    """For each number the product of all before it along `axis`, times that of all after it."""
    axes = range(x.ndim) if axis is None else [a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,))]
    last = range(x.ndim - len(axes), x.ndim)
    moved = np.moveaxis(x, axes, last)
    rows = moved.reshape(-1, math.prod(moved.shape[last.start :]))
    before, after = np.ones_like(rows), np.ones_like(rows)
    np.cumprod(rows[:, :-1], 1, out=before[:, 1:])
    np.cumprod(rows[:, :0:-1], 1, out=after[:, -2::-1])
    return np.moveaxis((before * after).reshape(moved.shape), last, axes)


@op
def logsumexp(x, axis=None, keepdims=False):
    """log Σ e^x, safe for x of any size. Its gradient is the softmax."""
    top = x.max(axis, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    total = np.exp(x - top).sum(axis, keepdims=True)
    y = np.log(total) + top
    out = y if keepdims else y.reshape(()) if axis is None else y.squeeze(axis)
    return out, (lambda g: _put_back(g, x.shape, axis, keepdims) * (np.exp(x - top) / total),)


@op
def cumsum(x, axis):
    """Running sum along axis; its gradient is the running sum from the other end."""
    return x.cumsum(axis), (lambda g: np.flip(np.flip(g, axis).cumsum(axis), axis),)


@op
def cumprod(x, axis):
    """Running product along axis. Each number feels all later products, taken without it."""
    y = x.cumprod(axis)

    def pullback(g):
        if (x != 0).all():
            return np.flip(np.flip(g * y, axis).cumsum(axis), axis) / x
        rows, gs = np.moveaxis(x, axis, -1), np.moveaxis(g, axis, -1)
        without = np.where(np.eye(rows.shape[-1], dtype=bool), 1, rows[..., None, :]).cumprod(-1)  # [i, j]: x₀…xⱼ / xᵢ
        return np.moveaxis((np.triu(without).astype(x.dtype) @ gs[..., None])[..., 0], -1, axis)

    return y, (pullback,)


@op
def norm(x, axis=None, keepdims=False, p=2):
    """(Σ |x|ᵖ)^(1/p): the Euclidean length for p = 2, how many are not 0 for p = 0. Where x = 0 the slope is 0."""
    size = np.abs(x)
    powers = x * x if p == 2 else size**p if p else (size > 0).astype(x.dtype)
    total = powers.sum(axis, keepdims=keepdims)
    y = np.sqrt(total) if p == 2 else total ** (1 / p) if p else total

    def pullback(g):
        length = _put_back(y, x.shape, axis, keepdims)
        steep = (length != 0) & (p != 0) & ((p > 1) | (size != 0))
        slope = np.power(size / length, p - 1, out=np.zeros_like(x), where=steep)
        return _put_back(g, x.shape, axis, keepdims) * (slope * sign(x))

    return y, (pullback,)
