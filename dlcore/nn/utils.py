"""Helpers for whole sets of parameters."""

from collections.abc import Iterable

import numpy as np

from dlcore.absent import asked
from dlcore.nn.module import Module
from dlcore.tensor import Tensor, wrap


def clip_grad_norm_(
    parameters: Tensor | Iterable[Tensor], max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """Scale all gradients down, in place, so that together they are no longer than max_norm.

        g ← g · min(1, max_norm / (‖g‖ + 1e-6)),     ‖g‖ over all parameters together

    Args:
        norm_type: 2 for the Euclidean length, math.inf for the largest absolute value.

    Returns:
        () the length before, worth a plot: it shows explosions as they come.

    Raises:
        RuntimeError: if error_if_nonfinite and the length is infinite or NaN.

    Twin: torch.nn.utils.clip_grad_norm_.
    Source: Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks, algorithm 1.

    >>> import dlcore
    >>> x = dlcore.tensor([3.0, 4.0], requires_grad=True)
    >>> (0.5 * x * x).sum().backward()
    >>> clip_grad_norm_(x, max_norm=1.0).item()
    5.0
    >>> [round(g, 2) for g in x.grad.tolist()]
    [0.6, 0.8]
    """
    parameters = [parameters] if isinstance(parameters, Tensor) else parameters
    gradients = [p.grad.array for p in parameters if p.grad is not None]
    with np.errstate(all="ignore"):
        norms = [np.linalg.norm(g.reshape(-1), norm_type) for g in gradients]
        total = np.asarray(np.linalg.norm(norms, norm_type) if norms else 0.0, norms[0].dtype if norms else np.float32)
    if error_if_nonfinite and not np.isfinite(total):
        raise RuntimeError(
            f"clip_grad_norm_: the length of all gradients together is {total}; look for its first NaN or infinity."
        )
    with np.errstate(all="ignore"):
        scale = np.minimum(max_norm / (total + 1e-6), 1)
        for g in gradients:
            g *= scale
    return wrap(total)


def clip_grad_value_(parameters: Tensor | Iterable[Tensor], clip_value: float) -> None:
    """Keep each number of all gradients between -clip_value and clip_value. Twin: torch.nn.utils.clip_grad_value_.

    >>> import dlcore
    >>> x = dlcore.tensor([1.0, -50.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> clip_grad_value_(x, 5.0)
    >>> x.grad.tolist()
    [2.0, -5.0]
    """
    for p in [parameters] if isinstance(parameters, Tensor) else parameters:
        if p.grad is not None:
            np.clip(p.grad.array, -clip_value, clip_value, out=p.grad.array)


def count_parameters(module: Module, trainable: bool = False) -> int:
    """Return how many numbers a module holds as parameters (or, of these, how many are trained).

    >>> from dlcore import nn
    >>> count_parameters(nn.Linear(3, 2))
    8
    """
    return sum(p.array.size for p in module.parameters() if p.requires_grad or not trainable)


__getattr__ = asked(__name__)  # what else PyTorch has here
