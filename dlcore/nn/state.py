"""Loading saved values into a module, all or nothing."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from dlcore.tensor import Tensor
from dlcore.tensor.graph import Writes
from dlcore.tensor.protocols import plain


class LoadedKeys(NamedTuple):
    """What `load_state_dict` could not match; both lists are empty when all went well."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"{type(self).__name__}(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


def load_state(name: str, ours: Mapping[str, Tensor], saved: Mapping[str, Any], strict: bool) -> LoadedKeys:
    """Copy the saved values into our tensors, if all of them fit; see `Module.load_state_dict`."""
    if not isinstance(saved, Mapping):
        raise TypeError(
            f"load_state_dict of {name}: expected a mapping from keys to values, got {type(saved).__name__}. "
            "For a module's values write module.state_dict()."
        )
    keys = LoadedKeys([key for key in ours if key not in saved], [key for key in saved if key not in ours])
    values = {key: np.asarray(plain(saved[key])) for key in ours if key in saved}
    faults = _faults(ours, values, keys if strict else LoadedKeys([], []))
    if faults:
        raise RuntimeError(f"load_state_dict of {name}:\n  " + "\n  ".join(faults) + "\nNothing was loaded.")
    for key, value in values.items():
        ours[key].array[...] = value
        Writes.note(ours[key].array)
    return keys


def _faults(ours: Mapping[str, Tensor], values: Mapping[str, np.ndarray], keys: LoadedKeys) -> list[str]:
    """Return a line for each value that does not fit and for each key that should, or should not, be there."""
    shapes = {key: (tuple(ours[key].shape), tuple(value.shape)) for key, value in values.items()}
    faults = [f"{key!r}: expected shape {want}, got {have}" for key, (want, have) in shapes.items() if want != have]
    faults += [f"missing key {key!r}, expected with shape {tuple(ours[key].shape)}" for key in keys.missing_keys]
    return faults + [f"unexpected key {key!r}" for key in keys.unexpected_keys]
