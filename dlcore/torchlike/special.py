"""Functions with names of their own: of probability, of signals, of angles in degrees."""

import math

import numpy as np

from dlcore import ops
from dlcore.tensor.create import where
from dlcore.tensor.protocols import plain


def _known(x, function, slope):
    """A function that NumPy or Python computes; its slope's formula is carried by a term that is zero."""
    known = x.detach().float() if not x.is_floating_point() else x.detach()
    value = x.wrap(np.asarray(function(known.array), known.array.dtype))
    return value + (x - known) * slope(known) if x.requires_grad else value


class Special:
    """Each number by itself."""

    def erf(self):
        """The share of a normal law with variance ½ within x of its middle."""
        return _known(self, np.vectorize(math.erf), lambda x: 2 / math.sqrt(math.pi) * (-x * x).exp())

    def erfc(self):
        return _known(self, np.vectorize(math.erfc), lambda x: -2 / math.sqrt(math.pi) * (-x * x).exp())

    def lgamma(self):
        """The logarithm of the gamma function, without a slope."""
        return self.wrap(np.vectorize(math.lgamma)(self.detach().numpy()).astype(self.array.dtype))

    def logit(self, eps=None):
        x = self if eps is None else self.clamp(eps, 1 - eps)
        return (x / (1 - x)).log()

    def expit(self):
        return self.sigmoid()

    def sinc(self):
        x = where(self == 0, self * 0 + 1e-7, self) * math.pi
        return x.sin() / x

    def xlogy(self, other):
        return where(self == 0, self * 0, self * other.log())

    def logaddexp(self, other):
        top = self.detach().max(other.detach())
        return top + ((self - top).exp() + (other - top).exp()).log()

    def sgn(self):
        return self.sign()

    def deg2rad(self):
        return self * (math.pi / 180)

    def rad2deg(self):
        return self * (180 / math.pi)


class Products:
    """Powers, products of vectors and matrices; how a tensor answers Python."""

    def float_power(self, exponent):
        return self.double() ** exponent

    def cross(self, other, dim=-1):
        """The vector that is at right angles to both, along an axis of three."""
        a, b = self.unbind(dim), other.unbind(dim)
        parts = [a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3)]
        return parts[0].apply(ops.stack, *parts, axis=dim)

    def kron(self, other):
        """Every number of a matrix times another matrix, side by side."""
        (n, m), (p, q) = self.shape, other.shape
        return (self.reshape(n, 1, m, 1) * other.reshape(1, p, 1, q)).reshape(n * p, m * q)

    def storage_offset(self):
        return 0

    def char(self):
        return self.to(np.int8)

    def __contains__(self, value):
        return bool((self.array == plain(value)).any())

    def __complex__(self):
        return complex(self.item())
