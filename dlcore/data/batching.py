"""From a data set to what the training loop eats: fixed splits, standardisation, mini-batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.data._checks import same_length, whole
from dlcore.data._random import Source, random_source


@dataclass
class Batches:
    """Mini-batches of one or several arrays; iterate once per epoch. Made by `batches`."""

    arrays: tuple[Any, ...]
    batch_size: int
    shuffle: bool
    drop_last: bool
    rng: np.random.Generator

    def __len__(self) -> int:
        """Number of batches in one epoch."""
        n = len(self.arrays[0])
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Go once through the examples, in a new random order each time if `shuffle` was asked for."""
        n = len(self.arrays[0])
        order = self.rng.permutation(n) if self.shuffle else np.arange(n)
        for i in range(len(self)):
            rows = order[i * self.batch_size : (i + 1) * self.batch_size]
            yield tuple(a[rows] for a in self.arrays)


def batches(
    *arrays: Any, batch_size: int = 32, shuffle: bool = True, drop_last: bool = False, generator: Source = None
) -> Batches:
    """Cut arrays into mini-batches, the same rows from each; every pass over the result is one epoch.

    Args:
        arrays: NumPy arrays, dlcore tensors or torch tensors with the same first axis N, usually x and y.
        batch_size: number of examples in a batch; the last batch may be smaller.
        shuffle: draw a new random order for every epoch.
        drop_last: leave out the last batch if it is smaller.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        An iterable of tuples with as many members as there are arrays; `len` gives the number of batches.

    Raises:
        ValueError: if the arrays differ in length or batch_size is not a positive whole number.

    Twin: torch.utils.data.DataLoader(TensorDataset(x, y), batch_size, shuffle), without workers.

    >>> x, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> [len(xb) for xb, yb in batches(x, y, batch_size=2)]
    [2, 2, 1]
    """
    same_length("batches", arrays)
    whole("batches", "batch_size", batch_size)
    return Batches(arrays, batch_size, shuffle, drop_last, random_source(generator))


def split(
    n: int,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    labels: np.ndarray | None = None,
    generator: Source = None,
) -> tuple[np.ndarray, ...]:
    """Deal the numbers 0 … n-1 at random into groups of the given fractions, such as train, validation and test.

    Args:
        n: number of examples N.
        fractions: share of each group; they add up to 1.
        labels: (N,) classes; if given, each group holds each class in the same proportion, to within one example.
        generator: a Generator, a seed, or None for the default generator.

    Returns:
        One sorted (M,) int64 array of row numbers per group; together they hold each row exactly once.

    Raises:
        ValueError: if the fractions are negative or do not add up to 1, or labels is not (N,).

    >>> [len(rows) for rows in split(50, generator=0)]
    [30, 10, 10]
    """
    whole("split", "n", n)
    shares = np.asarray(fractions, dtype=float)
    if shares.ndim != 1 or (shares < 0).any() or abs(shares.sum() - 1) > 1e-9:
        raise ValueError(f"split: fractions must be at least 0 and add up to 1; got {fractions!r}.")
    labels = np.zeros(n, int) if labels is None else np.asarray(labels)
    if labels.shape != (n,):
        raise ValueError(f"split: labels must have shape ({n},), one per example; got {labels.shape}.")
    rng = random_source(generator)
    classes = [rng.permutation(np.flatnonzero(labels == label)) for label in np.unique(labels)]
    dealt = _dealt(np.array([[len(rows)] for rows in classes]) * shares, rng)
    cut = [np.split(rows, cuts) for rows, cuts in zip(classes, dealt.cumsum(1)[:, :-1], strict=True)]
    return tuple(np.sort(np.concatenate(parts)) for parts in zip(*cut, strict=True))


def _dealt(want: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Round (classes, groups) to whole numbers such that each group as a whole gets its share too, to within two."""
    cuts = np.rint(want.cumsum(1))
    dealt = np.diff(cuts, axis=1, prepend=0)
    while np.ptp(over := (dealt - want).sum(0)) > 2:
        most, least = over.argmax(), over.argmin()
        unfair = (dealt - want)[:, most] - (dealt - want)[:, least] + 1e-6 * rng.random(len(want))
        one = np.where(dealt[:, most] > 0, unfair, -np.inf).argmax()  # of this class one example goes over
        dealt[one, most] -= 1
        dealt[one, least] += 1
    return dealt.astype(int)


@dataclass(frozen=True)
class Standardiser:
    """Shift and scale each feature to mean 0 and standard deviation 1, as measured on the training data alone.

        z = (x - mean) / std

    A feature that does not vary in the training data is only shifted. Fit with `Standardiser.fit(x_train)`.

    >>> scale = Standardiser.fit(np.array([[0.0, 5.0], [2.0, 5.0]]))
    >>> scale(np.array([[4.0, 5.0]]))
    array([[3., 0.]], dtype=float32)
    >>> scale.inverse(np.array([[3.0, 0.0]]))
    array([[4., 5.]], dtype=float32)
    """

    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def fit(cls, x: np.ndarray) -> Standardiser:
        """Measure mean and standard deviation over the first axis, in float64."""
        x = np.asarray(x, dtype=np.float64)
        if x.ndim < 1 or not len(x):
            raise ValueError(f"Standardiser.fit: expected at least one example on the first axis; got shape {x.shape}.")
        std = x.std(axis=0)
        constant = np.ptp(x, axis=0) == 0  # exactly constant; its std may be rounding error instead of 0
        return cls(np.where(constant, x[0], x.mean(axis=0)), np.where(constant, 1.0, std))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Standardise; float32."""
        return ((x - self.mean) / self.std).astype(np.float32)

    def inverse(self, z: np.ndarray) -> np.ndarray:
        """Back to the original units; float32."""
        return (z * self.std + self.mean).astype(np.float32)
