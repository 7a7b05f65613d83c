"""Functions of PyTorch beside those of dlcore: the methods of methods.py as functions, and those that take several."""

import itertools
from typing import Any

import numpy as np

from dlcore.dtypes import Default
from dlcore.rng import default_generator, numpy_generator
from dlcore.tensor import Tensor, wrap
from dlcore.tensor.create import as_tensor, cat, einsum, ones, randint, stack, tensor, zeros
from dlcore.tensor.protocols import plain
from dlcore.torchlike.methods import METHODS

METHODS_ONLY = {"type", "cuda", "new", "half", "short", "byte", "data_ptr", "get_device", "pin_memory", "stride"}


def _function(name: str) -> Any:
    def function(input: Any, *args: Any, out: Any = None, **named: Any) -> Any:
        made = getattr(as_tensor(input), name)(*args, **named)
        return made if out is None else out.copy_(made)

    function.__name__ = function.__qualname__ = name
    return function


#: Methods that dlcore has and its front door does not show as functions.
FROM_DLCORE = "cumprod detach is_floating_point masked_scatter unflatten scatter_add index_add tile expand_as".split()
MADE = [
    name
    for name in [*METHODS, *FROM_DLCORE]
    if name not in METHODS_ONLY
    and not isinstance(METHODS.get(name), property)
    and not name.startswith(("new_", "is_s"))
]
globals().update({name: _function(name) for name in MADE})


def is_nonzero(x: Tensor) -> Any:
    """Whether one number is not zero."""
    return bool(x)


def hstack(tensors: Any) -> Tensor:
    """Tensors side by side: along the second axis, vectors along their only one."""
    return cat(tensors, 0 if tensors[0].ndim == 1 else 1)


def vstack(tensors: Any) -> Tensor:
    """Tensors on top of each other: vectors as rows."""
    return cat([x.reshape(1, -1) if x.ndim == 1 else x for x in tensors], 0)


def dstack(tensors: Any) -> Tensor:
    """Tensors along a third axis."""
    return stack(tensors, 2)


def column_stack(tensors: Any) -> Tensor:
    """Vectors as columns."""
    return cat([x.reshape(-1, 1) if x.ndim == 1 else x for x in tensors], 1)


def tensor_split(input: Tensor, sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """So many parts of nearly one size, or parts that end before these places."""
    n = input.shape[dim]
    lengths = [len(part) for part in np.array_split(np.arange(n), sections)]
    return tuple(input.split(lengths, dim))


def hsplit(input: Tensor, sections: Any) -> tuple[Tensor, ...]:
    """Parts along the second axis, of a vector along its only one."""
    return tensor_split(input, sections, min(1, input.ndim - 1))


def vsplit(input: Tensor, sections: Any) -> tuple[Tensor, ...]:
    """Parts along the first axis."""
    return tensor_split(input, sections, 0)


def block_diag(*tensors: Tensor) -> Tensor:
    """Matrices along the diagonal of one, zeros elsewhere."""
    width, rows, left = sum(x.shape[1] for x in tensors), [], 0
    for x in tensors:
        rows.append(cat([zeros(len(x), left), x, zeros(len(x), width - left - x.shape[1])], 1))
        left += x.shape[1]
    return cat(rows, 0)


def atleast_1d(x: Tensor) -> Tensor:
    """A single number as a vector; anything else as it is."""
    return x if x.ndim else x.reshape(1)


def atleast_2d(x: Tensor) -> Tensor:
    """A vector as a row; anything larger as it is."""
    return x if x.ndim > 1 else x.reshape(1, -1)


def poisson(input: Tensor, generator: Any = None) -> Tensor:
    """Counts whose mean is each number."""
    return wrap(numpy_generator(generator).poisson(plain(input)).astype(input.array.dtype))


def can_cast(from_: Any, to: Any) -> Any:
    """Whether numbers of one kind may be written over those of another."""
    return bool(np.can_cast(np.dtype(from_), np.dtype(to), "same_kind"))


def broadcast_tensors(*tensors: Tensor) -> list[Tensor]:
    """Tensors in the shape that they have together."""
    shape = np.broadcast_shapes(*[x.shape for x in tensors])
    return [x.expand(*shape) for x in tensors]


def broadcast_to(input: Tensor, shape: Any) -> Tensor:
    """A tensor repeated along its axes of size 1."""
    return input.expand(*shape)


def tril_indices(row: int, col: int, offset: int = 0, **_: Any) -> Tensor:
    """The places on and below a diagonal, (2, n)."""
    return wrap(np.stack(np.tril_indices(row, offset, col)))


def triu_indices(row: int, col: int, offset: int = 0, **_: Any) -> Tensor:
    """The places on and above a diagonal, (2, n)."""
    return wrap(np.stack(np.triu_indices(row, offset, col)))


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All combinations of one number of each vector, one in a row."""
    return tensor(list(itertools.product(*[x.tolist() for x in tensors])), dtype=tensors[0].dtype)


def combinations(input: Tensor, r: int = 2) -> Tensor:
    """All choices of r numbers."""
    return tensor(list(itertools.combinations(input.tolist(), r)), dtype=input.dtype)


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """Sums of products over several axes: the last `dims` of a with the first of b, or the axes named."""
    of_a, of_b = dims if not isinstance(dims, int) else (range(a.ndim - dims, a.ndim), range(dims))
    letters = [chr(97 + i) for i in range(a.ndim + b.ndim)]
    first, second = letters[: a.ndim], letters[a.ndim :]
    for i, j in zip(of_a, of_b, strict=True):
        second[j] = first[i]
    kept = [c for c in first if c not in second] + [c for c in second if c not in first]
    return einsum(f"{''.join(first)},{''.join(second)}->{''.join(kept)}", a, b)


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0) -> Tensor:
    """The distance of each row of x1 to each of x2."""
    return (x1.unsqueeze(-2) - x2.unsqueeze(-3)).norm(p, -1)


def logspace(start: float, end: float, steps: int, base: float = 10.0, **_: Any) -> Tensor:
    """Numbers from base^start to base^end, evenly spaced in their logarithm."""
    return wrap(np.logspace(start, end, steps, base=base, dtype=Default.dtype))


def searchsorted(sorted_sequence: Tensor, values: Any, right: bool = False) -> Tensor:
    """Where values would be put into a sorted vector."""
    return wrap(np.asarray(np.searchsorted(sorted_sequence.array, plain(values), "right" if right else "left")))


def bucketize(input: Any, boundaries: Tensor, right: bool = False) -> Tensor:
    """In which interval between sorted boundaries each number lies."""
    return searchsorted(boundaries, input, right)


def atan2(input: Tensor, other: Any) -> Tensor:
    """The angle of a point (other, input), without a slope."""
    return wrap(np.arctan2(input.array, plain(other)))


def complex(real: Any, imag: Any) -> Any:  # noqa: A001
    """Refuse."""
    from dlcore.torchlike.sentences import sentence

    raise RuntimeError(sentence("dlcore", "complex"))


def scalar_tensor(value: Any, dtype: Any = None, **_: Any) -> Tensor:
    """One number as a tensor."""
    return tensor(value, dtype=dtype or Default.dtype)


def empty_like(input: Tensor, dtype: Any = None, **_: Any) -> Tensor:
    """A tensor to be filled, in the shape of another; it starts as zeros."""
    return zeros(input.shape, dtype=dtype or input.dtype)


def randint_like(input: Tensor, low: int, high: Any = None, **_: Any) -> Tensor:
    """Integers in the shape of another tensor."""
    return randint(0 if high is None else low, low if high is None else high, input.shape)


def seed() -> int:
    """Start the default generator from a seed of its own choosing."""
    start = int(np.random.default_rng().integers(2**31))
    default_generator.manual_seed(start)
    return start


def initial_seed() -> Any:
    """The seed that the default generator started from."""
    return default_generator.initial_seed()


def get_rng_state() -> Any:
    """A picture of where the default generator stands."""
    return default_generator.get_state()


def set_rng_state(state: Any) -> None:
    """Let the default generator go on from such a picture."""
    default_generator.set_state(state)


def promote_types(a: Any, b: Any) -> Any:
    """The dtype that two meet in."""
    return (ones(1, dtype=a) + ones(1, dtype=b)).dtype


def result_type(x: Any, y: Any) -> Any:
    """The dtype of a sum of two."""
    return (x + y).dtype


arccos, arcsin, arctan2 = globals()["acos"], globals()["asin"], atan2
spmm = globals()["mm"]  # for matrices that are written dense
row_stack, concatenate, swapdims = vstack, cat, globals()["swapdims"]

__all__ = [  # noqa: PLE0604
    *MADE,
    *"arctan2 atan2 atleast_1d atleast_2d block_diag broadcast_tensors broadcast_to bucketize".split(),
    *"can_cast cartesian_prod cdist column_stack".split(),
    *"combinations complex concatenate dstack empty_like get_rng_state hsplit hstack initial_seed".split(),
    *"is_nonzero logspace poisson promote_types randint_like result_type row_stack scalar_tensor".split(),
    *"searchsorted spmm seed set_rng_state tensor_split tensordot tril_indices triu_indices vsplit vstack".split(),
]
