"""Figures by name, and the rooms of the pages."""

from importlib import import_module
from pathlib import Path

from dlbook.live import REGISTRY, Figure

HERE = Path(__file__).parent


def rooms(file: str) -> list[str]:
    """The modules of that name in the pages' rooms: rooms("figures") holds "dlbook.pages.backprop.loss.figures"."""
    found = sorted(HERE.glob(f"*/*/{file}.py"))
    return [".".join([__package__, *path.relative_to(HERE).with_suffix("").parts]) for path in found]


def all_figures() -> dict[str, Figure]:
    """Every figure of the book by name."""
    for module in rooms("figures"):
        import_module(module)
    return REGISTRY


def find(name: str) -> Figure:
    """The figure of that name.

    Raises:
        KeyError: when there is none; it lists those there are.
    """
    found = REGISTRY.get(name) or all_figures().get(name)
    if found is None:
        raise KeyError(f"no live figure is called {name!r}; there are {sorted(REGISTRY)}")
    return found
