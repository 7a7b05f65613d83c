"""What PyTorch's schedules take beside ours: the epoch to go on from, a pause after each reduction."""

import math
from collections.abc import Callable
from functools import wraps
from typing import Any

from dlcore.optim.lr_scheduler import LRScheduler


def going_on(begin: Callable[..., None]) -> Callable[..., None]:
    """Let a schedule take last_epoch, by its name or behind all that it takes; verbose changes nothing."""
    most = begin.__code__.co_argcount - 1

    @wraps(begin)
    def call(self: Any, *args: Any, **named: Any) -> None:
        last = named.pop("last_epoch", args[most] if len(args) > most else -1)
        named.pop("verbose", None)
        begin(self, *args[:most], **named)
        if last != -1:
            self.last_epoch = last
            self.step()

    return call


def with_pauses(schedule: Any) -> None:
    """Let ReduceLROnPlateau take PyTorch's arguments in their order, and be saved."""
    begin, go = schedule.__init__, schedule.step

    @wraps(begin)
    def call(
        self: Any, optimizer: Any, mode: str = "min", factor: float = 0.1, patience: int = 10, threshold: float = 1e-4,
        threshold_mode: str = "rel", cooldown: int = 0, min_lr: float = 0.0, eps: float = 0, verbose: Any = None,
    ) -> None:  # fmt: skip
        if threshold_mode != "rel":
            raise ValueError(f'ReduceLROnPlateau: threshold_mode should be "rel" here, but got {threshold_mode!r}.')
        begin(self, optimizer, mode, factor, patience, threshold, min_lr)
        self.cooldown, self.cooldown_counter = cooldown, 0

    @wraps(go)
    def step(self: Any, metrics: Any, epoch: Any = None) -> None:
        bad, best, patience = self.num_bad_epochs, self.best, self.patience
        if not self.cooldown_counter:
            go(self, metrics)
            if bad == patience and best == self.best:  # reduced just now
                self.cooldown_counter = self.cooldown
            return
        self.patience = math.inf
        go(self, metrics)
        self.patience, self.num_bad_epochs, self.cooldown_counter = patience, 0, self.cooldown_counter - 1

    def state_dict(self: Any) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    schedule.__init__, schedule.step, schedule.state_dict = call, step, state_dict
    schedule.load_state_dict = lambda self, state_dict: self.__dict__.update(state_dict)


def teach(names: dict[str, Any]) -> None:
    """Wrap the schedules of lr_scheduler."""
    for schedule in list(names.values()):
        if isinstance(schedule, type) and issubclass(schedule, LRScheduler) and "__init__" in vars(schedule):
            schedule.__init__ = going_on(schedule.__init__)  # type: ignore[method-assign]
    with_pauses(names["ReduceLROnPlateau"])
