"""Finds the submissions in a folder, however the learning platform has named and packed them."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from dlbook.grade.notebook import LARGEST

CANVAS = re.compile(r"^([^_]+)_(?:LATE_)?(\d+)_(\d+)_")
NOTEBOOK = re.compile(r"\.ipynb(\W.*)?$|\.json$", re.I)


@dataclass
class HandedIn:
    """What one student has handed in."""

    student: str
    path: Path | None
    notes: list = field(default_factory=list)

    @property
    def file(self):
        """A name for this student's result files, safe and unlike anybody else's."""
        return safe(self.student)

    def data(self):
        """The bytes of the notebook; none of a file that is too large to be one."""
        with open(self.path, "rb") as stream:
            return stream.read(LARGEST + 1)


def safe(student):
    """A student's name as a file name: other signs as their bytes, of two digits each, so that no two names meet.

    >>> safe("müller/../x")
    'm%c3%bcller%2f..%2fx'
    """
    text = re.sub(r"[^A-Za-z0-9_.-]", in_bytes, student)
    return text if not text.startswith(".") else "%2e" + text[1:]


def in_bytes(sign):
    return "".join(f"%{byte:02x}" for byte in sign[0].encode("utf-8", "surrogatepass"))


def student_of(path):
    """Whose file this is: Canvas writes ``name_userid_submissionid_file.ipynb``; else the name of the file.

    >>> student_of(Path("doejane_LATE_4711_99_my work.ipynb")), student_of(Path("jane.ipynb"))
    ('4711', 'jane')
    """
    canvas = CANVAS.match(path.name)
    return canvas.group(2) if canvas else re.sub(r"(\.ipynb|\.json).*$", "", path.name, flags=re.I)


def notebooks(folder):
    """The notebooks below a folder, the newest last; links are not followed, they may lead anywhere."""
    found = [p for p in folder.rglob("*") if NOTEBOOK.search(p.name) and p.is_file() and not p.is_symlink()]
    found = [p for p in found if not any(part.startswith((".", "__MACOSX")) for part in p.relative_to(folder).parts)]
    return sorted((p for p in found if inside(p, folder)), key=lambda p: (p.stat().st_mtime_ns, p.name))


def inside(path, folder):
    """Whether a file really lies in the folder."""
    return path.resolve().is_relative_to(folder.resolve())


def find(folder):
    """All submissions in a folder, one per student, in the order of their names; and what was not recognised.

    A notebook directly in the folder is a submission; so is a folder with one or more notebooks in it.

    Raises:
        FileNotFoundError: if there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder of submissions: {folder}")
    students, strange = {}, []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "__MACOSX":
            continue
        if path.is_symlink() or not (path.is_dir() or NOTEBOOK.search(path.name)):
            strange.append(path.name)
        elif path.is_dir():
            students.setdefault(path.name, []).extend(notebooks(path))
        else:
            students.setdefault(student_of(path), []).append(path)
    return [chosen(student, paths) for student, paths in sorted(students.items())], strange


def chosen(student, paths):
    """The submission of a student: the newest notebook, `.ipynb` before `.json`, and a note if there was a choice."""
    if not paths:
        return HandedIn(student, None, ["There is no notebook in the folder that was handed in."])
    paths = sorted(paths, key=lambda p: (".ipynb" in p.name.lower(), p.stat().st_mtime_ns, p.name))
    notes = [f"{len(paths)} notebooks were handed in; the newest was graded: {paths[-1].name}"] if paths[1:] else []
    return HandedIn(student, paths[-1], notes)
