"""Switches of PyTorch's optimisers: how their loops run, which changes nothing; and maximize."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from dlcore.optim.optimizer import Optimizer

LOOPS = {"foreach", "fused", "capturable", "differentiable"}


def upward(optimiser: Any) -> Callable[..., Any]:
    """A step along the gradients instead of against them: their signs are changed before it, and back after it."""
    down = optimiser.step

    def turn() -> None:
        for p in [p for memory in optimiser.memories for p in memory.params if p.grad is not None]:
            p.grad.array *= -1

    def step(closure: Any = None) -> Any:
        loss = closure() if closure else None
        turn()
        down()
        turn()
        return loss

    return step


def as_usual(begin: Callable[..., None]) -> Callable[..., None]:
    """Let an optimiser take them."""

    @wraps(begin)
    def call(self: Any, *args: Any, **named: Any) -> None:
        upwards = named.pop("maximize", False)
        begin(self, *args, **{key: value for key, value in named.items() if key not in LOOPS})
        if upwards:
            self.step = upward(self)

    return call


def teach(names: dict[str, Any]) -> None:
    """Wrap the optimisers of optim."""
    for optimiser in list(names.values()):
        if isinstance(optimiser, type) and issubclass(optimiser, Optimizer):
            optimiser.__init__ = as_usual(optimiser.__init__)  # type: ignore[method-assign]
