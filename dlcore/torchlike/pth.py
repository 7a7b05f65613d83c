"""Reading a `.pth` file: what torch.save wrote of weights, without PyTorch.

Such a file is a zip: a pickle of the dictionary, and beside it one plain file of numbers for each storage. The pickle
is read by the careful unpickler of dlcore.saving, which calls nothing but what makes tensors.
"""

import pickle
import zipfile
from collections import OrderedDict
from contextlib import nullcontext
from typing import Any

import numpy as np

from dlcore.nn.parameter import Parameter
from dlcore.tensor import Tensor, wrap

#: The kinds of storage, by PyTorch's names.
STORAGES = {
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1", "BoolStorage": "?",
}  # fmt: skip


def rebuilt(storage: np.ndarray, offset: int, size: tuple, stride: tuple, *_: Any) -> Tensor:
    """A tensor from its place in a storage; its numbers are copied out."""
    step = [s * storage.itemsize for s in stride]
    reach = offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True)) + 1 if all(size) else offset
    if offset < 0 or min(stride, default=0) < 0 or reach > storage.size:
        raise pickle.UnpicklingError("load: a tensor of this file lies outside of its storage; the file is damaged.")
    return wrap(np.lib.stride_tricks.as_strided(storage[offset:], size, step).copy())


def _parameter(data: Tensor, requires_grad: bool = True, *_: Any) -> Parameter:
    return Parameter(data, requires_grad)


#: All that a file of weights may ask for, and what it gets.
KNOWN = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): rebuilt,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch", "Size"): tuple,
    ("torch", "device"): lambda name, *_: name,
}


class Weights(pickle.Unpickler):
    """The pickle of such a file, with its storages."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        super().__init__(archive.open(name))
        self.archive, self.folder = archive, name.rpartition("/")[0]

    def find_class(self, module: str, name: str) -> Any:
        """Return our stand-in, or refuse."""
        if module == "torch" and name in STORAGES:
            return np.dtype(STORAGES[name])
        if (module, name) not in KNOWN:
            raise pickle.UnpicklingError(
                f"load: this file of PyTorch's asks for {module}.{name}, which is no weight. Load it with PyTorch and "
                "save the weights alone: torch.save(model.state_dict(), path)."
            )
        return KNOWN[module, name]

    def persistent_load(self, place: Any) -> np.ndarray:
        """Return the storage that a tensor lies in."""
        _, kind, key, _, count = place
        return np.frombuffer(self.archive.read(f"{self.folder}/data/{key}"), kind, count)


def load_pth(file: Any) -> Any:
    """Return what torch.save wrote into this file, a zip."""
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.endswith("data.pkl")]
        if not names:
            raise pickle.UnpicklingError("load: this zip holds no weights of PyTorch's: it has no data.pkl.")
        return Weights(archive, names[0]).load()


def safe_globals(classes: Any) -> Any:
    """A `with` block in which nothing more is allowed: what can be read here is tensors and numbers."""
    return nullcontext()


def add_safe_globals(classes: Any) -> None:
    """Nothing more is allowed."""


__all__ = ["add_safe_globals", "load_pth", "safe_globals"]
