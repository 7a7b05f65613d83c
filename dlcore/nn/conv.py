"""Convolutions: the same small weights looked through at every place."""

from typing import Any

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn.checks import IMAGE, SEQUENCE, check_input
from dlcore.nn.linear import reset_uniform
from dlcore.nn.module import Module
from dlcore.nn.parameter import empty
from dlcore.shapes import need
from dlcore.tensor import Tensor


def tuple_of(value: Any, n: int) -> tuple[int, ...]:
    """Return `value` if it has a number for each of the n axes, or the one number n times.

    >>> tuple_of(3, 2), tuple_of((1, 2), 2)
    ((3, 3), (1, 2))
    """
    values = (value,) * n if isinstance(value, int) else tuple(value)
    if len(values) != n:
        raise ValueError(f"expected one number, or {n}: one an axis; got {value!r}.")
    return values


def _check_groups(where: str, groups: int, *channels: int) -> None:
    if groups < 1 or any(c % groups for c in channels):
        raise ValueError(f"{where}: groups={groups} must divide in_channels and out_channels, {channels}.")


class _Conv(Module):
    """What all convolution layers have: sizes, a weight, a bias."""

    axes = 2  # how many axes the window has
    transposed = False
    output_padding: tuple[int, ...] = (0, 0)

    def __init__(
        self, in_channels, out_channels, kernel_size: Any, stride=1, padding=0, dilation=1, groups=1, bias=True
    ) -> None:
        super().__init__()
        _check_groups(type(self).__name__, groups, in_channels, out_channels)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride, self.dilation = (tuple_of(v, self.axes) for v in (kernel_size, stride, dilation))
        known = padding == "valid" or (padding == "same" and set(self.stride) == {1})
        need(known or not isinstance(padding, str), type(self).__name__, "padding={!r} is not possible here", padding)
        self.padding = padding if isinstance(padding, str) else tuple_of(padding, self.axes)
        channels = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = empty(channels[0], channels[1] // groups, *self.kernel_size)
        self.bias = empty(out_channels) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        reset_uniform(self.weight, self.bias)

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        for name, usual in (("padding", 0), ("output_padding", 0), ("dilation", 1)):
            value = getattr(self, name)
            text += "" if value in ((usual,), (usual, usual)) else f", {name}={value}"
        text += "" if self.groups == 1 else f", groups={self.groups}"
        return text + ("" if self.bias is not None else ", bias=False")


class Conv1d(_Conv):
    """A window of weights moves along a sequence: `y[o, t] = b[o] + Σ_c Σ_k W[o, c, k] · x[c, t·stride + k·dilation]`.

    Shapes: x (N, in_channels, T) to (N, out_channels, T'),
    T' = ⌊(T + 2·padding - dilation·(kernel_size - 1) - 1) / stride⌋ + 1;
    weight (out_channels, in_channels / groups, kernel_size). Starts as U(±1/√fan_in), fan_in = the numbers in a window.
    Twin: torch.nn.Conv1d.
    Source: Waibel, Hanazawa, Hinton, Shikano & Lang (1989), Phoneme recognition using time-delay neural networks.

    >>> import dlcore
    >>> Conv1d(2, 4, kernel_size=3, padding=1)(dlcore.ones(5, 2, 10)).shape == (5, 4, 10)
    True
    """

    axes = 1

    def forward(self, x: Tensor) -> Tensor:
        check_input("Conv1d", "x", x, "N C T", self.weight, SEQUENCE, C=self.in_channels)
        return F.conv1d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Conv2d(_Conv):
    """A window of weights moves over an image: `y[o, i, j] = b[o] + Σ_ckl W[o, c, k, l] · x[c, s·i + d·k, s·j + d·l]`.

    Shapes: x (N, in_channels, H, W) to (N, out_channels, H', W'),
    H' = ⌊(H + 2·padding - dilation·(kernel_size - 1) - 1) / stride⌋ + 1;
    weight (out_channels, in_channels / groups, kh, kw). Starts as U(±1/√fan_in), fan_in = the numbers in a window.
    Twin: torch.nn.Conv2d.
    Source: LeCun, Bottou, Bengio & Haffner (1998), Gradient-based learning applied to document recognition, section II.

    >>> import dlcore
    >>> Conv2d(1, 4, kernel_size=3, padding=1)(dlcore.ones(5, 1, 8, 8)).shape == (5, 4, 8, 8)
    True
    """

    def forward(self, x: Tensor) -> Tensor:
        check_input("Conv2d", "x", x, "N C H W", self.weight, IMAGE, C=self.in_channels)
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class ConvTranspose2d(_Conv):
    """Convolution's transpose: each input adds its window of weights to the output, stride apart.

    Shapes: x (N, in_channels, H, W) to (N, out_channels, H', W'),
    H' = (H - 1)·stride - 2·padding + dilation·(kernel_size - 1) + output_padding + 1;
    weight (in_channels, out_channels / groups, kh, kw).
    Twin: torch.nn.ConvTranspose2d.
    Source: Dumoulin & Visin (2016), A guide to convolution arithmetic for deep learning, section 4.

    >>> import dlcore
    >>> ConvTranspose2d(4, 1, kernel_size=2, stride=2)(dlcore.ones(5, 4, 8, 8)).shape == (5, 1, 16, 16)
    True
    """

    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Any = 1,
    ):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)
        self.output_padding = tuple_of(output_padding, 2)

    def forward(self, x: Tensor) -> Tensor:
        check_input("ConvTranspose2d", "x", x, "N C H W", self.weight, IMAGE, C=self.in_channels)
        sizes = self.stride, self.padding, self.output_padding
        return F.conv_transpose2d(x, self.weight, self.bias, *sizes, self.groups, self.dilation)
