"""Multilayer perceptron in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import nn


class MLP(nn.Sequential):
    """Linear layers of the given widths, with an activation after each but the last; (…, sizes[0]) to (…, sizes[-1]).

    >>> len(MLP([2, 16, 1], activation=nn.Tanh))
    3
    """

    def __init__(self, sizes: Sequence[int], activation: type[nn.Module] = nn.ReLU):
        super().__init__()
        for n_in, n_out in pairwise(sizes):
            if len(self):
                self.append(activation())
            self.append(nn.Linear(n_in, n_out))
