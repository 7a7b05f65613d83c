"""LBFGS: quasi-Newton steps, with a line search if asked for."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from dlcore.optim.optimizer import Optimizer
from dlcore.tensor.recording import enable_grad
from dlcore.torchlike.line_search import Place, search

Pairs = list[tuple[np.ndarray, np.ndarray]]  # (change of x, change of g), oldest first


class LBFGS(Optimizer):
    """Quasi-Newton steps: the last few changes of x and g stand in for the second derivatives.

    `step(closure)` asks for the loss and its gradients several times. line_search_fn: None, or "strong_wolfe".
    Twin: torch.optim.LBFGS. Source: Nocedal & Wright (2006), Numerical optimization, algorithms 7.4 and 7.5.
    """

    def __init__(
        self, params: Iterable[Any], lr: float = 1, max_iter: int = 20, max_eval: int | None = None,
        tolerance_grad: float = 1e-7, tolerance_change: float = 1e-9, history_size: int = 100,
        line_search_fn: Any = None,
    ):  # fmt: skip
        if line_search_fn not in (None, "strong_wolfe"):
            raise ValueError(f'LBFGS: line_search_fn should be None or "strong_wolfe", but got {line_search_fn!r}.')
        super().__init__(params, {"lr": lr})
        self.max_iter, self.max_eval = max_iter, max_iter * 5 // 4 if max_eval is None else max_eval
        self.flat, self.still, self.history = tolerance_grad, tolerance_change, history_size
        self.pairs: Pairs = []
        self.steps, self.scale, self.g, self.move = 0, 1.0, np.zeros(0), np.zeros(0)
        self.search = line_search_fn is not None

    @enable_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Make up to max_iter steps; returns the loss at the start."""
        if closure is None:
            raise ValueError("LBFGS: step needs a closure that clears the gradients, computes the loss and returns it.")
        first = closure()
        here, calls = Place(0, float(first), 0, gradient(self.memories[0].params)), 1
        for left in reversed(range(self.max_iter)):
            d, before = self._direction(here.gradient), here.loss
            if abs(here.gradient).max() <= self.flat or here.gradient @ d > -self.still:
                break
            here, looked = go(self, here, d, closure, left, self.max_eval - calls)
            calls += looked
            if calls >= self.max_eval or abs(self.move).max() <= self.still or abs(here.loss - before) < self.still:
                break
        return first

    def _direction(self, g: np.ndarray) -> np.ndarray:
        self.steps += 1
        if self.steps > 1:
            self.pairs, self.scale = remembered(self.pairs, self.scale, self.move, g - self.g, self.history)
        self.g = g
        return direction(self.pairs, self.scale, g)


def go(self: LBFGS, here: Place, d: np.ndarray, closure: Any, left: int, most: int) -> tuple[Place, int]:
    """Go as far as lr says, or the line search; where we are then, and how often the closure was asked."""
    params, lr = self.memories[0].params, self.param_groups[0]["lr"]
    t = min(1.0, 1 / abs(self.g).sum()) * lr if self.steps == 1 else lr
    look = looking(params, d, closure)
    if self.search:
        start, least = here._replace(t=0, slope=here.gradient @ d), self.still / abs(d).max()
        found, looked = search(look, start, t, least, most)
        look(found.t, asking=False)
    else:
        found, looked = look(t, asking=left > 0), left > 0
    self.move = found.t * d
    return found, looked


def gradient(params: list[Any]) -> np.ndarray:
    """Of all parameters one after another."""
    return np.concatenate([(p.array * 0 if p.grad is None else p.grad.array).reshape(-1) for p in params])


def looking(params: list[Any], d: np.ndarray, closure: Callable[[], Any]) -> Callable[..., Place]:
    """A function that puts the parameters t · d away from where they are now, and (if asked) tells what is there."""
    start = [p.array.copy() for p in params]

    def look(t: float, asking: bool = True) -> Place:
        for p, x in zip(params, start, strict=True):
            p.data.copy_(p.data.wrap(x))
        add(params, t * d)
        if not asking:
            return Place(t, 0, 0)
        loss, g = float(closure()), gradient(params)
        return Place(t, loss, g @ d, g)

    return look


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
