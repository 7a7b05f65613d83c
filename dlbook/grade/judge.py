"""Grades one submission: asks its sandbox for answers, compares them here, gives points for what is right."""

import re
import time

from dlbook.grade import wire
from dlbook.grade.errors import explain, kind
from dlbook.grade.notebook import BrokenNotebookError, code_cells
from dlbook.grade.verdict import diagnose

SLOW = "It took longer than {:g} s: is there a loop that never ends?"
DEAD = "Python itself came to an end here (os._exit, a crash, or no memory left)."
LATE = "Not tried: the notebook had used up its {:g} s."
MISSING = "Nothing is called `{}` in this notebook."
OURS = ("It took longer than", DEAD, "Not tried:", "Nothing is called", "Not answered yet.", "It stopped with")
UNSEEN = "A check that you have not seen fails."


class Submission:
    """One notebook in a sandbox: brought to life again, without the guilty cell, as often as need be."""

    def __init__(self, sandbox, cells):
        self.sandbox, self.cells = sandbox, cells
        self.guilty, self.notes, self.alive = set(), [], False
        self.end = time.monotonic() + sandbox.limits["total"]

    def late(self):
        return time.monotonic() > self.end

    def note(self, number, text):
        """Remember, once, what is to be said about a cell."""
        line = f"Code cell {number + 1}: {text}"
        if line not in self.notes:
            self.notes.append(line)

    def revive(self):
        """Run all cells in a fresh process; a cell that kills it, or never ends, is left out from then on."""
        while not self.alive and not self.late():
            self.sandbox.begin()
            self.alive = all(self.run(number) for number in range(len(self.cells)) if number not in self.guilty)

    def run(self, number):
        """Run one cell; False if the process did not survive it."""
        try:
            error = clean(self.sandbox.run(number + 1, self.cells[number])).get("error")
        except (wire.SlowError, wire.GoneError, wire.WireError) as trouble:
            self.guilty.add(number)
            slow = isinstance(trouble, wire.SlowError)
            self.note(number, SLOW.format(self.sandbox.limits["cell"]) if slow else DEAD)
            return False
        if error and error["type"] != "NotImplementedError":
            self.note(number, explain(error))
        return not self.late()

    def ask(self, check):
        """The runner's answer to a check, or a text that says why there is none."""
        self.revive()
        if not self.alive:
            return LATE.format(self.sandbox.limits["total"])
        try:
            return self.sandbox.call(check["name"], check["recipe"], check["inputs"])
        except (wire.SlowError, wire.GoneError, wire.WireError) as trouble:
            self.alive = False
            return SLOW.format(self.sandbox.limits["call"]) if isinstance(trouble, wire.SlowError) else DEAD


def clean(reply):
    """A reply with the parts that a reply has; whatever else was sent is dropped."""
    error, clean = reply.get("error"), {k: reply.get(k) for k in ("value", "inputs")}
    if reply.get("missing") is True:
        clean["missing"] = True
    if error is not None:
        error = error if isinstance(error, dict) else {}
        clean["error"] = {"type": str(error.get("type"))[:40], "text": str(error.get("text", ""))[:300]}
        clean["error"]["line"] = line if isinstance(line := error.get("line"), int) else 0
    return clean


def opinion(check, reply):
    """What is wrong with the answer to a check; None if nothing is."""
    if reply.get("missing"):
        return MISSING.format(check["name"])
    error, got = reply.get("error"), reply.get("value")
    unanswered = error is None and isinstance(got, dict) and got.get("missing") is True
    if unanswered or (error and error["type"] == "NotImplementedError"):
        return "Not answered yet."
    if error:  # of a hidden check only the kind: the text could carry what the check was asked with
        return f"It stopped with {kind(error['type'])}. {check['says']}".strip() if check["hidden"] else explain(error)
    return diagnose(check, check["expected"], got, reply.get("inputs"), wire.as_data(check["inputs"]))


def told(check, said):
    """What the student may read about a check: of a hidden one only the sentences that the teacher wrote."""
    if not said or not check["hidden"] or said.startswith(OURS):
        return said or ""
    written = [message for _, message in (*check["mistakes"], *check["rules"])] + [check["says"]]
    return next((message for message in written if message and message in said), UNSEEN)


def judge(submission, checks):
    """Try the checks, the visible before the hidden; a question whose answer hangs or kills is not tried again."""
    given_up, out = {}, []
    for check in sorted(checks, key=lambda check: check["hidden"]):
        key = check["question"]
        if key not in given_up:
            reply = submission.ask(check)
            if isinstance(reply, str):
                given_up[key] = reply
        said = given_up[key] if key in given_up else opinion(check, clean(reply))
        row = {k: check[k] for k in ("question", "check", "hidden", "points")}
        out.append(row | {"passed": said is None, "says": said or "", "told": told(check, said)})
    return out


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
