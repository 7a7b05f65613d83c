"""Pooling: one number for each window, its largest or its mean."""

from typing import Any

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn.checks import IMAGE, SEQUENCE, check_input
from dlcore.nn.module import Module
from dlcore.tensor import Tensor


class _Pool(Module):
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0):
        super().__init__()
        self.kernel_size, self.padding = kernel_size, padding
        self.stride = kernel_size if stride is None else stride


class _MaxPool(_Pool):
    def __init__(self, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1):
        super().__init__(kernel_size, stride, padding)
        self.dilation = dilation

    def extra_repr(self) -> str:
        sizes = f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"
        return f"{sizes}, dilation={self.dilation}, ceil_mode=False"


class MaxPool1d(_MaxPool):
    """The largest value of each window: (N, C, T) to (N, C, T'). Twin: torch.nn.MaxPool1d.

    >>> import dlcore
    >>> MaxPool1d(2)(dlcore.tensor([[[1.0, 2.0, 5.0, 4.0]]])).tolist()
    [[[2.0, 5.0]]]
    """

    def forward(self, x: Tensor) -> Tensor:
        check_input("MaxPool1d", "x", x, "N C T", hint=SEQUENCE)
        return F.max_pool1d(x, self.kernel_size, self.stride, self.padding, self.dilation)


class MaxPool2d(_MaxPool):
    """The largest value of each window: (N, C, H, W) to (N, C, H', W'). Twin: torch.nn.MaxPool2d.

    Source: Riesenhuber & Poggio (1999), Hierarchical models of object recognition in cortex.

    >>> import dlcore
    >>> MaxPool2d(2)(dlcore.arange(16.0).reshape(1, 1, 4, 4)).tolist()
    [[[[5.0, 7.0], [13.0, 15.0]]]]
    """

    def forward(self, x: Tensor) -> Tensor:
        check_input("MaxPool2d", "x", x, "N C H W", hint=IMAGE)
        return F.max_pool2d(x, self.kernel_size, self.stride, self.padding, self.dilation)


class AvgPool1d(_Pool):
    """The mean of each window: (N, C, T) to (N, C, T'). Twin: torch.nn.AvgPool1d.

    >>> import dlcore
    >>> AvgPool1d(2)(dlcore.tensor([[[1.0, 2.0, 5.0, 4.0]]])).tolist()
    [[[1.5, 4.5]]]
    """

    def forward(self, x: Tensor) -> Tensor:
        check_input("AvgPool1d", "x", x, "N C T", hint=SEQUENCE)
        return F.avg_pool1d(x, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        return f"kernel_size=({self.kernel_size},), stride=({self.stride},), padding=({self.padding},)"


class AvgPool2d(_Pool):
    """The mean of each window: (N, C, H, W) to (N, C, H', W'). Twin: torch.nn.AvgPool2d.

    Source: LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document recognition, section II.

    >>> import dlcore
    >>> AvgPool2d(2)(dlcore.arange(16.0).reshape(1, 1, 4, 4)).tolist()
    [[[[2.5, 4.5], [10.5, 12.5]]]]
    """

    def forward(self, x: Tensor) -> Tensor:
        check_input("AvgPool2d", "x", x, "N C H W", hint=IMAGE)
        return F.avg_pool2d(x, self.kernel_size, self.stride, self.padding)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AdaptiveAvgPool2d(Module):
    """The mean of each window, with windows such that output_size of them fill the image; 1 is one mean a channel.

    Shapes: (N, C, H, W) to (N, C, *output_size). Twin: torch.nn.AdaptiveAvgPool2d.
    Source: Lin, Chen & Yan (2014), Network in network, section 3.2.

    >>> import dlcore
    >>> AdaptiveAvgPool2d(1)(dlcore.arange(16.0).reshape(1, 1, 4, 4)).tolist()
    [[[[7.5]]]]
    """

    def __init__(self, output_size: Any):
        super().__init__()
        self.output_size = output_size

    def forward(self, x: Tensor) -> Tensor:
        check_input("AdaptiveAvgPool2d", "x", x, "N C H W", hint=IMAGE)
        if self.output_size in (1, (1, 1)):
            return x.mean(dim=(2, 3), keepdim=True)
        return F.adaptive_avg_pool2d(x, self.output_size)

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"
