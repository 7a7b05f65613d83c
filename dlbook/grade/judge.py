"""Grades one submission: asks its sandbox for answers, compares them here, gives points for what is right."""

import re
import time

from dlbook.grade import wire
from dlbook.grade.errors import explain
from dlbook.grade.notebook import BrokenNotebookError, code_cells
from dlbook.grade.verdict import diagnose

SLOW = "It took longer than {:g} s: is there a loop that never ends?"
DEAD = "Python itself came to an end here (os._exit, a crash, or no memory left)."
LATE = "Not tried: the notebook had used up its {:g} s."
MISSING = "Nothing is called `{}` in this notebook."
OURS = ("It took longer than", DEAD, "Not tried:", "Nothing is called", "Not answered yet.", "It stopped with")
INPUT = "input() answers with an empty text here: nobody is there to type."
UNSEEN = "A check that you have not seen fails."
SEEN = "It fails: run this check in your notebook, it says more there."
ANY = "It stopped with an error."
LONGEST = 600  # characters of what is said about a check or a cell


class Submission:
    """One notebook in a sandbox: brought to life again, without the guilty cell, as often as need be."""

    def __init__(self, sandbox, cells):
        self.sandbox, self.cells, self.end = sandbox, cells, time.monotonic() + sandbox.limits["total"]
        self.guilty, self.notes, self.alive = set(), [], False
        # question -> the last cell that had it checked; whether this process knows the inputs of a hidden check
        self.checked, self.heard = {}, False

    def late(self):
        return time.monotonic() > self.end

    def note(self, number, text):
        """Remember, once, what is to be said about a cell."""
        line = f"Code cell {number + 1}: {text}"[:LONGEST]
        self.notes += [line] if line not in self.notes and not self.heard else []

    def revive(self):
        """Run all cells in a fresh process; a cell that kills it, or never ends, is left out from then on."""
        while not self.alive and not self.late():
            self.sandbox.begin()
            self.heard = False
            self.alive = all(self.run(number) for number in range(len(self.cells)) if number not in self.guilty)

    def run(self, number):
        """Run one cell; False if the process did not survive it."""
        try:
            reply = self.sandbox.run(number + 1, self.cells[number])
            error = clean(reply).get("error")
        except wire.BROKEN as trouble:
            self.guilty.add(number)
            slow = isinstance(trouble, wire.SlowError)
            self.note(number, SLOW.format(self.sandbox.limits["cell"]) if slow else DEAD)
            return False
        self.checked |= dict.fromkeys(questions_of(reply), number)
        if error and error["type"] != "NotImplementedError":
            self.note(number, explain(error))
        if reply.get("asked") is True:
            self.note(number, INPUT)
        return not self.late()

    def ask(self, check):
        """The runner's answer to a check, or a text that says why there is none."""
        self.revive()
        if not self.alive or self.late():
            return LATE.format(self.sandbox.limits["total"])
        self.heard = self.heard or check["hidden"]
        try:
            return self.sandbox.call(check["name"], check["recipe"], check["inputs"])
        except wire.BROKEN as trouble:
            self.alive = False
            return SLOW.format(self.sandbox.limits["call"]) if isinstance(trouble, wire.SlowError) else DEAD


def replay(submission, wanted):
    """Run the notebook again; yield each wanted question when the last cell that had it checked has run."""
    left = {key: number for key, number in submission.checked.items() if key in wanted}
    submission.sandbox.begin()
    submission.heard = False
    for number in range(max(left.values(), default=-1) + 1):
        if number in submission.guilty:
            continue
        submission.alive = submission.run(number)
        if not submission.alive:
            return
        yield from [key for key, last in left.items() if last == number]


def questions_of(reply):
    """The questions that a cell had checked, as far as what was sent can be one."""
    sent = reply.get("checked")
    return [key for key in sent[:40] if isinstance(key, str)] if isinstance(sent, list) else []


def clean(reply):
    """A reply with the parts that a reply has; whatever else was sent is dropped."""
    clean = {k: reply.get(k) for k in ("value", "inputs")}
    if reply.get("missing") is True:
        clean["missing"] = True
    if reply.get("error") is not None:
        clean["error"] = wire.error_in(reply["error"])
    return clean


def opinion(check, reply):
    """What is wrong with the answer to a check; None if nothing is."""
    if reply.get("missing"):
        return MISSING.format(check["name"])
    error, got = reply.get("error"), reply.get("value")
    unanswered = error is None and isinstance(got, dict) and got.get("missing") is True
    if unanswered or (error and error["type"] == "NotImplementedError"):
        return "Not answered yet."
    if error:  # of a hidden check not even the kind: it could carry what the check was asked with
        return f"{ANY} {check['says']}".strip() if check["hidden"] else explain(error)
    return diagnose(check, check["expected"], got, reply.get("inputs"), wire.as_data(check["inputs"]))


def told(check, said, heard):
    """What the student may read about a check: of a hidden one only the sentences that the teacher wrote or we; of a
    visible one too, where the process had ``heard`` what a hidden one was asked with."""
    if not said or not (check["hidden"] or heard) or (check["hidden"] and said.startswith(OURS)):
        return said or ""
    written = [message for _, message in (*check["mistakes"], *check["rules"])] + [check["says"]]
    return next((message for message in written if message and message in said), UNSEEN if check["hidden"] else SEEN)


def judge(submission, checks):
    """Try the checks, the visible before the hidden; a question whose answer hangs or kills is not tried again."""
    checks, given_up = sorted(checks, key=lambda check: check["hidden"]), {}
    out = [row_of(check, submission, given_up) for check in checks]
    wrong = {row["question"] for row in out if not row["passed"]} - given_up.keys()
    for key in replay(submission, wrong):  # what is below the check may have spoiled a right answer
        places = [i for i, check in enumerate(checks) if check["question"] == key]
        rows = [row_of(checks[i], submission, given_up) for i in places]
        if points(rows) > points([out[i] for i in places]):
            for i, row in zip(places, rows, strict=True):
                out[i] = row
        if not submission.alive:
            break
    return out


def row_of(check, submission, given_up):
    """Try one check, unless its question was given up: what came of it."""
    key, heard = check["question"], submission.heard
    if key not in given_up:
        reply = submission.ask(check)
        if isinstance(reply, str):
            given_up[key] = reply
    said = given_up[key] if key in given_up else opinion(check, clean(reply))
    row = {k: check[k] for k in ("question", "check", "hidden", "points")}
    says = (said or "")[:LONGEST]
    return row | {"passed": said is None, "says": says, "told": told(check, says, heard and key not in given_up)}


def points(rows):
    return sum(row["points"] for row in rows if row["passed"])


def grade(checks, data, variant, sandbox):
    """The result of one submission, as plain data.

    Args:
        checks: all that is to be tried (``Assignment.prepare``).
        data: the bytes of the notebook.
        variant: whose numbers it must have been solved with.
    """
    start = time.perf_counter()
    try:
        cells = code_cells(data)
        submission = Submission(sandbox, cells)
        results, notes = judge(submission, checks), submission.notes
    except BrokenNotebookError as broken:
        cells, notes, said = [], [str(broken)], {"passed": False, "says": str(broken), "told": str(broken)}
        results = [{k: check[k] for k in ("question", "check", "hidden", "points")} | said for check in checks]
    mark = re.search(r"^# made for (\w{12})$", "\n".join(cells), re.M)
    return {
        "score": sum(row["points"] for row in results if row["passed"]),
        "max_score": sum(row["points"] for row in results),
        "seconds": round(time.perf_counter() - start, 3),
        "isolation": sandbox.report["level"],
        "checks": results,
        "notes": notes[:50],
        "other_variant": bool(mark) and mark.group(1) != variant.tag(),
    }
