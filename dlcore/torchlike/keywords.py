"""Keywords that PyTorch's functions take beside ours: axis for dim, keepdims for keepdim, size, input, layout …"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from dlcore.cuda import device
from dlcore.tensor.create import as_tensor

SAME = {"axis": "dim", "keepdims": "keepdim"}
#: About where and how numbers lie in memory, which changes nothing here.
IDLE = {"layout", "pin_memory", "memory_format", "non_blocking", "stable"}


def foreign(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function understand PyTorch's other keywords; without keywords it costs one test more.

    >>> from dlcore.tensor import Tensor
    >>> foreign(Tensor.sum)(Tensor([[1.0, 2.0]]), axis=1, keepdims=True).tolist()
    [[3.0]]
    """

    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        if named:
            named = {SAME.get(key, key): value for key, value in named.items() if key not in IDLE}
            first = [named.pop("input")] if not args and "input" in named else []
            return function(*first, *args, **named)
        return function(*args)

    return call


def on_cpu(function: Callable[..., Any], sized: bool) -> Callable[..., Any]:
    """The same for what makes tensors: only the device "cpu" will do, `out` is filled, `size` put in front."""
    inner = foreign(function)

    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        if not named:
            return function(*args)
        where, out = named.pop("device", None), named.pop("out", None)
        if where is not None:
            device(str(where))
        if sized and "size" in named:
            args = (named.pop("size"), *args)
        made = inner(*args, **named)
        return made if out is None else out.copy_(made)

    return call


def number_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of two take a number as its first: pow(2, x)."""

    @wraps(function)
    def call(input: Any, *args: Any, **named: Any) -> Any:
        return function(as_tensor(input), *args, **named)

    return call


#: What makes tensors, and whether `size=` may stand for its first argument.
MAKING = {
    **dict.fromkeys("empty full ones rand randn zeros".split(), True),
    **dict.fromkeys("arange as_tensor cat eye full_like linspace normal ones_like rand_like randint".split(), False),
    **dict.fromkeys("randn_like randperm stack tensor zeros_like".split(), False),
}
