"""Multilayer perceptron: linear layers with an activation between them."""

from collections.abc import Sequence

from dlcore import nn


class MLP(nn.Sequential):
    """Linear layers of the given widths, with an activation after each but the last.

    Shapes: x (…, sizes[0]) to (…, sizes[-1]).
    Source: Rumelhart, Hinton & Williams (1986), Learning representations by back-propagating errors.

    >>> MLP([2, 16, 1], activation=nn.Tanh)
    MLP(
      (0): Linear(in_features=2, out_features=16, bias=True)
      (1): Tanh()
      (2): Linear(in_features=16, out_features=1, bias=True)
    )
    """

    def __init__(self, sizes: Sequence[int], activation: type[nn.Module] = nn.ReLU):
        layers: list[nn.Module] = []
        for n_in, n_out in zip(sizes, sizes[1:], strict=False):
            layers += [nn.Linear(n_in, n_out), activation()]
        super().__init__(*layers[:-1])
