"""The names that PyTorch has beside signs, brackets and other methods: x.add(y) is x + y."""

import numpy as np

from dlcore import ops
from dlcore.tensor.protocols import plain


class Words:
    """Signs in words."""

    __slots__ = ()

    def add(self, other, alpha=1):
        return self + (other if alpha == 1 else alpha * other)

    def sub(self, other, alpha=1):
        return self - (other if alpha == 1 else alpha * other)

    def mul(self, other):
        return self * other

    def div(self, other):
        return self / other

    def neg(self):
        return -self

    def mm(self, other):
        return self @ other

    bmm = mv = dot = mm

    def outer(self, other):
        return self[:, None] * other


class Questions:
    """Comparisons in words."""

    __slots__ = ()

    def eq(self, other):
        return self == other

    def ne(self, other):
        return self != other

    def lt(self, other):
        return self < other

    def le(self, other):
        return self <= other

    def gt(self, other):
        return self > other

    def ge(self, other):
        return self >= other

    def logical_and(self, other):
        return self.constant(np.logical_and, other)

    def logical_or(self, other):
        return self.constant(np.logical_or, other)

    def logical_not(self):
        return self.wrap(np.logical_not(self.array))

    def nonzero(self, as_tuple=False):
        """Where x is not zero: the places as rows (n, axes), or one index for each axis, to be used as x[…]."""
        places = self.array.nonzero()
        return tuple([self.wrap(i) for i in places]) if as_tuple else self.wrap(np.stack(places, -1))


class Picking:
    """Parts and repetitions, by way of an index."""

    __slots__ = ()

    def view_as(self, other):
        return self.reshape(other.shape)

    def masked_select(self, mask):
        return self[mask]

    def roll(self, shifts, dims=None):
        """x moved along, what falls off at one end coming in at the other."""
        places = np.roll(np.arange(self.array.size).reshape(self.array.shape), shifts, dims)
        return self.reshape(-1)[places]

    def repeat_interleave(self, repeats, dim=None):
        """Each number (or slice along dim) several times in a row."""
        x, dim = (self.reshape(-1), 0) if dim is None else (self, dim)
        return x.index_select(dim, np.arange(x.array.shape[dim]).repeat(plain(repeats)))

    def scatter(self, dim, index, src):
        """x with src written at one index per place along dim: the opposite of gather."""
        index = plain(index)
        places = list(np.indices(index.shape, sparse=True))
        places[dim] = index
        src = src if np.ndim(plain(src)) == 0 else src[tuple([slice(n) for n in index.shape])]
        return self.binary(ops.setitem, self, src, index=tuple(places))


class Likeness:
    """In the dtype of another tensor, or another tensor in this dtype."""

    __slots__ = ()

    def half(self):
        return self.to(np.float16)

    def type_as(self, other):
        return self.to(other)

    def new_zeros(self, *size):
        return self.new_full(size, 0)

    def new_ones(self, *size):
        return self.new_full(size, 1)

    def new_full(self, size, fill_value):
        size = size[0] if len(size) == 1 and not isinstance(size[0], int) else size  # new_zeros((2, 3))
        return self.wrap(np.full(size, fill_value, self.array.dtype))

    def new_tensor(self, data):
        return self.wrap(np.array(plain(data), self.array.dtype))
