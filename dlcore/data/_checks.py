"""Small guards shared by the data functions: an error says where, what was expected, what came, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def whole(where: str, name: str, value: Any, least: int = 1) -> int:
    """Return `value` as an int, or raise ValueError if it is not a whole number of at least `least`.

    >>> whole("moons", "n", 3)
    3
    """
    if isinstance(value, bool) or value != value or int(value) != value or value < least:
        raise ValueError(f"{where}: {name} must be a whole number, at least {least}; got {value!r}.")
    return int(value)


def within(where: str, name: str, value: float, low: float, high: float = float("inf")) -> float:
    """Return `value`, or raise ValueError if it does not lie in [low, high].

    >>> within("moons", "noise", 0.1, 0.0)
    0.1
    """
    if not low <= value <= high:
        limits = f"at least {low:g}" if high == float("inf") else f"between {low:g} and {high:g}"
        raise ValueError(f"{where}: {name} must be {limits}; got {value!r}.")
    return value


def same_length(where: str, arrays: Sequence[Any]) -> int:
    """Return the common length of `arrays`, or raise ValueError that lists the lengths.

    >>> same_length("batches", ([1, 2], [3, 4]))
    2
    """
    lengths = [len(a) for a in arrays]
    if not lengths:
        raise ValueError(f"{where}: expected at least one array; got none.")
    if len(set(lengths)) > 1:
        listed = ", ".join(map(str, lengths))
        raise ValueError(f"{where}: every array needs the same number of examples; got {listed}. Check the first axis.")
    return lengths[0]
