"""Automatic differentiation of single numbers, small enough to read in one go.

The same three ideas as the engine of `dlcore.tensor`, with numbers for arrays: every result remembers what it was made
from; every rule gives its value and its local derivatives; the way back visits the youngest first.

>>> x, y = Value(2.0), Value(3.0)
>>> end = x * y + relu(x)
>>> backward(end)
>>> end.data, x.grad, y.grad
(8.0, 4.0, 2.0)
"""

import math
from itertools import count

_births = count()


class Value:
    """A number that remembers what it was made from.

    data: the number; parents: the Values that it was made from; slopes: for each parent, by how much this number moves
    when that parent moves by one; grad: after `backward`, the same for the end of the computation; age: a later Value
    has a larger one.
    """

    def __init__(self, data, parents=(), slopes=()):
        self.data = data
        self.parents, self.slopes = parents, slopes
        self.grad = 0.0
        self.age = next(_births)

    def __add__(self, other):
        return add(self, other)

    def __mul__(self, other):
        return mul(self, other)

    def __sub__(self, other):
        return add(self, mul(other, -1.0))

    def __rsub__(self, other):
        return add(other, mul(self, -1.0))

    __radd__, __rmul__ = __add__, __mul__

    def __repr__(self):
        return f"Value({self.data:g})"


def as_value(x):
    """Wrap a plain number; leave a Value alone."""
    return x if isinstance(x, Value) else Value(float(x))


def add(x, y):
    """x + y; both move the sum one to one."""
    x, y = as_value(x), as_value(y)
    return Value(x.data + y.data, (x, y), (1.0, 1.0))


def mul(x, y):
    """x · y; each moves the product by as much as the other one is."""
    x, y = as_value(x), as_value(y)
    return Value(x.data * y.data, (x, y), (y.data, x.data))


def square(x):
    """x², with slope 2x."""
    x = as_value(x)
    return Value(x.data**2, (x,), (2 * x.data,))


def relu(x):
    """x where it is positive, with slope 1; elsewhere 0, with slope 0."""
    x = as_value(x)
    return Value(max(x.data, 0.0), (x,), (1.0 if x.data > 0 else 0.0,))


def tanh(x):
    """The hyperbolic tangent y of x, with slope 1 - y²."""
    x = as_value(x)
    y = math.tanh(x.data)
    return Value(y, (x,), (1 - y * y,))


def history(end):
    """Every Value that `end` was made from, itself included, youngest first."""
    seen, found = {end}, [end]
    for value in found:  # the list grows while it is read
        for parent in value.parents:
            if parent not in seen:
                seen.add(parent)
                found.append(parent)
    return sorted(found, key=lambda value: value.age, reverse=True)


def backward(end):
    """Add ∂end/∂value to the grad of every value that `end` was made from.

    Steps in between start afresh with each call; the values that nothing was computed for (inputs, weights) keep what
    they had, so a second call adds to it, as in PyTorch.

    Twin: torch.Tensor.backward.
    Source: Linnainmaa (1976), Taylor expansion of the accumulated rounding error.
    """
    order = history(end)
    for value in order:
        if value.parents:
            value.grad = 0.0
    end.grad += 1.0
    for value in order:
        for parent, slope in zip(value.parents, value.slopes, strict=True):
            parent.grad += slope * value.grad
