"""Grades a class: proves the assignment first, then every submission, in parallel, and resumes where it stopped."""

import hashlib
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import dlbook.grade
from dlbook.grade import notebook, report
from dlbook.grade.handed_in import HandedIn, find
from dlbook.grade.judge import grade
from dlbook.grade.sandbox import LIMITS, Sandbox
from dlbook.grade.spec import Variant
from dlbook.grade.student import student_version

PART = """\
!!! ISOLATED IN PART ({why}).
!!! STUDENTS' CODE CANNOT REACH FILES OTHER THAN PYTHON'S{more}. THE REST IS OPEN: {rest}.
!!! SCORES ARE GIVEN BY ANOTHER PROCESS. EVERY RESULT SAYS SO."""
NONE = """\
!!! NOT ISOLATED ({why}).
!!! STUDENTS' CODE RUNS AS AN ORDINARY PROGRAM OF {user}: IT CAN READ WHAT THIS USER CAN READ, WHICH MAY BE THE
!!! SPECIFICATION AND OTHER SUBMISSIONS{network}.
!!! SCORES ARE STILL GIVEN BY ANOTHER PROCESS. EVERY RESULT SAYS THAT IT WAS NOT ISOLATED."""


UNFILTERED = """\
!!! NO FILTER OF SYSTEM CALLS ({why}).
!!! STUDENTS' CODE CAN USE THE KERNEL'S KEYS AND SHARED MEMORY, AND SERVICES OF THIS MACHINE THAT ARE NOT HIDDEN."""


def warning(said):
    """What a teacher must know about the isolation, in capitals."""
    known = {"user": "A USER OF ITS OWN" if os.getuid() == 0 else "YOURS", "why": said["why"].upper()}
    network = ", OR TCP" if said["landlock"] >= 4 else ""
    known["more"] = network if said["unfiltered"] else ", OR ANY NETWORK"
    known["more"] += ", OR OTHER PROGRAMS" if said["landlock"] >= 6 else ""
    known["rest"] = "OTHER KINDS OF NETWORK, SHARED MEMORY, " if said["unfiltered"] else ""
    known["rest"] += "THE SUM OF WHAT IS WRITTEN"
    known["network"] = ", AND IT CAN USE THE NETWORK" if said["unfiltered"] else ""
    lines = [{"files": PART, "none": NONE}.get(said["level"], "").format(**known)]
    lines += [UNFILTERED.format(why=said["unfiltered"].upper())] if said["unfiltered"] else []
    return "\n".join(line for line in lines if line)


class NotFitError(Exception):
    """The assignment itself is wrong; nobody is graded with it."""


class Classroom:
    """One grading of one assignment: its settings, and a sandbox for each thread."""

    def __init__(self, assignment, out, key="", own_numbers=False, limits=None, isolation="full", hide=()):
        self.assignment, self.out, self.key, self.own_numbers = assignment, Path(out), key, own_numbers
        self.limits = LIMITS | assignment.limits | (limits or {})
        self.isolation, self.hide = isolation, [assignment.folder, self.out, *hide]
        self.own, self.sandboxes, self.prepared = threading.local(), [], {}
        (self.out / "results").mkdir(parents=True, exist_ok=True)

    def sandbox(self):
        """The sandbox of this thread."""
        if not hasattr(self.own, "sandbox"):
            self.own.sandbox = Sandbox(self.hide, self.limits, self.isolation)
            self.sandboxes.append(self.own.sandbox)
        return self.own.sandbox

    def checks(self, variant):
        """All checks for a variant; those that everybody shares are worked out once."""
        if variant not in self.prepared:
            checks = self.assignment.prepare(False, variant, "grading")
            checks += self.assignment.prepare(True, variant, "grading")
            if self.own_numbers and variant.student:
                return checks
            self.prepared[variant] = checks
        return self.prepared[variant]

    def variant(self, student):
        return Variant(student if self.own_numbers else "", self.key)

    def grade(self, data, variant):
        return grade(self.checks(variant), data, variant, self.sandbox())

    def close(self):
        for sandbox in self.sandboxes:
            sandbox.close()


def prove(room):
    """Grade the master and the empty student version; the first must get everything, the second nothing.

    Raises:
        NotFitError: with what is wrong.
    """
    assignment = room.assignment
    master = (assignment.folder / f"{assignment.name}.ipynb").read_bytes()
    empty = json.dumps(student_version(assignment, Variant("", room.key))).encode()
    for what, data, passes in (("master", master, True), ("empty student version", empty, False)):
        result = room.grade(data, Variant("", "") if passes else Variant("", room.key))
        wrong = [row for row in result["checks"] if row["passed"] != passes]
        if wrong:
            lines = [f"  {row['question']}, {row['check']}: {row['says'] or 'passes'}" for row in wrong]
            points = f"{result['score']:g} of {result['max_score']:g}"
            lines = [f"the {what} gets {points} points; nobody is graded.", *lines, *result["notes"]]
            raise NotFitError("\n".join(lines))


def fingerprint(room, data):
    """Changes when anything changes that a result depends on."""
    code = sorted(Path(dlbook.grade.__file__).parent.glob("*.py"))
    parts = [data, room.key.encode(), str(room.own_numbers).encode(), json.dumps(room.limits).encode()]
    parts += [path.read_bytes() for path in (*code, room.assignment.folder / "spec.py")]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def one(room, handed):
    """The result of one student, from an earlier run if nothing has changed since."""
    data = handed.data() if handed.path else b""
    variant, path = room.variant(handed.student), room.out / "results" / f"{handed.file}.json"
    mark = fingerprint(room, data)
    earlier = report.earlier(path)
    if earlier and earlier.get("fingerprint") == mark and earlier.get("student") == handed.student:
        return earlier | {"resumed": True}
    result = room.grade(data, variant) | {"fingerprint": mark, "student": handed.student, "resumed": False}
    result["notes"] = handed.notes + result["notes"] if handed.path else handed.notes
    report.write_result(room, handed, result)
    return result


def failed(handed, error):
    """The result of a student whom we, not they, have failed."""
    note = f"COULD NOT BE GRADED, not the student's fault: {type(error).__name__}: {error}"
    empty = {"score": None, "max_score": None, "checks": [], "seconds": 0, "isolation": "none", "other_variant": False}
    return {"student": handed.student, "notes": [note], "resumed": False} | empty


def grade_all(room, submissions, jobs, tell):
    """Grade every submission, telling of each as it is done; the results in the order of the students."""
    results, start, pool = {}, time.perf_counter(), ThreadPoolExecutor(jobs)
    waiting = {pool.submit(one, room, handed): handed for handed in submissions}
    try:
        for done in as_completed(waiting):
            handed = waiting[done]
            results[handed.student] = outcome(done, handed)
            tell(f"[{len(results):4d}/{len(waiting)}] {report.line(results[handed.student])}")
    finally:  # if we are interrupted, those who have not begun never will
        pool.shutdown(cancel_futures=True)
    tell(f"{len(results)} submissions in {time.perf_counter() - start:.1f} s")
    return [results[handed.student] for handed in submissions]


def outcome(done, handed):
    """The result of a finished grading, also if it has failed."""
    try:
        return done.result()
    except Exception as error:
        return failed(handed, error)


def absent(roster, submissions):
    """Those who are on the roster and have handed in nothing."""
    here = {handed.student for handed in submissions}
    return [HandedIn(student, None, ["Nothing was handed in."]) for student in roster if student not in here]


def run(assignment, folder, out, jobs=4, roster=None, key="", limits=None, isolation="full", tell=print):
    """Grade a folder of submissions; ``(results, room)``. The reports are ``report.write_all``'s.

    Raises:
        NotFitError: if the master or the empty version does not get what it must.
    """
    room = Classroom(assignment, out, key, roster is not None, limits, isolation, hide=[folder])
    submissions, strange = find(folder)
    submissions += absent(roster or [], submissions)
    try:
        open_to_attack = warning(room.sandbox().report)
        if open_to_attack:
            tell(open_to_attack)
        prove(room)
        tell(f"{assignment.title}: the master gets all {assignment.points:g} points, the empty version none.")
        for name in strange:
            tell(f"not a submission, left alone: {name}")
        results = grade_all(room, submissions, jobs, tell)
    finally:
        room.close()
    return results, room


def write_students(assignment, out, roster=None, key=""):
    """Write the student version, or one for each student of a roster; the paths."""
    paths = []
    for student in roster or [""]:
        tree = student_version(assignment, Variant(student, key))
        folder = Path(out) / HandedIn(student, None).file if student else Path(out)
        paths.append(folder / f"{assignment.name}.ipynb")
        notebook.write(paths[-1], tree)
    return paths
