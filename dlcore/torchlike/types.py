"""Old names of tensors, and names of types that scripts ask for with isinstance or in annotations."""

import numbers
from typing import Any

import numpy as np

from dlcore.dtypes import int16, int32
from dlcore.shapes import Size
from dlcore.tensor import Tensor, wrap
from dlcore.tensor.protocols import plain
from dlcore.torchlike.asking import OLD_TYPES


class _OldType(type):
    """So that isinstance(x, FloatTensor) asks for the kind of numbers."""

    kind: Any

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, Tensor) and x.array.dtype == cls.kind

    def __call__(cls, *data: Any) -> Any:
        if not data:
            return wrap(np.zeros(0, cls.kind))
        if all(
            isinstance(n, numbers.Integral) for n in data
        ):  # sizes; PyTorch leaves the numbers open, here they are zeros
            return wrap(np.zeros(data, cls.kind))
        return wrap(np.array(plain(data[0]), cls.kind))


def _old(name: str, kind: str) -> Any:
    return _OldType(name, (), {"kind": np.dtype(kind), "__doc__": f"The old constructor of {kind} tensors."})


globals().update({name: _old(name, kind) for name, kind in OLD_TYPES.items()})


def Variable(data: Any, requires_grad: bool = False, volatile: bool = False) -> Tensor:  # noqa: N802
    """What tensors were wrapped in before 2018: the same memory, outside of any graph."""
    return data.detach().requires_grad_(requires_grad)


def finfo(dtype: Any) -> Any:
    """What a floating dtype can hold: max, min, eps, tiny."""
    return np.finfo(np.dtype(dtype))


def iinfo(dtype: Any) -> Any:
    """What an integer dtype can hold: max, min."""
    return np.iinfo(np.dtype(dtype))


class memory_format:  # noqa: N801
    """How numbers lie in memory: accepted, and without effect."""


contiguous_format = channels_last = preserve_format = memory_format()
strided = memory_format()
newaxis = None
int, short = int32, int16  # noqa: A001
e = np.e

__all__ = [  # noqa: PLE0604
    *OLD_TYPES, "Size", "Variable", "channels_last", "contiguous_format", "e", "finfo", "iinfo", "int", "memory_format",
    "newaxis", "preserve_format", "short", "strided",
]  # fmt: skip
