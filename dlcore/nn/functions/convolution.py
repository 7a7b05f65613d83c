"""Convolution and pooling on images (N, C, H, W) and signals (N, C, L)."""

from typing import Any

import numpy as np

from dlcore import ops
from dlcore.ops.convolution import out_size
from dlcore.shapes import ShapeError, expect, expect_alike, need
from dlcore.tensor import Tensor, apply
from dlcore.tensor.create import cat, stack


def pair(value: Any, where: str, name: str, least: int = 0) -> tuple[int, int]:
    """3 or (3, 5) as (rows, columns)."""
    both = (value, value) if isinstance(value, int | np.integer) else tuple(value)
    if len(both) != 2 or any(int(v) != v or v < least for v in both):
        raise ValueError(
            f"{where}: {name} should be an integer of at least {least} or a pair of them, but got {value!r}"
        )
    return both


def _padding(padding: Any, kernel: Any, stride: Any, dilation: Any, where: str) -> tuple[int, int]:
    if padding == "valid":
        return (0, 0)
    if padding == "same":
        reach = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
        if any(s != 1 for s in stride) or any(r % 2 for r in reach):
            raise ValueError(
                f'{where}: padding="same" needs stride 1 and an odd reach of the kernel; pad by hand with F.pad'
            )
        return reach[0] // 2, reach[1] // 2
    return pair(padding, where, "padding")


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Slide kernels over images: the same few weights look for the same pattern at every place.

        y[n, o, i, j] = Σ_c,a,b x[n, c, i·s + a·d - p, j·s + b·d - p] · w[o, c, a, b] + bias[o]

    (Strictly a cross-correlation: the kernel is not flipped.)

    Args:
        input: (N, C, H, W), or (C, H, W) for one image.
        weight: (O, C/groups, kh, kw).
        bias: (O) or None.
        stride, padding, dilation: an integer or (rows, columns); padding also "same" or "valid".
        groups: the channels are split into so many groups that do not see each other.

    Returns:
        (N, O, Ho, Wo) with Ho = ⌊(H + 2p - d (kh - 1) - 1) / s⌋ + 1.

    Raises:
        ShapeError: if the channels do not fit, or the kernel is larger than the padded image.

    Twin: torch.nn.functional.conv2d.
    Source: LeCun et al. (1989); Dumoulin & Visin (2016), A guide to convolution arithmetic.

    >>> conv2d(Tensor([[[[1.0, 2.0, 3.0]]]]), Tensor([[[[1.0, -1.0]]]]))
    tensor([[[[-1., -1.]]]])
    """
    if input.ndim == 3:
        return conv2d(input.unsqueeze(0), weight, bias, stride, padding, dilation, groups).squeeze(0)
    expect_alike("conv2d", input=input, weight=weight, bias=bias)
    expect("conv2d", "weight", weight, "O C kh kw")
    stride, dilation = pair(stride, "conv2d", "stride", 1), pair(dilation, "conv2d", "dilation", 1)
    padding = _padding(padding, weight.shape[2:], stride, dilation, "conv2d")
    expect("conv2d", "input", input, "N C H W", C=weight.shape[1] * groups)
    if bias is not None:
        expect("conv2d", "bias", bias, "O", O=weight.shape[0])
    _fits("conv2d", input.shape[2:], weight.shape[2:], stride, padding, dilation)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    return _in_groups("conv2d", input, weight, bias, groups, options)


def _in_groups(name: str, input: Tensor, weight: Tensor, bias: Any, groups: int, options: dict[str, Any]) -> Tensor:
    """The rule on all channels; or on each group of them by itself, the results side by side."""
    rule = getattr(ops, name)
    if groups == 1:
        return apply(rule, input, weight, bias, **options)
    if weight.shape[0] % groups:
        kind = "output" if name == "conv2d" else "input"
        raise ValueError(f"{name}: groups={groups} does not divide the {weight.shape[0]} {kind} channels")
    biases = [None] * groups if bias is None else bias.chunk(groups)
    parts = zip(input.chunk(groups, 1), weight.chunk(groups), biases, strict=True)
    return cat([apply(rule, *part, **options) for part in parts], 1)


def _fits(where: str, size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> None:
    for axis, s, k, st, p, d in zip("HW", size, kernel, stride, padding, dilation, strict=True):
        if out_size(s, k, st, p, d) < 1:
            raise ShapeError(
                f"{where}: along {axis} the kernel reaches over {d * (k - 1) + 1}, but the padded input has only "
                f"{s + 2 * p}. Use a smaller kernel, or padding."
            )


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Slide kernels over signals (N, C, L): conv2d on images of height 1.

    >>> conv1d(Tensor([[[1.0, 2.0, 4.0]]]), Tensor([[[-1.0, 1.0]]]))
    tensor([[[1., 2.]]])
    """
    if input.ndim == 2:
        return conv1d(input.unsqueeze(0), weight, bias, stride, padding, dilation, groups).squeeze(0)
    expect("conv1d", "weight", weight, "O C k")
    expect("conv1d", "input", input, "N C L", C=weight.shape[1] * groups)
    stride, dilation = _one(stride), _one(dilation)
    padding = padding if isinstance(padding, str) else (0, _one(padding))
    high = conv2d(input.unsqueeze(2), weight.unsqueeze(2), bias, (1, stride), padding, (1, dilation), groups)
    return high.squeeze(2)


def _one(value: Any) -> int:
    return value[0] if isinstance(value, tuple | list) else value


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Tensor:
    """Paint a kernel for each number of the input: makes images larger where conv2d makes them smaller.

    Args:
        input: (N, C, H, W).
        weight: (C, O/groups, kh, kw): input channels first, unlike conv2d.
        output_padding: extra rows and columns at the end, to reach a size that the stride skips.

    Returns:
        (N, O, (H - 1) s - 2p + d (kh - 1) + output_padding + 1, …).

    Twin: torch.nn.functional.conv_transpose2d. Source: Zeiler et al. (2010), Deconvolutional Networks.

    >>> conv_transpose2d(Tensor([[[[1.0, 2.0]]]]), Tensor([[[[1.0, 1.0]]]]), stride=(1, 2))
    tensor([[[[1., 1., 2., 2.]]]])
    """
    expect_alike("conv_transpose2d", input=input, weight=weight, bias=bias)
    expect("conv_transpose2d", "weight", weight, "C O kh kw")
    expect("conv_transpose2d", "input", input, "N C H W", C=weight.shape[0])
    if bias is not None:
        expect("conv_transpose2d", "bias", bias, "O", O=weight.shape[1] * groups)
    given = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
    least = {"stride": 1, "dilation": 1, "padding": 0, "output_padding": 0}
    options = {name: pair(value, "conv_transpose2d", name, least[name]) for name, value in given.items()}
    most = [max(s, d) for s, d in zip(options["stride"], options["dilation"], strict=True)]
    if any(extra >= limit for extra, limit in zip(options["output_padding"], most, strict=True)):
        raise ValueError(f"conv_transpose2d: output_padding should be smaller than stride or dilation, but got {given}")
    across = zip(input.shape[2:], weight.shape[2:], *options.values(), strict=True)
    size = tuple([(n - 1) * s - 2 * p + d * (k - 1) + extra + 1 for n, k, s, p, extra, d in across])
    seen = options["padding"], size
    need(min(size) > 0, "conv_transpose2d", "padding {} leaves an image of size {}", *seen, ShapeError)
    return _in_groups("conv_transpose2d", input, weight, bias, groups, options)


def _window(where: str, input: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any = 1) -> dict[str, Any]:
    kernel = pair(kernel, where, "kernel_size", 1)
    stride = kernel if stride is None else pair(stride, where, "stride", 1)
    padding, dilation = pair(padding, where, "padding"), pair(dilation, where, "dilation", 1)
    if any(2 * p > k for p, k in zip(padding, kernel, strict=True)):
        raise ValueError(f"{where}: padding should be at most half of the kernel {kernel}, but got {padding}")
    _fits(where, input.shape[-2:], kernel, stride, padding, dilation)
    return {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}


def max_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Tensor:
    """The largest number in each window of (N, C, H, W); stride None means windows side by side.

    >>> max_pool2d(Tensor([[[[1.0, 3.0], [2.0, 0.0]]]]), 2)
    tensor([[[[3.]]]])
    """
    if input.ndim == 3:
        return max_pool2d(input.unsqueeze(0), kernel_size, stride, padding, dilation).squeeze(0)
    expect("max_pool2d", "input", input, "N C H W")
    return apply(ops.max_pool2d, input, **_window("max_pool2d", input, kernel_size, stride, padding, dilation))


def avg_pool2d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False
) -> Tensor:
    """The mean of each window of (N, C, H, W); the margin counts as zeros.

    >>> avg_pool2d(Tensor([[[[1.0, 3.0], [2.0, 0.0]]]]), 2)
    tensor([[[[1.5000]]]])
    """
    if input.ndim == 3:
        return avg_pool2d(input.unsqueeze(0), kernel_size, stride, padding, ceil_mode).squeeze(0)
    expect("avg_pool2d", "input", input, "N C H W")
    _no_ceil("avg_pool2d", ceil_mode)
    options = _window("avg_pool2d", input, kernel_size, stride, padding)
    return apply(ops.avg_pool2d, input, **{name: options[name] for name in ("kernel", "stride", "padding")})


def _no_ceil(where: str, ceil_mode: bool) -> None:
    if ceil_mode:
        raise ValueError(f"{where}: ceil_mode is not there; pad the input with F.pad instead")


def max_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1) -> Tensor:
    """The largest number in each window of (N, C, L).

    >>> max_pool1d(Tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
    tensor([[[3., 2.]]])
    """
    k, s = _one(kernel_size), _one(stride)
    wide = (1, k if s is None else s), (0, _one(padding)), (1, _one(dilation))
    return max_pool2d(input.unsqueeze(-2), (1, k), *wide).squeeze(-2)


def avg_pool1d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """The mean of each window of (N, C, L).

    >>> avg_pool1d(Tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
    tensor([[[2., 1.]]])
    """
    k, s = _one(kernel_size), _one(stride)
    return avg_pool2d(input.unsqueeze(-2), (1, k), (1, k if s is None else s), (0, _one(padding))).squeeze(-2)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """(…, H, W) averaged to output_size, whatever H and W are: first along the columns, then along the rows.

    >>> adaptive_avg_pool2d(Tensor([[[1.0, 3.0], [2.0, 0.0]]]), 1)
    tensor([[[1.5000]]])
    """
    rows, cols = pair(output_size, "adaptive_avg_pool2d", "output_size", 1)
    rows_of = [input[..., part, :].mean(-2) for part in _parts(input.shape[-2], rows)]
    x = stack(rows_of, -2)
    columns_of = [x[..., part].mean(-1) for part in _parts(input.shape[-1], cols)]
    return stack(columns_of, -1)


def _parts(size: int, parts: int) -> list[slice]:
    """Part i reaches from ⌊i·size/parts⌋ to ⌈(i+1)·size/parts⌉; neighbours may overlap."""
    return [slice(i * size // parts, -(-(i + 1) * size // parts)) for i in range(parts)]
