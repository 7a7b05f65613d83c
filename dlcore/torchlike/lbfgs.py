"""LBFGS: quasi-Newton steps, without line search."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dlcore.optim.optimizer import Optimizer
from dlcore.tensor.recording import enable_grad

Pairs = list[tuple[np.ndarray, np.ndarray]]  # (change of x, change of g), oldest first


class LBFGS(Optimizer):
    """Quasi-Newton steps: the last few changes of x and g stand in for the second derivatives.

    `step(closure)` asks for the loss and its gradients several times. Twin: torch.optim.LBFGS without line search.
    Source: Nocedal & Wright (2006), Numerical optimization, algorithms 7.4 and 7.5.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1, max_iter: int = 20, max_eval: int | None = None,
        tolerance_grad: float = 1e-7, tolerance_change: float = 1e-9, history_size: int = 100,
        line_search_fn: Any = None,
    ):  # fmt: skip
        if line_search_fn is not None:
            raise ValueError(f"LBFGS: there is no line search, but got {line_search_fn!r}; leave it out, take lr < 1.")
        super().__init__(params, {"lr": lr})
        self.max_iter, self.max_eval = max_iter, max_iter * 5 // 4 if max_eval is None else max_eval
        self.flat, self.still, self.history = tolerance_grad, tolerance_change, history_size
        self.pairs: Pairs = []
        self.steps, self.scale, self.g, self.move = 0, 1.0, np.zeros(0), np.zeros(0)

    @enable_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to max_iter steps; returns the loss at the start."""
        if closure is None:
            raise ValueError("LBFGS: step needs a closure that clears the gradients, computes the loss and returns it.")
        first = loss = closure()
        flat = abs(self._gradient()).max() <= self.flat
        for k in range(1, self.max_iter + 1):
            if flat or not self._go() or k in (self.max_iter, self.max_eval):
                break
            before, loss = float(loss), closure()
            flat = abs(self._gradient()).max() <= self.flat
            if k + 1 >= self.max_eval or abs(self.move).max() <= self.still or abs(float(loss) - before) < self.still:
                break
        return first

    def _gradient(self) -> np.ndarray:
        params = self.memories[0].params
        return np.concatenate([(p.array * 0 if p.grad is None else p.grad.array).reshape(-1) for p in params])

    def _go(self) -> bool:
        """Change x along the direction; False where it no longer leads down."""
        g, lr, self.steps = self._gradient(), self.param_groups[0]["lr"], self.steps + 1
        if self.steps > 1:
            self.pairs, self.scale = remembered(self.pairs, self.scale, self.move, g - self.g, self.history)
        d, self.g = direction(self.pairs, self.scale, g), g
        if g @ d > -self.still:
            return False
        self.move = d * (min(1.0, 1 / abs(g).sum()) * lr if self.steps == 1 else lr)
        add(self.memories[0].params, self.move)
        return True


def remembered(pairs: Pairs, scale: float, s: np.ndarray, y: np.ndarray, most: int) -> tuple[Pairs, float]:
    """The changes with the newest, if the curvature along it is positive; and the scale of the inverse."""
    return ([*pairs, (s, y)][-most:], (y @ s) / (y @ y)) if y @ s > 1e-10 else (pairs, scale)


def direction(pairs: Pairs, scale: float, g: np.ndarray) -> np.ndarray:
    """Two loops over the remembered changes: minus the inverse of the curvature times g."""
    q, shares = -g, []
    for s, y in reversed(pairs):
        shares.append((s @ q) / (y @ s))
        q = q - shares[-1] * y
    d = q * scale
    for (s, y), share in zip(pairs, reversed(shares), strict=True):
        d = d + s * (share - (y @ d) / (y @ s))
    return d


def add(params: list[Any], move: np.ndarray) -> None:
    """x ← x + move, for all parameters one after another."""
    start = 0
    for p in params:
        p.data.add_(p.data.wrap(move[start : start + p.array.size].reshape(p.array.shape)))
        start += p.array.size
