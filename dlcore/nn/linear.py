"""The plain layers: a matrix product, a table of vectors, and changes of shape."""

import math
from typing import Any

from dlcore import ops
from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn import init
from dlcore.nn.checks import check_input
from dlcore.nn.module import Module
from dlcore.nn.parameter import Parameter, empty
from dlcore.tensor import Tensor, apply
from dlcore.tensor.create import as_tensor


class Identity(Module):
    """Return the input as it is: a place holder. Twin: torch.nn.Identity.

    >>> Identity()(3)
    3
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        return x


class Linear(Module):
    """A weighted sum of all features for each output: `y = x Wᵀ + b`.

    Shapes: x (…, in_features) to (…, out_features); weight (out_features, in_features).
    Starts as U(±1/√in_features), weight and bias, which is kaiming_uniform_(a=√5).
    Twin: torch.nn.Linear.
    Source: LeCun, Bottou, Orr & Müller (1998), Efficient backprop, section 4.6.

    >>> import dlcore
    >>> Linear(3, 2)(dlcore.ones(5, 3)).shape == (5, 2)
    True
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = empty(out_features, in_features)
        self.bias = empty(out_features) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        reset_uniform(self.weight, self.bias)

    def forward(self, x: Tensor) -> Tensor:
        w = self.weight.array
        if type(x) is not Tensor or x.array.shape[-1:] != w.shape[1:] or x.array.dtype is not w.dtype:
            check_input("Linear", "x", x, "… in_features", self.weight, in_features=self.in_features)
        return apply(ops.linear, x, self.weight, self.bias)  # checked already: nothing is left for F.linear to do

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


def reset_uniform(weight: Parameter, bias: Parameter | None, fan_in: int | None = None) -> None:
    """Draw weight and bias from U(±1/√fan_in), as PyTorch's linear and convolution layers do."""
    fan_in = init.fans(weight)[0] if fan_in is None else fan_in
    bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
    init.uniform_(weight, -bound, bound)
    if bias is not None:
        init.uniform_(bias, -bound, bound)


class Embedding(Module):
    """A table with one learned vector for each of `num_embeddings` symbols.

    Shapes: integers (…) in [0, num_embeddings) to (…, embedding_dim); weight (num_embeddings, embedding_dim).
    Starts as N(0, 1). The row `padding_idx`, if given, starts at zero and gets no gradient.
    Twin: torch.nn.Embedding.
    Source: Bengio, Ducharme, Vincent & Jauvin (2003), A neural probabilistic language model, section 2.

    >>> import numpy as np
    >>> Embedding(10, 4)(np.array([[1, 2, 3]])).shape == (1, 3, 4)
    True
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int | None = None):
        super().__init__()
        self.num_embeddings, self.embedding_dim, self.padding_idx = num_embeddings, embedding_dim, padding_idx
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(f"Embedding: padding_idx must be one of the {num_embeddings} symbols, got {padding_idx}.")
        self.weight = empty(num_embeddings, embedding_dim)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        init.normal_(self.weight)
        if self.padding_idx is not None:
            self.padding_idx %= self.num_embeddings
            self.weight.array[self.padding_idx] = 0

    def forward(self, index: Any) -> Tensor:
        return F.embedding(index, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"{self.num_embeddings}, {self.embedding_dim}{padding}"


class Flatten(Module):
    """Make one axis of the axes from start_dim to end_dim: (N, C, H, W) to (N, C·H·W). Twin: torch.nn.Flatten.

    >>> import dlcore
    >>> Flatten()(dlcore.ones(5, 2, 3, 3)).shape == (5, 18)
    True
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1):
        super().__init__()
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Tensor) -> Tensor:
        return as_tensor(x).flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Unflatten(Module):
    """Make several axes of one: the way back from Flatten. Twin: torch.nn.Unflatten.

    >>> import dlcore
    >>> Unflatten(1, (2, 3, 3))(dlcore.ones(5, 18)).shape == (5, 2, 3, 3)
    True
    """

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]):
        super().__init__()
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, x: Tensor) -> Tensor:
        x, dim = as_tensor(x), self.dim % x.ndim
        return x.reshape(*x.shape[:dim], *self.unflattened_size, *x.shape[dim + 1 :])

    def extra_repr(self) -> str:
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
