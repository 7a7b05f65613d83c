"""torch.amp: mixed precision belongs to graphics cards; switched off, as on the processor, it changes nothing."""

from contextlib import ContextDecorator
from typing import Any

import numpy as np


class autocast(ContextDecorator):  # noqa: N801
    """A `with` block or decorator in which everything stays as it is, float32."""

    def __init__(self, device_type: str = "cpu", dtype: Any = None, enabled: bool = True, **_: Any) -> None:
        if enabled and dtype is not None and np.dtype(dtype) != np.float32:
            raise RuntimeError(
                f"autocast: dlcore has no mixed precision, but got dtype={dtype}. "
                "Write enabled=False, or contextlib.nullcontext() on the processor."
            )

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, *exc: object) -> None:
        """Nothing to do."""


class GradScaler:
    """What scales losses against small numbers of float16; here, and switched off, it hands everything through."""

    def __init__(self, device: str = "cpu", enabled: bool = True, **_: Any) -> None:
        self.enabled = False

    def scale(self, loss: Any) -> Any:
        """The loss."""
        return loss

    def unscale_(self, optimizer: Any) -> None:
        """Nothing to do."""

    def step(self, optimizer: Any, *args: Any) -> Any:
        """Let the optimiser make its step."""
        return optimizer.step(*args)

    def update(self, new_scale: Any = None) -> None:
        """Nothing to do."""

    def is_enabled(self) -> bool:
        """No."""
        return False

    def get_scale(self) -> float:
        """One."""
        return 1.0

    def state_dict(self) -> dict:
        """Nothing to keep."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Nothing to take over."""


__all__ = ["GradScaler", "autocast"]
