"""Who has handed in what, as far as names tell: those of Canvas, of Moodle, or the teacher's own. It never guesses."""

import os
import re
import unicodedata
from dataclasses import dataclass

from dlbook.grade.roster import Roster, key

CANVAS = re.compile(r"([^_]+)_(?:LATE_)?([1-9]\d+)_([1-9]\d+)_.+")
MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_(?:file|onlinetext)_?.*")
KIND = re.compile(r"\.(ipynb|json|py|zip|7z|rar|gz|pdf|html?|docx?|txt|md)(\W.*)?$", re.I)
WAYS = ("auto", "canvas", "files")
UNCLEAR = (
    "it is not clear who has handed in what: {} named as Canvas names files ({} would be the work of {}), {} not ({}). "
    "Rename what does not come from Canvas, or add --names canvas, or --names files to take every file's own name."
)
MERGED = (
    "{} and {} would both be the work of {}: rename the one that is not; if both are, put them into one folder. "
    "Nobody is graded."
)
ALIKE = "{} and {} differ in capitals only: two students, or one? Rename one of them, or delete it. Nobody is graded."


class UnclearError(ValueError):
    """Somebody's work could be taken for somebody else's."""


@dataclass(frozen=True)
class Owner:
    """Whose work a file is: the id, the name if one is known, the platform that has named the file."""

    student: str
    name: str = ""
    platform: str = ""


def spelled(name):
    """The name of a file as text: bytes that are no UTF-8 are Latin-1; composed letters, as rosters have them.

    >>> spelled("m\\udcfcller"), len(spelled("mu\\u0308ller"))
    ('müller', 6)
    """
    raw = os.fsencode(name)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return unicodedata.normalize("NFC", text)


def stem(text):
    """The name of a file without what says its kind.

    >>> stem("jane.ipynb (2).txt"), stem("jane.py"), stem("j.pydoe.ipynb"), stem("j.doe")
    ('jane', 'jane', 'j.pydoe', 'j.doe')
    """
    return KIND.sub("", text) or text


def certain(texts):
    """Which names are Canvas's for certain: no number of a file, and no id with two names, appears twice."""
    found = {text: match.groups() for text in texts if (match := CANVAS.fullmatch(text))}
    files = [number for _, _, number in found.values()]
    people = {(student, name) for name, student, _ in found.values()}
    ids = [student for student, _ in people]
    sure = [t for t, (_, student, number) in found.items() if files.count(number) == ids.count(student) == 1]
    one_name = len({name for name, _, _ in found.values()}) == 1 and len(texts) > 1  # hw_2024_10_anna, hw_2024_11_ben
    return [] if one_name else sure


def readings(text, ways):
    """All that a name may mean."""
    moodle, canvas = MOODLE.fullmatch(text), CANVAS.fullmatch(text)
    if moodle:
        return [Owner(moodle[2], moodle[1], "moodle")]
    return [Owner(stem(text))] + ([Owner(canvas[2], canvas[1], "canvas")] if canvas and ways != "files" else [])


def on_roster(owners, roster):
    """The first of these readings that the roster knows, written as there."""
    for owner in owners:
        student = roster.find(owner.student, owner.name)
        if student:
            return Owner(student, roster.names.get(student, owner.name), owner.platform)
    return None


def owners(texts, ways="auto", roster=None):
    """`{text: Owner}` for the names of files and folders.

    Raises:
        UnclearError: if some look like Canvas's and others do not, or two people would become one.
    """
    roster, sure = roster or Roster([]), certain(texts)
    found, guessed, plain = {}, [], []
    for text in texts:
        possible = readings(text, ways)
        found[text] = on_roster(possible, roster) or possible[-1 if ways == "canvas" or text in sure else 0]
        if ways == "auto" and found[text].student not in roster.ids and found[text].platform != "moodle":
            (guessed if found[text].platform else plain).append(text)
    if guessed and plain:
        number = [f"{len(some)} {'is' if len(some) == 1 else 'are'}" for some in (guessed, plain)]
        raise UnclearError(UNCLEAR.format(number[0], guessed[0], found[guessed[0]].student, number[1], plain[0]))
    apart(found)
    return found


def person(text, owner):
    """Who a file says that its owner is, in its own spelling."""
    pattern = {"canvas": CANVAS, "moodle": MOODLE}.get(owner.platform)
    return owner.platform, pattern.fullmatch(text).groups()[:2] if pattern else stem(text)


def apart(found):
    """Make sure that nobody's work is taken for somebody else's.

    Raises:
        UnclearError: saying whose, and what to do.
    """
    spelling, first = {}, {}
    for text, owner in found.items():
        other, who = first.setdefault(owner.student, (text, person(text, owner)))
        if who != person(text, owner):
            raise UnclearError(MERGED.format(other, text, owner.student))
        alike, student = spelling.setdefault(key(owner.student), (text, owner.student))
        if student != owner.student:
            raise UnclearError(ALIKE.format(alike, text))
