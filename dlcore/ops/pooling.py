"""Pooling: the largest or the mean number in each window of an image (N, C, H, W).

Both walk over the kh·kw cells of the window, each of which is one strided slice of the image. In memory the batch is
last, see convolution.
"""

import numpy as np

from dlcore.ops.convolution import add_margin, batch_first, batch_last, out_size, places
from dlcore.ops.rule import op


def _cells(x, kernel, stride, dilation):
    ho, wo = (out_size(size, k, s, 0, d) for size, k, s, d in zip(x.shape[1:3], kernel, stride, dilation, strict=True))
    return [places(i, j, ho, wo, stride, dilation) for i in range(kernel[0]) for j in range(kernel[1])]


def _without_margin(x, padding, shape):
    return batch_first(x[:, padding[0] : padding[0] + shape[2], padding[1] : padding[1] + shape[3]])


@op
def max_pool2d(x, kernel, stride, padding=(0, 0), dilation=(1, 1)):
    """The largest number in each window. The first of equal largest gets the gradient, as in PyTorch."""
    shape, inner = x.shape, batch_last(x)
    xp = add_margin(inner, padding, -np.inf)
    cells, padded = _cells(xp, kernel, stride, dilation), xp.shape
    y = xp[cells[0]].copy()
    winner = np.zeros(y.shape, np.min_scalar_type(len(cells)))
    for number, cell in enumerate(cells[1:], 1):
        part = xp[cell]
        np.maximum(winner, (part > y) * winner.dtype.type(number), out=winner)  # later cells have larger numbers
        np.maximum(y, part, out=y)
    if not np.isfinite(y).all():
        _among_odd(winner, y, xp, cells, add_margin(np.ones(inner.shape, bool), padding))

    apart = all(s >= d * (k - 1) + 1 for k, s, d in zip(kernel, stride, dilation, strict=True))

    def pullback(g):
        gx, g = np.zeros(padded, g.dtype), batch_last(g)
        for number, cell in enumerate(cells):
            if apart:  # windows that do not overlap write each place once: no need to read and add
                np.multiply(g, winner == number, out=gx[cell])
            else:
                gx[cell] += g * (winner == number)
        return _without_margin(gx, padding, shape)

    return batch_first(y), (pullback,)


def _among_odd(winner, y, xp, cells, inside):
    """As in PyTorch NaN wins, the last of several; and where all is -inf, the first that is not margin."""
    for number, cell in reversed(list(enumerate(cells))):
        winner[(y == -np.inf) & inside[cell]] = number
    for number, cell in enumerate(cells):
        winner[np.isnan(xp[cell])] = number


@op
def avg_pool2d(x, kernel, stride, padding=(0, 0)):
    """The mean of each window; the margin counts as zeros."""
    shape = x.shape
    xp = add_margin(batch_last(x), padding)
    cells, padded = _cells(xp, kernel, stride, (1, 1)), xp.shape
    share = x.dtype.type(1 / len(cells))
    y = xp[cells[0]].copy()
    for cell in cells[1:]:
        y += xp[cell]
    y *= share

    def pullback(g):
        gx, g = np.zeros(padded, g.dtype), batch_last(g) * share
        for cell in cells:
            gx[cell] += g
        return _without_margin(gx, padding, shape)

    return batch_first(y), (pullback,)
