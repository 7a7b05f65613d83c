"""Dropout: forget a random part while training."""

from typing import Any

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn.module import Module
from dlcore.tensor import Tensor


class Dropout(Module):
    """While training set each value to 0 with probability p, and divide the others by 1 - p; else do nothing.

    Args:
        p: in [0, 1].
        inplace: accepted for PyTorch's sake; nothing is overwritten.
        generator: the source of randomness; None is the default generator.

    Twin: torch.nn.Dropout (which has no generator).
    Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov (2014), Dropout.

    >>> import dlcore
    >>> Dropout(0.5).eval()(dlcore.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(self, p: float = 0.5, inplace: bool = False, *, generator: Any = None):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"Dropout: p must be a probability in [0, 1], got {p}.")
        self.p, self.inplace, self.generator = p, inplace, generator

    def forward(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.p, self.training, generator=self.generator)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout2d(Dropout):
    """Dropout of whole channels of an image or signal. Twin: torch.nn.Dropout2d.

    Source: Tompson et al. (2015), Efficient object localization using convolutional networks.

    >>> import dlcore
    >>> len(set(Dropout2d(0.5)(dlcore.ones(1, 1, 3, 3)).flatten().tolist()))
    1
    """

    def forward(self, x: Tensor) -> Tensor:
        return F.dropout2d(x, self.p, self.training, generator=self.generator)


class Dropout1d(Dropout2d):
    """The same for signals (N, C, T). Twin: torch.nn.Dropout1d."""
