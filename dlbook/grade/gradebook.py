"""Fills the gradebook that Canvas has exported. A student is found by the ID first; nobody's row is guessed."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dlbook.grade.notebook import decoded
from dlbook.grade.roster import key, letters

BY = ("ID", "SIS User ID", "SIS Login ID")

ALSO = "{} is the ID of {}, whose row was filled, and also the login or SIS ID of {}"


@dataclass
class Gradebook:
    """The rows of a gradebook, the header first, and which column is to be filled."""

    rows: list
    column: int
    separator: str = ","

    def students(self):
        """The rows that are a student's."""
        return [row for row in self.rows[1:] if row and letters(row[0]) not in ("", "pointspossible")]

    def values(self, word):
        """Whose each value of a column is, as far as it is one student's alone."""
        at = self.rows[0].index(word) if word in self.rows[0] else None
        cells = [(key(row[at]), row) for row in self.students() if at is not None and at < len(row)]
        count = Counter(cell for cell, _ in cells)
        return {cell: row for cell, row in cells if cell and count[cell] == 1}

    def by_name(self):
        """Whose each name is, as far as it is one student's alone."""
        count = Counter(letters(row[0]) for row in self.students())
        return {letters(row[0]): row for row in self.students() if count[letters(row[0])] == 1}


def read(path, column):
    """The gradebook in a CSV file, with commas or, as Canvas writes it where numbers have commas, semicolons.

    Raises:
        ValueError: if the column is not there exactly once.
    """
    text = decoded(Path(path).read_bytes())
    separator = max(",;", key=text.partition("\n")[0].count)
    return of_rows(list(csv.reader(io.StringIO(text, newline=""), delimiter=separator)), column, separator)


def of_rows(rows, column, separator=","):
    """A gradebook from its rows; see `read`."""
    header = rows[0] if rows else []
    columns = [i for i, name in enumerate(header) if name == column or name.startswith(f"{column} (")]
    if len(columns) != 1:
        raise ValueError(f"the gradebook has {len(columns)} columns {column!r}; it has: {', '.join(header)}")
    return Gradebook(rows, columns[0], separator)


def fill(book, results, number):
    """Fill the column with the scores; lines on those who could not be entered, and why."""
    tables, lines, taken = [book.values(word) for word in BY], [], {}
    for result in results:
        student = result["student"]
        found = [row for row in (table.get(key(student)) for table in tables) if row]
        row = found[0] if found else book.by_name().get(letters(student)) or book.by_name().get(letters(result["name"]))
        if row is None:
            lines.append(f"not in the gradebook: {student}")
        elif id(row) in taken:
            lines.append(f"NOT ENTERED: {student} and {taken[id(row)]} are both {row[0]} in the gradebook")
        else:
            taken[id(row)] = student
            lines += [ALSO.format(student, row[0], other[0]) for other in found[1:2] if other is not row]
            enter(row, book.column, result["score"], number)
    return lines


def enter(row, column, score, number):
    """Write a score into a row; a score that could not be given leaves what is there."""
    if score is not None:
        row[column] = number(score)
