"""Methods and functions with several answers, which PyTorch prints with their names."""

from collections import namedtuple
from typing import Any

import numpy as np

from dlcore import ops
from dlcore.tensor.protocols import along, plain


def answers(function: str, *names: str) -> Any:
    """A tuple of named answers that prints as PyTorch's do.

    >>> answers("qr", "Q", "R")(1, 2)
    torch.return_types.qr(
    Q=1,
    R=2)
    """

    def shown(found: Any) -> str:
        return f"torch.return_types.{function}(\n" + ",\n".join(f"{n}={x!r}" for n, x in found._asdict().items()) + ")"

    kind: Any = namedtuple(function, names)  # type: ignore[misc]  # noqa: PYI024
    return type(function, (kind,), {"__repr__": shown, "__slots__": ()})


Mode, Cummax, Cummin = [answers(name, "values", "indices") for name in ("mode", "cummax", "cummin")]
Aminmax, Histogram = answers("aminmax", "min", "max"), answers("histogram", "hist", "bin_edges")


def _running(x, dim, best):
    """Where the best number so far stands, the last among equals."""
    array = np.moveaxis(x.array, along("cummax or cummin", x, dim), 0)
    index = np.zeros(array.shape, np.int64)
    for i in range(1, len(array)):
        before = np.take_along_axis(array, index[i - 1 : i], 0)[0]
        index[i] = np.where(best(array[i], before), i, index[i - 1])
    index = np.moveaxis(index, 0, dim)
    return x.apply(ops.gather, x, index=index, axis=dim), x.wrap(index)


class Several:
    """What is found along an axis, and where; or at both ends."""

    def mode(self, dim=-1, keepdim=False):
        """The number that comes most often, the smallest of those that do; and the last place where it stands."""
        lines = np.moveaxis(self.array, along("mode", self, dim), -1)
        alike = (lines[..., :, None] == lines[..., None, :]).sum(-1)  # how often each one's equals come
        best = np.where(alike == alike.max(-1, keepdims=True), lines, lines.max(-1, keepdims=True)).min(
            -1, keepdims=True
        )
        last = lines.shape[-1] - 1 - np.flip(lines == best, -1).argmax(-1)
        index = np.expand_dims(last, dim)
        values, index = self.apply(ops.gather, self, index=index, axis=dim), self.wrap(index)
        return Mode(values, index) if keepdim else Mode(values.squeeze(dim), index.squeeze(dim))

    def cummax(self, dim):
        return Cummax(*_running(self, dim, np.greater_equal))

    def cummin(self, dim):
        return Cummin(*_running(self, dim, np.less_equal))

    def aminmax(self, dim=None, keepdim=False):
        return Aminmax(self.amin(dim, keepdim), self.amax(dim, keepdim))

    def histogram(self, bins, density=False):
        counts, edges = np.histogram(self.array, plain(bins), density=density)
        return Histogram(self.wrap(counts.astype(self.array.dtype)), self.wrap(edges.astype(self.array.dtype)))

    def var_mean(self, dim=None, correction=1, keepdim=False):
        return self.var(dim, correction=correction, keepdim=keepdim), self.mean(dim, keepdim)

    def std_mean(self, dim=None, correction=1, keepdim=False):
        return self.std(dim, correction=correction, keepdim=keepdim), self.mean(dim, keepdim)
