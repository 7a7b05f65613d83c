"""A figure's answer to who asks for one frame: the front end of a kernel, or the page in which Python runs."""

from __future__ import annotations

from importlib import import_module

import numpy as np

from dlbook.live.figure import REGISTRY, Figure
from dlbook.live.frame import Field


def answer(figure: Figure, ask: dict) -> dict:
    """The frame for a position of each control, as JSON; an error goes to the figure with its message."""
    try:
        frame = figure(**{name: figure.controls[name].asked(position) for name, position in ask.items()})
        tables = {name: wire(table) for name, table in frame.tables.items()}
        return {"tables": tables, "told": frame.told(), "says": frame.says}
    except Exception as error:  # whatever the author's function raises belongs in the figure, not in a log
        return {"error": f"{type(error).__name__}: {error}"}


def answer_by_name(module: str, name: str, ask: dict) -> dict:
    """The same for a figure that is declared in a module."""
    import_module(module)
    return answer(REGISTRY[name], ask)


def wire(table) -> dict:
    """A table as JSON: gaps as null."""
    if isinstance(table, Field):
        return {"field": jsonable(table.values.ravel()), "extent": table.extent, "shape": table.values.shape}
    return {"columns": {name: jsonable(column) for name, column in table.items()}}


def jsonable(column: np.ndarray) -> list:
    """A column as a list, nan as None."""
    return [None if value != value else value for value in column.tolist()]
