"""Gradients in other clothes: of several at once, as matrices; and what only spares memory."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.autograd import grad
from dlcore.tensor import Tensor, wrap
from dlcore.tensor.create import stack
from dlcore.torchlike.sentences import sentence


def backward(tensors: Any, grad_tensors: Any = None, retain_graph: bool = False, create_graph: bool = False) -> None:
    """x.backward() for several x."""
    several = tensors if isinstance(tensors, list | tuple) else [tensors]
    given = grad_tensors if isinstance(grad_tensors, list | tuple) else [grad_tensors] * len(several)
    for n, (x, g) in enumerate(zip(several, given, strict=True)):
        x.backward(g, retain_graph or n + 1 < len(several))


def jacobian(func: Callable[..., Tensor], inputs: Any, create_graph: bool = False, strict: bool = False) -> Any:
    """How fast each number of func(inputs) changes with each of the inputs: one walk back for each of them."""
    xs = [x.detach().clone().requires_grad_() for x in (inputs if isinstance(inputs, tuple) else (inputs,))]
    y = func(*xs)
    parts = []
    for place in np.eye(y.numel(), dtype=y.array.dtype):
        parts.append(grad(y, xs, wrap(place.reshape(y.shape)), retain_graph=True, allow_unused=True))
    rows = [[x.new_zeros(x.shape) if g is None else g for g, x in zip(part, xs, strict=True)] for part in parts]
    found = tuple([stack(row).reshape(*y.shape, *x.shape) for row, x in zip(zip(*rows, strict=True), xs, strict=True)])
    return found if isinstance(inputs, tuple) else found[0]


def hessian(*_: Any, **__: Any) -> None:
    """Refuse."""
    raise NotImplementedError(sentence("dlcore.autograd.functional", "hessian"))


def checkpoint(function: Callable[..., Any], *args: Any, use_reentrant: Any = None, **named: Any) -> Any:
    """The function itself: what PyTorch would compute again on the way back is kept, which costs memory alone."""
    return function(*args, **named)


__all__ = ["backward", "checkpoint", "hessian", "jacobian"]
