"""What a layer is given, checked at its door, so that a mistake is named where it is made."""

from typing import Any

import numpy as np

from dlcore.shapes import DtypeError, expect
from dlcore.tensor import Tensor

SEQUENCE = "Axes are batch, channels, time."
IMAGE = "Axes are batch, channels, height, width."


def check_input(
    where: str, name: str, x: Any, pattern: str, weight: Tensor | None = None, hint: str = "", **sizes: int
) -> None:
    """Raise an error unless x is a tensor of this shape (see dlcore.shapes.expect) and of the weights' dtype.

    >>> import dlcore
    >>> check_input("Linear", "x", dlcore.ones(2, dtype=dlcore.float64), "… in", dlcore.ones(1))
    Traceback (most recent call last):
    dlcore.shapes.DtypeError: Linear: x is float64, but the weights are float32. Write ...
    """
    if not isinstance(x, (Tensor, np.ndarray)):
        raise TypeError(f"{where}: {name} should be a tensor, but got {type(x).__name__}. Write dlcore.tensor({name}).")
    expect(where, name, x, pattern, hint, **sizes)
    if weight is not None and x.dtype != weight.dtype:
        kind = weight.array.dtype
        raise DtypeError(
            f"{where}: {name} is {np.dtype(x.dtype)}, but the weights are {kind}. "
            f"Write {name}.to(dlcore.{kind}), or change the module."
        )
