"""What functions of torch.nn.functional take beside ours: size_average, reduce, ceil_mode, softmax without dim."""

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from dlcore.nn.functions.convolution import pair
from dlcore.nn.functions.dense import pad
from dlcore.torchlike.steps import FUNCTIONS, called

#: Modes of pad, by NumPy's names.
MODES: dict[str, Any] = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def old_reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let size_average and reduce, of before 2018, stand for a reduction."""

    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        if "size_average" in named or "reduce" in named:
            mean, one = named.pop("size_average", None), named.pop("reduce", None)
            if mean is not None or one is not None:
                named["reduction"] = "none" if one is False else "sum" if mean is False else "mean"
        return function(*args, **named)

    return call


def implicit_dim(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let softmax without dim choose as PyTorch does, with a warning."""

    @wraps(function)
    def call(input: Any, dim: Any = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
        if dim is None:
            dim = 0 if input.ndim in (0, 1, 3) else 1
            warnings.warn(f"{function.__name__}: without dim PyTorch takes dim={dim}; write it.", stacklevel=2)
        return function(input if dtype is None else input.to(dtype), dim)

    return call


def with_ceiling(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let max_pool2d complete the windows that lie half beyond the end."""

    @wraps(function)
    def call(
        input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Any:  # fmt: skip
        if return_indices:
            raise ValueError("max_pool2d: return_indices is not there; x.max(dim) tells where a maximum was.")
        if ceil_mode:
            sizes = [pair(v, "max_pool2d", "size") for v in (kernel_size, stride or kernel_size, padding, dilation)]
            below, right = (_lacking(n, *size) for n, *size in zip(input.shape[-2:], *sizes, strict=True))
            input = pad(input, (0, right, 0, below), value=-np.inf)
        return function(input, kernel_size, stride, padding, dilation)

    return call


def with_modes(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let pad mirror, repeat the edge, or go round in a circle."""

    @wraps(function)
    def call(input: Any, pad: Any, mode: str = "constant", value: Any = None) -> Any:
        if mode == "constant":
            return function(input, pad, mode, value or 0)
        if mode not in MODES:
            raise ValueError(f"pad: mode should be constant, {', '.join(MODES)}, but got {mode!r}.")
        for axis, margin in enumerate(zip(pad[::2], pad[1::2], strict=True), 1):
            places = np.pad(np.arange(input.shape[-axis]), margin, MODES[mode])
            input = input.index_select(input.ndim - axis, places)
        return input

    return call


def _lacking(n: int, k: int, s: int, p: int, d: int) -> int:
    """How many places an axis of n lacks for its last window."""
    windows = -(-(n + 2 * p - d * (k - 1) - 1) // s) + 1
    windows -= (windows - 1) * s >= n + p  # it would begin in the margin
    return max((windows - 1) * s + d * (k - 1) + 1 - n - 2 * p, 0)


def teach(names: dict[str, Any]) -> None:
    """Wrap what needs it among the functions of nn.functional."""
    for name, function in list(names.items()):
        if name.endswith("_loss") or "entropy" in name or name == "kl_div":
            names[name] = old_reduction(function)
    names.update({name: called(step)(names[name]) for name, step in FUNCTIONS.items()})
    names.update({name: implicit_dim(names[name]) for name in ("softmax", "log_softmax")})
    names["pad"] = with_modes(names["pad"])
    names["max_pool2d"] = with_ceiling(names["max_pool2d"])
