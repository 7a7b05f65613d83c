"""Gradients in other clothes: of several at once, as matrices; and what only spares memory."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.autograd import grad
from dlcore.tensor import Tensor, wrap
from dlcore.tensor.create import stack
from dlcore.torchlike.sentences import sentence


def once(create_graph: Any) -> None:
    """Refuse to leave a graph of the gradient."""
    if create_graph:
        raise NotImplementedError(sentence("dlcore.autograd", "create_graph"))


def backward(tensors: Any, grad_tensors: Any = None, retain_graph: bool = False, create_graph: bool = False) -> None:
    """x.backward() for several x."""
    once(create_graph)
    several = tensors if isinstance(tensors, list | tuple) else [tensors]
    given = grad_tensors if isinstance(grad_tensors, list | tuple) else [grad_tensors] * len(several)
    for n, (x, g) in enumerate(zip(several, given, strict=True)):
        x.backward(g, retain_graph or n + 1 < len(several))


def jacobian(func: Callable[..., Tensor], inputs: Any, create_graph: bool = False, strict: bool = False) -> Any:
    """How fast each number of func(inputs) changes with each of the inputs: one walk back for each of them."""
    once(create_graph)
    xs = [x.detach().clone().requires_grad_() for x in (inputs if isinstance(inputs, tuple) else (inputs,))]
    y = func(*xs)
    parts = []
    for place in np.eye(y.numel(), dtype=y.array.dtype):
        parts.append(grad(y, xs, wrap(place.reshape(y.shape)), retain_graph=True, allow_unused=True))
    rows = [[x.new_zeros(x.shape) if g is None else g for g, x in zip(part, xs, strict=True)] for part in parts]
    found = tuple([stack(row).reshape(*y.shape, *x.shape) for row, x in zip(zip(*rows, strict=True), xs, strict=True)])
    return found if isinstance(inputs, tuple) else found[0]


def hessian(func: Callable[..., Tensor], inputs: Tensor, create_graph: bool = False, strict: bool = False) -> Tensor:
    """The second derivatives of one number, func(inputs): differences of exact gradients, computed in float64.

    Nine or ten digits of it are right. Symmetric up to them.
    """
    once(create_graph)
    if not isinstance(inputs, Tensor):
        raise TypeError("hessian: expected one tensor; put several into one with cat, and take them apart in func.")
    x = inputs.detach().double()
    rows: list[Any] = []
    for place in np.eye(x.numel()):
        step = wrap(place.reshape(x.shape) * 1e-5 * max(1.0, abs(x.array * place.reshape(x.shape)).max()))
        there: list[Any] = [(x + way * step).requires_grad_() for way in (1, -1)]
        up, down = [grad(func(moved), moved)[0].array for moved in there]  # type: ignore[union-attr]
        rows.append(wrap((up - down) / (2 * step.array.max())))
    return stack(rows).reshape(*x.shape, *x.shape).to(inputs.dtype)


def checkpoint(function: Callable[..., Any], *args: Any, use_reentrant: Any = None, **named: Any) -> Any:
    """The function itself: what PyTorch would compute again on the way back is kept, which costs memory alone."""
    return function(*args, **named)


__all__ = ["backward", "checkpoint", "hessian", "jacobian"]
