"""Grades a class: proves the assignment first, then every submission, in parallel, and resumes where it stopped."""

import hashlib
import json
import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial
from pathlib import Path

import dlbook.grade
from dlbook.grade import notebook, report
from dlbook.grade.follow import Ours
from dlbook.grade.handed_in import NOTHING, HandedIn, find, find_one
from dlbook.grade.judge import grade
from dlbook.grade.sandbox import LIMITS, ClosedError, Sandbox
from dlbook.grade.spec import Variant
from dlbook.grade.student import student_version
from dlbook.grade.who import UnclearError

PART = """\
!!! ISOLATED IN PART ({why}).
!!! STUDENTS' CODE CANNOT REACH FILES OTHER THAN PYTHON'S{more}. THE REST IS OPEN: {rest}.
!!! SCORES ARE GIVEN BY ANOTHER PROCESS. EVERY RESULT SAYS SO."""
STRANGERS = (
    "none of the {} submissions is of anybody on the roster, which has {} and so on. Files must be named after the ids "
    "there (or by Canvas or Moodle), or the roster needs another column `id`."
)
LEVELS = ("none", "files", "full")
OTHER_KEY = (
    "{} made with another key, or with a roster (the first: {}). Use the same --key and --roster as for handing out; "
    "without them the hidden inputs are not those that only you know, and numbers of their own are wrong for everybody."
)
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


class OtherKeyError(Exception):
    """The notebooks were made with another key, or for other students; nobody is graded with this one."""


class Classroom:
    """One grading of one assignment: its settings, and for each thread a sandbox, and one for our own answers."""

    def __init__(self, assignment, out, key="", own_numbers=False, limits=None, isolation="full", hide=()):
        self.assignment, self.out, self.key, self.own_numbers = assignment, Path(out), key, own_numbers
        self.limits = LIMITS | assignment.limits | (limits or {})
        self.isolation, self.hide = isolation, [assignment.folder, self.out, *hide]
        self.own, self.sandboxes, self.closed, self.prepared = threading.local(), [], False, {}
        (self.out / "results").mkdir(parents=True, exist_ok=True)

    def open(self, name, make):
        """What this thread has of its own, made when it is first needed, and closed with the room."""
        if not hasattr(self.own, name):
            setattr(self.own, name, make())
            self.sandboxes.append(getattr(self.own, name))
            if self.closed:
                self.close()
        return getattr(self.own, name)

    def sandbox(self):
        return self.open("sandbox", lambda: Sandbox(self.hide, self.limits, self.isolation))

    def ours(self):
        return self.open("ours", lambda: Ours(self.assignment, self.hide, self.limits, self.isolation))

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
        return grade(self.checks(variant), data, variant, self.sandbox(), self.ours())

    def close(self):
        self.closed = True
        for one in self.sandboxes:
            one.close()


def prove(room):
    """Grade the master and the empty student version; the first must get everything, the second nothing.

    Raises:
        NotFitError: with what is wrong.
    """
    assignment = room.assignment
    master = (assignment.folder / f"{assignment.name}.ipynb").read_bytes()
    empty = json.dumps(student_version(assignment, Variant("", room.key))).encode()
    for what, data, passes in (("master", master, True), ("empty student version", empty, False)):
        variant = Variant("", "") if passes else Variant("", room.key)
        result = grade(room.checks(variant), data, variant, room.sandbox())
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


def made_for(handed):
    """The mark of the variant in a notebook; None where there is none, or no notebook that can be read."""
    try:
        mark = re.search(rb"# made for (\w{12})", handed.data()) if handed.path else None
    except OSError:  # it will be said of this student that we could not grade
        return None
    return mark and mark[1].decode()


def same_key(room, submissions):
    """Make sure that the notebooks were made with this key, and for these students.

    Raises:
        OtherKeyError: if no notebook was, and there are several, or no key was given.
    """
    marks = {handed.student: made_for(handed) for handed in submissions}
    mine = [student for student, mark in marks.items() if mark == room.variant(student).tag()]
    other = [student for student, mark in marks.items() if mark and student not in mine]
    if other and not mine and (len(other) > 1 or not room.key):
        count = "the only notebook was" if len(other) == 1 else f"all {len(other)} notebooks were"
        raise OtherKeyError(OTHER_KEY.format(count, other[0]))


def one(room, handed, alone=True):
    """The result of one student, from an earlier run if nothing has changed since.

    Who lost points for time while others were graded is not done: without `alone`, such a result is not kept.
    """
    data, sandbox = handed.data(), room.sandbox()
    variant, path = room.variant(handed.student), room.out / "results" / f"{handed.file}.json"
    about = {"student": handed.student, "name": handed.name, "page": handed.page}
    about |= {"file": handed.path.name.encode("utf-8", "replace").decode() if handed.path else ""}
    about |= {"fingerprint": fingerprint(room, data if handed.path else data.encode())}
    earlier = report.earlier(path)
    if (
        earlier
        and about.items() <= earlier.items()
        and LEVELS.index(earlier["isolation"]) >= LEVELS.index(sandbox.report["level"])
    ):
        return earlier | {"resumed": True}
    result = room.grade(data, variant) | about | {"resumed": False}
    if room.closed:
        raise ClosedError("the grading was stopped")
    result["notes"] = handed.notes + result["notes"] if handed.path else handed.notes
    result["again"] = result["slow"] and result["score"] < result["max_score"] and not alone
    if not result["again"]:
        report.write_result(room, handed, result)
    return result


def failed(handed, error):
    """The result of a student whom we, not they, have failed."""
    note = f"COULD NOT BE GRADED, not the student's fault: {type(error).__name__}: {error}"
    empty = {"score": None, "max_score": None, "checks": [], "seconds": 0, "isolation": "none", "other_variant": False}
    about = {"student": handed.student, "name": handed.name, "file": str(handed.path or ""), "page": handed.page}
    return about | {"notes": [note], "resumed": False, "again": False} | empty


def grade_all(room, submissions, jobs, tell):
    """Grade every submission, telling of each as it is done; the results in the order of the students.

    Who was too slow beside others is tried again when nobody else is graded.
    """
    results, start, pool = {}, time.perf_counter(), ThreadPoolExecutor(jobs)
    waiting = {pool.submit(one, room, handed, jobs == 1): handed for handed in submissions}
    try:
        for done in as_completed(waiting):
            keep(results, outcome(done.result, waiting[done]), len(waiting), tell)
        for handed in submissions:
            if handed.student not in results:
                keep(results, outcome(partial(one, room, handed), handed), len(waiting), tell)
    except BaseException:  # if we are interrupted, those who have not begun never will, and nobody is waited for
        room.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    tell(f"{len(results)} submissions in {time.perf_counter() - start:.1f} s")
    return [results[handed.student] for handed in submissions]


def keep(results, result, count, tell):
    """Tell of a result, and keep it unless it was too slow beside others."""
    if result["again"]:
        tell(report.printable(f"            {result['student'][:32]}: slow; it will be tried again alone"))
    else:
        results[result["student"]] = result
        tell(f"[{len(results):4d}/{count}] {report.line(result)}")


def outcome(work, handed):
    """The result of a grading, also if it has failed."""
    try:
        return work()
    except Exception as error:
        return failed(handed, error)


def absent(roster, submissions):
    """Those who are on the roster and have handed in nothing."""
    here = {handed.student for handed in submissions}
    return [HandedIn(s, None, [NOTHING], roster.names.get(s, "")) for s in roster.ids if s not in here]


def gather(room, folder, roster, ways, single, tell):
    """All submissions, those of whoever has handed in nothing too, after telling whose each file was taken for."""
    found = find_one(folder, roster) if single else find(folder, roster, ways, room.out)
    for text, owner in found.table:
        unknown = roster and owner.student not in roster.ids
        words = [owner.student, owner.name and f"({owner.name})", "NOT ON THE ROSTER" if unknown else ""]
        tell(report.printable(f"  {text}  ->  {' '.join(filter(None, words))}"))
    known = [owner for _, owner in found.table if roster and owner.student in roster.ids]
    if roster and found.table and not known and not single:
        raise UnclearError(STRANGERS.format(len(found.table), ", ".join(roster.ids[:3])))
    for name in found.strange:
        tell(report.printable(f"not a submission, left alone: {name}"))
    absentees = absent(roster, found.submissions) if roster and not single else []
    return found.submissions + absentees or [HandedIn("nobody", None, [NOTHING])]


def cores():
    """How many submissions are graded at a time unless somebody says otherwise."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(assignment, folder, out, jobs=None, roster=None, key="", limits=None, isolation="full", tell=print, **finding):
    """Grade a folder of submissions; ``(results, room)``. The reports are ``report.write_all``'s.

    Args:
        roster: a ``roster.Roster``, if every student has numbers of their own.
        finding: ``ways`` (``who.WAYS``) to read the names of files, ``single`` if the folder is one submission.

    Raises:
        NotFitError: if the master or the empty version does not get what it must.
        UnclearError: if it is not clear whose a file is.
        OtherKeyError: if the notebooks were made with another key.
    """
    room = Classroom(assignment, out, key, roster is not None, limits, isolation, hide=[folder])
    try:
        submissions = gather(room, folder, roster, **{"ways": "auto", "single": False} | finding, tell=tell)
        same_key(room, submissions)
        open_to_attack = warning(room.sandbox().report)
        if open_to_attack:
            tell(open_to_attack)
        prove(room)
        tell(f"{assignment.title}: the master gets all {assignment.points:g} points, the empty version none.")
        results = grade_all(room, submissions, jobs or cores(), tell)
        for why in {ours.why for ours in room.sandboxes if isinstance(ours, Ours) and ours.why}:
            tell(f"no points were given for what follows from earlier mistakes: spec.py does not run by itself ({why})")
        gone = report.tidy(room.out, submissions)
        if gone:
            tell(f"removed: results and pages of {gone} who were graded earlier and are not here any more")
    finally:
        room.close()
    return results, room


def write_students(assignment, out, ids=None, key=""):
    """Write the student version, or one for each of these students; the paths."""
    paths = []
    for student in ids or [""]:
        tree = student_version(assignment, Variant(student, key))
        folder = Path(out) / HandedIn(student, None).file if student else Path(out)
        paths.append(folder / f"{assignment.name}.ipynb")
        notebook.write(paths[-1], tree)
    return paths
