"""Samplers and data sets of torch.utils.data beside those of dlcore.utils.data."""

import bisect
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dlcore.rng import numpy_generator
from dlcore.tensor.protocols import plain
from dlcore.utils.data import Dataset


class Sampler:
    """An order of examples: write `__iter__` and `__len__`. Twin: torch.utils.data.Sampler."""

    def __init__(self, data_source: Any = None):
        self.data_source = data_source

    def __class_getitem__(cls, _: Any) -> type["Sampler"]:
        return cls  # Sampler[int] in annotations

    def __len__(self) -> int:
        return len(self.data_source)


class SequentialSampler(Sampler):
    """One after the other."""

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))


class RandomSampler(Sampler):
    """In random order, or (with replacement) drawn anew each time."""

    def __init__(self, data_source: Any, replacement: bool = False, num_samples: Any = None, generator: Any = None):
        super().__init__(data_source)
        self.replacement, self.n, self.generator = replacement, num_samples or len(data_source), generator

    def __iter__(self) -> Iterator[int]:
        random, n, left = numpy_generator(self.generator), len(self.data_source), self.n
        while left > 0:  # a part at a time: there are scripts that ask for 10¹⁰
            part = random.integers(0, n, min(left, 1000)) if self.replacement else random.permutation(n)[:left]
            left -= len(part)
            yield from part.tolist()

    def __len__(self) -> int:
        return self.n


class SubsetRandomSampler(Sampler):
    """These examples, in random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None):
        super().__init__(indices)
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        order = numpy_generator(self.generator).permutation(len(self.data_source))
        return (int(self.data_source[i]) for i in order.tolist())


class WeightedRandomSampler(Sampler):
    """Examples drawn with probabilities in proportion to their weights."""

    def __init__(self, weights: Any, num_samples: int, replacement: bool = True, generator: Any = None):
        super().__init__(range(num_samples))
        self.weights, self.replacement, self.generator = np.asarray(plain(weights), float), replacement, generator

    def __iter__(self) -> Iterator[int]:
        p, n = self.weights / self.weights.sum(), len(self.weights)
        return iter(numpy_generator(self.generator).choice(n, len(self), self.replacement, p).tolist())


class BatchSampler(Sampler):
    """The numbers of another sampler in batches."""

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool = False):
        super().__init__(sampler)
        self.sampler, self.batch_size, self.drop_last = sampler, batch_size, drop_last

    def __iter__(self) -> Iterator[list[int]]:
        numbers = iter(self.sampler)
        while batch := list(itertools.islice(numbers, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        n = len(self.sampler)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)


class IterableDataset(Dataset):
    """Examples that come one by one: write `__iter__`. Twin: torch.utils.data.IterableDataset."""

    comes_by_itself = True

    def __len__(self) -> int:
        raise TypeError(
            f"{type(self).__name__} comes by itself and has no length."
        )  # which list() asks for, and minds not


class ConcatDataset(Dataset):
    """Data sets one after another."""

    def __init__(self, datasets: Any):
        self.datasets = list(datasets)
        self.ends = list(itertools.accumulate(map(len, self.datasets)))

    def __len__(self) -> int:
        return self.ends[-1]

    def __getitem__(self, index: int) -> Any:
        index = index + len(self) if index < 0 else index
        part = bisect.bisect_right(self.ends, index)
        return self.datasets[part][index - (self.ends[part - 1] if part else 0)]


class ChainDataset(IterableDataset):
    """Data sets that come by themselves, one after another."""

    def __init__(self, datasets: Any):
        self.datasets = datasets

    def __iter__(self) -> Iterator[Any]:
        return itertools.chain(*self.datasets)


def get_worker_info() -> None:
    """None: everything happens in this process."""


__all__ = [
    "BatchSampler", "ChainDataset", "ConcatDataset", "IterableDataset", "RandomSampler", "Sampler", "SequentialSampler",
    "SubsetRandomSampler", "WeightedRandomSampler", "get_worker_info",
]  # fmt: skip
