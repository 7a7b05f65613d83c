"""Normalisation: keep the spread of the signals in hand, over the batch or over the features."""

from typing import Any

import numpy as np

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn import init
from dlcore.nn.checks import IMAGE, check_input
from dlcore.nn.module import Module
from dlcore.nn.parameter import Buffer, empty
from dlcore.tensor import Tensor


class _BatchNorm(Module):
    """What BatchNorm1d and BatchNorm2d have in common: everything but the shape of x."""

    def __init__(
        self, num_features: int, eps=1e-5, momentum: float | None = 0.1, affine=True, track_running_stats=True
    ) -> None:
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = empty(num_features) if affine else None
        self.bias = empty(num_features) if affine else None
        self.running_mean = Buffer(empty(num_features)) if track_running_stats else None
        self.running_var = Buffer(empty(num_features)) if track_running_stats else None
        self.num_batches_tracked = Buffer(np.array(0, np.int64)) if track_running_stats else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again: weight 1, bias 0, no statistics."""
        for tensor, value in (
            (self.weight, 1),
            (self.bias, 0),
            (self.running_mean, 0),
            (self.running_var, 1),
            (self.num_batches_tracked, 0),
        ):
            if tensor is not None:
                init.constant_(tensor, value)

    def _normalise(self, x: Tensor) -> Tensor:
        momentum, mean, var = self.momentum or 0.0, self.running_mean, self.running_var
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.array += 1
            if self.momentum is None:  # the mean of all batches so far
                momentum = 1 / float(self.num_batches_tracked.array)
        batch = self.training or mean is None
        return F.batch_norm(x, mean, var, self.weight, self.bias, batch, momentum, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class BatchNorm1d(_BatchNorm):
    """Give each feature mean 0 and variance 1 over the batch, then a learned scale and shift.

        y = γ (x - mean) / √(var + eps) + β

    In training mean and (biased) variance are the batch's, and the running ones move towards them by the share
    `momentum` (the running variance towards the unbiased one); in evaluation the running ones are used.

    Shapes: x (N, num_features) or (N, num_features, T), y the same.
    Twin: torch.nn.BatchNorm1d.
    Source: Ioffe & Szegedy (2015), Batch normalization, algorithms 1 and 2.

    >>> import dlcore
    >>> [round(v, 2) for v in BatchNorm1d(1)(dlcore.tensor([[1.0], [3.0]])).flatten().tolist()]
    [-1.0, 1.0]
    """

    def forward(self, x: Tensor) -> Tensor:
        pattern = "N features T" if getattr(x, "ndim", 2) == 3 else "N features"
        check_input("BatchNorm1d", "x", x, pattern, self.weight, features=self.num_features)
        return self._normalise(x)


class BatchNorm2d(_BatchNorm):
    """BatchNorm1d for images: each channel over the batch and all places.

    Shapes: x (N, num_features, H, W), y the same.
    Twin: torch.nn.BatchNorm2d. Source: Ioffe & Szegedy (2015), Batch normalization, section 3.2.

    >>> import dlcore
    >>> BatchNorm2d(3)(dlcore.ones(5, 3, 4, 4)).shape
    torch.Size([5, 3, 4, 4])
    """

    def forward(self, x: Tensor) -> Tensor:
        check_input("BatchNorm2d", "x", x, "N C H W", self.weight, IMAGE, C=self.num_features)
        return self._normalise(x)


class LayerNorm(Module):
    """Give each example mean 0 and variance 1 over its features, then a learned scale and shift.

        y = γ (x - mean) / √(var + eps) + β      (the biased variance)

    Shapes: x (…, *normalized_shape), y the same. The same in training and evaluation.
    Twin: torch.nn.LayerNorm.
    Source: Ba, Kiros & Hinton (2016), Layer normalization, section 3.

    >>> import dlcore
    >>> [round(v, 2) for v in LayerNorm(2)(dlcore.tensor([1.0, 3.0])).tolist()]
    [-1.0, 1.0]
    """

    def __init__(self, normalized_shape: Any, eps: float = 1e-5, elementwise_affine: bool = True, bias: bool = True):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.weight = empty(*self.normalized_shape) if elementwise_affine else None
        self.bias = empty(*self.normalized_shape) if elementwise_affine and bias else None
        self._pattern = " ".join(["…", *map(str, self.normalized_shape)])
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again: weight 1, bias 0."""
        for tensor, value in ((self.weight, 1), (self.bias, 0)):
            if tensor is not None:
                init.constant_(tensor, value)

    def forward(self, x: Tensor) -> Tensor:
        check_input("LayerNorm", "x", x, self._pattern, self.weight)
        return F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        affine = f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        return f"{self.normalized_shape}, eps={self.eps}, {affine}"


class GroupNorm(Module):
    """Layer norm over groups of channels and all places: it does not depend on the batch, so small batches do no harm.

    Shapes: x (N, num_channels, …), y the same; weight and bias (num_channels).
    Twin: torch.nn.GroupNorm. Source: Wu & He (2018), Group normalization.

    >>> import dlcore
    >>> [round(v, 2) for v in GroupNorm(1, 2)(dlcore.tensor([[1.0, 3.0]])).flatten().tolist()]
    [-1.0, 1.0]
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True):
        super().__init__()
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: num_channels must be a multiple of num_groups, got {num_channels} and {num_groups}."
            )
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self.weight = init.ones_(empty(num_channels)) if affine else None
        self.bias = empty(num_channels) if affine else None

    def forward(self, x: Tensor) -> Tensor:
        pattern = " ".join(["N C", *"HWD"[: max(getattr(x, "ndim", 0) - 2, 0)]])
        check_input("GroupNorm", "x", x, pattern, self.weight, C=self.num_channels)
        return F.group_norm(x, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        affine = f"affine={self.affine}, bias={self.bias is not None}"
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, {affine}"


class RMSNorm(Module):
    """Layer norm without its mean and shift: `y = γ x / √(mean x² + eps)`, eps being the dtype's smallest step if None.

    Shapes: x (…, *normalized_shape), y the same.
    Twin: torch.nn.RMSNorm. Source: Zhang & Sennrich (2019), Root mean square layer normalization.

    >>> import dlcore
    >>> [round(v, 2) for v in RMSNorm(2)(dlcore.tensor([3.0, 4.0])).tolist()]
    [0.85, 1.13]
    """

    def __init__(self, normalized_shape: Any, eps: float | None = None, elementwise_affine: bool = True):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.eps, self.elementwise_affine = eps, elementwise_affine
        self.weight = init.ones_(empty(*self.normalized_shape)) if elementwise_affine else None
        self._pattern = " ".join(["…", *map(str, self.normalized_shape)])

    def forward(self, x: Tensor) -> Tensor:
        check_input("RMSNorm", "x", x, self._pattern, self.weight)
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"
