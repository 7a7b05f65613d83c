"""What lets Python and NumPy treat a tensor as a number or an array, and the ways out of tensors."""

from typing import Any

import numpy as np

from dlcore import ops
from dlcore.cuda import device


def plain(x: Any) -> Any:
    """The array inside a tensor, at any place inside an index; anything else as it is."""
    if isinstance(x, Numbers):
        return x.data  # type: ignore[attr-defined]
    if isinstance(x, tuple):
        return tuple([plain(part) for part in x])
    return x


def along(where: str, x: Any, dim: Any) -> Any:
    """dim, unless x is a single number, along which one cannot go."""
    if not x.data.ndim:
        raise IndexError(f"{where}: dim={dim} is no axis of a single number, shape (); x.unsqueeze(0) gives it one")
    return dim


class Sizes:
    """What a tensor says of itself."""

    __slots__ = ()
    data: Any

    @property
    def shape(self):
        return self.data.shape

    @property
    def dtype(self):
        return self.data.dtype

    @property
    def ndim(self):
        return self.data.ndim

    @property
    def T(self):  # noqa: N802
        return self.permute(*range(self.data.ndim)[::-1])

    @property
    def mT(self):  # noqa: N802
        return self.transpose(-1, -2)

    @property
    def device(self):
        return device("cpu")

    def size(self, dim=None):
        return self.data.shape if dim is None else self.data.shape[dim]

    def dim(self):
        return self.data.ndim

    def numel(self):
        return self.data.size

    def is_floating_point(self):
        return self.data.dtype.kind == "f"


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
        return self.data.__index__()

    def __format__(self, spec):
        return format(self.item(), spec) if spec else repr(self)


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


class Likeness:
    """In the dtype of another tensor, or another tensor in this dtype."""

    __slots__ = ()

    def half(self):
        return self.to(np.float16)

    def type_as(self, other):
        return self.to(other)

    def new_zeros(self, *size):
        return self.new_full(size, 0)

    def new_ones(self, *size):
        return self.new_full(size, 1)

    def new_full(self, size, fill_value):
        size = size[0] if len(size) == 1 and not isinstance(size[0], int) else size  # new_zeros((2, 3))
        return self.wrap(np.full(size, fill_value, self.data.dtype))

    def new_tensor(self, data):
        return self.wrap(np.array(plain(data), self.data.dtype))


class Conversions(Likeness):
    """Out of tensors and between dtypes."""

    __slots__ = ()

    def to(self, dtype=None, *more, device=None, **_):
        """This tensor in another dtype, or in that of another tensor. A device must be "cpu", and changes nothing."""
        if more or device or isinstance(dtype, str | Numbers):
            dtype = asked_dtype(dtype, *more, device)
        if dtype is None or self.data.dtype == dtype:
            return self
        if np.dtype(dtype).kind != "f":
            return self.wrap(self.data.astype(dtype))
        return self.apply(ops.cast, self, dtype=dtype)

    type = to

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
        if self.data.size != 1:
            raise RuntimeError(f"item: expected a tensor with one element, but got shape {self.data.shape}")
        return self.data.item()

    def tolist(self):
        return self.data.tolist()

    def numpy(self):
        if self.requires_grad:
            raise RuntimeError("numpy: this tensor requires grad; use x.detach().numpy()")
        return self.data

    def cpu(self):
        return self

    contiguous = cpu

    def clone(self):
        return self.apply(ops.add, self, 0) if self.requires_grad else self.wrap(self.data.copy())

    def detach(self):
        return self.wrap(self.data)
