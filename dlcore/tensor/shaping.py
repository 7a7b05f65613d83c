"""The methods of a tensor that move, select and join numbers, and those that change a tensor in place."""

import math
from operator import index as whole

import numpy as np

from dlcore import ops
from dlcore.rng import numpy_generator
from dlcore.shapes import DtypeError, ShapeError, need
from dlcore.tensor.graph import Writes
from dlcore.tensor.protocols import along, plain, truth
from dlcore.tensor.recording import Mode

#: Rules whose value shares the memory of their input, and for whom no way is kept to write through to it.
VIEWS = {"unbind", "split", "broadcast_to"}


def sizes(shape):
    """reshape(2, 3) and reshape((2, 3)) mean the same."""
    return tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], int) else shape


def axis(where, dim, n, shape):
    """dim counted from the front, if it is one of n axes; for PyTorch a single number has one axis too."""
    n = max(n, 1)
    if not -n <= dim < n:
        raise IndexError(f"{where}: dim={dim} is no axis of shape {shape}: expected {-n} … {n - 1}")
    return dim % n


def look(x, rule, **options):
    """x through a rule that moves numbers; a view remembers what it shows, so that it can be written to in a graph."""
    out = x.apply(rule, x, **options)
    if Mode.recording and np.may_share_memory(out.array, x.array):
        out.shown = x, rule, options
    return out


def _number(where, value):
    need(np.ndim(plain(value)) == 0, where, "value should be one number, but got shape {}", np.shape(plain(value)))
    return value


_MOVED = (
    "the numbers of this tensor {} are not row after row in memory (they were transposed, cut or expanded), so {} "
    "would be a copy. Write x.reshape(…)"
)


def _was_moved(x, y):
    """Whether y, which should be a view of x, is a copy because x itself is a view in another order."""
    root = x
    while hasattr(root, "shown"):
        root = root.shown[0]
    moved = root.array.flags.c_contiguous or 0 in x.array.strides
    return moved and x.array.size and not np.may_share_memory(y.array, x.array)


class Shaping:
    """The same numbers in another shape or order."""

    __slots__ = ()

    def reshape(self, *shape):
        return look(self, ops.reshape, shape=sizes(shape))

    def view(self, *shape):
        y = self.reshape(*shape)
        need(not _was_moved(self, y), "view", _MOVED, self.array.shape, y.array.shape, RuntimeError)
        return y

    def flatten(self, start_dim=0, end_dim=-1):
        shape, n = self.array.shape or (1,), max(self.array.ndim, 1)
        start, end = axis("flatten", start_dim, n, shape), axis("flatten", end_dim, n, shape)
        need(start <= end, "flatten", "start_dim={} comes after end_dim={}", start_dim, end_dim)
        return self.reshape(*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])

    def squeeze(self, dim=None):
        n, shape = self.array.ndim, self.array.shape
        dims = dim if isinstance(dim, tuple) else (dim,)
        dims = range(n) if dim is None else [axis("squeeze", d, n, shape) for d in dims]
        return self.reshape([size for d, size in enumerate(shape) if d not in dims or size != 1])

    def unsqueeze(self, dim):
        shape = list(self.array.shape)
        shape.insert(axis("unsqueeze", dim, len(shape) + 1, self.array.shape), 1)
        return self.reshape(shape)

    def transpose(self, dim0, dim1):
        return look(self, ops.swapaxes, first=dim0, second=dim1)

    def permute(self, *dims):
        return look(self, ops.transpose, axes=sizes(dims))

    swapaxes = transpose

    def t(self):
        need(self.array.ndim < 3, "t", "expected a matrix, but got shape {}: x.transpose(dim0, dim1)", self.array.shape)
        return self.transpose(0, 1) if self.array.ndim > 1 else self


class Stretching:
    """The same numbers several times, or the other way round."""

    __slots__ = ()

    def expand(self, *shape):
        shape = sizes(shape)
        new = len(shape) - self.array.ndim
        fits = new >= 0 and -1 not in shape[:new]
        need(fits, "expand", "only sizes that exist, {}, can stay as -1, but got {}", self.array.shape, shape)
        known = (1,) * new + self.array.shape
        wanted = tuple([k if s == -1 else s for s, k in zip(shape, known, strict=True)])
        return self.apply(ops.broadcast_to, self, shape=wanted)

    def expand_as(self, other):
        return self.expand(other.shape)

    def repeat(self, *times):
        times = sizes(times)
        new = len(times) - self.array.ndim
        need(new >= 0, "repeat", "expected a number for each axis of {}, but got {}", self.array.shape, times)
        x = self.reshape((1,) * new + self.array.shape)
        for dim, n in enumerate(times):
            x = x.apply(ops.cat, *[x] * n, axis=dim)
        return x

    def flip(self, *dims):
        return self.apply(ops.flip, self, axis=sizes(dims))


class Picking(Stretching):
    """Parts and repetitions, by way of an index."""

    __slots__ = ()

    def view_as(self, other):
        return self.view(other.shape)

    def masked_select(self, mask):
        return self[mask]

    def roll(self, shifts, dims=None):
        """x moved along, what falls off at one end coming in at the other."""
        fits = dims is None or np.size(shifts) == np.size(dims)
        need(fits, "roll", "expected as many shifts as dims, but got {}, {}", shifts, dims)
        places = np.roll(np.arange(self.array.size).reshape(self.array.shape), shifts, dims)
        return self.reshape(-1)[places]

    def repeat_interleave(self, repeats, dim=None):
        """Each number (or slice along dim) several times in a row."""
        x, dim = (self.reshape(-1), 0) if dim is None else (self, along("repeat_interleave", self, dim))
        return x.index_select(dim, np.arange(x.array.shape[dim]).repeat(np.asarray(plain(repeats), np.intp)))

    def scatter(self, dim, index, src):
        """x with src written at one index per place along dim: the opposite of gather."""
        index = plain(index)
        places = list(np.indices(index.shape, sparse=True))
        places[along("scatter", self, dim)] = index
        src = src if np.ndim(plain(src)) == 0 else src[tuple([slice(n) for n in index.shape])]
        return self.binary(ops.setitem, self, src, index=tuple(places))


class Selecting(Picking):
    """Parts of a tensor."""

    __slots__ = ()

    def __getitem__(self, index):
        out = look(self, ops.getitem, index=plain(index))
        last = index[-1] if isinstance(index, tuple) and index else index
        if out.grad_fn is not None and not isinstance(last, int):
            out.grad_fn.step = "slice" if isinstance(last, slice) else "unsqueeze" if last is None else "index"
        return out

    def __len__(self):
        if not self.array.ndim:
            raise TypeError("len() of a 0-dimensional tensor")
        return len(self.array)

    def __iter__(self):
        return iter(self.unbind(0))

    def unbind(self, dim=0):
        return self.apply(ops.unbind, self, axis=dim)

    def split(self, size, dim=0):
        n = self.array.shape[along("split", self, dim)]
        fits = size > 0 if isinstance(size, int) else sum(size) == n and min(size) >= 0
        need(fits, "split", "expected a size above 0, or sizes with the sum {}, but got {}", n, size)
        ends = range(size, n, size) if isinstance(size, int) else np.cumsum(size)[:-1]
        return self.apply(ops.split, self, ends=list(ends), axis=dim)

    def chunk(self, chunks, dim=0):
        need(chunks > 0, "chunk", "chunks should be at least 1, but got {}", chunks)
        return self.split(max(-(-self.array.shape[along("chunk", self, dim)] // chunks), 1), dim)

    def gather(self, dim, index):
        return self.apply(ops.gather, self, index=plain(index), axis=dim)

    def index_select(self, dim, index):
        return self[(slice(None),) * axis("index_select", dim, self.array.ndim, self.array.shape) + (index,)]

    def tril(self, diagonal=0):
        return self.apply(ops.tril, self, diagonal=whole(diagonal))

    def triu(self, diagonal=0):
        return self.apply(ops.triu, self, diagonal=whole(diagonal))

    def masked_fill(self, mask, value):
        return self.binary(ops.where, self, _number("masked_fill", value), condition=~truth("masked_fill", mask))

    def where(self, condition, other):
        return self.binary(ops.where, self, other, condition=truth("where", condition))


def _may_change(x):
    if x.requires_grad and x.grad_fn is None:
        raise RuntimeError(
            "in-place: a leaf that requires grad cannot be changed while operations are recorded; "
            "do it inside `with no_grad():`."
        )
    if x.grad_fn is not None and x.grad_fn.rule in VIEWS:
        raise RuntimeError("in-place: this is a view into a tensor of the graph; write y = y + x instead of y += x")


def _write_through(new, base, rule, options):
    """Let a view's new numbers take their places in the tensor that it shows; return the view of it as it is now."""
    places = rule(np.arange(base.array.size).reshape(base.array.shape), **options)[0]
    whole = base.binary(ops.setitem, base.reshape(-1), new.reshape(-1), index=places.reshape(-1))
    return base._become(whole.reshape(base.array.shape)).apply(rule, base, **options)


def _must_fit(x, y):
    fits = np.can_cast(y.dtype, x.dtype, "same_kind")
    need(fits, "in-place", "{} does not fit into {}. Write y = y + x", y.dtype, x.dtype, DtypeError)
    need(x.shape == y.shape, "in-place", "shape {} cannot take {}; write y = y + x", x.shape, y.shape, ShapeError)


class InPlace:
    """Methods with a trailing underscore, += and item assignment: they change this tensor.

    Outside of a graph the memory itself is overwritten. Inside, the tensor takes over a new value with its history,
    so that nothing that a pullback kept is lost; a view hands it on to the tensor that it shows, as in x[0] += 1.
    (Other views of that tensor, taken before, do not see the change.)
    """

    __slots__ = ()

    def _become(self, new):
        _must_fit(self.array, new.array)
        if Mode.recording and (self.requires_grad or new.requires_grad):
            _may_change(self)
            new = _write_through(new, *self.shown) if hasattr(self, "shown") else new
            self.array, self.grad_fn, self.requires_grad = new.array, new.grad_fn, new.requires_grad
        else:
            np.copyto(self.array, new.array, casting="same_kind")
            Writes.note(self.array)
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

    def normal_(self, mean=0, std=1, generator=None):
        return self._become(self.wrap(numpy_generator(generator).normal(mean, std, self.array.shape)))

    def uniform_(self, low=0, high=1, generator=None):
        return self._become(self.wrap(numpy_generator(generator).uniform(low, high, self.array.shape)))

    def fill_(self, value):
        return self.copy_(_number("fill_", value))

    def zero_(self):
        return self.copy_(0)

    __iadd__, __isub__, __imul__, __itruediv__ = add_, sub_, mul_, div_
