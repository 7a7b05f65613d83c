"""Optimisers and schedules that no page of the book needs."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dlcore.optim.lr_scheduler import LRScheduler
from dlcore.optim.optimizer import Optimizer, check, silent
from dlcore.tensor.recording import enable_grad


class Adamax(Optimizer):
    """Adam whose v is the largest gradient so far, slowly forgotten: u ← max(β₂ u, |g| + ε). Twin: torch.optim.Adamax."""

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


class LBFGS(Optimizer):
    """Quasi-Newton steps: the last few changes of x and g stand in for the second derivatives.

    `step(closure)` asks for the loss and its gradients several times. Twin: torch.optim.LBFGS without line search.
    Source: Nocedal & Wright (2006), Numerical optimization, algorithms 7.4 and 7.5.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1, max_iter: int = 20, max_eval: int | None = None,
        tolerance_grad: float = 1e-7, tolerance_change: float = 1e-9, history_size: int = 100, line_search_fn: Any = None,
    ):  # fmt: skip
        if line_search_fn is not None:
            raise ValueError(
                f"LBFGS: there is no line search, but got {line_search_fn!r}; leave it out, and take lr < 1."
            )
        super().__init__(params, {"lr": lr})
        self.limits = max_iter, max_iter * 5 // 4 if max_eval is None else max_eval, tolerance_grad, tolerance_change
        self.history = history_size
        self.pairs: list[tuple[np.ndarray, np.ndarray]] = []  # (change of x, change of g), oldest first
        self.last: dict[str, Any] = {"steps": 0, "g": None, "move": None, "scale": 1.0}

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to max_iter steps; returns the loss at the start."""
        if closure is None:
            raise ValueError("LBFGS: step needs a closure that clears the gradients, computes the loss and returns it.")
        (most, evaluations, flat, still), done = self.limits, 1
        first = loss = self._loss(closure)
        for k in range(most):
            g = self._gradient()
            if (k == 0 and abs(g).max() <= flat) or not self._move(g, still):
                break
            if k + 1 == most:
                break
            before, loss = loss, self._loss(closure)
            done += 1
            stop = done >= evaluations or abs(self._gradient()).max() <= flat
            if stop or abs(self.last["move"]).max() <= still or abs(float(loss) - float(before)) < still:
                break
        return first

    def _loss(self, closure: Callable[[], Any]) -> Any:
        with enable_grad():
            return closure()

    def _gradient(self) -> np.ndarray:
        (memory,) = self.memories
        return np.concatenate([(p.array * 0 if p.grad is None else p.grad.array).reshape(-1) for p in memory.params])

    def _move(self, g: np.ndarray, still: float) -> bool:
        """Change x along the direction; False where it no longer leads down."""
        last, lr = self.last, self.param_groups[0]["lr"]
        last["steps"] += 1
        if last["steps"] > 1:
            self._remember(g - last["g"])
        direction = self._direction(g)
        rate = min(1.0, 1 / abs(g).sum()) * lr if last["steps"] == 1 else lr
        last["g"] = g
        if g @ direction > -still:
            return False
        last["move"] = rate * direction
        start = 0
        for p in self.memories[0].params:
            p.data.add_(p.data.wrap(last["move"][start : start + p.numel()].reshape(p.shape)))
            start += p.numel()
        return True

    def _remember(self, y: np.ndarray) -> None:
        s, last = self.last["move"], self.last
        if y @ s > 1e-10:
            self.pairs = [*self.pairs, (s, y)][-self.history :]
            last["scale"] = (y @ s) / (y @ y)

    def _direction(self, g: np.ndarray) -> np.ndarray:
        """Two loops over the remembered changes: minus the inverse of the curvature times g."""
        q, shares = -g, []
        for s, y in reversed(self.pairs):
            shares.append((s @ q) / (y @ s))
            q = q - shares[-1] * y
        d = q * self.last["scale"] if self.pairs else q
        for (s, y), share in zip(self.pairs, reversed(shares), strict=True):
            d = d + s * (share - (y @ d) / (y @ s))
        return d


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
