"""Rules for numbers one by one: plus, times, powers, exponentials. Inputs broadcast as in NumPy."""

import numpy as np

from dlcore.ops.rule import op

# Gradients of broadcast inputs come back in the broadcast shape; the engine sums them (see tensor/graph.py).


@op
def add(x, y):
    """x + y. Whatever the sum feels, both terms feel."""
    return x + y, (lambda g: g, lambda g: g)


@op
def sub(x, y):
    """x - y."""
    return x - y, (lambda g: g, lambda g: -g)


@op
def mul(x, y):
    """x · y. Each factor's gradient is the other factor."""
    return x * y, (lambda g: g * y, lambda g: g * x)


@op
def div(x, y):
    """x / y. Division by zero gives an infinity or NaN, as in PyTorch."""
    z = x / y
    return z, (lambda g: g / y, lambda g: -g * (z / y))


@op
def remainder(x, y):
    """x % y, with the sign of y. It moves with x, and falls by ⌊x / y⌋ for each unit of y."""
    return np.remainder(x, y), (lambda g: g, lambda g: -g * np.floor_divide(x, y))


@op
def neg(x):
    """-x."""
    return -x, (lambda g: -g,)


@op
def pow(x, p):  # noqa: A001
    """x ** p. Where p is 0 the slope in x is 0 even at x = 0; where x is 0 (and p ≥ 0) the slope in p is 0."""
    y = power(x, p)

    def to_base(g):
        slope = 0.5 / y if np.ndim(p) == 0 and p == 0.5 else p * power(x, np.where(np.equal(p, 0), 1, p - 1))
        return g * np.where(np.equal(p, 0), 0, slope).astype(g.dtype)

    def to_power(g):
        safe = np.where(np.equal(x, 0), 1, x)
        return g * np.where(np.equal(x, 0) & np.greater_equal(p, 0), 0, y * np.log(safe)).astype(g.dtype)

    return y, (to_base, to_power)


def power(x, p):
    """x ** p, where small whole powers are products: x³ takes NumPy a hundred times as long.

    >>> power(np.array([-2.0, 3.0]), 3)
    array([-8., 27.])
    """
    if np.ndim(p) == 0 and p in (1, 2, 3, 4):
        return x if p == 1 else x * x if p == 2 else x * x * x if p == 3 else (x * x) * (x * x)
    return x**p


@op
def square(x):
    """x², cheaper than pow."""
    return x * x, (lambda g: 2 * g * x,)


@op
def exp(x):
    """e^x. The only function that is its own slope."""
    y = np.exp(x)
    return y, (lambda g: g * y,)


@op
def log(x):
    """Natural logarithm. log 0 is -inf and log of a negative number NaN, as in PyTorch."""
    y = np.log(x)
    return y, (lambda g: g / x,)


@op
def log1p(x):
    """log(1 + x), exact also for tiny x."""
    y = np.log1p(x)
    return y, (lambda g: g / (1 + x),)


@op
def sqrt(x):
    """√x. The slope at 0 is infinite: add a small number first where 0 can happen."""
    y = np.sqrt(x)
    return y, (lambda g: g / (2 * y),)


@op
def abs(x):  # noqa: A001
    """|x|. The slope at 0 is taken as 0, the middle of -1 and 1."""
    return np.abs(x), (lambda g: g * sign(x),)


def sign(x):
    """-1, 0 or 1; 0 also for NaN, as in PyTorch. (np.sign answers NaN.)

    >>> sign(np.array([-2.0, 0.0, 3.0, np.nan]))
    array([-1.,  0.,  1.,  0.])
    """
    return (x > 0).astype(x.dtype) - (x < 0)


@op
def step(x, function):
    """sign, round, floor or ceil of x: flat between its jumps, so the gradient is zero."""
    shape, dtype = x.shape, x.dtype
    return function(x), (lambda g: np.zeros(shape, dtype),)


@op
def sin(x):
    """Sine of x in radians."""
    return np.sin(x), (lambda g: g * np.cos(x),)


@op
def cos(x):
    """Cosine of x in radians."""
    return np.cos(x), (lambda g: -g * np.sin(x),)


@op
def maximum(x, y):
    """The larger of the two; where they are equal each gets half of the gradient, as in PyTorch."""
    return np.maximum(x, y), (lambda g: g * _share(x, y, g.dtype), lambda g: g * _share(y, x, g.dtype))


@op
def minimum(x, y):
    """The smaller of the two; where they are equal each gets half of the gradient, as in PyTorch."""
    return np.minimum(x, y), (lambda g: g * _share(y, x, g.dtype), lambda g: g * _share(x, y, g.dtype))


def _share(x, y, dtype):
    """1 where x wins, 1/2 where x = y, 0 where y wins; 1 for both where one is NaN, as in PyTorch."""
    return (1 - np.less(x, y) - 0.5 * np.equal(x, y)).astype(dtype)


@op
def clamp(x, low=None, high=None):
    """x kept between low and high (None: no bound). Outside of the bounds nothing flows back."""
    if low is None and high is None:
        raise ValueError("clamp: give at least one of min and max")

    def inside(g):
        keep = np.ones(x.shape, bool)
        if low is not None:
            keep &= x >= low
        if high is not None:
            keep &= x <= high
        return g * keep

    return np.clip(x, low, high), (inside,)


@op
def cast(x, dtype):
    """x in another dtype; the gradient comes back in the dtype of x."""
    return x.astype(dtype), (lambda g: g.astype(x.dtype),)
