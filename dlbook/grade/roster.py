"""Reads a roster, however a spreadsheet has written it, and finds students in it, however their names are written."""

import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dlbook.grade.notebook import decoded

SEPARATORS = "\t;,"
#: Words of which a first line is recognised as a header; without any of them it is a student like the others.
WHOLE = ("name", "full name", "student name", "student")
PARTS = (("first name", "given name", "firstname"), ("last name", "surname", "family name", "lastname"))
OTHER = ("id", "student id", "sis user id", "sis login id", "user id", "username", "login", "email", "section")
WORDS = {*WHOLE, *PARTS[0], *PARTS[1], *OTHER}


def key(text):
    """What is the same in all ways to write a name: composed or decomposed letters, capitals or none.

    >>> key("Mu\\u0308ller") == key("M\\u00fcller") == key("m\\u00fcller ")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


def letters(name):
    """A name as Canvas puts it in file names.

    >>> letters("Doe, Jane")
    'doejane'
    """
    return re.sub(r"[\W_]+", "", key(name))


def ways(name):
    """The ways to write a name, which may begin with any of its words.

    >>> sorted(ways("Jane Doe"))
    ['doejane', 'janedoe']
    """
    words = name.split()
    return {letters(" ".join(words[i:] + words[:i])) for i in range(len(words))}


@dataclass
class Roster:
    """The ids of a class, in their order, with the names beside them."""

    ids: list
    names: dict = field(default_factory=dict)

    def __post_init__(self):
        self.by_key = {key(student): student for student in self.ids}
        spelled = {(way, student) for student, name in self.names.items() for way in ways(name)}
        count = Counter(way for way, _ in spelled)
        self.by_name = {way: student for way, student in spelled if count[way] == 1}

    def find(self, student, name=""):
        """The id, as the roster writes it, of whoever is called so; None if nobody is."""
        return self.by_key.get(key(student)) or self.by_name.get(letters(name))


def table(text):
    """The rows of a CSV, whichever separator it has: the one that makes most columns, the same number in each row."""
    lines = [line for line in text.splitlines() if line.strip()]

    def rows(separator):
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]

    def quality(separator):
        widths = {len(row) for row in rows(separator)}
        return (len(widths) == 1 and max(widths) > 1, max(widths, default=0) > 1)

    return rows(max(SEPARATORS, key=quality)) if any(quality(s)[1] for s in SEPARATORS) else rows(",")


def columns(header):
    """Where the id stands, and where the parts of a name do."""
    at = {word: i for i, word in reversed(list(enumerate(header)))}
    number = at.get("id", 0)
    whole = [at[word] for word in WHOLE if word in at and at[word] != number][:1]
    parts = [next((at[word] for word in words if word in at), None) for words in PARTS]
    return number, whole or [i for i in parts if i is not None and i != number]


def read(path):
    """The roster in a CSV file: the column `id`, or the first one; with or without a header.

    Raises:
        ValueError: if an id is there twice, or two differ in capitals only.
    """
    rows = table(decoded(Path(path).read_bytes()))
    header = [key(cell) for cell in rows[0]] if rows else []
    headed = any(word in WORDS for word in header)
    number, parts = columns(header) if headed else (0, [])
    ids, names = {}, {}
    for row in rows[headed:]:
        student = unicodedata.normalize("NFC", row[number]) if number < len(row) else ""
        if student and key(student) in ids:
            raise ValueError(f"{path} has {twice(ids[key(student)], student)}: give each student an id of their own.")
        if student:
            ids[key(student)] = student
            names[student] = " ".join(row[i] for i in parts if i < len(row) and row[i])
    return Roster(list(ids.values()), {student: name for student, name in names.items() if name})


def twice(first, second):
    """Two ids that are one, in words."""
    return f"the id {first} twice" if first == second else f"{first} and {second}, which differ in capitals only"
