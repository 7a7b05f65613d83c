"""Activations: the bends between the layers, and the softmax that turns scores into probabilities."""

import math

import numpy as np

from dlcore.ops.rows import row_max, row_sums
from dlcore.ops.rule import op
from dlcore.ops.special import erf


@op
def relu(x):
    """max(x, 0). The slope at 0 is taken as 0. NaN stays NaN, and has slope 1, as in PyTorch."""
    y = np.maximum(x, 0)
    return y, (lambda g: g * (y != 0),)


@op
def leaky_relu(x, slope=0.01):
    """x where x > 0, slope · x elsewhere: a unit that never dies."""
    factor = (x > 0) * x.dtype.type(1 - slope)  # a product: choosing by np.where is ten times slower on mixed signs
    factor += x.dtype.type(slope)
    return x * factor, (lambda g: g * factor,)


@op
def elu(x, alpha=1.0):
    """x where x > 0, alpha (e^x - 1) elsewhere. (Clevert et al. 2016)"""
    low = alpha * np.expm1(np.minimum(x, 0))  # 0 where x > 0
    return np.maximum(x, 0) + low, (lambda g: g * np.where(x <= 0, low + alpha, x.dtype.type(1)),)


@op
def tanh(x):
    """The hyperbolic tangent, between -1 and 1."""
    y = np.tanh(x)
    return y, (lambda g: g - g * y * y,)


@op
def sigmoid(x):
    """1 / (1 + e^-x), written as a tanh so that no exponential can overflow."""
    y = logistic(x)
    return y, (lambda g: g * y * (1 - y),)


def logistic(x):
    """1 / (1 + e^-x) as an array."""
    y = np.tanh(0.5 * x)
    y *= 0.5
    y += 0.5
    return y


@op
def silu(x):
    """x · sigmoid(x), also called swish. (Hendrycks & Gimpel 2016)"""
    s = logistic(x)
    return x * s, (lambda g: g * (s * (1 + x * (1 - s))),)


@op
def softplus(x):
    """log(1 + e^x), a smooth relu, as max(x, 0) + log(1 + e^-|x|): right for x of any size. (np.logaddexp is slow.)"""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), (lambda g: g * logistic(x),)


@op
def gelu(x):
    """x · Φ(x), with Φ the distribution function of the normal law. (Hendrycks & Gimpel 2016)"""
    cdf = erf(x * math.sqrt(0.5))
    cdf += 1
    cdf *= 0.5
    slope = np.exp(-0.5 * x * x)  # the normal density, times √(2π)
    slope *= 1 / math.sqrt(2 * math.pi)
    slope *= x
    slope += cdf  # kept instead of x and cdf: one array, not two
    return x * cdf, (lambda g: g * slope,)


@op
def gelu_tanh(x):
    """½ x (1 + tanh(√(2/π) (x + 0.044715 x³))): the approximation used by GPT-2."""
    a, b = float(np.sqrt(2 / np.pi)), 0.044715
    xx = x * x
    t = xx * (a * b)
    t += a
    t *= x
    t = np.tanh(t)
    half = 0.5 * x

    def pullback(g):
        slope = xx * (3 * a * b)
        slope += a
        slope *= half
        slope *= 1 - t * t
        slope += 0.5 * (1 + t)
        return slope * g

    return half * t + half, (pullback,)


@op
def softmax(x, axis=-1):
    """e^x / Σ e^x along axis. Subtracting the largest x first changes nothing and keeps e^x below 1.

    Its Jacobian is diag(y) - y yᵀ; the pullback never builds it.
    """
    y = stable_softmax(x, axis)
    return y, (lambda g: y * (g - _total(g * y, axis)),)


def stable_softmax(x, axis=-1):
    y = x - _top(x, axis)
    np.exp(y, out=y)
    y /= _total(y, axis)
    return y


def _top(x, axis):
    return row_max(x) if axis in (-1, x.ndim - 1) else x.max(axis, keepdims=True, initial=-np.inf)


def _total(x, axis):
    return row_sums(x) if axis in (-1, x.ndim - 1) else x.sum(axis, keepdims=True)


@op
def log_softmax(x, axis=-1):
    """x - log Σ e^x along axis: right also where softmax rounds to 0 and its logarithm would be -inf."""
    y = x - _top(x, axis)
    y -= np.log(_total(np.exp(y), axis))
    return y, (lambda g: g - np.exp(y) * _total(g, axis),)
