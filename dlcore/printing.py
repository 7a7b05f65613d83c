"""How a tensor is printed: as PyTorch prints it, so that what a reader sees can be compared.

>>> print(tensor_text(np.array([[0.5, 1.25], [-10.0, np.nan]], np.float32), ["requires_grad=True"]))
tensor([[  0.5000,   1.2500],
        [-10.0000,      nan]], requires_grad=True)
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

#: Digits after the point; how many numbers are still printed in full, and how many at each edge of more; characters a
#: line; whether numbers are written as 1.0e+00 (None: where it helps); the floats whose kind is not named.
OPTIONS: dict[str, Any] = {
    "precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None, "floats": np.float32,
}  # fmt: skip


def tensor_text(x: np.ndarray, notes: list[str]) -> str:
    """`tensor(…)` with the numbers of x; then its size and dtype, where they cannot be seen; then the notes."""
    usual = (OPTIONS["floats"], np.int64, np.bool_) if x.size else (OPTIONS["floats"],)
    size = [] if x.size or x.ndim == 1 else [f"size={x.shape}"]
    notes = [*size, *([] if x.dtype in usual else [f"dtype=torch.{x.dtype.name}"]), *notes]
    much = x.size > OPTIONS["threshold"]
    text = "tensor(" + (_rows(x, 7, much, *_form(_edges(x) if much else x)) if x.size else "[]")
    end = len(text) - text.rfind("\n") + 1
    for note in notes:
        fits = end + len(note) + 2 <= OPTIONS["linewidth"]
        text += f", {note}" if fits else f",\n       {note}"
        end = end + len(note) + 2 if fits else 7 + len(note)
    return f"{text})"


def _ends(n: int) -> list[int]:
    """Which of n rows are printed when there are too many numbers: the first and the last."""
    edge = OPTIONS["edgeitems"]
    return [*range(edge), *range(n - edge, n)] if n > 2 * edge else [*range(n)]


def _edges(x: np.ndarray) -> np.ndarray:
    return x[np.ix_(*map(_ends, x.shape))]


def _form(x: np.ndarray) -> tuple[Callable[[Any], str], int]:
    """How each number is written, and how wide the widest gets."""
    flat, digits = x.reshape(-1), OPTIONS["precision"]
    if x.dtype.kind != "f":
        return str, max(len(str(value)) for value in flat.tolist())
    flat = flat[np.isfinite(flat) & (flat != 0)]
    if not flat.size:
        return _whole, 1
    size = np.abs(flat.astype(np.float64))
    scientific = OPTIONS["sci_mode"]
    if scientific is None:
        scientific = size.max() / size.min() > 1000 or size.max() > 1e8 or size.min() < 1e-4
    form: Callable[[Any], str] = f"{{:.{digits}e}}".format if scientific else f"{{:.{digits}f}}".format
    if not scientific and (flat == np.ceil(flat)).all():
        form = _whole
    return form, max(len(form(value)) for value in flat.tolist())


def _whole(value: float) -> str:
    return f"{value:.0f}." if math.isfinite(value) else f"{value:.0f}"


def _rows(x: np.ndarray, indent: int, much: bool, form: Callable[[Any], str], width: int) -> str:
    """The numbers of x within brackets, line by line."""
    if not x.ndim:
        return form(x.item()).rjust(width)
    some = _ends(len(x)) if much else range(len(x))
    if x.ndim == 1:
        parts = [form(value).rjust(width) for value in x[some].tolist()]
    else:
        parts = [_rows(x[i], indent + 1, much, form, width) for i in some]
    if len(parts) < len(x):
        parts.insert(OPTIONS["edgeitems"], " ..." if x.ndim == 1 else "...")
    if x.ndim > 1:
        return "[" + ("," + "\n" * (x.ndim - 1) + " " * (indent + 1)).join(parts) + "]"
    n = max(1, (OPTIONS["linewidth"] - indent) // (width + 2))
    lines = [", ".join(parts[i : i + n]) for i in range(0, len(parts), n)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


#: Steps of a graph whose name in PyTorch is not that of our rule. (Here `max` and `amax` are one rule.)
STEPS = {
    "amax": "MaxBackward1", "amin": "MinBackward1", "avg_pool2d": "AvgPool2D", "bce": "BinaryCrossEntropy",
    "batch_norm": "NativeBatchNorm", "bce_with_logits": "BinaryCrossEntropyWithLogits", "broadcast_to": "Expand",
    "cast": "ToCopy", "clamp": "ClampBackward1", "conv2d": "Convolution", "conv_transpose2d": "Convolution",
    "cross_entropy": "NllLoss", "dropout": "Mul", "getitem": "Select", "huber": "HuberLoss",
    "layer_norm": "NativeLayerNorm", "linear": "Addmm", "matmul": "Mm", "max_pool2d": "MaxPool2DWithIndices",
    "mse": "MseLoss", "nll": "NllLoss", "norm": "LinalgVectorNorm", "pad": "ConstantPadNd", "reshape": "View",
    "setitem": "CopySlices", "square": "Pow", "swapaxes": "Transpose", "transpose": "Permute", "xlogx": "Xlogy",
}  # fmt: skip

#: Steps that PyTorch names by how many axes the value has: none, 1, 2, more.
BY_AXES = {
    "sum": ("Sum", "SumBackward1", "SumBackward1", "SumBackward1"), "matmul": ("Dot", "Mv", "Mm", "UnsafeView"),
    "mean": ("Mean", "MeanBackward1", "MeanBackward1", "MeanBackward1"), "linear": ("Addmm", "View", "Addmm", "View"),
}  # fmt: skip


def step_name(rule: str, shape: Any = None) -> str:
    """What PyTorch calls a step of a graph, whose value has this shape.

    >>> step_name("log_softmax"), step_name("matmul")
    ('LogSoftmaxBackward0', 'MmBackward0')
    """
    name = rule if rule.endswith(("Backward0", "Backward1")) else STEPS.get(rule) or rule.title().replace("_", "")
    if rule in BY_AXES and shape is not None:
        name = BY_AXES[rule][min(len(shape), 3)]
    return name if "Backward" in name or name == "CopySlices" else f"{name}Backward0"
