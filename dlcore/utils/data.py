"""Data sets and their batches with PyTorch's names, for scripts in which one word shall change.

(`dlcore.data.batches` does the same for arrays, in one line.)
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from dlcore.absent import asked
from dlcore.rng import numpy_generator
from dlcore.shapes import need
from dlcore.tensor import Tensor
from dlcore.tensor.create import stack, tensor


class Dataset:
    """Examples by number: write `__getitem__` and `__len__`. Twin: torch.utils.data.Dataset."""

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__(index): write which example that is.")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no __len__(): write how many examples there are.")


class TensorDataset(Dataset):
    """Tensors with the same first axis N; example i is one row of each. Twin: torch.utils.data.TensorDataset.

    >>> x, y = tensor([[1.0], [2.0]]), tensor([0, 1])
    >>> TensorDataset(x, y)[1]
    (tensor([2.]), tensor(1))
    """

    def __init__(self, *tensors: Tensor):
        if len({len(x) for x in tensors}) != 1:
            raise ValueError(f"TensorDataset: lengths must agree, got {[len(x) for x in tensors]}.")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple([x[index] for x in self.tensors])

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset):
    """Those examples of a data set that have these numbers. Twin: torch.utils.data.Subset."""

    def __init__(self, dataset: Any, indices: Sequence[int]):
        self.dataset, self.indices = dataset, indices

    def __getitem__(self, index: Any) -> Any:
        return self.dataset[self.indices[index]]

    def __len__(self) -> int:
        return len(self.indices)


def random_split(dataset: Any, lengths: Sequence[float], generator: Any = None) -> list[Subset]:
    """Deal the examples at random into parts of these lengths, or of these shares if they add up to 1.

    Twin: torch.utils.data.random_split.

    >>> [len(part) for part in random_split(range(10), [0.8, 0.2])]
    [8, 2]
    """
    n, whole = len(dataset), [int(length) for length in lengths]
    if sum(lengths) <= 1 and abs(sum(lengths) - 1) < 1e-9:
        whole = [int(n * share) for share in lengths]
        for i in range(n - sum(whole)):  # what rounding left, one by one
            whole[i % len(whole)] += 1
    if sum(whole) != n:
        raise ValueError(f"random_split: the lengths {list(lengths)} must add up to the {n} examples, or to 1.")
    order = numpy_generator(generator).permutation(n)
    return [Subset(dataset, rows.tolist()) for rows in np.split(order, np.cumsum(whole)[:-1])]


def default_collate(examples: Sequence[Any]) -> Any:
    """Make one batch of several examples: tensors, arrays and numbers are stacked, within tuples and dicts too.

    >>> default_collate([(1.0, 2), (3.0, 4)])
    [tensor([1., 3.], dtype=torch.float64), tensor([2, 4])]
    """
    first = examples[0]
    if isinstance(first, tuple | list):
        return [default_collate(column) for column in zip(*examples, strict=True)]
    if isinstance(first, dict):
        return {key: default_collate([example[key] for example in examples]) for key in first}
    if isinstance(first, str):
        return list(examples)
    if isinstance(first, Tensor):
        return stack(examples)
    array = np.stack(examples)  # numbers of Python stay as exact as they are: float64
    known = "default_collate", "expected tensors, arrays, numbers, tuples or dicts, but got {}"
    need(array.dtype.kind in "biuf", *known, type(first).__name__, TypeError)
    return tensor(array)


class DataLoader:
    """Mini-batches of a data set; every pass over it is one epoch, in a new random order if `shuffle` is set.

    Args:
        dataset: anything with a length and examples by number; or an IterableDataset, which gives them.
        batch_size: number of examples in a batch; the last may be smaller, unless `drop_last`. None: no batches.
        sampler, batch_sampler: an order of one's own, as numbers of examples or as lists of them.
        collate_fn: makes one batch of a list of examples; None stacks them.
        generator: where the order comes from; None is the default generator.
        num_workers, pin_memory, …: accepted for PyTorch's sake; everything happens in this process.

    Twin: torch.utils.data.DataLoader.

    >>> data = TensorDataset(tensor([[1.0], [2.0], [3.0]]), tensor([0, 1, 2]))
    >>> [y.tolist() for x, y in DataLoader(data, batch_size=2)]
    [[0, 1], [2]]
    """

    def __init__(
        self, dataset: Any, batch_size: int | None = 1, shuffle: bool | None = False, sampler: Any = None,
        batch_sampler: Any = None, num_workers: int = 0, collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False, drop_last: bool = False, timeout: float = 0, worker_init_fn: Any = None,
        multiprocessing_context: Any = None, generator: Any = None, *, prefetch_factor: int | None = None,
        persistent_workers: bool = False,
    ):  # fmt: skip
        whole = batch_size is None or (isinstance(batch_size, int) and batch_size >= 1)
        need(whole, "DataLoader", "batch_size must be at least 1, and whole, got {}", batch_size)
        both = shuffle and (sampler is not None or batch_sampler is not None)
        need(not both, "DataLoader", "a sampler is an order of its own; leave out shuffle")
        need(num_workers >= 0, "DataLoader", "num_workers must be at least 0, got {}", num_workers)
        self.dataset, self.batch_size, self.drop_last, self.generator = dataset, batch_size, drop_last, generator
        self.shuffle, self.sampler, self.batch_sampler = bool(shuffle), sampler, batch_sampler
        self.collate_fn = collate_fn or (default_collate if batch_size else (lambda example: example))

    def __len__(self) -> int:
        if self.batch_sampler is not None:
            return len(self.batch_sampler)
        n, size = len(self.dataset if self.sampler is None else self.sampler), self.batch_size or 1
        return n // size if self.drop_last else -(-n // size)

    def __iter__(self) -> Iterator[Any]:
        if getattr(self.dataset, "comes_by_itself", False):
            return map(self.collate_fn, _cut(iter(self.dataset), self.batch_size, self.drop_last))
        return map(self._batch, self.batch_sampler or _cut(self._numbers(), self.batch_size, self.drop_last))

    def _numbers(self) -> Iterator[int]:
        if self.sampler is not None:
            return iter(self.sampler)
        n = len(self.dataset)
        return iter(numpy_generator(self.generator).permutation(n).tolist() if self.shuffle else range(n))

    def _batch(self, rows: Any) -> Any:
        if not self.batch_size and self.batch_sampler is None:
            return self.collate_fn(self.dataset[rows])
        if type(self.dataset) is TensorDataset and self.collate_fn is default_collate:
            return list(self.dataset[rows])  # all rows at once
        return self.collate_fn([self.dataset[int(row)] for row in rows])


def _cut(items: Iterator[Any], size: int | None, drop_last: bool) -> Iterator[Any]:
    """Items in lists of this size, the last perhaps shorter; or each by itself."""
    while batch := list(islice(items, size or 1)):
        if not size:
            yield batch[0]
        elif len(batch) == size or not drop_last:
            yield batch


__getattr__ = asked(__name__)  # what else PyTorch has here
