"""Early stopping: keep the best model, give up when it has not been beaten for a while."""

from __future__ import annotations

import copy
from typing import Any


class EarlyStopping:
    """Tells when the validation loss has stopped falling, and remembers the best model.

    Args:
        patience: how many checks without improvement are endured.
        min_delta: by how much a value must beat the best one to count as better.
        mode: "min" for a loss, "max" for an accuracy.

    Raises:
        ValueError: if patience is below 1, min_delta is negative or mode is neither.

    Source: Prechelt (1998), Early Stopping — But When?

    >>> stop = EarlyStopping(patience=2)
    >>> [stop(value) for value in (1.0, 0.8, 0.9, 0.85)]
    [False, False, False, True]
    >>> stop.best, stop.best_check
    (0.8, 1)
    """

    def __init__(self, patience: int = 5, min_delta: float = 0.0, mode: str = "min") -> None:
        if patience < 1 or min_delta < 0 or mode not in ("min", "max"):
            raise ValueError(
                'EarlyStopping: expected patience >= 1, min_delta >= 0 and mode "min" or "max"; '
                f"got {patience!r}, {min_delta!r}, {mode!r}."
            )
        self.patience, self.min_delta, self.sign = patience, min_delta, 1 if mode == "min" else -1
        self.best = self.sign * float("inf")
        self.checks, self.best_check = 0, -1
        self.state: dict[str, Any] | None = None

    def __call__(self, value: float, model: Any = None) -> bool:
        """Note one more value, and the model's state if it is the best so far; True means stop. NaN is never better."""
        if self.sign * (self.best - value) > self.min_delta:
            self.best, self.best_check = float(value), self.checks
            self.state = copy.deepcopy(dict(model.state_dict())) if model is not None else None
        self.checks += 1
        return self.checks - 1 - self.best_check >= self.patience

    def restore(self, model: Any) -> None:
        """Put the best state back into the model; RuntimeError if none was kept."""
        if self.state is None:
            raise RuntimeError("EarlyStopping.restore: no state was kept; call stop(value, model) with the model.")
        model.load_state_dict(self.state)
