"""torch.backends: switches of libraries that are not here."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

deterministic, benchmark, enabled, allow_tf32 = True, False, False, False
matmul = SimpleNamespace(allow_tf32=False)


def is_available() -> bool:
    """No."""
    return False


is_built = is_available


def version() -> None:
    """None."""


def sdp_kernel(*_: Any, **__: Any) -> Any:
    """A `with` block like any other: there is one way of attention."""
    return nullcontext()


flags = sdp_kernel
enable_flash_sdp = enable_math_sdp = enable_mem_efficient_sdp = lambda enabled: None

__all__ = [
    "allow_tf32", "benchmark", "deterministic", "enable_flash_sdp", "enable_math_sdp", "enable_mem_efficient_sdp",
    "enabled", "flags", "is_available", "is_built", "matmul", "sdp_kernel", "version",
]  # fmt: skip
