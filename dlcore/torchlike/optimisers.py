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


class NAdam(Optimizer):
    """Adam that looks one step ahead, with a momentum that grows. Twin: torch.optim.NAdam. Source: Dozat (2016)."""

    def __init__(
        self, params: Iterable[Any], lr: float = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, momentum_decay: float = 4e-3,
    ):  # fmt: skip
        settings = check("NAdam", 0, lr=lr, eps=eps, weight_decay=weight_decay, momentum_decay=momentum_decay)
        super().__init__(params, {**settings, "betas": betas})
        self.products = [1.0]  # of the momenta up to each step

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            lr, (b1, b2), eps, decay = group["lr"], group["betas"], group["eps"], group["momentum_decay"]
            for x, g, state in memory.vectors("exp_avg", "exp_avg_sq"):
                t, m, v = state["step"], state["exp_avg"], state["exp_avg_sq"]
                now, then = (b1 * (1 - 0.5 * 0.96 ** (i * decay)) for i in (t, t + 1))
                self.products += [self.products[-1] * now] * (t == len(self.products))
                g = g + group["weight_decay"] * x
                m += (1 - b1) * (g - m)
                v += (1 - b2) * (g * g - v)
                ahead = (1 - now) / (1 - self.products[t]) * g + then / (1 - self.products[t] * then) * m
                x -= lr * ahead / (np.sqrt(v / (1 - b2**t)) + eps)


class RAdam(Optimizer):
    """Adam that waits until it knows how large gradients are. Twin: torch.optim.RAdam. Source: Liu et al. (2020)."""

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0,
    ):  # fmt: skip
        super().__init__(params, {**check("RAdam", 0, lr=lr, eps=eps, weight_decay=weight_decay), "betas": betas})

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            lr, (b1, b2), eps = group["lr"], group["betas"], group["eps"]
            for x, g, state in memory.vectors("exp_avg", "exp_avg_sq"):
                t, m, v = state["step"], state["exp_avg"], state["exp_avg_sq"]
                g = g + group["weight_decay"] * x
                m += (1 - b1) * (g - m)
                v += (1 - b2) * (g * g - v)
                most = 2 / (1 - b2) - 1
                known = most - 2 * t * b2**t / (1 - b2**t)  # how many gradients the mean of squares stands for
                trust = (known - 4) * (known - 2) * most / ((most - 4) * (most - 2) * known)
                m_hat = m / (1 - b1**t)
                x -= lr * (m_hat * math.sqrt(trust * (1 - b2**t)) / (np.sqrt(v) + eps) if known > 5 else m_hat)


class Rprop(Optimizer):
    """Steps by signs alone, longer while they stay, shorter when they change. Source: Riedmiller & Braun (1993)."""

    def __init__(
        self, params: Iterable[Any], lr: float = 1e-2, etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
    ):  # fmt: skip
        super().__init__(params, {**check("Rprop", 0, lr=lr), "etas": etas, "step_sizes": step_sizes})

    @silent
    def step(self) -> None:
        for group, memory in self.groups():
            for x, g, state in memory.vectors("prev", "step_size"):
                before, size = state["prev"], state["step_size"]
                if state["step"] == 1:
                    size[...] = group["lr"]
                sign, (shrink, grow) = np.sign(g * before), group["etas"]
                size[...] = np.clip(
                    size * np.where(sign > 0, grow, np.where(sign < 0, shrink, 1)), *group["step_sizes"]
                )
                before[...] = np.where(sign < 0, 0, g)
                x -= np.sign(before) * size


class CyclicLR(LRScheduler):
    """From base_lr up to max_lr and down again, in straight lines. Source: Smith (2017), Cyclical learning rates."""

    def __init__(
        self, optimizer: Optimizer, base_lr: float, max_lr: float, step_size_up: int = 2000, step_size_down: Any = None,
        mode: str = "triangular", gamma: float = 1.0, cycle_momentum: bool = True,
    ):  # fmt: skip
        if cycle_momentum:
            raise ValueError("CyclicLR: momentum stays as it is here; write cycle_momentum=False, or take OneCycleLR.")
        self.low, self.high, self.up, self.down = base_lr, max_lr, step_size_up, step_size_down or step_size_up
        self.shrink: Callable[[int, int], float] = {
            "triangular": lambda cycle, t: 1.0, "triangular2": lambda cycle, t: 0.5**cycle,
            "exp_range": lambda cycle, t: gamma**t,
        }[mode]  # fmt: skip
        super().__init__(optimizer)

    def rate(self, base: float, t: int) -> float:
        cycle, at = divmod(t, self.up + self.down)
        share = at / self.up if at <= self.up else (self.up + self.down - at) / self.down
        return self.low + (self.high - self.low) * share * self.shrink(cycle, t)


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
    "Adamax", "ConstantLR", "CosineAnnealingWarmRestarts", "CyclicLR", "LBFGS", "MultiplicativeLR", "NAdam",
    "PolynomialLR", "RAdam", "Rprop", "_LRScheduler",
]  # fmt: skip
