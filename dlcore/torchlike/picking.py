"""Methods of PyTorch's tensors that pick, move and count numbers, and write them to places."""

import math

import numpy as np

from dlcore import ops
from dlcore.tensor import Tensor
from dlcore.tensor.create import where
from dlcore.tensor.protocols import plain
from dlcore.tensor.reducing import Extremes


class Picking:
    """Parts, diagonals, shapes and orders."""

    def narrow(self, dim, start, length):
        return self[(slice(None),) * (dim % self.ndim) + (slice(start, start + length),)]

    def select(self, dim, index):
        return self[(slice(None),) * (dim % self.ndim) + (index,)]

    def take(self, index):
        return self.reshape(-1)[index]

    def diagonal(self, offset=0, dim1=0, dim2=1):
        x = self.transpose(0, dim1).transpose(1, dim2) if (dim1, dim2) != (0, 1) else self
        rows = np.arange(max(min(x.shape[0] + min(offset, 0), x.shape[1] - max(offset, 0)), 0))
        picked = x[rows + max(-offset, 0), rows + max(offset, 0)]
        return picked.permute(*range(1, picked.ndim), 0)

    def diag(self, diagonal=0):
        """A vector as the diagonal of a matrix; of a matrix its diagonal."""
        if self.ndim == 2:
            return self.diagonal(diagonal)
        n, rows = len(self) + abs(diagonal), np.arange(len(self))
        index = rows + max(-diagonal, 0), rows + max(diagonal, 0)
        return self.binary(ops.setitem, self.new_zeros(n, n), self, index=index)

    def trace(self):
        return self.diagonal().sum()

    def unfold(self, dimension, size, step):
        """Windows of `size` numbers along an axis, `step` apart, as a new last axis."""
        starts = np.arange(0, self.shape[dimension] - size + 1, step)
        windows = self.index_select(dimension, (starts[:, None] + np.arange(size)).reshape(-1))
        dim, shape = dimension % self.ndim, self.shape
        windows = windows.reshape(*shape[:dim], len(starts), size, *shape[dim + 1 :])
        return windows.permute(*[d for d in range(windows.ndim) if d != dim + 1], dim + 1)


class Turning:
    """The same numbers in another shape or order."""

    def unflatten(self, dim, sizes):
        dim %= self.ndim
        return self.reshape(*self.shape[:dim], *sizes, *self.shape[dim + 1 :])

    def movedim(self, source, destination):
        order = [d for d in range(self.ndim) if d != source % self.ndim]
        order.insert(destination % self.ndim, source % self.ndim)
        return self.permute(*order)

    moveaxis, swapdims = movedim, Tensor.transpose

    def fliplr(self):
        return self.flip(1)

    def flipud(self):
        return self.flip(0)

    def tile(self, *times):
        times = times[0] if isinstance(times[0], tuple | list) else times
        return self.repeat((1,) * (self.ndim - len(times)) + tuple(times))

    def ravel(self):
        return self.reshape(-1)

    def reshape_as(self, other):
        return self.reshape(other.shape)

    def diff(self, n=1, dim=-1):
        """Each number less the one before it, n times."""
        length = self.shape[dim]
        once = self.narrow(dim, 1, length - 1) - self.narrow(dim, 0, length - 1)
        return once if n == 1 else once.diff(n - 1, dim)

    def take_along_dim(self, indices, dim):
        return self.gather(dim, indices)

    def rot90(self, k=1, dims=(0, 1)):
        """Turned by k right angles, from the first axis towards the second."""
        places = np.rot90(np.arange(self.array.size).reshape(self.shape), k, dims)
        return self.reshape(-1)[places]

    def argwhere(self):
        return self.nonzero()


class Scattering:
    """Numbers written to places."""

    def index_add(self, dim, index, source, alpha=1):
        index = plain(index)
        places = (slice(None),) * (dim % self.ndim) + (index,)
        spread = self.new_zeros(self.shape).array
        np.add.at(spread, places, alpha * plain(source))
        if not getattr(source, "requires_grad", False):
            return self + self.wrap(spread)
        return self + alpha * _collected(source, dim, index, self.shape[dim])

    def index_fill(self, dim, index, value):
        return self.binary(ops.setitem, self, value, index=(slice(None),) * (dim % self.ndim) + (plain(index),))

    def index_copy(self, dim, index, source):
        return self.binary(ops.setitem, self, source, index=(slice(None),) * (dim % self.ndim) + (plain(index),))

    def scatter_add(self, dim, index, src):
        """x with src added at one index per place along dim, also where an index comes twice."""
        index = plain(index)
        places = list(np.indices(index.shape, sparse=True))
        places[dim] = index
        numbers = np.arange(self.array.size).reshape(self.shape)[tuple(places)].reshape(-1)
        part = src if np.ndim(plain(src)) == 0 else src[tuple([slice(n) for n in index.shape])]
        part = self.new_zeros(index.shape) + part
        return (self.reshape(-1) + _collected(part.reshape(-1), 0, numbers, self.array.size)).reshape(self.shape)

    def scatter_reduce(self, dim, index, src, reduce, include_self=True):
        """The sum or mean of what is written to one place, and of what stands there."""
        if reduce not in ("sum", "mean"):
            raise ValueError(f'scatter_reduce: reduce should be "sum" or "mean" here, but got {reduce!r}.')
        ones = self.new_ones(self.shape)
        many = (ones if include_self else 0 * ones).scatter_add(dim, index, 1.0).clamp(min=1)
        stays = self if include_self else self.scatter(dim, index, 0.0)
        return stays.scatter_add(dim, index, src) / (many if reduce == "mean" else 1)

    def masked_scatter(self, mask, source):
        mask = np.broadcast_to(plain(mask), self.shape)
        return self.binary(ops.setitem, self, source.reshape(-1)[: int(mask.sum())], index=mask)

    def put(self, index, source):
        flat = self.reshape(-1)
        return flat.binary(ops.setitem, flat, source, index=plain(index)).reshape(self.shape)


def _collected(source, dim, index, n):
    """The sum of the slices of source that have one index, for each of n: a product with ones and zeros."""
    ones = (np.arange(n)[:, None] == index).astype(source.array.dtype)  # (n, slices)
    moved = source.movedim(dim, 0)
    return (source.wrap(ones) @ moved.reshape(len(index), -1)).reshape(n, *moved.shape[1:]).movedim(0, dim)


class Counting:
    """Statistics beyond sums and means."""

    def median(self, dim=None, keepdim=False):
        if dim is None:
            return self.reshape(-1).sort().values[(self.numel() - 1) // 2]
        values, order = self.sort(dim)
        middle = ((slice(None),) * (dim % self.ndim)) + (slice((self.shape[dim] - 1) // 2, (self.shape[dim] + 1) // 2),)
        found = values[middle], order[middle]
        return Extremes(*(found if keepdim else [x.squeeze(dim) for x in found]))

    def quantile(self, q, dim=None, keepdim=False):
        """The number that the share q lies below, between two neighbours if need be."""
        dim, x = (0, self.reshape(-1)) if dim is None else (dim, self)
        values, at = x.sort(dim).values, float(plain(q)) * (x.shape[dim] - 1)
        low, high = values.select(dim, int(at)), values.select(dim, math.ceil(at))
        found = low + (at - int(at)) * (high - low)
        return found.unsqueeze(dim) if keepdim else found

    def bincount(self, weights=None, minlength=0):
        return self.wrap(np.bincount(self.array, plain(weights), minlength))

    def unique(self, sorted=True, return_inverse=False, return_counts=False, dim=None):
        found = np.unique(self.array, return_inverse=return_inverse, return_counts=return_counts, axis=dim)
        return tuple([self.wrap(x) for x in found]) if isinstance(found, tuple) else self.wrap(found)

    def histc(self, bins=100, min=0, max=0):
        edges = (min, max) if min != max else (self.array.min(), self.array.max())
        return self.wrap(np.histogram(self.array, bins, edges)[0].astype(self.array.dtype))

    def count_nonzero(self, dim=None):
        return self.wrap(np.asarray(np.count_nonzero(self.array, dim)))


class Ordering:
    """What is missing, what lies apart, what comes k-th."""

    def nansum(self, dim=None, keepdim=False):
        return where(self.isnan(), self.new_zeros(self.shape), self).sum(dim, keepdim)

    def nanmean(self, dim=None, keepdim=False):
        return self.nansum(dim, keepdim) / (~self.isnan()).sum(dim, keepdim)

    def nan_to_num(self, nan=0.0):
        return where(self.isnan(), self.new_full(self.shape, nan), self)

    def dist(self, other, p=2):
        return (self - other).norm(p)

    def cov(self):
        x = self - self.mean(1, keepdim=True)
        return x @ x.t() / (self.shape[1] - 1)

    def addmm(self, mat1, mat2, beta=1, alpha=1):
        return beta * self + alpha * (mat1 @ mat2)

    addmv = baddbmm = addmm

    def kthvalue(self, k, dim=-1):
        values, order = self.sort(dim)
        return Extremes(values.select(dim, k - 1), order.select(dim, k - 1))

    def renorm(self, p, dim, maxnorm):
        others = tuple([d for d in range(self.ndim) if d != dim % self.ndim])
        length = self.norm(p, others, keepdim=True)
        return where(length > maxnorm, self * (maxnorm / (length + 1e-7)), self)
