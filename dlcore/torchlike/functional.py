"""Functions of torch.nn.functional (and a few of nn.init) that no page of the book needs."""

from typing import Any

import numpy as np

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn import init
from dlcore.nn.functions.convolution import pair
from dlcore.tensor import Tensor, wrap
from dlcore.tensor.create import as_tensor, stack


def conv_transpose1d(
    input: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0, output_padding: Any = 0,
    groups: int = 1, dilation: Any = 1,
) -> Tensor:  # fmt: skip
    """conv_transpose2d on images of height 1."""
    stride, padding, output_padding, dilation = (
        value[0] if isinstance(value, tuple) else value for value in (stride, padding, output_padding, dilation)
    )
    sizes = (1, stride), (0, padding), (0, output_padding), groups, (1, dilation)
    return F.conv_transpose2d(input.unsqueeze(2), weight.unsqueeze(2), bias, *sizes).squeeze(2)


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """(…, C·r², H, W) to (…, C, H·r, W·r). Source: Shi et al. (2016), Real-time super-resolution."""
    r, (*lead, c, h, w) = upscale_factor, input.shape
    x = input.reshape(*lead, c // r**2, r, r, h, w)
    n = len(lead)
    x = x.permute(*range(n + 1), n + 3, n + 1, n + 4, n + 2)  # (…, C, H, r, W, r)
    return x.reshape(*lead, c // r**2, h * r, w * r)


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """The way back: (…, C, H·r, W·r) to (…, C·r², H, W)."""
    r, (*lead, c, h, w) = downscale_factor, input.shape
    x = input.reshape(*lead, c, h // r, r, w // r, r)
    n = len(lead)
    return x.permute(*range(n + 1), n + 2, n + 4, n + 1, n + 3).reshape(*lead, c * r**2, h // r, w // r)


def interpolate(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "nearest", align_corners: Any = None,
    recompute_scale_factor: Any = None, antialias: bool = False,
) -> Tensor:  # fmt: skip
    """The last axes of (N, C, …) stretched to a size: mode "nearest", or "linear", "bilinear" between neighbours."""
    if antialias or mode not in ("nearest", "linear", "bilinear"):
        raise ValueError(
            f'interpolate: expected mode "nearest", "linear" or "bilinear" and no antialias, got {mode!r}.'
        )
    for axis in range(2, input.ndim):
        old, new = input.shape[axis], _new_size(input, axis, size, scale_factor)
        input = _stretched(input, axis, _weights(old, new, mode, align_corners))
    return input


def _new_size(x: Tensor, axis: int, size: Any, factor: Any) -> int:
    if size is not None:
        return size if isinstance(size, int) else size[axis - 2]
    return int(x.shape[axis] * (factor[axis - 2] if isinstance(factor, tuple | list) else factor))


def _weights(old: int, new: int, mode: str, align_corners: Any) -> np.ndarray:
    """(new, old): how much of each old place a new one takes."""
    places = np.arange(new)
    weights = np.zeros((new, old), np.float32)
    if mode == "nearest":
        weights[places, places * old // new] = 1
        return weights
    at = places * (old - 1) / max(new - 1, 1) if align_corners else np.clip((places + 0.5) * old / new - 0.5, 0, None)
    left = np.minimum(at.astype(int), old - 1)
    part = (at - left).astype(np.float32)
    np.add.at(weights, (places, left), 1 - part)
    np.add.at(weights, (places, np.minimum(left + 1, old - 1)), part)
    return weights


def _stretched(x: Tensor, axis: int, weights: np.ndarray) -> Tensor:
    turned: Any = x.transpose(axis, -1) @ wrap(weights.T.astype(x.array.dtype))
    return turned.transpose(axis, -1)


def affine_grid(theta: Tensor, size: Any, align_corners: bool = False) -> Tensor:
    """(N, H, W, 2): where each place of an image comes from, by a map theta (N, 2, 3) of [-1, 1]²."""
    n, _, h, w = size
    rows, columns = (_line(length, align_corners) for length in (h, w))
    grid = np.stack([*np.meshgrid(columns, rows), np.ones((h, w))], -1).reshape(1, h * w, 3)
    return (wrap(grid.astype(theta.array.dtype)) @ theta.transpose(1, 2)).reshape(n, h, w, 2)


def _line(n: int, align_corners: bool) -> np.ndarray:
    return np.linspace(-1, 1, n) if align_corners else (2 * np.arange(n) + 1) / n - 1


def grid_sample(
    input: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: Any = None
) -> Tensor:
    """(N, C, H, W) looked up at places (N, H', W', 2) in [-1, 1]², between the four neighbours; zeros outside."""
    if mode != "bilinear" or padding_mode != "zeros":
        raise ValueError(f'grid_sample: expected "bilinear" and "zeros", but got {mode!r} and {padding_mode!r}.')
    n, _, h, w = input.shape
    x, y = (
        ((grid[..., i] + 1) * (s - 1) if align_corners else (grid[..., i] + 1) * s - 1) / 2 for i, s in ((0, w), (1, h))
    )
    batch, total = np.arange(n)[:, None, None], None
    for right in (0, 1):
        for low in (0, 1):
            i, j = np.floor(y.array).astype(int) + low, np.floor(x.array).astype(int) + right
            inside = ((i >= 0) & (i < h) & (j >= 0) & (j < w)).astype(input.array.dtype)
            weight = (1 - (x - wrap(j.astype(x.array.dtype))).abs()) * (1 - (y - wrap(i.astype(y.array.dtype))).abs())
            values = input[batch, :, i.clip(0, h - 1), j.clip(0, w - 1)].movedim(-1, 1)  # (N, C, H', W')
            part = values * (weight * wrap(inside)).unsqueeze(1)
            total = part if total is None else total + part
    return total  # type: ignore[return-value]


def instance_norm(
    input: Tensor, running_mean: Any = None, running_var: Any = None, weight: Any = None, bias: Any = None,
    use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """Each channel of each example brought to mean 0 and variance 1: as many groups as channels."""
    return F.group_norm(input, input.shape[1], weight, bias, eps)


def unfold(input: Tensor, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Tensor:
    """The windows of (N, C, H, W) as columns: (N, C·kh·kw, L)."""
    (kh, kw), (dh, dw), (ph, pw), (sh, sw) = (
        pair(value, "unfold", name) for value, name in
        ((kernel_size, "kernel_size"), (dilation, "dilation"), (padding, "padding"), (stride, "stride"))
    )  # fmt: skip
    x = F.pad(input, (pw, pw, ph, ph))
    rows = np.arange(0, x.shape[2] - dh * (kh - 1), sh)[:, None] + dh * np.arange(kh)  # (Ho, kh)
    columns = np.arange(0, x.shape[3] - dw * (kw - 1), sw)[:, None] + dw * np.arange(kw)
    windows = x[:, :, rows[:, None, :, None], columns[None, :, None, :]]  # (N, C, Ho, Wo, kh, kw)
    n, c, ho, wo = windows.shape[:4]
    return windows.permute(0, 1, 4, 5, 2, 3).reshape(n, c * kh * kw, ho * wo)


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """(…, L) averaged to a length."""
    return F.adaptive_avg_pool2d(input.unsqueeze(-2), (1, output_size)).squeeze(-2)


def adaptive_max_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The largest number of each of so many windows that fill the image."""
    rows, columns = pair(output_size, "adaptive_max_pool2d", "output_size", 1)
    parts = [
        [input[..., i, j].amax((-2, -1)) for j in _parts(input.shape[-1], columns)]
        for i in _parts(input.shape[-2], rows)
    ]
    return stack([stack(row, -1) for row in parts], -2)


def _parts(size: int, parts: int) -> list[slice]:
    return [slice(i * size // parts, -(-(i + 1) * size // parts)) for i in range(parts)]


def embedding_bag(input: Any, weight: Tensor, offsets: Any, mode: str = "mean") -> Tensor:
    """The mean (or sum) of the rows of each bag of indices; a bag reaches from its offset to the next."""
    ends = [*as_tensor(offsets).tolist()[1:], len(input)]
    bags = [F.embedding(input[start:end], weight) for start, end in zip(as_tensor(offsets).tolist(), ends, strict=True)]
    return stack([bag.mean(0) if mode == "mean" and len(bag) else bag.sum(0) for bag in bags])


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Whole channels are dropped."""
    return F.dropout2d(input, p, training)


upsample = interpolate
dropout3d = dropout1d


def _alone(tensor: Tensor, values: Any) -> Tensor:
    tensor.data.copy_(wrap(np.asarray(values, tensor.array.dtype)))
    return tensor


def eye_(tensor: Tensor) -> Tensor:
    """Fill with ones on the diagonal, zeros elsewhere."""
    return _alone(tensor, np.eye(*tensor.shape))


#: Names without an underscore, of before 2018.
uniform, normal, constant, xavier_uniform, xavier_normal, kaiming_uniform, kaiming_normal, orthogonal = (
    init.uniform_, init.normal_, init.constant_, init.xavier_uniform_, init.xavier_normal_, init.kaiming_uniform_,
    init.kaiming_normal_, init.orthogonal_,
)  # fmt: skip

__all__ = [
    "adaptive_avg_pool1d", "adaptive_max_pool2d", "affine_grid", "constant", "conv_transpose1d",
    "dropout1d", "dropout3d", "embedding_bag", "eye_", "grid_sample",
    "instance_norm", "interpolate", "kaiming_normal", "kaiming_uniform", "normal", "orthogonal", "pixel_shuffle",
    "pixel_unshuffle", "unfold", "uniform", "upsample", "xavier_normal", "xavier_uniform",
]  # fmt: skip
