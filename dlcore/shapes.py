"""Shapes said in letters, and errors that name the layer, the axis, what was expected and what came."""

import math
from typing import Any


class ShapeError(ValueError, RuntimeError):  # (PyTorch raises RuntimeError)
    """An array or tensor has the wrong shape. The message names where, which axis, expected, received."""


class DtypeError(TypeError, RuntimeError):
    """An array or tensor holds the wrong kind of numbers. The message names where, expected, received, what to do."""


class Size(tuple):
    """The sizes of a tensor's axes: a tuple with PyTorch's print form; so are its slices and sums.

    >>> Size([2, 3]) == (2, 3), Size([2, 3]).numel()
    (True, 6)
    """

    __slots__ = ()

    def numel(self) -> int:
        """How many numbers there are."""
        return math.prod(self)

    def __getitem__(self, index: Any) -> Any:
        part = tuple.__getitem__(self, index)
        return Size(part) if type(part) is tuple else part

    def __add__(self, other: Any) -> Any:
        return Size(tuple.__add__(self, other))

    def __reduce__(self) -> Any:  # saved as the tuple that it is
        return tuple, (tuple(self),)

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"


def need(possible: Any, where: str, sentence: str, *values: Any) -> None:
    """Raise an error that says what was expected and what came, unless the argument is possible.

    Only then are the values put into the sentence's {}: where all is well, a check costs no more than its question.
    The last value may be the kind of error, if it is not a ValueError.

    >>> need(2 > 3, "topk", "k should be at least {}, but got {}", 3, 2)
    Traceback (most recent call last):
    ValueError: topk: k should be at least 3, but got 2.
    """
    if not possible:
        error = values[-1] if values and isinstance(values[-1], type) else ValueError
        raise error(f"{where}: {sentence.format(*values)}.")


def expect_alike(where: str, **tensors: Any) -> None:
    """Check that all tensors (None and plain arrays aside) hold the same kind of numbers.

    >>> from dlcore import ones
    >>> expect_alike("matmul", x=ones(2), y=ones(2).double())
    Traceback (most recent call last):
    dlcore.shapes.DtypeError: matmul: x is float32, y is float64; expected one kind. Write y.to(dlcore.float32).
    """
    kinds = {name: x.array.dtype for name, x in tensors.items() if hasattr(x, "array")}
    if len(set(kinds.values())) > 1:
        goal = next((kind for kind in kinds.values() if kind.kind == "f"), list(kinds.values())[-1])
        odd = next(name for name, kind in kinds.items() if kind != goal)
        said = ", ".join(f"{name} is {kind}" for name, kind in kinds.items())
        raise DtypeError(f"{where}: {said}; expected one kind. Write {odd}.to(dlcore.{goal}).")


def expect(where: str, name: str, x: Any, pattern: str, hint: str = "", **sizes: int) -> dict[str, int]:
    """Check the shape of `x` against letters such as "N T D"; return the size of each letter.

    "…" at the front stands for any number of axes. A letter given in `sizes` must have that size; a letter that
    comes twice must have the same size twice; any other letter is free. A number stands for itself.

    Raises:
        ShapeError: naming `where`, `name`, the axis, what was expected, what came, and `hint`: what to do.

    >>> import numpy as np
    >>> expect("Linear", "x", np.zeros((2, 3)), "… in", **{"in": 3})
    {'in': 3}
    >>> expect("Linear", "x", np.zeros((2, 5)), "… in", **{"in": 3})
    Traceback (most recent call last):
    ...
    dlcore.shapes.ShapeError: Linear: x should have shape (…, in=3), but got (2, 5): axis 1 (in) is 5, expected 3.
    """
    letters, shape = pattern.split(), tuple(x.shape)
    free = bool(letters) and letters[0] == "…"
    axes = letters[1:] if free else letters
    known = dict(sizes)
    short = len(shape) < len(axes) if free else len(shape) != len(axes)
    if short:
        count = f"at least {len(axes)}" if free else f"{len(axes)}"
        fault = f"it has {len(shape)} {_axes(len(shape))}, expected {count}"
        raise ShapeError(_message(where, name, letters, sizes, shape, fault, hint))
    first = len(shape) - len(axes)
    for i, letter in enumerate(axes):
        size = shape[first + i]
        wanted = int(letter) if letter.isdigit() else known.setdefault(letter, size)
        if size != wanted:
            fault = f"axis {first + i} ({letter}) is {size}, expected {wanted}"
            raise ShapeError(_message(where, name, letters, sizes, shape, fault, hint))
    return known


def _axes(count: int) -> str:
    return "axis" if count == 1 else "axes"


def _message(where: str, name: str, letters: list[str], sizes: dict, shape: tuple, fault: str, hint: str) -> str:
    wanted = ", ".join(f"{letter}={sizes[letter]}" if letter in sizes else letter for letter in letters)
    wanted += "," if len(letters) == 1 and letters[0] != "…" else ""
    return f"{where}: {name} should have shape ({wanted}), but got {shape}: {fault}.{' ' + hint if hint else ''}"
