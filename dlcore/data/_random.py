"""Where the random numbers of a data set come from."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.rng import Generator, numpy_generator

#: A dlcore or NumPy generator, a seed, or None for the default generator.
Source = Generator | np.random.Generator | int | None


def random_source(generator: Any) -> np.random.Generator:
    """The NumPy stream behind `generator`; a whole number is a seed.

    >>> float(random_source(0).random()) == float(random_source(Generator(0)).random())
    True
    """
    if isinstance(generator, (int, np.integer)) and not isinstance(generator, bool):
        return Generator(int(generator)).numpy
    return numpy_generator(generator)
