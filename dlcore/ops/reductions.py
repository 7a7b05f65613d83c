"""Rules that make an axis disappear: sum, mean, variance, largest. `axis` is None (all), a number or a tuple."""

import math

import numpy as np

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
    centred = x - x.sum(axis, keepdims=True) / x.dtype.type(_count(x.shape, axis))
    y = (centred * centred).sum(axis, keepdims=keepdims) / x.dtype.type(n)
    scale = x.dtype.type(2) / x.dtype.type(n)
    return y, (lambda g: _put_back(g * scale, x.shape, axis, keepdims) * centred,)


@op
def amax(x, axis=None, keepdims=False):
    """The largest x; equal largest share the gradient evenly, as in PyTorch."""
    y = x.max(axis, keepdims=keepdims)
    return y, (_to_extremes(x, y, axis, keepdims),)


@op
def amin(x, axis=None, keepdims=False):
    """The smallest x; equal smallest share the gradient evenly, as in PyTorch."""
    y = x.min(axis, keepdims=keepdims)
    return y, (_to_extremes(x, y, axis, keepdims),)


def _to_extremes(x, y, axis, keepdims):
    def pullback(g):
        hit = x == _put_back(y, x.shape, axis, keepdims)
        share = hit / hit.sum(axis, keepdims=True).astype(x.dtype)
        return _put_back(g, x.shape, axis, keepdims) * share

    return pullback


@op
def prod(x, axis=None, keepdims=False):
    """Π x. The gradient is the product of all the others, found without dividing by a zero."""
    y = x.prod(axis, keepdims=keepdims)

    def pullback(g):
        zeros = (x == 0).sum(axis, keepdims=True)
        safe = np.where(x == 0, 1, x)
        product = safe.prod(axis, keepdims=True)
        others = np.where(zeros == 0, product / safe, np.where((zeros == 1) & (x == 0), product, 0))
        return _put_back(g, x.shape, axis, keepdims) * others.astype(x.dtype)

    return y, (pullback,)


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
def norm(x, axis=None, keepdims=False):
    """√Σ x², the Euclidean length. The slope at the origin is taken as 0, as in PyTorch."""
    y = np.sqrt((x * x).sum(axis, keepdims=keepdims))

    def pullback(g):
        length = _put_back(y, x.shape, axis, keepdims)
        unit = np.divide(x, length, out=np.zeros(x.shape, x.dtype), where=length != 0)
        return _put_back(g, x.shape, axis, keepdims) * unit

    return y, (pullback,)
