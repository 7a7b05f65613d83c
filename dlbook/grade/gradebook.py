"""Fills the gradebook that Canvas has exported. A student is found by the ID first; nobody's row is guessed."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from dlbook.grade.notebook import decoded
from dlbook.grade.roster import key, letters, ways

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

    def might_be(self, name):
        """The rows whose name has the words of this one, perhaps in another order."""
        return [row[0] for row in self.students() if letters(row[0]) in ways(name)]

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
    columns = titled(header, column) or titled([name.rpartition(": ")[2] for name in header], column)
    if len(columns) != 1:
        raise ValueError(
            f"the gradebook has {len(columns)} columns {column!r}; it has: {', '.join(header)}. "
            'Say which is to be filled: --column "…", without the number in brackets'
        )
    return Gradebook(rows, columns[0], separator)


def titled(names, column):
    """Where a title stands among the names of columns; Canvas writes a number in brackets behind it.

    >>> titled(["ID", "Softmax (901)"], "Softmax")
    [1]
    """
    return [i for i, name in enumerate(names) if name == column or name.startswith(f"{column} (")]


def lost(book, result, number):
    """A line on somebody who is not in the gradebook, with what the teacher may see at a glance."""
    who = " ".join(filter(None, (result["student"], result["name"] and f"({result['name']})")))
    near = book.might_be(result["name"])
    hint = (
        f"; if it is {' or '.join(near)}, enter {number(result['score'])} by hand"
        if near and result["score"] is not None
        else ""
    )
    return f"not in the gradebook: {who}{hint}"


def fill(book, results, number):
    """Fill the column with the scores; lines on those who could not be entered, and why."""
    tables, lines, taken = [book.values(word) for word in BY], [], {}
    for result in results:
        student = result["student"]
        found = [row for row in (table.get(key(student)) for table in tables) if row]
        row = found[0] if found else book.by_name().get(letters(student)) or book.by_name().get(letters(result["name"]))
        if row is None:
            lines.append(lost(book, result, number))
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
