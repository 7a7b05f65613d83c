"""What happened during training, in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

import numpy as np


class History:
    """Rows of named numbers; a row need not have every column.

    >>> history = History()
    >>> history.record(step=0, loss=2.0)
    >>> history.record(step=1, loss=1.0, accuracy=0.5)
    >>> history["loss"]
    array([2., 1.])
    >>> history.columns("step", "accuracy")
    (array([1]), array([0.5]))
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def record(self, entry: Any = None, /, **values: Any) -> None:
        """Add one row: a Step (or any data class), a mapping, named numbers, or several of these; None is left out."""
        row = asdict(entry) if is_dataclass(entry) and not isinstance(entry, type) else dict(entry or {})
        row.update(values)
        self.rows.append({name: value for name, value in row.items() if value is not None})

    def follow(self, records: Iterable[Any]) -> Iterator[Any]:
        """Pass records through and note each on the way: `for step in history.follow(steps(…))`."""
        for record in records:
            self.record(record)
            yield record

    @property
    def names(self) -> list[str]:
        """Names of all columns, in the order of their first appearance."""
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> np.ndarray:
        """The values of one column, from the rows that have it."""
        return self.columns(name)[0]

    def columns(self, *names: str) -> tuple[np.ndarray, ...]:
        """Several columns, from the rows that have all of them; KeyError lists the columns there are."""
        if missing := [name for name in names if name not in self.names]:
            raise KeyError(f"History has no column {missing[0]!r}; it has {', '.join(self.names) or 'no rows yet'}.")
        rows = [row for row in self.rows if all(name in row for name in names)]
        return tuple(np.array([row[name] for row in rows]) for name in names)

    def per_epoch(self, name: str = "loss") -> tuple[np.ndarray, np.ndarray]:
        """Epoch numbers and the mean of a column in each epoch, weighted by `size` where the rows have it."""
        epoch, value = self.columns("epoch", name)
        size = self.columns("epoch", name, "size")[2] if "size" in self.names else np.ones(len(value))
        if len(size) != len(value):
            raise ValueError(f"History.per_epoch: some rows with {name!r} have a size and some have not.")
        numbers, place = np.unique(epoch, return_inverse=True)
        return numbers, np.bincount(place, value * size) / np.bincount(place, size)


def fit(records: Iterable[Any]) -> History:
    """Run a training loop to its end and return its history.

    >>> len(fit([{"loss": 1.0}, {"loss": 0.5}]))
    2
    """
    history = History()
    for record in records:
        history.record(record)
    return history
