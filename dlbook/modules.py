"""Where the project's modules lie."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def file_of(module):
    """The file of a module of dlcore or dlbook, or None where the name is a function or class rather than a module."""
    stem = ROOT.joinpath(*module.split("."))
    return next((p for p in (stem.with_suffix(".py"), stem / "__init__.py") if p.is_file()), None)
