"""Randomness as an argument: every function that draws takes `generator=`, and one default generator is seeded here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


class Generator:
    """A stream of random numbers of its own. Same seed, same numbers, whatever others draw meanwhile.

    Args:
        seed: any integer from 0; None takes fresh entropy from the operating system.

    Twin: torch.Generator (other numbers, same use).
    Source: M. O'Neill (2014), PCG: a family of simple fast space-efficient generators.

    >>> a, b = Generator(7), Generator().manual_seed(7)
    >>> bool(a.numpy.random() == b.numpy.random())
    True
    """

    __slots__ = ("numpy", "_seed")

    def __init__(self, seed: int | str | None = None, device: str = "cpu") -> None:
        seed, device = (None, seed) if isinstance(seed, str) else (seed, str(device))  # Generator("cpu")
        if device != "cpu":
            raise RuntimeError(f"Generator: dlcore draws on the processor only; expected 'cpu', but got {device!r}.")
        self._seed = seed
        self.numpy = np.random.Generator(np.random.PCG64(seed))

    def manual_seed(self, seed: int) -> "Generator":
        """Start again from `seed`; returns the generator itself, as torch does."""
        self._seed, self.numpy = seed, np.random.Generator(np.random.PCG64(seed))
        return self

    def initial_seed(self) -> int | None:
        """The seed that this stream started from."""
        return self._seed

    def get_state(self) -> dict:
        """A picture of where the stream stands, for set_state."""
        return dict(self.numpy.bit_generator.state)

    def set_state(self, state: dict) -> None:
        """Continue from a picture taken by get_state."""
        self.numpy.bit_generator.state = state


default_generator = Generator()


def manual_seed(seed: int) -> Generator:
    """Seed the default generator, from which everything draws that was given no generator of its own.

    >>> first = manual_seed(0).numpy.random()
    >>> bool(manual_seed(0).numpy.random() == first)
    True
    """
    return default_generator.manual_seed(seed)


@contextmanager
def fork_rng() -> Iterator[None]:
    """Draw within the block as you like: afterwards the default generator stands where it stood before.

    Twin: torch.random.fork_rng.

    >>> _ = manual_seed(0)
    >>> with fork_rng():
    ...     first = default_generator.numpy.random()
    >>> bool(default_generator.numpy.random() == first)
    True
    """
    state = default_generator.get_state()
    try:
        yield
    finally:
        default_generator.set_state(state)


def numpy_generator(generator: Any = None) -> np.random.Generator:
    """The NumPy stream behind `generator`: ours, a plain NumPy one, or (None) the default."""
    if generator is None:
        return default_generator.numpy
    if isinstance(generator, Generator):
        return generator.numpy
    if isinstance(generator, np.random.Generator):
        return generator
    raise TypeError(f"generator: expected a dlcore.Generator or None, but got {type(generator).__name__}")
