"""Figures by name, whichever file declares them."""

from importlib import import_module
from pkgutil import iter_modules

import dlbook.figures
from dlbook.live import REGISTRY, LiveFigure


def all_figures() -> dict[str, LiveFigure]:
    """Every figure of the book by name."""
    for module in iter_modules(dlbook.figures.__path__):
        import_module(f"dlbook.figures.{module.name}")
    return REGISTRY


def find(name: str) -> LiveFigure:
    """The figure of that name.

    Raises:
        KeyError: when there is none; it lists those there are.
    """
    found = REGISTRY.get(name) or all_figures().get(name)
    if found is None:
        raise KeyError(f"no live figure is called {name!r}; there are {sorted(REGISTRY)}")
    return found
