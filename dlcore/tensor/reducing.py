"""The methods of a tensor that make an axis disappear. `dim` is None (all axes), a number or several."""

from typing import Any, NamedTuple

import numpy as np

from dlcore import ops
from dlcore.dtypes import usual
from dlcore.shapes import need
from dlcore.tensor.protocols import along


class Extremes(NamedTuple):
    """What max, min, sort and topk return along an axis: the values, and where they were."""

    values: Any
    indices: Any


def axes(x: Any, dim: Any) -> Any:
    """dim as NumPy wants it: None, a number or a tuple. For PyTorch a single number has an axis 0 to be summed away."""
    if isinstance(dim, list):
        return tuple(dim)
    return None if dim in (0, -1) and not x.array.ndim else dim


class Reductions:
    """Sums, means, spreads."""

    __slots__ = ()

    def sum(self, dim=None, keepdim=False, dtype=None):
        x = self if dtype is None and self.array.dtype.kind == "f" else self.to(dtype or np.int64)
        return x.apply(ops.sum, x, axis=axes(self, dim), keepdims=keepdim)

    def mean(self, dim=None, keepdim=False):
        return self.floating(ops.mean, axis=axes(self, dim), keepdims=keepdim)

    def var(self, dim=None, unbiased=True, keepdim=False, correction=None):
        correction = int(unbiased) if correction is None else correction
        return self.floating(ops.var, axis=axes(self, dim), correction=correction, keepdims=keepdim)

    def std(self, dim=None, unbiased=True, keepdim=False, correction=None):
        correction = int(unbiased) if correction is None else correction
        return self.floating(ops.std, axis=axes(self, dim), correction=correction, keepdims=keepdim)

    def prod(self, dim=None, keepdim=False):
        return self.apply(ops.prod, self, axis=axes(self, dim), keepdims=keepdim)

    def norm(self, p=2, dim=None, keepdim=False):
        self.need_float("norm")
        p = 2 if p == "fro" else p
        if abs(p) == float("inf"):
            rule = ops.amax if p > 0 else ops.amin
            return self.apply(rule, self.abs(), axis=axes(self, dim), keepdims=keepdim, nan=True)
        return self.apply(ops.norm, self, axis=axes(self, dim), keepdims=keepdim, p=p)

    def logsumexp(self, dim, keepdim=False):
        return self.unary(ops.logsumexp, axis=axes(self, dim), keepdims=keepdim)

    def cumsum(self, dim):
        return self.apply(ops.cumsum, self, axis=along("cumsum", self, dim))

    def cumprod(self, dim):
        return self.apply(ops.cumprod, self, axis=along("cumprod", self, dim))

    def any(self, dim=None, keepdim=False):
        return self.wrap(self.array.any(axes(self, dim), keepdims=keepdim))

    def all(self, dim=None, keepdim=False):
        return self.wrap(self.array.all(axes(self, dim), keepdims=keepdim))


class Ordering:
    """Largest, smallest, sorted."""

    __slots__ = ()

    def amax(self, dim=None, keepdim=False):
        return self.apply(ops.amax, self, axis=axes(self, dim), keepdims=keepdim)

    def amin(self, dim=None, keepdim=False):
        return self.apply(ops.amin, self, axis=axes(self, dim), keepdims=keepdim)

    def max(self, dim=None, keepdim=False):
        if dim is None:
            return self.apply(ops.amax, self, nan=True)
        if isinstance(dim, Reductions):  # max(x, y), place by place
            return self.binary(ops.maximum, self, dim)
        return self._extreme(self.array.argmax, dim, keepdim)

    def min(self, dim=None, keepdim=False):
        if dim is None:
            return self.apply(ops.amin, self, nan=True)
        if isinstance(dim, Reductions):
            return self.binary(ops.minimum, self, dim)
        return self._extreme(self.array.argmin, dim, keepdim)

    def _extreme(self, find, dim, keepdim):
        index = usual(find(along("max or min", self, dim), keepdims=True))
        values, indices = self.apply(ops.gather, self, index=index, axis=dim), self.wrap(index)
        return Extremes(values, indices) if keepdim else Extremes(values.squeeze(dim), indices.squeeze(dim))

    def argmax(self, dim=None, keepdim=False):
        return self.wrap(usual(self.array.argmax(dim if dim is None else along("argmax", self, dim), keepdims=keepdim)))

    def argmin(self, dim=None, keepdim=False):
        return self.wrap(usual(self.array.argmin(dim if dim is None else along("argmin", self, dim), keepdims=keepdim)))

    def argsort(self, dim=-1, descending=False):
        order = np.argsort(self.array, along("argsort", self, dim), kind="stable")
        if descending:  # sort the reversed array and reverse twice, so that equals keep their order
            back = np.flip(np.argsort(np.flip(self.array, dim), dim, kind="stable"), dim)
            order = self.array.shape[dim] - 1 - back
        return self.wrap(usual(order))

    def sort(self, dim=-1, descending=False):
        order = self.argsort(dim, descending)
        return Extremes(self.apply(ops.gather, self, index=order.array, axis=dim), order)

    def topk(self, k, dim=-1, largest=True):
        most = self.array.shape[along("topk", self, dim)]
        need(0 <= k <= most, "topk", "k should lie in [0, {}], but got {}", most, k)
        order = np.take(self.argsort(dim, largest).array, range(k), dim)
        return Extremes(self.apply(ops.gather, self, index=order, axis=dim), self.wrap(order))
