"""What went wrong in a rule, said in the words of whoever called it: which shapes, which axis, what to do.

NumPy's own messages speak of operands, core dimensions and gufunc signatures. Nothing here runs unless a rule failed.
"""

import math
from typing import Any

import numpy as np

from dlcore.shapes import DtypeError, ShapeError
from dlcore.tensor.protocols import plain


def explain(rule: str, inputs: Any, options: dict, error: Exception) -> Exception | None:
    """The error to raise in place of NumPy's; None if the rule has checked for itself and said what is wrong.

    >>> import numpy as np
    >>> print(explain("matmul", [np.ones((2, 3)), np.ones((2, 3))], {}, ValueError()))
    matmul: (2, 3) @ (2, 3): the last axis of the first is 3, axis -2 of the second is 2; they must be equal.
    Transpose one of them: x.transpose(-1, -2).
    """
    shapes = [tuple(x.shape) for x in inputs if hasattr(x, "shape")]
    said = str(error)
    if rule == "matmul" and len(shapes) == 2:
        said = _product(*shapes)
    elif said.startswith(f"{rule}:"):
        return None
    elif isinstance(error, TypeError):
        kinds = " and ".join(str(np.asarray(plain(x)).dtype) for x in inputs)
        about = "logic is for booleans and integers, arithmetic for numbers. Convert first: x.bool(), x.float()"
        return DtypeError(f"{rule}: not possible for {kinds}; {about}.") if _of_numpy(said) else None
    elif isinstance(error, IndexError) and "axis" in options and rule != "gather":
        n = len(shapes[0]) + (rule == "stack")  # which makes one more
        said = f"dim={options['axis']} is no axis of shape {shapes[0]}: expected {-n} … {n - 1}"
    elif rule == "reshape":
        said = _reshape(shapes[0], options["shape"])
    elif rule == "cat":
        said = _cat(shapes, options["axis"])
    elif rule == "einsum":
        said = _letters(shapes, options["equation"]) or said
    elif "broadcast" in said:
        said = _broadcast(shapes) or _expand(shapes, options) or said
    if said == str(error) and shapes:
        of = "shape is" if len(shapes) == 1 else "shapes are"
        said = f"{said.rstrip('. ')}; the {of} {' and '.join(map(str, shapes))}."
    kind = IndexError if isinstance(error, IndexError) else ShapeError
    return kind(f"{rule}: {said}")


def _of_numpy(said: str) -> bool:
    return said.startswith("ufunc") or "numpy boolean" in said


def _product(a: tuple, b: tuple) -> str:
    if not a or not b:
        return f"{a} @ {b}: a product needs at least one axis on each side; use * for numbers."
    inner = -2 if len(b) > 1 else -1
    if a[-1] == b[inner]:
        return f"{a} @ {b}: {_broadcast([a[:-2], b[:-2]])}"
    return (
        f"{a} @ {b}: the last axis of the first is {a[-1]}, axis {inner} of the second is {b[inner]}; they must be "
        "equal. Transpose one of them: x.transpose(-1, -2)."
    )


def _reshape(shape: tuple, wanted: Any) -> str:
    have, want = math.prod(shape), tuple(wanted)
    count = "which leaves no whole size for -1" if -1 in want else f"which has {math.prod(want)}"
    return f"{shape} has {have} numbers and cannot become {want}, {count}. Give one size as -1 to have it computed."


def _cat(shapes: list, axis: int) -> str:
    of = ", ".join(map(str, shapes))
    return f"along dim={axis} all other axes must agree, but the shapes are {of}. Reshape or cut the odd one."


def _letters(shapes: list, equation: str) -> str:
    sizes: dict[str, int] = {}
    for letters, shape in zip(equation.replace(" ", "").partition("->")[0].split(","), shapes, strict=False):
        if len(letters) != len(shape):
            return f"{equation!r}: {letters!r} names {len(letters)} axes, but the shape is {shape}."
        for letter, size in zip(letters, shape, strict=True):
            if sizes.setdefault(letter, size) != size:
                return f"{equation!r}: the axis {letter} is {sizes[letter]} in one tensor and {size} in another."
    return ""


def _broadcast(shapes: list) -> str:
    for i, a in enumerate(shapes):
        for b in shapes[i + 1 :]:
            for back in range(1, min(len(a), len(b)) + 1):
                if a[-back] != b[-back] and 1 not in (a[-back], b[-back]):
                    return (
                        f"shapes {a} and {b} do not fit: axis -{back} is {a[-back]} in one, {b[-back]} in the other. "
                        "Sizes must be equal, or one of them 1: x.unsqueeze(dim) adds an axis of size 1, "
                        "x.reshape(…) and x.transpose(…) change the order."
                    )
    return ""


def _expand(shapes: list, options: dict) -> str:
    if "shape" in options:
        return f"{shapes[0]} cannot be stretched to {tuple(options['shape'])}: only axes of size 1 can."
    return _broadcast([*shapes, options["condition"].shape]) if "condition" in options else ""
