"""Words for signs, and functions of each number that no page of the book needs."""

import numpy as np

from dlcore import ops
from dlcore.shapes import expect
from dlcore.tensor import Tensor
from dlcore.tensor.protocols import plain


def _product(name, left, right):
    """A method for the product of two tensors with just so many axes."""

    def method(self, other):
        expect(name, "other", other, right, **expect(name, "input", self, left))
        return self @ other

    return method


class Words:
    """The names that PyTorch has beside the signs: x.add(y) is x + y."""

    def add(self, other, alpha=1):
        return self + (other if alpha == 1 else alpha * other)

    def sub(self, other, alpha=1):
        return self - (other if alpha == 1 else alpha * other)

    def mul(self, other):
        return self * other

    def div(self, other, rounding_mode=None):
        """x / y, or rounded: "floor" down, "trunc" towards zero."""
        y = self / other
        return y if rounding_mode is None else y.floor() if rounding_mode == "floor" else y.trunc()

    def neg(self):
        return -self

    mm, bmm, mv, dot = (
        _product("mm", "N K", "K M"),
        _product("bmm", "B N K", "B K M"),
        _product("mv", "N K", "K"),
        _product("dot", "K", "K"),
    )

    def outer(self, other):
        return self[:, None] * other

    ger, inner = outer, dot
    divide, true_divide, multiply, subtract, negative, absolute = div, div, mul, sub, neg, Tensor.abs


class Questions:
    """The names that PyTorch has beside the comparisons: x.lt(y) is x < y."""

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

    def logical_xor(self, other):
        return self.constant(np.logical_xor, other)

    def logical_not(self):
        return self.wrap(np.logical_not(self.array))

    greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne


class Functions:
    """Functions of each number that no page of the book needs; what has a slope is made of what has one."""

    def log10(self):
        return self.log() / np.log(10)

    def log2(self):
        return self.log() / np.log(2)

    def exp2(self):
        return (self * np.log(2)).exp()

    def expm1(self):
        return self.sinh() + self.cosh() - 1 if self.requires_grad else self.wrap(np.expm1(self.float().array))


class Angles:
    """Angles and their hyperbolic kin."""

    def tan(self):
        return self.sin() / self.cos()

    def sinh(self):
        return (self.exp() - (-self).exp()) / 2

    def cosh(self):
        return (self.exp() + (-self).exp()) / 2

    def arctan(self):
        return _angle(self, np.arctan, lambda x: 1 / (1 + x * x))

    def arcsin(self):
        return _angle(self, np.arcsin, lambda x: (1 - x * x) ** -0.5)

    def arccos(self):
        return _angle(self, np.arccos, lambda x: -((1 - x * x) ** -0.5))

    atan, asin, acos = arctan, arcsin, arccos


class Blends:
    """Cut off, mixed, divided with a rest."""

    def trunc(self):
        return self.apply(ops.step, self, function=np.trunc)

    fix = trunc

    def frac(self):
        return self - self.trunc()

    def clamp_min(self, min):
        return self.clamp(min=min)

    def clamp_max(self, max):
        return self.clamp(max=max)

    def lerp(self, end, weight):
        return self + weight * (end - self)

    def addcmul(self, tensor1, tensor2, value=1):
        return self + value * tensor1 * tensor2

    def addcdiv(self, tensor1, tensor2, value=1):
        return self + value * tensor1 / tensor2

    def hypot(self, other):
        return (self * self + other * other).sqrt()

    def floor_divide(self, other):
        return self // other

    def remainder(self, other):
        return self % other

    def fmod(self, other):
        return self - other * (self / other).trunc()

    def maximum(self, other):
        return self.max(other)

    def minimum(self, other):
        return self.min(other)

    def softmax(self, dim=None, dtype=None):
        return _softmax(self if dtype is None else self.to(dtype), -1 if dim is None else dim)

    def heaviside(self, values):
        return self.wrap(np.heaviside(self.array, plain(values)).astype(self.array.dtype))


def _softmax(x, dim):
    return x.floating(ops.softmax, axis=dim)


def _angle(x, function, slope):
    """An angle: computed by NumPy, with its slope's formula carried by a term that is zero."""
    known = x.detach().float() if not x.is_floating_point() else x.detach()
    value = x.wrap(function(known.array))
    return value + (x - known) * slope(known) if x.requires_grad else value
