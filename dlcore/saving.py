"""Saving to a file what a training run must not lose: state_dicts, tensors, numbers, in any nest of dicts and lists."""

import pickle
from os import PathLike
from typing import Any, BinaryIO

from dlcore.absent import Absent

#: All that a file may ask for. A pickle can name any function of the machine and have it called when it is read.
ALLOWED = {
    ("dlcore.tensor.tensor", "Tensor"),
    ("dlcore.nn.parameter", "Parameter"),
    ("dlcore.nn.parameter", "Buffer"),
    ("collections", "OrderedDict"),
    ("copyreg", "__newobj__"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("numpy._core.numeric", "_frombuffer"),
}


class _Careful(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(
                f"load: the file asks for {module}.{name}, which is neither a tensor nor a number. If you trust its "
                "author, read it with weights_only=False: it can then run any code."
            )
        return super().find_class(module, name)


def save(obj: Any, f: str | PathLike[str] | BinaryIO) -> None:
    """Write `obj` to a file (a path, or an open file): `save(model.state_dict(), "model.pt")`.

    Twin: torch.save; each library reads its own files only.
    """
    if isinstance(f, str | PathLike):
        with open(f, "wb") as file:
            pickle.dump(obj, file)
    else:
        pickle.dump(obj, f)


def load(f: str | PathLike[str] | BinaryIO, map_location: Any = None, weights_only: bool = True) -> Any:
    """Read what `save` wrote: `model.load_state_dict(load("model.pt"))`.

    Args:
        map_location: accepted for PyTorch's sake; everything is on the processor.
        weights_only: refuse files that hold more than tensors, numbers, text, lists and dicts.

    Raises:
        UnpicklingError: if such a file asks for anything else.

    Twin: torch.load.

    >>> import io
    >>> from dlcore import tensor
    >>> file = io.BytesIO()
    >>> save({"weights": tensor([1.0, 2.0]), "epoch": 3}, file)
    >>> _ = file.seek(0)
    >>> load(file)
    {'weights': tensor([1., 2.]), 'epoch': 3}
    """
    if isinstance(f, str | PathLike):
        with open(f, "rb") as file:
            return load(file, map_location, weights_only)
    if f.read(2) == b"PK":  # a zip: PyTorch's own file of weights
        return Absent.find("dlcore", "load_pth")(f)
    f.seek(-2, 1)
    return (_Careful if weights_only else pickle.Unpickler)(f).load()
