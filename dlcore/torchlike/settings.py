"""Switches of PyTorch: those that change nothing here are accepted, those that would are refused."""

import os
from contextlib import ContextDecorator
from typing import Any

import numpy as np

from dlcore import cuda, printing
from dlcore.dtypes import KINDS, Default
from dlcore.rng import default_generator

__version__ = "2.0.0 (dlcore)"


def set_printoptions(
    precision: Any = None,
    threshold: Any = None,
    edgeitems: Any = None,
    linewidth: Any = None,
    profile: Any = None,
    sci_mode: Any = None,
) -> None:
    """How tensors are printed: digits after the point, how many numbers in full, characters a line."""
    profiles = {"default": (4, 1000, 3), "short": (2, 1000, 2), "full": (4, 2**62, 3)}
    if profile is not None:
        printing.OPTIONS.update(zip(("precision", "threshold", "edgeitems"), profiles[profile], strict=True))
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    printing.OPTIONS.update({name: value for name, value in given.items() if value is not None}, sci_mode=sci_mode)


def set_default_device(device: Any) -> None:
    """Accept "cpu"."""
    cuda.device(str(device))


def get_default_device() -> Any:
    """The processor."""
    return cuda.device("cpu")


def set_default_dtype(dtype: Any) -> None:
    """Choose the floats that are made from here on: float32, which is the default, or float64."""
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise RuntimeError(f"set_default_dtype: expected float32 or float64, but got {dtype}. Write x.to({dtype}).")
    Default.dtype = printing.OPTIONS["floats"] = np.dtype(dtype)


def get_default_dtype() -> Any:
    """float32, unless a script has chosen float64."""
    return KINDS[Default.dtype]


def use_deterministic_algorithms(mode: bool, warn_only: bool = False) -> None:
    """Nothing to do: the same seed gives the same numbers always."""


def are_deterministic_algorithms_enabled() -> bool:
    """Yes."""
    return True


def set_num_threads(n: int) -> None:
    """Nothing to do: the number of threads is NumPy's, set by OPENBLAS_NUM_THREADS before it is loaded."""


def set_num_interop_threads(n: int) -> None:
    """Nothing to do either."""


def get_num_threads() -> int:
    """As many as NumPy was allowed."""
    return int(os.environ.get("OPENBLAS_NUM_THREADS") or os.cpu_count() or 1)


def set_float32_matmul_precision(precision: str) -> None:
    """Nothing to do: products are exact float32."""


def set_flush_denormal(mode: bool) -> bool:
    """Not possible, which PyTorch says by False too."""
    return False


def set_warn_always(mode: bool) -> None:
    """Nothing to do."""


def typename(x: Any) -> str:
    """The name of a tensor's old type."""
    return x.type() if hasattr(x, "nelement") else type(x).__name__


def is_inference_mode_enabled() -> bool:
    """Never: inference_mode is no_grad here."""
    return False


class set_detect_anomaly(ContextDecorator):  # noqa: N801
    """Accepted: look for NaN with isnan, step by step."""

    def __init__(self, mode: bool = True, check_nan: bool = True) -> None:
        self.mode = mode

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, *exc: object) -> None:
        """Nothing to do."""


detect_anomaly = set_detect_anomaly


def fork_rng(*_: Any, **__: Any) -> Any:
    """A `with` block after which the default generator stands where it stood before."""
    return _Forked()


class _Forked(ContextDecorator):
    def __enter__(self) -> None:
        self.before = default_generator.get_state()

    def __exit__(self, *exc: object) -> None:
        default_generator.set_state(self.before)


__all__ = [
    "__version__", "are_deterministic_algorithms_enabled", "detect_anomaly", "fork_rng",
    "get_default_device", "get_default_dtype", "get_num_threads", "is_inference_mode_enabled", "set_default_device",
    "set_default_dtype", "set_detect_anomaly", "set_float32_matmul_precision", "set_flush_denormal",
    "set_num_interop_threads", "set_num_threads", "set_printoptions", "set_warn_always", "typename",
    "use_deterministic_algorithms",
]  # fmt: skip
