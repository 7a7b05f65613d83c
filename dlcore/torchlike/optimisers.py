"""Optimisers and schedules that no page of the book needs."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dlcore.optim.lr_scheduler import LRScheduler
from dlcore.optim.optimizer import Optimizer, check, silent
from dlcore.torchlike.lbfgs import LBFGS


class Adamax(Optimizer):
    """Adam with the largest gradient so far, slowly forgotten: u ← max(β₂ u, |g| + ε). Twin: torch.optim.Adamax."""

    def __init__(
        self, params: Iterable[Any], lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0,
    ):  # fmt: skip
        super().__init__(params, {**check("Adamax", 0, lr=lr, eps=eps, weight_decay=weight_decay), "betas": betas})

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            lr, (b1, b2) = group["lr"], group["betas"]
            for x, g, state in memory.vectors("exp_avg", "exp_inf"):
                m, u = state["exp_avg"], state["exp_inf"]
                g = g + group["weight_decay"] * x
                m += (1 - b1) * (g - m)
                np.maximum(b2 * u, np.abs(g) + group["eps"], out=u)
                x -= lr / (1 - b1 ** state["step"]) * m / u


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine from the base rate to eta_min, again and again, each T_mult times as long. Source: SGDR (2017)."""

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0):  # noqa: N803
        self.first, self.longer, self.eta_min = T_0, T_mult, eta_min
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        length = self.first
        while t >= length:
            t, length = t - length, length * self.longer
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / length)) / 2


class PolynomialLR(LRScheduler):
    """base · (1 - t / total_iters)^power, then 0. Twin: torch.optim.lr_scheduler.PolynomialLR."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0):
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        return base * (1 - min(t, self.total_iters) / self.total_iters) ** self.power


class ConstantLR(LRScheduler):
    """base · factor for the first steps, then base. Twin: torch.optim.lr_scheduler.ConstantLR."""

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5):
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        return base * (self.factor if t < self.total_iters else 1)


class MultiplicativeLR(LRScheduler):
    """The last rate times lr_lambda(t). Twin: torch.optim.lr_scheduler.MultiplicativeLR."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float]):
        self.lr_lambda = lr_lambda
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        return base * math.prod(self.lr_lambda(i) for i in range(1, t + 1))


_LRScheduler = LRScheduler

__all__ = [
    "Adamax", "ConstantLR", "CosineAnnealingWarmRestarts", "LBFGS", "MultiplicativeLR", "PolynomialLR", "_LRScheduler",
]  # fmt: skip
