"""Grades one submission: asks its sandbox for answers, compares them here, gives points for what is right."""

import re
import time

from dlbook.grade import wire
from dlbook.grade.budget import DEAD, Budget
from dlbook.grade.errors import explain
from dlbook.grade.follow import follow
from dlbook.grade.notebook import BrokenNotebookError, code_cells
from dlbook.grade.verdict import SEEN, UNSEEN, diagnose

LATE = "Not tried: the notebook had used up its {:g} s."
MISSING = "Nothing is called `{}` in this notebook."
OURS = ("It took longer than", DEAD, "Not tried:", "Nothing is called", "Not answered yet.", "It stopped with")
EMPTY = ("Not answered yet.", "Nothing is called")
INPUT = "input() answers with an empty text here: nobody is there to type."
ANY = "It stopped with an error."
LONGEST = 600  # characters of what is said about a check or a cell


class Submission:
    """One notebook in a sandbox: brought to life again, without the guilty cell, as often as need be."""

    def __init__(self, sandbox, cells):
        self.sandbox, self.cells, self.budget = sandbox, cells, Budget(sandbox.limits["total"])
        self.guilty, self.notes, self.alive = set(), [], False
        self.checked = {}  # question -> the last cell that had it checked

    def note(self, number, text):
        """Remember, once, what is to be said about a cell."""
        line = f"Code cell {number + 1}, {first_line(self.cells[number])}: {text}"[:LONGEST]
        self.notes += [line] if text and line not in self.notes and not self.sandbox.line.heard else []

    def revive(self):
        """Run all cells in a fresh process; a cell that kills it, or never ends, is left out from then on."""
        while not self.alive and not self.budget.late():
            self.sandbox.begin()
            self.alive = all(self.run(number) for number in range(len(self.cells)) if number not in self.guilty)

    def run(self, number):
        """Run one cell; False if the process did not survive it, or is to begin again with fewer cells."""
        try:
            reply = self.sandbox.run(number + 1, self.cells[number])
        except wire.BROKEN as trouble:
            self.guilty.add(number)
            self.note(number, self.budget.trouble(trouble, self.sandbox, "cell"))
            if self.budget.late():
                self.shorten()
            return False
        self.budget.ran(number, self.sandbox.spent)
        hear(self, number, reply)
        return not self.budget.late() or self.shorten()

    def shorten(self):
        """Leave out cells, because all together take too long; whether the process may be asked as it stands."""
        for number, why in self.budget.leave_out(len(self.cells)).items():
            self.guilty.add(number)
            self.note(number, why)
        return self.budget.rounds == 2

    def ask(self, check):
        """The runner's answer to a check, or a text that says why there is none."""
        self.revive()
        if not self.alive or self.budget.late():
            return LATE.format(self.budget.total)
        self.sandbox.line.heard |= check["hidden"]
        try:
            reply = self.sandbox.call(check["name"], check["recipe"], check["inputs"])
        except wire.BROKEN as trouble:
            self.alive, reply = False, self.budget.trouble(trouble, self.sandbox, "call")
        self.budget.answering += self.sandbox.spent
        return reply


def hear(submission, number, reply):
    """What is to be kept of the reply to a cell: the questions that it had checked, its error, its wish for input."""
    error = clean(reply).get("error")
    submission.checked |= dict.fromkeys(questions_of(reply), number)
    if error and error["type"] != "NotImplementedError":
        submission.note(number, explain(error))
    if reply.get("asked") is True:
        submission.note(number, INPUT)


def first_line(source):
    """How a cell begins, so that it is found again.

    >>> first_line("\\n  def layer(X, W, b):\\n    return X")
    '"def layer(X, W, b):"'
    """
    line = next((line.strip() for line in source.splitlines() if line.strip()), "")
    return '"' + (line if len(line) <= 50 else line[:49] + "…") + '"'


def replay(submission, wanted):
    """Run the notebook again; yield each wanted question when the last cell that had it checked has run."""
    left = {key: number for key, number in submission.checked.items() if key in wanted}
    if not left or not submission.budget.repeat():
        return
    submission.sandbox.begin()
    for number in range(max(left.values()) + 1):
        if number in submission.guilty:
            continue
        submission.alive = submission.run(number)
        if not submission.alive:
            return
        yield from [key for key, last in left.items() if last == number]
    submission.alive = False  # what is below has not been run


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


def judge(submission, checks, ours=None):
    """Try the checks, the visible before the hidden; a question whose answer hangs or kills is not tried again.

    With `ours`, questions that are right but for an earlier one get their points (`follow`).
    """
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
    if ours and any(not row["says"].startswith(EMPTY) for row in out):
        follow(submission, checks, out, ours, row_of, points)
    return out


def row_of(check, submission, given_up):
    """Try one check, unless its question was given up: what came of it."""
    key, heard = check["question"], submission.alive and submission.sandbox.line.heard
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


def grade(checks, data, variant, sandbox, ours=None):
    """The result of one submission, as plain data.

    Args:
        checks: all that is to be tried (``Assignment.prepare``).
        data: the bytes of the notebook; a text if there is none, that says why.
        variant: whose numbers it must have been solved with.
        ours: our own answers, for questions that call an earlier one (``follow.Ours``).
    """
    start, slow = time.perf_counter(), False
    try:
        if isinstance(data, str):
            raise BrokenNotebookError(data)
        cells = code_cells(data)
        submission = Submission(sandbox, cells)
        results, notes, slow = judge(submission, checks, ours), submission.notes, submission.budget.slow()
    except BrokenNotebookError as broken:
        cells, notes, said = [], [str(broken)], {"passed": False, "says": str(broken), "told": str(broken)}
        results = [{k: check[k] for k in ("question", "check", "hidden", "points")} | said for check in checks]
    mark = re.search(r"^# made for (\w{12})$", "\n".join(cells), re.M)
    return {
        "score": points(results),
        "max_score": sum(row["points"] for row in results),
        "seconds": round(time.perf_counter() - start, 3),
        "slow": slow,
        "isolation": sandbox.report["level"],
        "checks": results,
        "notes": notes[:50],
        "other_variant": bool(mark) and mark.group(1) != variant.tag(),
    }
