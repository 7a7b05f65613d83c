"""Rules that move numbers and compute none: reshape, transpose, join, split, select, pad."""

import numpy as np

from dlcore.ops.rule import op


@op
def reshape(x, shape):
    """The same numbers in another shape."""
    if min(shape, default=0) < -1:
        raise ValueError(f"reshape: sizes should be at least 0, or -1 for one that is computed, but got {tuple(shape)}")
    before = x.shape  # (a pullback that says x.shape keeps all of x in memory)
    return x.reshape(shape), (lambda g: g.reshape(before),)


@op
def transpose(x, axes):
    """The axes in another order: axis i of the result is axis axes[i] of x."""
    back = tuple(np.argsort([a % x.ndim for a in axes]).tolist())
    return x.transpose(axes), (lambda g: g.transpose(back),)


@op
def swapaxes(x, first, second):
    """Two axes exchanged, a special case of transpose that needs no sorting."""
    return x.swapaxes(first, second), (lambda g: g.swapaxes(first, second),)


@op
def broadcast_to(x, shape):
    """x repeated along its axes of size 1. The engine sums the gradient over the repetitions."""
    return np.broadcast_to(x, shape), (lambda g: g,)


@op
def flip(x, axis):
    """x in reverse along axis, in memory of its own."""
    return np.flip(x, axis).copy(), (lambda g: np.flip(g, axis),)


@op
def cat(*xs, axis=0):
    """Arrays one after the other along an axis; each gets back its own piece of the gradient."""
    y = np.concatenate(xs, axis)
    ends = np.cumsum([x.shape[axis] for x in xs]).tolist()
    front = (slice(None),) * (axis % y.ndim)

    def piece(start, end):
        return lambda g: g[(*front, slice(start, end))]

    return y, tuple([piece(start, end) for start, end in zip([0, *ends], ends, strict=False)])


@op
def stack(*xs, axis=0):
    """Arrays side by side along a new axis."""
    y = np.stack(xs, axis)
    front = (slice(None),) * (axis % y.ndim)
    return y, tuple([(lambda g, i=i: g[(*front, i)]) for i in range(len(xs))])


@op
def unbind(x, axis=0):
    """x cut into its slices along axis: several values, so the pullback takes one gradient (or None) per slice.

    Sixty-four slices x[:, t] would each fill a zero array as large as x on the way back; unbind fills one.
    """

    def pullback(gs):
        whole = np.zeros(x.shape, x.dtype)
        slices = np.moveaxis(whole, axis, 0)
        for i, g in enumerate(gs):
            if g is not None:
                slices[i] = g
        return whole

    return tuple([np.asarray(part) for part in np.moveaxis(x, axis, 0)]), (pullback,)


@op
def split(x, ends, axis=0):
    """x cut at the positions `ends` along axis; the inverse of cat. Several values, as in unbind."""

    def pullback(gs):
        whole = np.zeros(x.shape, x.dtype)
        for slot, g in zip(np.split(whole, ends, axis), gs, strict=True):
            if g is not None:
                slot[...] = g
        return whole

    return tuple(np.split(x, ends, axis)), (pullback,)


@op
def getitem(x, index):
    """x[index], by numbers, slices, masks or integer arrays. A place read twice gets both gradients."""

    def pullback(g):
        whole = np.zeros(x.shape, x.dtype)
        if _may_repeat(index):
            np.add.at(whole, index, g)
        else:
            whole[index] = g
        return whole

    return x[index], (pullback,)


def _may_repeat(index):
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(p, list) or (isinstance(p, np.ndarray) and p.dtype != bool) for p in parts)


@op
def setitem(x, y, index):
    """A copy of x with x[index] replaced by y: gradients pass x by at those places, and reach y instead."""
    out = x.copy()
    out[index] = y

    def to_rest(g):
        g = g.copy()
        g[index] = 0
        return g

    return out, (to_rest, lambda g: g[index])


@op
def gather(x, index, axis):
    """x at one integer index per place along axis (NumPy's take_along_axis)."""

    def pullback(g):
        whole = np.zeros(x.shape, x.dtype)
        places = list(np.indices(index.shape, sparse=True))
        places[axis] = index
        np.add.at(whole, tuple(places), g)
        return whole

    places = list(np.indices(index.shape, sparse=True))
    places[axis] = index
    return x[tuple(places)], (pullback,)


@op
def where(x, y, condition):
    """x where the condition holds, y elsewhere; each gets the gradient of its own places."""
    return np.where(condition, x, y), (
        lambda g: np.where(condition, g, g.dtype.type(0)),
        lambda g: np.where(condition, g.dtype.type(0), g),
    )


@op
def pad(x, widths, value=0.0):
    """x with a margin: widths holds (before, after) for each axis. A negative width cuts."""
    grow = [(max(a, 0), max(b, 0)) for a, b in widths]
    cut = tuple([slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(widths, x.shape, strict=True)])
    inner = tuple([slice(a, None if b == 0 else -b) for a, b in grow])

    def pullback(g):
        whole = np.zeros(x.shape, x.dtype)
        whole[cut] = g[inner]
        return whole

    return np.pad(x[cut], grow, constant_values=value), (pullback,)


@op
def tril(x, diagonal=0):
    """The lower triangle, zeros above."""
    _matrices("tril", x)
    return np.tril(x, diagonal), (lambda g: np.tril(g, diagonal),)


@op
def triu(x, diagonal=0):
    """The upper triangle, zeros below."""
    _matrices("triu", x)
    return np.triu(x, diagonal), (lambda g: np.triu(g, diagonal),)


def _matrices(where, x):
    if x.ndim < 2:
        raise ValueError(f"{where}: x should have at least 2 axes, rows and columns, but got shape {x.shape}")
