"""Functions that make tensors, and those that join or choose between several."""

from typing import Any

import numpy as np

from dlcore import ops
from dlcore.dtypes import Default, usual
from dlcore.rng import numpy_generator
from dlcore.shapes import expect, need
from dlcore.tensor.protocols import as_array, plain, truth
from dlcore.tensor.shaping import sizes
from dlcore.tensor.tensor import Tensor, agree, apply, wrap


def _done(array: Any, requires_grad: bool = False) -> Tensor:
    return wrap(as_array(array)).requires_grad_(requires_grad) if requires_grad else wrap(as_array(array))


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A new tensor from numbers, nested lists or an array; the data are copied.

    Python floats become float32, Python integers int64; an array keeps its dtype.

    >>> tensor([1, 2.5])
    tensor([1.0000, 2.5000])
    >>> tensor([1, 2]).dtype
    torch.int64
    """
    if isinstance(data, list | tuple) and any(isinstance(x, Tensor) for x in data):
        data = [plain(x) for x in data]
    array = np.array(plain(data), dtype)
    need(array.dtype.kind in "biuf", "tensor", "expected numbers, but got {}: {!r:.60}", array.dtype, data, TypeError)
    keeps = dtype is not None or isinstance(data, np.ndarray | np.generic | Tensor)
    return _done(array if keeps else usual(array), requires_grad)


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Like tensor, without a copy where none is needed."""
    if isinstance(data, Tensor):
        return data if dtype is None else data.to(dtype)
    return wrap(np.asarray(data, dtype)) if isinstance(data, np.ndarray) else tensor(data, dtype)


def from_numpy(array: np.ndarray) -> Tensor:
    """A tensor that shares the memory of an array."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"from_numpy: expected an array, but got {type(array).__name__}")
    return wrap(array)


def zeros(*shape: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A tensor of zeros.

    >>> zeros(2, 3).shape
    torch.Size([2, 3])
    """
    return _done(np.zeros(sizes(shape), dtype or Default.dtype), requires_grad)


def ones(*shape: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A tensor of ones."""
    return _done(np.ones(sizes(shape), dtype or Default.dtype), requires_grad)


def empty(*shape: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A tensor to be filled; here it starts as zeros, so that nothing depends on what was in memory before."""
    return zeros(*shape, dtype=dtype, requires_grad=requires_grad)


def full(shape: Any, fill_value: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """A tensor with one number everywhere; its dtype is that of tensor(fill_value)."""
    return _done(np.full(shape, plain(fill_value), dtype or tensor(fill_value).dtype), requires_grad)


def zeros_like(x: Tensor, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Zeros in the shape and dtype of x."""
    return _done(np.zeros(x.shape, dtype or x.dtype), requires_grad)


def ones_like(x: Tensor, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Ones in the shape and dtype of x."""
    return _done(np.ones(x.shape, dtype or x.dtype), requires_grad)


def full_like(x: Tensor, fill_value: Any, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """One number everywhere, in the shape and dtype of x."""
    return _done(np.full(x.shape, fill_value, dtype or x.dtype), requires_grad)


def arange(start: Any, end: Any = None, step: Any = 1, dtype: Any = None, device: Any = None) -> Tensor:
    """start, start + step, … up to but without end. Integers in, integers out.

    >>> arange(3)
    tensor([0, 1, 2])
    """
    start, end = (0, start) if end is None else (start, end)
    need((end - start) * step >= 0, "arange", "step={} does not lead from {} to {}", step, start, end)
    array = np.arange(start, end, step, dtype=dtype)
    return wrap(usual(array) if dtype is None else array)


def linspace(start: float, end: float, steps: int, dtype: Any = None, device: Any = None) -> Tensor:
    """`steps` numbers from start to end, both included, evenly spaced."""
    return wrap(np.linspace(start, end, steps, dtype=dtype or Default.dtype))


def eye(n: int, m: int | None = None, dtype: Any = None, requires_grad: bool = False, device: Any = None) -> Tensor:
    """Ones on the diagonal of an (n, m) matrix."""
    return _done(np.eye(n, m, dtype=dtype or Default.dtype), requires_grad)


def rand(
    *shape: Any, generator: Any = None, dtype: Any = None, requires_grad: bool = False, device: Any = None
) -> Tensor:
    """Uniform numbers in [0, 1).

    >>> x = rand(1000, generator=np.random.default_rng(0))
    >>> bool(0 <= x.min()) and bool(x.max() < 1)
    True
    """
    return _done(numpy_generator(generator).random(sizes(shape), dtype=dtype or Default.dtype), requires_grad)


def randn(
    *shape: Any, generator: Any = None, dtype: Any = None, requires_grad: bool = False, device: Any = None
) -> Tensor:
    """Numbers from the normal law with mean 0 and variance 1."""
    return _done(numpy_generator(generator).standard_normal(sizes(shape), dtype=dtype or Default.dtype), requires_grad)


def rand_like(x: Tensor, dtype: Any = None, requires_grad: bool = False, generator: Any = None) -> Tensor:
    """Uniform numbers in the shape and dtype of x."""
    return rand(x.shape, generator=generator, dtype=dtype or x.dtype, requires_grad=requires_grad)


def randn_like(x: Tensor, dtype: Any = None, requires_grad: bool = False, generator: Any = None) -> Tensor:
    """Normal numbers in the shape and dtype of x."""
    return randn(x.shape, generator=generator, dtype=dtype or x.dtype, requires_grad=requires_grad)


def randint(
    low: int = 0, high: Any = None, size: Any = None, generator: Any = None, dtype: Any = np.int64, device: Any = None
) -> Tensor:
    """Integers from low up to but without high, in the shape `size`. randint(high, size) starts at 0."""
    if size is None or isinstance(high, tuple | list):
        low, high, size = 0, low, high
    return wrap(as_array(numpy_generator(generator).integers(low, high, tuple(size), dtype=dtype)))


def randperm(n: int, generator: Any = None, device: Any = None) -> Tensor:
    """The integers below n in random order."""
    need(n >= 0, "randperm", "n should be at least 0, but got {}", n)
    return wrap(usual(numpy_generator(generator).permutation(n)))


def normal(mean: Any, std: Any, size: Any = None, generator: Any = None, requires_grad: bool = False) -> Tensor:
    """Numbers from the normal law with this mean and standard deviation, in the shape `size` or in theirs."""
    need(np.min(plain(std)) >= 0, "normal", "std should be at least 0, but got {}", np.min(plain(std)))
    size = np.broadcast_shapes(np.shape(plain(mean)), np.shape(plain(std))) if size is None else size
    return (randn(*size, generator=generator) * std + mean).requires_grad_(requires_grad)


def bernoulli(p: Tensor, generator: Any = None) -> Tensor:
    """1 with probability p and 0 otherwise, for each p."""
    p.need_float("bernoulli")
    need(((p.array >= 0) & (p.array <= 1)).all(), "bernoulli", "p should hold probabilities in [0, 1]")
    return wrap((numpy_generator(generator).random(p.shape) < p.array).astype(p.dtype))


def multinomial(p: Tensor, num_samples: int, replacement: bool = False, generator: Any = None) -> Tensor:
    """Indices drawn from each row of weights p (K) or (N, K), which need not sum to 1: (num_samples) or (N, …).

    >>> multinomial(Tensor([0.0, 1.0]), 1)
    tensor([1])
    """
    p.need_float("multinomial")
    need(num_samples > 0, "multinomial", "num_samples should be at least 1, but got {}", num_samples)
    rows = np.atleast_2d(p.array).astype(np.float64)
    if (rows < 0).any() or not np.isfinite(rows).all() or (rows.sum(-1) <= 0).any():
        raise RuntimeError("multinomial: weights must be finite, not negative, and not all zero in a row")
    draw = numpy_generator(generator).choice
    out = np.stack([draw(len(row), num_samples, replacement, row / row.sum()) for row in rows])
    return wrap(usual(out if p.ndim == 2 else out[0]))


def cat(tensors: Any, dim: int = 0) -> Tensor:
    """Tensors one after the other along an axis that exists; the other axes must agree.

    >>> cat([ones(1, 2), zeros(2, 2)]).shape
    torch.Size([3, 2])
    """
    return apply(ops.cat, *alike(tensors), axis=dim)


def stack(tensors: Any, dim: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new axis.

    >>> stack([ones(2), zeros(2)]).shape
    torch.Size([2, 2])
    """
    for x in tensors:
        if x.shape != tensors[0].shape:
            expect("stack", "each tensor", x, " ".join(map(str, tensors[0].shape)))
    return apply(ops.stack, *alike(tensors), axis=dim)


def alike(tensors: Any) -> Any:
    """Tensors in the one dtype that all of them meet in: floats win over integers, wider ones over narrower."""
    need(not isinstance(tensors, Tensor), "cat or stack", "expected a list of tensors, but got one tensor", TypeError)
    need(len(tensors), "cat or stack", "expected at least one tensor, but got an empty list", RuntimeError)
    kinds = {x.array.dtype for x in tensors}
    if len(kinds) < 2:
        return tensors
    dtype = np.result_type(*({kind for kind in kinds if kind.kind == "f"} or kinds))
    return [x.to(dtype) for x in tensors]


def meshgrid(*tensors: Tensor, indexing: Any = "ij") -> tuple[Tensor, ...]:
    """The coordinates of a grid: one tensor for each axis, all of the shape of the grid. Twin: torch.meshgrid.

    >>> rows, columns = meshgrid(arange(2), arange(3), indexing="ij")
    >>> columns
    tensor([[0, 1, 2],
            [0, 1, 2]])
    """
    need(
        all(x.ndim < 2 for x in tensors), "meshgrid", "expected rows, (n), but got {}", [x.array.shape for x in tensors]
    )
    return tuple([wrap(grid) for grid in np.meshgrid(*[x.array for x in tensors], indexing=indexing)])


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """x where the condition holds, y elsewhere, place by place; of a condition alone, the indices where it holds."""
    if x is None and y is None:
        return as_tensor(condition).nonzero(as_tuple=True)
    if not isinstance(x, Tensor) and not isinstance(y, Tensor):
        x = tensor(x)
    x, y = agree(x, y)
    return apply(ops.where, x, y, condition=truth("where", condition))


def einsum(equation: str, *tensors: Tensor) -> Tensor:
    """Sums of products by the letters of their axes: einsum("nd,kd->nk", x, w) is x @ w.T.

    >>> einsum("nd,kd->nk", ones(2, 3), ones(4, 3)).shape
    torch.Size([2, 4])
    """
    return apply(ops.einsum, *tensors, equation=equation)
