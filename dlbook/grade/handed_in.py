"""Finds the submissions in a folder, however the learning platform has named and packed them."""

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from dlbook.grade.notebook import LARGEST
from dlbook.grade.who import MOODLE, on_roster, owners, readings, spelled, stem

NOTEBOOK = re.compile(r"\.ipynb(\W.*)?$|\.json$", re.I)
OTHER_WORK = re.compile(r"\.(py|zip)$", re.I)
LONGEST = 200  # bytes of a file name of ours; systems take 255
NOTHING = "Nothing was handed in."
NO_NOTEBOOK = "No notebook was handed in (a file .ipynb), only {}."


@dataclass
class HandedIn:
    """What one student has handed in, and what the page of feedback is to be called."""

    student: str
    path: Path | None
    notes: list = field(default_factory=list)
    name: str = ""
    page: str = ""

    def __post_init__(self):
        self.page = self.page or (self.student if fits(self.student) else self.file)

    @property
    def file(self):
        """A name for this student's result files, safe and unlike anybody else's."""
        return safe(self.student)

    def data(self):
        """The bytes of the notebook; none of a file that is too large to be one. Where there is none, why."""
        if not self.path:
            return self.notes[0]
        with open(self.path, "rb") as stream:
            return stream.read(LARGEST + 1)


@dataclass
class Found:
    """What is in a folder: the submissions, what was left alone, and whose each file was taken for."""

    submissions: list
    strange: list
    table: list


def safe(student):
    """A student's name as a file name: other signs as their bytes, of two digits each, so that no two names meet.

    >>> safe("müller/../x")
    'm%c3%bcller%2f..%2fx'
    """
    text = re.sub(r"[^A-Za-z0-9_.-]", in_bytes, student)
    text = text if not text.startswith(".") else "%2e" + text[1:]
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    return text if len(text) <= LONGEST else f"{text[:100]}%{mark}"


def fits(name):
    """Whether a page may have this name just as it is."""
    try:
        long = len(os.fsencode(name)) > LONGEST + 45
    except UnicodeEncodeError:
        return False
    return bool(name) and name.isprintable() and not long and not set(name) & set("%/") and not name.startswith(".")


def in_bytes(sign):
    return "".join(f"%{byte:02x}" for byte in sign[0].encode("utf-8", "surrogatepass"))


def notebooks(folder, ours=()):
    """The notebooks below a folder, the newest last; links are not followed, they may lead anywhere."""
    found = [p for p in folder.rglob("*") if NOTEBOOK.search(p.name) and p.is_file() and not p.is_symlink()]
    found = [p for p in found if not any(part.startswith((".", "__MACOSX")) for part in p.relative_to(folder).parts)]
    return newest_last(p for p in found if inside(p, folder) and not any(inside(p, out) for out in ours))


def newest_last(paths):
    """Notebooks in the order in which they were written, `.ipynb` after `.json`."""
    return sorted(paths, key=lambda p: (".ipynb" in p.name.lower(), p.stat().st_mtime_ns, os.fsencode(p.name)))


def inside(path, folder):
    """Whether a file really lies in the folder."""
    return path.resolve().is_relative_to(folder.resolve())


def written(folder, out):
    """What the grader itself has written in the folder of submissions, or would."""
    if not out or Path(out).resolve() != folder.resolve():
        return [Path(out)] if out else []
    return [folder / name for name in ("results", "feedback", "results.json", "scores.csv", "canvas.csv")]


def entries(folder, ours):
    """What lies directly in a folder, but for hidden things and what is ours."""
    for path in sorted(folder.iterdir(), key=lambda p: os.fsencode(p.name)):
        around = any(inside(one, path) for one in ours) and not notebooks(path, ours)
        hidden = path.name.startswith(".") or path.name == "__MACOSX"
        if not hidden and not around and not any(inside(path, one) for one in ours):
            yield path


def is_work(path, roster):
    """Whether something directly in the folder is what a student has handed in."""
    if path.is_symlink() or not (path.is_dir() or path.is_file()):  # a pipe would be waited for without end
        return False
    text = spelled(path.name)
    known = MOODLE.fullmatch(text) or (roster and on_roster(readings(text, "auto"), roster))
    return bool(path.is_dir() or NOTEBOOK.search(text) or OTHER_WORK.search(text) or known)


def find(folder, roster=None, ways="auto", out=None):
    """All submissions in a folder, one per student, in the order of their names.

    A notebook directly in the folder is a submission; so is a folder with one or more notebooks in it. Whoever has
    handed in something else has handed in nothing that can be graded, and is told so.

    Raises:
        FileNotFoundError: if there is no such folder.
        UnclearError: if it is not clear whose a file is.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder of submissions: {folder}")
    ours = written(folder, out)
    there = list(entries(folder, ours))
    work = [path for path in there if is_work(path, roster)]
    whose = owners([spelled(path.name) for path in work], ways, roster)
    students = {}
    for path in work:
        students.setdefault(whose[spelled(path.name)], []).append(path)
    submissions = [chosen(owner, students[owner], ours) for owner in sorted(students, key=lambda o: o.student)]
    strange = [spelled(path.name) for path in there if path not in work]
    return Found(submissions, strange, [(spelled(path.name), whose[spelled(path.name)]) for path in work])


def find_one(folder, roster=None):
    """The one submission in a folder, whatever else is in it: as Gradescope hands it over."""
    paths, names = notebooks(Path(folder)), sorted(spelled(path.name) for path in Path(folder).iterdir())
    text = spelled(paths[-1].name) if paths else names[0] if names else "submission"
    owner = owners([text], "files", roster)[text]
    nothing = [NO_NOTEBOOK.format(", ".join(names[:3]))] if names else [NOTHING]
    submission = HandedIn(owner.student, *((paths[-1], several(paths)) if paths else (None, nothing)), owner.name)
    return Found([submission], [], [(text, owner)])


def several(paths):
    """A note if there was a choice."""
    newest = spelled(paths[-1].name)
    return [f"{len(paths)} notebooks were handed in; the newest was graded: {newest}"] if paths[1:] else []


def chosen(owner, work, ours):
    """The submission of a student: the newest notebook, `.ipynb` before `.json`, and a note if there was a choice."""
    files = [p for entry in work for p in (entry.rglob("*") if entry.is_dir() else [entry]) if p.is_file()]
    paths = [p for entry in work for p in (notebooks(entry, ours) if entry.is_dir() else [entry])]
    paths = newest_last(p for p in paths if NOTEBOOK.search(p.name))
    only = ", ".join(sorted({spelled(p.name) for p in files})[:3]) or "an empty folder"
    path, notes = (paths[-1], several(paths)) if paths else (None, [NO_NOTEBOOK.format(only)])
    return HandedIn(owner.student, path, notes, owner.name, page(owner, path, work))


def page(owner, path, work):
    """What the feedback is called so that the platform takes it back; an empty text where it is the student's id."""
    entry = next((entry for entry in work if path and inside(path, entry)), work[0])
    name = entry.name if entry.is_dir() else stem(entry.name)
    if not owner.platform or not fits(name):
        return ""
    inner = stem(path.name) if path and fits(stem(path.name)) else "feedback"
    return f"{name}/{inner}" if entry.is_dir() else name
