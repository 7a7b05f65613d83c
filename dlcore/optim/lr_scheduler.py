"""Learning rates that change while a network learns.

A schedule is one formula, `rate(base, t)`: the learning rate at step t of a group that started at `base`. Call `step()`
once after each `optimizer.step()` (or once after each epoch, if t shall count epochs).

Schedules do not stack: two of them on one optimiser overwrite each other. `SequentialLR` puts them one after another.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dlcore.absent import asked
from dlcore.optim.optimizer import Optimizer, check
from dlcore.shapes import need


class LRScheduler:
    """Base of the schedules: counts the steps and writes the rates into the optimiser's groups.

    Twin: torch.optim.lr_scheduler.LRScheduler.
    """

    def __init__(self, optimizer: Optimizer):
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__}: expected an optimiser, got {type(optimizer).__name__}.")
        self.optimizer = optimizer
        self.base_lrs = [group.setdefault("initial_lr", group["lr"]) for group in optimizer.param_groups]
        self.last_epoch = -1
        self.step()

    def rate(self, base: float, t: int) -> float:
        """Return the learning rate at step t of a group that started at `base`."""
        raise NotImplementedError(f"{type(self).__name__} has no rate(base, t): write the formula of the schedule.")

    def step(self) -> None:
        """Go on by one step."""
        self.last_epoch += 1
        for group, base in zip(self.optimizer.param_groups, self.base_lrs, strict=True):
            group["lr"] = self.rate(base, self.last_epoch)

    def get_last_lr(self) -> list[float]:
        """Return the present learning rate of every group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return what is needed to go on later."""
        return {"last_epoch": self.last_epoch, "base_lrs": self.base_lrs}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from where `state_dict()` was taken."""
        self.last_epoch, self.base_lrs = state_dict["last_epoch"] - 1, list(state_dict["base_lrs"])
        self.step()


def _at_least_1(where: str, name: str, value: int) -> int:
    if value < 1:
        raise ValueError(f"{where}: {name} must be at least 1, got {value}.")
    return value


class LambdaLR(LRScheduler):
    """Any schedule at all: `lr = base · lr_lambda(t)`, the same function for all groups.

    Twin: torch.optim.lr_scheduler.LambdaLR.

    >>> import dlcore
    >>> from dlcore import optim
    >>> schedule = LambdaLR(optim.SGD([dlcore.tensor([1.0])], lr=0.5), lambda t: 1 / (1 + t))
    >>> for _ in range(4):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.1]
    """

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float]):
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        return base * self.lr_lambda(t)


class StepLR(LRScheduler):
    """A staircase: `lr = base · gamma^⌊t / step_size⌋`.

    Twin: torch.optim.lr_scheduler.StepLR.

    >>> import dlcore
    >>> from dlcore import optim
    >>> schedule = StepLR(optim.SGD([dlcore.tensor([1.0])], lr=1.0), step_size=2, gamma=0.5)
    >>> [schedule.rate(1.0, t) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1):
        self.step_size, self.gamma = _at_least_1("StepLR", "step_size", step_size), gamma
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        return base * self.gamma ** (t // self.step_size)


class MultiStepLR(LRScheduler):
    """A staircase with steps where you want them: `lr = base · gamma^k`, with k the number of milestones ≤ t.

    Twin: torch.optim.lr_scheduler.MultiStepLR.

    >>> import dlcore
    >>> from dlcore import optim
    >>> schedule = MultiStepLR(optim.SGD([dlcore.tensor([1.0])], lr=1.0), milestones=[1, 4], gamma=0.5)
    >>> [schedule.rate(1.0, t) for t in range(5)]
    [1.0, 0.5, 0.5, 0.5, 0.25]
    """

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1):
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        return base * self.gamma ** sum(milestone <= t for milestone in self.milestones)


class ExponentialLR(LRScheduler):
    """The same shrinkage every step: `lr = base · gamma^t`.

    Twin: torch.optim.lr_scheduler.ExponentialLR.

    >>> import dlcore
    >>> from dlcore import optim
    >>> schedule = ExponentialLR(optim.SGD([dlcore.tensor([1.0])], lr=1.0), gamma=0.5)
    >>> [schedule.rate(1.0, t) for t in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    def __init__(self, optimizer: Optimizer, gamma: float):
        self.gamma = gamma
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        return base * self.gamma**t


class LinearLR(LRScheduler):
    """Warm-up: a straight line from `start_factor · base` to `end_factor · base` at step `total_iters`, then constant.

    Twin: torch.optim.lr_scheduler.LinearLR.
    Source: Goyal et al. (2017), Accurate, large minibatch SGD, section 2.2.

    >>> import dlcore
    >>> from dlcore import optim
    >>> schedule = LinearLR(optim.SGD([dlcore.tensor([1.0])], lr=1.0), start_factor=0.25, total_iters=3)
    >>> [schedule.rate(1.0, t) for t in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ):
        need(0 < start_factor <= 1, "LinearLR", "start_factor should lie in (0, 1], but got {}", start_factor)
        need(0 <= end_factor <= 1, "LinearLR", "end_factor should lie in [0, 1], but got {}", end_factor)
        self.start_factor, self.end_factor = start_factor, end_factor
        self.total_iters = _at_least_1("LinearLR", "total_iters", total_iters)
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        done = min(t, self.total_iters) / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * done)


class CosineAnnealingLR(LRScheduler):
    """Half a wave down: `lr = eta_min + (base - eta_min) · (1 + cos(π t / T_max)) / 2`.

    Twin: torch.optim.lr_scheduler.CosineAnnealingLR.
    Source: Loshchilov & Hutter (2017), SGDR, equation 5, without restarts.

    >>> import dlcore
    >>> from dlcore import optim
    >>> schedule = CosineAnnealingLR(optim.SGD([dlcore.tensor([1.0])], lr=1.0), T_max=4)
    >>> [round(schedule.rate(1.0, t), 3) for t in range(5)]
    [1.0, 0.854, 0.5, 0.146, 0.0]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0):  # noqa: N803 (PyTorch's name)
        self.T_max, self.eta_min = _at_least_1("CosineAnnealingLR", "T_max", T_max), eta_min
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / self.T_max)) / 2


class OneCycleLR(LRScheduler):
    """Up to `max_lr` and far down again in `total_steps` steps, while the momentum goes down and up.

        lr:        max_lr / div_factor → max_lr → max_lr / (div_factor · final_div_factor)
        momentum:  max_momentum → base_momentum → max_momentum        (in Adam and AdamW: β₁)

    Call `step()` after every batch; total_steps may be given as epochs and steps_per_epoch. The way up takes the
    share `pct_start` of the steps; both ways are half waves (anneal_strategy "cos") or straight lines ("linear").

    Raises:
        ValueError: for settings out of range, for a number of max_lr that is not that of the groups, if the
            optimiser has no momentum to cycle, and when step() is called more than total_steps times.

    Twin: torch.optim.lr_scheduler.OneCycleLR, without three_phase.
    Source: Smith & Topin (2018), Super-convergence, section 4; the form is that of Howard & Gugger's fastai.

    >>> import dlcore
    >>> from dlcore import optim
    >>> optimizer = optim.SGD([dlcore.tensor([1.0])], lr=1.0, momentum=0.9)
    >>> schedule = OneCycleLR(optimizer, max_lr=1.0, total_steps=9, pct_start=1 / 3, anneal_strategy="linear")
    >>> [round(schedule.rate(0.04, t), 2) for t in range(9)]
    [0.04, 0.52, 1.0, 0.83, 0.67, 0.5, 0.33, 0.17, 0.0]
    """

    def __init__(
        self, optimizer: Optimizer, max_lr: float | Sequence[float], total_steps: int | None = None,
        epochs: int | None = None, steps_per_epoch: int | None = None, pct_start: float = 0.3,
        anneal_strategy: str = "cos", cycle_momentum: bool = True, base_momentum: float = 0.85,
        max_momentum: float = 0.95, div_factor: float = 25.0, final_div_factor: float = 1e4,
    ):  # fmt: skip
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy must be 'cos' or 'linear', got {anneal_strategy!r}.")
        check("OneCycleLR", 0, 1, pct_start=pct_start)
        steps = total_steps or (epochs or 0) * (steps_per_epoch or 0)
        self.total_steps, self.pct_start = _at_least_1("OneCycleLR", "total_steps", steps), pct_start
        self.cosine, self.div_factor, self.final_div_factor = anneal_strategy == "cos", div_factor, final_div_factor
        self.momenta = (max_momentum, base_momentum, max_momentum) if cycle_momentum else None
        _start_below(optimizer, max_lr, div_factor, cycle_momentum)
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        return self._along(t, base, base * self.div_factor, base / self.final_div_factor)

    def step(self) -> None:
        if self.last_epoch >= self.total_steps:
            raise ValueError(f"OneCycleLR: the cycle has {self.total_steps} steps; make a new schedule to go on.")
        super().step()
        if self.momenta:
            momentum = self._along(self.last_epoch, *self.momenta)
            for group in self.optimizer.param_groups:
                group.update({"betas": (momentum, group["betas"][1])} if "betas" in group else {"momentum": momentum})

    def _along(self, t: int, start: float, top: float, end: float) -> float:
        """Return the value at step t on the way from start to top and on to end, where it stays."""
        turn, last = self.pct_start * self.total_steps - 1, self.total_steps - 1
        rising = t <= turn and turn > 0
        a, b, done = (start, top, t / turn) if rising else (top, end, (min(t, last) - turn) / (last - turn))
        return a + (b - a) * ((1 - math.cos(math.pi * done)) / 2 if self.cosine else done)


def _start_below(optimizer: Optimizer, max_lr: float | Sequence[float], div_factor: float, momentum: bool) -> None:
    """Let the groups of an optimiser start at their share of max_lr, as OneCycleLR wants it."""
    groups = optimizer.param_groups
    tops = list(max_lr) if isinstance(max_lr, Sequence) else [max_lr] * len(groups)
    if len(tops) != len(groups):
        raise ValueError(f"OneCycleLR: {len(groups)} groups of parameters need as many max_lr, got {len(tops)}.")
    for group, top in zip(groups, tops, strict=True):
        if momentum and not {"momentum", "betas"} & group.keys():
            name = type(optimizer).__name__
            raise ValueError(f"OneCycleLR: {name} has no momentum to cycle; write cycle_momentum=False.")
        group["initial_lr"] = top / div_factor


class SequentialLR(LRScheduler):
    """One schedule after another: the next begins, counting from 0, at each of the milestones.

    Twin: torch.optim.lr_scheduler.SequentialLR.

    >>> import dlcore
    >>> from dlcore import optim
    >>> optimizer = optim.SGD([dlcore.tensor([1.0])], lr=1.0)
    >>> parts = [LinearLR(optimizer, start_factor=0.5, total_iters=2), CosineAnnealingLR(optimizer, T_max=4)]
    >>> schedule = SequentialLR(optimizer, parts, milestones=[2])
    >>> [round(schedule.rate(1.0, t), 3) for t in range(7)]
    [0.5, 0.75, 1.0, 0.854, 0.5, 0.146, 0.0]
    """

    def __init__(self, optimizer: Optimizer, schedulers: list[LRScheduler], milestones: list[int]):
        if len(schedulers) != len(milestones) + 1:
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedules need {len(schedulers) - 1} milestones between them, "
                f"got {len(milestones)}."
            )
        self.schedulers, self.milestones = list(schedulers), list(milestones)
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        begun = [milestone for milestone in self.milestones if milestone <= t]
        return self.schedulers[len(begun)].rate(base, t - (begun[-1] if begun else 0))


class ReduceLROnPlateau:
    """Multiply the learning rate by `factor` whenever a metric has not improved for more than `patience` epochs.

    Better means: lower by at least the share `threshold` (mode "min") or higher by it (mode "max").
    Call `step(metric)`, for instance with the validation loss, after each epoch.

    Twin: torch.optim.lr_scheduler.ReduceLROnPlateau.

    >>> import dlcore
    >>> from dlcore import optim
    >>> optimizer = optim.SGD([dlcore.tensor([1.0])], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> rates = []
    >>> for loss in [3.0, 2.0, 2.0, 2.0, 2.0, 2.0]:
    ...     schedule.step(loss)
    ...     rates += schedule.get_last_lr()
    >>> rates
    [1.0, 1.0, 1.0, 0.5, 0.5, 0.25]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        min_lr: float = 0.0,
    ):
        if mode not in ("min", "max") or not factor < 1:
            raise ValueError(f"ReduceLROnPlateau: expected mode min or max and factor < 1, got {mode!r} and {factor}.")
        self.optimizer, self.mode, self.factor = optimizer, mode, factor
        self.patience, self.threshold, self.min_lr = patience, threshold, min_lr
        self.best, self.num_bad_epochs = math.inf if mode == "min" else -math.inf, 0

    def step(self, metrics: float) -> None:
        """Note the metric of an epoch; reduce the rates if it has been bad for too long."""
        value = float(metrics)
        if self._better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.num_bad_epochs > self.patience:
            self.num_bad_epochs = 0
            for group in self.optimizer.param_groups:
                group["lr"] = max(group["lr"] * self.factor, self.min_lr)

    def _better(self, value: float) -> bool:
        if self.mode == "min":
            return value < self.best * (1 - self.threshold)
        return value > self.best * (1 + self.threshold)

    def get_last_lr(self) -> list[float]:
        """Return the present learning rate of every group."""
        return [group["lr"] for group in self.optimizer.param_groups]


__getattr__ = asked(__name__)  # what else PyTorch has here
