"""The methods of a tensor that make an axis disappear. `dim` is None (all axes), a number or several."""

from typing import Any, NamedTuple

import numpy as np

from dlcore import ops


class Extremes(NamedTuple):
    """What max, min, sort and topk return along an axis: the values, and where they were."""

    values: Any
    indices: Any


def axes(dim: Any) -> Any:
    """dim as NumPy wants it: None, a number or a tuple."""
    return tuple(dim) if isinstance(dim, list) else dim


class Reductions:
    """Sums, means, spreads."""

    __slots__ = ()

    def sum(self, dim=None, keepdim=False, dtype=None):
        x = self if dtype is None else self.to(dtype)
        return x.apply(ops.sum, x, axis=axes(dim), keepdims=keepdim)

    def mean(self, dim=None, keepdim=False):
        self.need_float("mean")
        return self.apply(ops.mean, self, axis=axes(dim), keepdims=keepdim)

    def var(self, dim=None, unbiased=True, keepdim=False, correction=None):
        self.need_float("var")
        correction = int(unbiased) if correction is None else correction
        return self.apply(ops.var, self, axis=axes(dim), correction=correction, keepdims=keepdim)

    def std(self, dim=None, unbiased=True, keepdim=False, correction=None):
        return self.var(dim, unbiased, keepdim, correction).sqrt()

    def prod(self, dim=None, keepdim=False):
        return self.apply(ops.prod, self, axis=axes(dim), keepdims=keepdim)

    def norm(self, p=2, dim=None, keepdim=False):
        if p in (2, 2.0, "fro"):
            return self.apply(ops.norm, self, axis=axes(dim), keepdims=keepdim)
        if p == float("inf"):
            return self.abs().amax(dim, keepdim)
        return (self.abs() ** p).sum(dim, keepdim) ** (1 / p)

    def logsumexp(self, dim, keepdim=False):
        return self.unary(ops.logsumexp, axis=axes(dim), keepdims=keepdim)

    def cumsum(self, dim):
        return self.apply(ops.cumsum, self, axis=dim)

    def any(self, dim=None, keepdim=False):
        return self.wrap(self.data.any(axes(dim), keepdims=keepdim))

    def all(self, dim=None, keepdim=False):
        return self.wrap(self.data.all(axes(dim), keepdims=keepdim))


class Ordering:
    """Largest, smallest, sorted."""

    __slots__ = ()

    def amax(self, dim=None, keepdim=False):
        return self.apply(ops.amax, self, axis=axes(dim), keepdims=keepdim)

    def amin(self, dim=None, keepdim=False):
        return self.apply(ops.amin, self, axis=axes(dim), keepdims=keepdim)

    def max(self, dim=None, keepdim=False):
        return self.amax() if dim is None else self._extreme(self.data.argmax(dim, keepdims=True), dim, keepdim)

    def min(self, dim=None, keepdim=False):
        return self.amin() if dim is None else self._extreme(self.data.argmin(dim, keepdims=True), dim, keepdim)

    def _extreme(self, index, dim, keepdim):
        values, indices = self.apply(ops.gather, self, index=index, axis=dim), self.wrap(index)
        return Extremes(values, indices) if keepdim else Extremes(values.squeeze(dim), indices.squeeze(dim))

    def argmax(self, dim=None, keepdim=False):
        return self.wrap(self.data.argmax(dim, keepdims=keepdim))

    def argmin(self, dim=None, keepdim=False):
        return self.wrap(self.data.argmin(dim, keepdims=keepdim))

    def argsort(self, dim=-1, descending=False):
        order = np.argsort(self.data, dim, kind="stable")
        if descending:  # sort the reversed array and reverse twice, so that equals keep their order
            back = np.flip(np.argsort(np.flip(self.data, dim), dim, kind="stable"), dim)
            order = self.data.shape[dim] - 1 - back
        return self.wrap(order)

    def sort(self, dim=-1, descending=False):
        order = self.argsort(dim, descending)
        return Extremes(self.apply(ops.gather, self, index=order.data, axis=dim), order)

    def topk(self, k, dim=-1, largest=True):
        order = np.take(self.argsort(dim, largest).data, range(k), dim)
        return Extremes(self.apply(ops.gather, self, index=order, axis=dim), self.wrap(order))
