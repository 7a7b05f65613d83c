"""The kinds of numbers that a tensor can hold, under PyTorch's names."""

from typing import Any

import numpy as np


class dtype:  # noqa: N801
    """A kind of number: its NumPy dtype (which NumPy asks for by this very name), and a print form like PyTorch's.

    >>> import dlcore
    >>> dlcore.zeros(2).dtype, dlcore.float32 == np.float32, np.zeros(2, dlcore.int64).dtype
    (torch.float32, True, dtype('int64'))
    """

    __slots__ = ("dtype",)

    def __init__(self, kind: Any) -> None:
        self.dtype = np.dtype(kind)

    def __repr__(self) -> str:
        return f"torch.{self.dtype.name}"

    def __eq__(self, other: object) -> Any:
        if other is None:  # which NumPy would take for float64
            return False
        return self.dtype == (other.dtype if isinstance(other, dtype) else other)

    def __hash__(self) -> int:
        return hash(self.dtype)


float32, float64, float16 = dtype("float32"), dtype("float64"), dtype("float16")
int64, int32, int16, int8, uint8 = dtype("int64"), dtype("int32"), dtype("int16"), dtype("int8"), dtype("uint8")
bool = dtype("bool")  # noqa: A001


class Default:
    """The kind of floats that is made where nobody says which; PyTorch's set_default_dtype changes it."""

    dtype = np.dtype(np.float32)


def usual(array: np.ndarray) -> np.ndarray:
    """An array of Python's own numbers, or of NumPy's own indices, in the dtype that PyTorch has for them.

    Floats get the default dtype, integers 64 bits: NumPy's own integers are narrower where addresses are.
    """
    if array.dtype == np.int_:
        return array.astype(np.int64, copy=False)
    return array.astype(Default.dtype) if array.dtype == np.float64 else array


#: By NumPy's dtype.
KINDS = {kind.dtype: kind for kind in (float32, float64, float16, int64, int32, int16, int8, uint8, bool)}
