"""One answer of a live figure: named tables of numbers, and one sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from dlbook.live.controls import FigureError, number_text

BRACES = re.compile(r"\{([\w.]+)\}")


class Mesh:
    """The centres of `cells` by `cells` equal cells that fill a rectangle.

    >>> mesh = Mesh(x=(-1, 1), y=(0, 4), cells=2)
    >>> mesh.x.tolist(), mesh.y.tolist()
    ([[-0.5, 0.5], [-0.5, 0.5]], [[1.0, 1.0], [3.0, 3.0]])
    """

    def __init__(self, x: tuple[float, float], y: tuple[float, float], cells: int):
        self.extent = (*x, *y)
        self.cells = cells
        middle = (np.arange(cells) + 0.5) / cells
        self.x, self.y = np.meshgrid(x[0] + (x[1] - x[0]) * middle, y[0] + (y[1] - y[0]) * middle)

    @property
    def points(self) -> np.ndarray:
        """(cells², 2): the centres as rows, ready to be fed to a model."""
        return np.stack([self.x.ravel(), self.y.ravel()], axis=1)

    def field(self, values, mean_of: int = 1) -> Field:
        """A value for every cell, given as (cells, cells) or flat; with `mean_of=n` cells are joined n by n, so that
        steep edges stay smooth."""
        values = np.asarray(values, dtype=float)
        if values.size != self.cells**2 or self.cells % mean_of:
            raise FigureError(
                f"Mesh.field expected {self.cells}² = {self.cells**2} values to be joined {mean_of} by {mean_of}, "
                f"got shape {values.shape}"
            )
        joined = values.reshape(self.cells // mean_of, mean_of, self.cells // mean_of, mean_of)
        return Field(joined.mean(axis=(1, 3)), self.extent)


@dataclass(frozen=True)
class Field:
    """A table of values over a rectangle: drawn as `mark_rect` with colour "value" it becomes one smooth image.

    values: (rows, columns), the first row at the low end of y; extent: x low, x high, y low, y high.
    """

    values: np.ndarray
    extent: tuple[float, float, float, float]


@dataclass(frozen=True)
class Frame:
    """What a live figure answers: tables (name → column → values, or a Field) and the sentence that says the same.

    In the sentence, {name} stands for the value of a control that only the chart uses, and {table.column} for that
    column's entry at the control's position.
    """

    tables: dict
    says: str

    def sentence(self, **positions: tuple[int, str]) -> str:
        """The sentence with its braces filled, from name=(index, text) of each control that only the chart uses."""
        index = next((index for index, _ in positions.values()), 0)

        told = self.told()

        def fill(match):
            key = match.group(1)
            return positions[key][1] if key in positions else told[key][index]

        return BRACES.sub(fill, self.says)

    def told(self) -> dict[str, list[str]]:
        """The columns that the sentence quotes, "table.column" → one text for each entry."""
        keys = [key for key in BRACES.findall(self.says) if "." in key]
        return {key: [two_digits(value) for value in self.tables[key.split(".")[0]][key.split(".")[1]]] for key in keys}


def two_digits(value) -> str:
    """Two significant digits; a text stays as it is.

    >>> two_digits(0.01234), two_digits(1234.0), two_digits(99.7)
    ('0.012', '1200', '100')
    """
    return value if isinstance(value, str) else number_text(float(f"{value:.1e}"))


def checked(frame: Frame, where: str) -> Frame:
    """The frame with every column as a flat array, or a FigureError that names the table and the column."""
    if not isinstance(frame, Frame):
        raise FigureError(f"{where}: the function must return a Frame(tables=…, says=…), got {type(frame).__name__}")
    if not frame.says or not isinstance(frame.says, str):
        raise FigureError(f"{where}: says is empty. Say in one sentence, with its numbers, what the picture shows.")
    tables = {name: checked_table(table, f"{where}, table {name!r}") for name, table in frame.tables.items()}
    return Frame(tables, frame.says)


def checked_table(table, where: str):
    """A table with its columns as arrays of one length (a single number counts as a column of one row)."""
    if isinstance(table, Field):
        return Field(checked_column(table.values, where), table.extent)
    columns = {
        name: checked_column(np.atleast_1d(values), f"{where}, column {name!r}") for name, values in table.items()
    }
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        said = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise FigureError(f"{where}: its columns differ in length: {said}. Give each column one entry per row.")
    return columns


def checked_column(values, where: str) -> np.ndarray:
    """Numbers as float64 (nan marks a gap, infinity is refused), anything else as text."""
    values = np.asarray(values)
    if values.dtype.kind not in "fiub":
        return np.asarray([str(value) for value in values], dtype=object)
    values = values.astype(float)
    if np.isinf(values).any():
        raise FigureError(f"{where}: holds an infinite number. Write nan where the line should break, or clip it.")
    return values
