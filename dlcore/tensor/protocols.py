"""What lets Python and NumPy treat a tensor as a number or an array, and the ways out of tensors."""

from typing import Any

import numpy as np

from dlcore import ops
from dlcore.cuda import device
from dlcore.dtypes import KINDS, dtype
from dlcore.shapes import DtypeError, Size


def plain(x: Any) -> Any:
    """The array inside a tensor, at any place inside an index; anything else as it is."""
    if isinstance(x, Numbers):
        return x.array  # type: ignore[attr-defined]
    if isinstance(x, tuple):
        return tuple([plain(part) for part in x])
    return x


def as_array(x: Any) -> Any:
    """The array inside a tensor, an array as it is, or what else there is as an array."""
    x = plain(x)
    return x if isinstance(x, np.ndarray) else np.asarray(x)


def truth(where: str, mask: Any) -> Any:
    """The array of a mask, which holds booleans."""
    array = as_array(mask)
    if array.dtype != bool:
        raise DtypeError(f"{where}: a mask should hold booleans, but got {array.dtype}. Write mask == 1.")
    return array


def along(where: str, x: Any, dim: Any) -> Any:
    """dim, if it is one of the axes of x; along a single number one cannot go."""
    n = x.array.ndim
    if not n:
        raise IndexError(f"{where}: dim={dim} is no axis of a single number, shape (); x.unsqueeze(0) gives it one")
    if not -n <= dim < n:
        raise IndexError(f"{where}: dim={dim} is no axis of shape {x.array.shape}: expected {-n} … {n - 1}.")
    return dim


class Sizes:
    """What a tensor says of itself."""

    __slots__ = ()
    array: Any

    @property
    def data(self):
        """The same numbers in the same memory as a tensor outside of any graph; assigning takes over another's."""
        return self.wrap(self.array)

    @data.setter
    def data(self, new):
        self.array = as_array(new)

    @property
    def shape(self):
        return Size(self.array.shape)

    @property
    def dtype(self):
        return KINDS.get(self.array.dtype) or dtype(self.array.dtype)

    @property
    def ndim(self):
        return self.array.ndim

    @property
    def T(self):  # noqa: N802
        return self.permute(*range(self.array.ndim)[::-1])

    @property
    def mT(self):  # noqa: N802
        return self.transpose(-1, -2)

    @property
    def device(self):
        return device("cpu")

    def size(self, dim=None):
        return Size(self.array.shape) if dim is None else self.array.shape[dim]

    def dim(self):
        return self.array.ndim

    def numel(self):
        return self.array.size

    def is_floating_point(self):
        return self.array.dtype.kind == "f"


#: Which method of the tensor answers when an array stands on the left of the sign.
REFLECTED = {
    np.add: "__radd__", np.subtract: "__rsub__", np.multiply: "__rmul__", np.true_divide: "__rtruediv__",
    np.power: "__rpow__", np.matmul: "__rmatmul__", np.equal: "__eq__", np.not_equal: "__ne__",
    np.less: "__gt__", np.less_equal: "__ge__", np.greater: "__lt__", np.greater_equal: "__le__",
}  # fmt: skip


class Numbers:
    """Standing in for a number or an array."""

    __slots__ = ()

    def __array__(self, dtype=None, copy=None):
        return np.array(self.numpy(), dtype, copy=copy)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        """array + tensor is a tensor; np.exp(tensor) and array -= tensor are NumPy's business, on plain arrays."""
        if ufunc in REFLECTED and not options and isinstance(inputs[1], Numbers) and not isinstance(inputs[0], Numbers):
            return getattr(inputs[1], REFLECTED[ufunc])(inputs[0])
        return getattr(ufunc, method)(*[x.numpy() if isinstance(x, Numbers) else x for x in inputs], **options)

    def __bool__(self):
        return bool(self.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        return self.array.__index__()

    def __format__(self, spec):
        if spec and self.array.ndim:
            raise TypeError(f"format: {spec!r} is for one number, but this has shape {self.array.shape}: x.tolist()")
        return repr(self) if self.array.ndim else format(self.array.item(), spec)


def asked_dtype(*asked: Any) -> Any:
    """What `x.to(…)` asks for: the dtype among a device, a dtype, another tensor; None if there is none.

    >>> asked_dtype("cpu", float)
    <class 'float'>
    """
    dtype = None
    for one in asked:
        if isinstance(one, str):
            device(one)
        elif one is not None:
            dtype = one.dtype if hasattr(one, "requires_grad") else one
    return dtype


class Conversions:
    """Out of tensors and between dtypes."""

    __slots__ = ()

    def to(self, dtype=None, *more, device=None, **_):
        """This tensor in another dtype, or in that of another tensor. A device must be "cpu", and changes nothing."""
        if more or device or isinstance(dtype, str | Numbers):
            dtype = asked_dtype(dtype, *more, device)
        if dtype is None or self.array.dtype == dtype:
            return self
        if np.dtype(dtype).kind != "f":
            return self.wrap(self.array.astype(dtype))
        return self.apply(ops.cast, self, dtype=dtype)

    def float(self):
        return self.to(np.float32)

    def double(self):
        return self.to(np.float64)

    def long(self):
        return self.to(np.int64)

    def int(self):
        return self.to(np.int32)

    def bool(self):
        return self.to(np.bool_)

    def item(self):
        if self.array.size != 1:
            raise RuntimeError(f"item: expected a tensor with one element, but got shape {self.array.shape}")
        return self.array.item()

    def tolist(self):
        return self.array.tolist()

    def numpy(self):
        if self.requires_grad:
            raise RuntimeError("numpy: this tensor requires grad; use x.detach().numpy()")
        return self.array

    def cpu(self):
        return self

    def contiguous(self):
        """The same numbers, row after row in memory."""
        return self if self.array.flags.c_contiguous else self.reshape(-1).reshape(self.array.shape)

    def clone(self):
        return self.apply(ops.add, self, 0) if self.requires_grad else self.wrap(self.array.copy())

    def detach(self):
        return self.wrap(self.array)
