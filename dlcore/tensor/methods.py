"""The methods of a tensor, grouped by kind. Each says which rule to apply; none computes a gradient.

`self.apply(rule, …)` is the engine's entrance (see tensor.py); `self.binary` first makes the dtypes agree;
`self.unary` first turns integers into floats. Names and arguments are PyTorch's: dim, keepdim.
"""

import numpy as np

from dlcore import ops
from dlcore.dtypes import usual
from dlcore.ops.arithmetic import sign
from dlcore.shapes import expect_alike, need
from dlcore.tensor.protocols import along, plain


class Arithmetic:
    """x + y and the other signs, forwards and reversed (1 - x calls __rsub__)."""

    __slots__ = ()

    def __add__(self, other):
        return self.binary(ops.add, self, other)

    __radd__ = __add__

    def __sub__(self, other):
        return self.binary(ops.sub, self, other)

    def __rsub__(self, other):
        return self.binary(ops.sub, other, self)

    def __mul__(self, other):
        return self.binary(ops.mul, self, other)

    __rmul__ = __mul__

    def __truediv__(self, other):
        return self.float_binary(ops.div, self, other)

    def __rtruediv__(self, other):
        return self.float_binary(ops.div, other, self)

    def __mod__(self, other):
        return self.binary(ops.remainder, self, _divisor(self, other))

    def __rmod__(self, other):
        return self.binary(ops.remainder, other, _divisor(other, self))

    def __pow__(self, other):
        return self.square() if type(other) is int and other == 2 else self.binary(ops.pow, self, other)

    def __rpow__(self, other):
        return self.binary(ops.pow, other, self)

    def __matmul__(self, other):
        if not hasattr(other, "array") or other.array.dtype is not self.array.dtype:
            expect_alike("matmul", x=self, y=other)
            need(np.ndim(plain(other)), "matmul", "a product needs at least one axis on each side; use * for numbers")
        return self.binary(ops.matmul, self, other)

    def __rmatmul__(self, other):
        return self.binary(ops.matmul, other, self)

    def __neg__(self):
        return self.apply(ops.neg, self)

    def __abs__(self):
        return self.apply(ops.abs, self)


def _divisor(x, y):
    """y, unless integers are to be divided by zero, for which they have no answer."""
    if not np.all(plain(y)) and np.result_type(plain(x), plain(y)).kind != "f":
        raise ZeroDivisionError("division of integers by zero; floats would give inf or nan: x.float()")
    return y


class Comparisons:
    """x < y and its kin: their answers are integers or truth values, which have no gradient."""

    __slots__ = ()
    __hash__ = object.__hash__  # tensors are keys by identity, not by value

    def __eq__(self, other):
        return self.constant(np.equal, other)

    def __ne__(self, other):
        return self.constant(np.not_equal, other)

    def __lt__(self, other):
        return self.constant(np.less, other)

    def __le__(self, other):
        return self.constant(np.less_equal, other)

    def __gt__(self, other):
        return self.constant(np.greater, other)

    def __ge__(self, other):
        return self.constant(np.greater_equal, other)

    def __and__(self, other):
        return self.constant(np.bitwise_and, other)

    def __or__(self, other):
        return self.constant(np.bitwise_or, other)

    def __xor__(self, other):
        return self.constant(np.bitwise_xor, other)

    def __floordiv__(self, other):
        return self.constant(np.floor_divide, _divisor(self, other))

    def __invert__(self):
        return self.wrap(~self.array)

    def nonzero(self, as_tuple=False):
        """Where x is not zero: the places as rows (n, axes), or one index for each axis, to be used as x[…]."""
        places = [usual(place) for place in self.array.nonzero()]
        return tuple([self.wrap(i) for i in places]) if as_tuple else self.wrap(np.stack(places, -1))


class Pointwise:
    """Functions of each number by itself."""

    __slots__ = ()

    def exp(self):
        return self.unary(ops.exp)

    def log(self):
        return self.unary(ops.log)

    def log1p(self):
        return self.unary(ops.log1p)

    def sqrt(self):
        return self.unary(ops.sqrt)

    def sin(self):
        return self.unary(ops.sin)

    def cos(self):
        return self.unary(ops.cos)

    def tanh(self):
        return self.unary(ops.tanh)

    def sigmoid(self):
        return self.unary(ops.sigmoid)

    def relu(self):
        return self.apply(ops.relu, self)

    def square(self):
        return self.apply(ops.square, self)

    def abs(self):
        return self.apply(ops.abs, self)

    def pow(self, exponent):
        return self.__pow__(exponent)

    def matmul(self, other):
        return self @ other

    def rsqrt(self):
        return 1 / self.sqrt()

    def reciprocal(self):
        return 1 / self

    def clamp(self, min=None, max=None):
        return self.apply(ops.clamp, self, low=plain(min), high=plain(max))

    clip = clamp

    def softmax(self, dim):
        return self.floating(ops.softmax, axis=along("softmax", self, dim))

    def log_softmax(self, dim):
        return self.floating(ops.log_softmax, axis=along("log_softmax", self, dim))


class Rounding:
    """Functions that are flat almost everywhere, whose gradient is zero, and tests for odd values."""

    __slots__ = ()

    def sign(self):
        return self.apply(ops.step, self, function=sign)

    def round(self, decimals=0):
        return self.apply(ops.step, self, function=lambda x: np.round(x, decimals))

    def floor(self):
        return self.apply(ops.step, self, function=np.floor)

    def ceil(self):
        return self.apply(ops.step, self, function=np.ceil)

    def isnan(self):
        return self.wrap(np.isnan(self.array))

    def isinf(self):
        return self.wrap(np.isinf(self.array))

    def isfinite(self):
        return self.wrap(np.isfinite(self.array))

    def equal(self, other):
        return bool(np.array_equal(self.array, plain(other)))

    def allclose(self, other, rtol=1e-5, atol=1e-8, equal_nan=False):
        return bool(np.allclose(self.array, plain(other), rtol, atol, equal_nan))
