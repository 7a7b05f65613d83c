"""Switches of PyTorch's optimisers: how their loops run, which changes nothing; and maximize, which is refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from dlcore.optim.optimizer import Optimizer

LOOPS = {"foreach", "fused", "capturable", "differentiable"}


def as_usual(begin: Callable[..., None]) -> Callable[..., None]:
    """Let an optimiser take them."""

    @wraps(begin)
    def call(self: Any, *args: Any, **named: Any) -> None:
        if named.pop("maximize", False):
            raise ValueError(f"{type(self).__name__}: maximize is not there; minimise -loss.")
        begin(self, *args, **{key: value for key, value in named.items() if key not in LOOPS})

    return call


def teach(names: dict[str, Any]) -> None:
    """Wrap the optimisers of optim."""
    for optimiser in list(names.values()):
        if isinstance(optimiser, type) and issubclass(optimiser, Optimizer):
            optimiser.__init__ = as_usual(optimiser.__init__)  # type: ignore[method-assign]
