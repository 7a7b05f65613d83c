"""Is a gradient right? Move every input a little, watch the output, compare.

A rule of one's own, and the mistake that everybody makes once: the slope of the square root is 1 / 2√x, not 1 / √x.

>>> from dlcore.tensor import Tensor, apply
>>> def root(x):
...     y = np.sqrt(x)
...     return y, (lambda g: g / y,)
>>> def right_root(x):
...     y = np.sqrt(x)
...     return y, (lambda g: g / (2 * y),)
>>> x = Tensor(np.array([0.25, 4.0]), requires_grad=True)
>>> apply(root, x).sum().item()  # the value is right; training with the slope would go on, only worse
2.5
>>> gradcheck(lambda x: apply(root, x), [x], raise_exception=False)
False
>>> gradcheck(lambda x: apply(root, x), [x])
Traceback (most recent call last):
...
dlcore.gradcheck.GradcheckError: gradcheck: input 0 at (0,): backward says 2..., differences say 1...
>>> gradcheck(lambda x: apply(right_root, x), [x])
True
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore.tensor import Tensor, no_grad, wrap


class GradcheckError(AssertionError):
    """A gradient disagrees with the difference quotient. The message says where it is worst."""


def numeric_gradient(function: Callable[[np.ndarray], Any], x: np.ndarray, eps: float = 1e-6) -> np.ndarray:
    """Slope of a number-valued function along every entry of x, by central differences.

        ∂f/∂x_i ≈ (f(x + eps e_i) - f(x - eps e_i)) / 2 eps

    The error is of order eps² plus rounding / eps: 1e-6 suits float64; float32 has too few digits for it.

    >>> numeric_gradient(lambda x: (x * x).sum(), np.array([1.0, 2.0])).round(6)
    array([2., 4.])
    """
    x = np.asarray(x)
    slope = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += eps
        below[i] -= eps
        slope[i] = (float(function(above)) - float(function(below))) / (above[i] - below[i])
    return slope


def gradcheck(
    func: Callable[..., Any],
    inputs: Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
) -> bool:
    """Compare backward() with central differences, entry by entry.

    The outputs are weighted with fixed random numbers and summed, so one backward checks every path at once.

    Args:
        func: takes tensors, returns a tensor or several.
        inputs: float64 tensors; those with requires_grad are checked.
        eps: step of the differences. atol, rtol: how close counts as equal.
        raise_exception: False returns False instead of raising GradcheckError.

    Raises:
        GradcheckError: with the input's number, the index, both slopes.
        TypeError: if a checked input is not float64.

    Twin: torch.autograd.gradcheck.

    >>> x = Tensor([0.5, 2.0], requires_grad=True, dtype=np.float64)
    >>> gradcheck(lambda x: x.tanh() * x, [x])
    True
    """
    tensors = [x if isinstance(x, Tensor) else wrap(np.asarray(x)) for x in inputs]
    checked = [i for i, x in enumerate(tensors) if x.requires_grad]
    for i in checked:
        if tensors[i].dtype != np.float64:
            raise TypeError(f"gradcheck: input {i} should be float64, but is {tensors[i].array.dtype}; use x.double()")
    fresh = [wrap(x.array).requires_grad_(i in checked) for i, x in enumerate(tensors)]
    total = _weighted(func, fresh)
    if total.requires_grad:
        total.backward()
    for i in checked:

        def moved(array: np.ndarray, i: int = i) -> float:
            with no_grad():
                return _weighted(func, [wrap(array) if j == i else x for j, x in enumerate(tensors)]).item()

        analytic = np.zeros(tensors[i].shape) if fresh[i].grad is None else fresh[i].grad.array
        numeric = numeric_gradient(moved, tensors[i].array, eps)
        if not np.allclose(analytic, numeric, rtol, atol):
            if not raise_exception:
                return False
            worst = np.unravel_index(np.abs(analytic - numeric).argmax(), numeric.shape)
            place = tuple(int(k) for k in worst)
            raise GradcheckError(
                f"gradcheck: input {i} at {place}: backward says {analytic[worst]:.8g}, "
                f"differences say {numeric[worst]:.8g}"
            )
    return True


def _weighted(func: Callable[..., Any], tensors: list[Tensor]) -> Tensor:
    """One number that feels every output: Σ weight · output, with weights that are the same at every call."""
    outputs = func(*tensors)
    outputs = outputs if isinstance(outputs, tuple | list) else (outputs,)
    stream = np.random.Generator(np.random.PCG64(0))
    return sum(((y * stream.uniform(0.5, 1.5, y.shape)).sum() for y in outputs), start=wrap(np.zeros(())))
