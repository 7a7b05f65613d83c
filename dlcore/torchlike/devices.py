"""Questions about graphics cards and other accelerators, answered truthfully: there is none."""

import time
from contextlib import nullcontext
from typing import Any


def device_count() -> int:
    """None."""
    return 0


def is_initialized() -> bool:
    """No."""
    return False


is_bf16_supported = is_built = is_initialized


def current_accelerator(check_available: bool = False) -> None:
    """None."""


def manual_seed_all(seed: int) -> None:
    """There is nothing to be seeded but the processor's generator: dlcore.manual_seed."""


manual_seed = manual_seed_all


def empty_cache() -> None:
    """There is nothing to be emptied."""


def synchronize(device: Any = None) -> None:
    """There is nobody to wait for."""


def set_device(device: Any) -> None:
    """There is nothing to choose from."""


set_device_idx = set_device_index = set_device


def memory_allocated(device: Any = None) -> int:
    """No byte of a card's memory."""
    return 0


max_memory_allocated = memory_reserved = max_memory_reserved = memory_allocated
reset_peak_memory_stats = synchronize


def _no_card(*_: Any) -> Any:
    raise RuntimeError(
        "dlcore computes on the processor only: there is no graphics card to ask for. Use is_available()."
    )


current_device = get_device_name = get_device_properties = get_device_capability = _no_card


def stream(_: Any) -> Any:
    """A `with` block like any other."""
    return nullcontext()


class Event:
    """A moment on the clock."""

    def __init__(self, enable_timing: bool = False) -> None:
        self.at = 0.0

    def record(self) -> None:
        """Look at the clock."""
        self.at = time.perf_counter()

    def elapsed_time(self, end: "Event") -> float:
        """Milliseconds until another moment."""
        return 1000 * (end.at - self.at)


def is_available() -> bool:
    """No."""
    return False


cuda = hip = None  # torch.version.cuda

__all__ = [
    "Event", "cuda", "current_accelerator", "current_device", "device_count", "empty_cache",
    "get_device_capability", "get_device_name", "get_device_properties", "hip", "is_available", "is_bf16_supported",
    "is_built", "is_initialized", "manual_seed", "manual_seed_all", "max_memory_allocated", "max_memory_reserved",
    "memory_allocated", "memory_reserved", "reset_peak_memory_stats", "set_device", "set_device_idx",
    "set_device_index", "stream", "synchronize",
]  # fmt: skip
