"""The methods of a tensor that move, select and join numbers, and those that change a tensor in place."""

import math

import numpy as np

from dlcore import ops
from dlcore.rng import numpy_generator
from dlcore.tensor.graph import Writes
from dlcore.tensor.protocols import plain
from dlcore.tensor.recording import Mode

#: Rules whose value shares the memory of their input.
VIEWS = {"reshape", "transpose", "swapaxes", "getitem", "unbind", "split", "broadcast_to", "flip"}


def sizes(shape):
    """reshape(2, 3) and reshape((2, 3)) mean the same."""
    return tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape


def axis(where, dim, n, shape):
    """dim counted from the front, if it is one of n axes; for PyTorch a single number has one axis too."""
    n = max(n, 1)
    if not -n <= dim < n:
        raise IndexError(f"{where}: dim={dim} is no axis of shape {shape}: expected {-n} … {n - 1}")
    return dim % n


class Shaping:
    """The same numbers in another shape or order."""

    __slots__ = ()

    def reshape(self, *shape):
        return self.apply(ops.reshape, self, shape=sizes(shape))

    view = reshape

    def flatten(self, start_dim=0, end_dim=-1):
        shape, n = self.data.shape or (1,), max(self.data.ndim, 1)
        start, end = axis("flatten", start_dim, n, shape), axis("flatten", end_dim, n, shape)
        return self.reshape(*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])

    def squeeze(self, dim=None):
        n, shape = self.data.ndim, self.data.shape
        dims = dim if isinstance(dim, tuple) else (dim,)
        dims = range(n) if dim is None else [axis("squeeze", d, n, shape) for d in dims]
        return self.reshape([size for d, size in enumerate(shape) if d not in dims or size != 1])

    def unsqueeze(self, dim):
        shape = list(self.data.shape)
        shape.insert(axis("unsqueeze", dim, len(shape) + 1, self.data.shape), 1)
        return self.reshape(shape)

    def transpose(self, dim0, dim1):
        return self.apply(ops.swapaxes, self, first=dim0, second=dim1)

    def permute(self, *dims):
        return self.apply(ops.transpose, self, axes=sizes(dims))

    swapaxes = transpose

    def t(self):
        return self.transpose(0, 1) if self.data.ndim > 1 else self

    def expand(self, *shape):
        shape = sizes(shape)
        known = (1,) * (len(shape) - self.data.ndim) + self.data.shape
        wanted = tuple([k if s == -1 else s for s, k in zip(shape, known, strict=True)])
        return self.apply(ops.broadcast_to, self, shape=wanted)

    def expand_as(self, other):
        return self.expand(other.shape)

    def repeat(self, *times):
        times = sizes(times)
        x = self.reshape((1,) * (len(times) - self.data.ndim) + self.data.shape)
        for dim, n in enumerate(times):
            x = x.apply(ops.cat, *[x] * n, axis=dim)
        return x

    def flip(self, *dims):
        return self.apply(ops.flip, self, axis=sizes(dims))


class Picking:
    """Parts and repetitions, by way of an index."""

    __slots__ = ()

    def view_as(self, other):
        return self.reshape(other.shape)

    def masked_select(self, mask):
        return self[mask]

    def roll(self, shifts, dims=None):
        """x moved along, what falls off at one end coming in at the other."""
        places = np.roll(np.arange(self.data.size).reshape(self.data.shape), shifts, dims)
        return self.reshape(-1)[places]

    def repeat_interleave(self, repeats, dim=None):
        """Each number (or slice along dim) several times in a row."""
        x, dim = (self.reshape(-1), 0) if dim is None else (self, dim)
        return x.index_select(dim, np.arange(x.data.shape[dim]).repeat(plain(repeats)))

    def scatter(self, dim, index, src):
        """x with src written at one index per place along dim: the opposite of gather."""
        index = plain(index)
        places = list(np.indices(index.shape, sparse=True))
        places[dim] = index
        src = src if np.ndim(plain(src)) == 0 else src[tuple([slice(n) for n in index.shape])]
        return self.binary(ops.setitem, self, src, index=tuple(places))


class Selecting(Picking):
    """Parts of a tensor."""

    __slots__ = ()

    def __getitem__(self, index):
        return self.apply(ops.getitem, self, index=plain(index))

    def __len__(self):
        if not self.data.ndim:
            raise TypeError("len() of a 0-dimensional tensor")
        return len(self.data)

    def __iter__(self):
        return iter(self.unbind(0))

    def unbind(self, dim=0):
        return self.apply(ops.unbind, self, axis=dim)

    def split(self, size, dim=0):
        n = self.data.shape[dim]
        ends = range(size, n, size) if isinstance(size, int) else np.cumsum(size)[:-1]
        return self.apply(ops.split, self, ends=list(ends), axis=dim)

    def chunk(self, chunks, dim=0):
        return self.split(max(-(-self.data.shape[dim] // chunks), 1), dim)

    def gather(self, dim, index):
        return self.apply(ops.gather, self, index=plain(index), axis=dim)

    def index_select(self, dim, index):
        return self[(slice(None),) * (dim % self.data.ndim) + (index,)]

    def tril(self, diagonal=0):
        return self.apply(ops.tril, self, diagonal=diagonal)

    def triu(self, diagonal=0):
        return self.apply(ops.triu, self, diagonal=diagonal)

    def masked_fill(self, mask, value):
        return self.binary(ops.where, self, value, condition=~plain(mask))

    def where(self, condition, other):
        return self.binary(ops.where, self, other, condition=plain(condition))


def _may_change(x):
    if x.requires_grad and x.grad_fn is None:
        raise RuntimeError(
            "in-place: a leaf that requires grad cannot be changed while operations are recorded; "
            "do it inside `with no_grad():`."
        )
    if x.grad_fn is not None and x.grad_fn.rule in VIEWS:
        raise RuntimeError("in-place: this is a view into a tensor of the graph; write y = y + x instead of y += x")


class InPlace:
    """Methods with a trailing underscore, += and item assignment: they change this tensor.

    Outside of a graph the memory itself is overwritten. Inside, the tensor takes over a new value with its history,
    so that nothing that a pullback kept is lost.
    """

    __slots__ = ()

    def _become(self, new):
        if new.data.shape != self.data.shape:
            raise ValueError(f"in-place: shape {self.data.shape} cannot take {new.data.shape}; write y = y + x")
        if Mode.recording and (self.requires_grad or new.requires_grad):
            _may_change(self)
            self.data, self.grad_fn, self.requires_grad = new.data, new.grad_fn, new.requires_grad
        else:
            np.copyto(self.data, new.data, casting="same_kind")
            Writes.note(self.data)
        return self

    def __setitem__(self, index, value):
        self._become(self.binary(ops.setitem, self, value, index=plain(index)))

    def add_(self, other, alpha=1):
        return self._become(self + (other if alpha == 1 else alpha * other))

    def sub_(self, other, alpha=1):
        return self._become(self - (other if alpha == 1 else alpha * other))

    def mul_(self, other):
        return self._become(self * other)

    def div_(self, other):
        return self._become(self / other)

    def clamp_(self, min=None, max=None):
        return self._become(self.clamp(min, max))

    def copy_(self, other):
        return self._become(self.binary(ops.setitem, self, other, index=...))

    def scatter_(self, dim, index, src):
        return self._become(self.scatter(dim, index, src))

    def masked_fill_(self, mask, value):
        return self._become(self.masked_fill(mask, value))

    def normal_(self, mean=0, std=1, generator=None):
        return self._become(self.wrap(numpy_generator(generator).normal(mean, std, self.data.shape)))

    def uniform_(self, low=0, high=1, generator=None):
        return self._become(self.wrap(numpy_generator(generator).uniform(low, high, self.data.shape)))

    def fill_(self, value):
        return self.copy_(value)

    def zero_(self):
        return self.copy_(0)

    __iadd__, __isub__, __imul__, __itruediv__ = add_, sub_, mul_, div_
