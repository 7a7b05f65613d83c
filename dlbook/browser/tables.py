"""scikit-learn's five tables without scikit-learn: 0.14 MB where the library would be 18."""

import sys
import types
from pathlib import Path

import numpy as np

NAMES = ("digits", "iris", "wine", "breast_cancer", "diabetes")
FILE = Path(__file__).parent / "tables.npz"


def write(path):
    """At build time: put the tables of scikit-learn into one file."""
    from sklearn import datasets

    kept = {}
    for name in NAMES:
        bunch = getattr(datasets, f"load_{name}")(**{"scaled": False} if name == "diabetes" else {})
        kept[f"{name} data"] = bunch.data.astype(np.uint8) if name == "digits" else bunch.data
        kept[f"{name} target"] = bunch.target.astype(np.int16)
        for key in ("feature_names", "target_names"):
            if key in bunch:
                kept[f"{name} {key}"] = np.array([str(one) for one in bunch[key]])
    np.savez_compressed(path, **kept)


class Bunch(dict):
    """A table whose parts are also attributes, as scikit-learn's."""

    __getattr__ = dict.__getitem__


def load(name, *, return_X_y=False, scaled=True):  # noqa: N803 - scikit-learn's name
    """A table as scikit-learn's `load_<name>` gives it."""
    with np.load(FILE) as file:
        bunch = Bunch({key.split(" ", 1)[1]: file[key] for key in file.files if key.startswith(f"{name} ")})
    bunch["data"] = bunch.data.astype(float)
    bunch["target"] = bunch.target.astype(float if name == "diabetes" else np.int64)
    if name == "digits":
        bunch["images"] = bunch.data.reshape(-1, 8, 8)
        bunch["target_names"] = np.arange(10)
    if name == "diabetes":
        bunch["feature_names"] = [str(one) for one in bunch.feature_names]
        if scaled:
            centred = bunch.data - bunch.data.mean(0)
            bunch["data"] = centred / np.sqrt((centred**2).sum(0))
    return (bunch.data, bunch.target) if return_X_y else bunch


def _loader(name):
    def loader(**options):
        return load(name, **options)

    return loader


def stand_in():
    """Make `from sklearn.datasets import load_digits` work until scikit-learn itself is there."""
    if "sklearn" in sys.modules:
        return
    package, datasets = types.ModuleType("sklearn"), types.ModuleType("sklearn.datasets")
    for name in NAMES:
        setattr(datasets, f"load_{name}", _loader(name))
    package.datasets, package.__path__, package.stands_in = datasets, [], True
    sys.modules |= {"sklearn": package, "sklearn.datasets": datasets}


def step_aside():
    """Make room for scikit-learn itself."""
    if getattr(sys.modules.get("sklearn"), "stands_in", False):
        del sys.modules["sklearn"], sys.modules["sklearn.datasets"]
