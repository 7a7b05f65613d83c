"""Follow-through: a question that is right but for an earlier one keeps its points.

A student's `forward` that calls her wrong `layer` is asked again while `layer` stands for ours. Her code sees only
what ours makes of the inputs that it gives; whoever had `layer` right would see the same. And since those inputs come
from her code, ours do not run here either: they have a sandbox of their own, which can hang or die without harm.
"""

from dlbook.grade.budget import TROUBLE
from dlbook.grade.sandbox import Sandbox
from dlbook.grade.spec import RECIPE

GIVEN = "The points are given: it is right with a right {}."
ONCE = "{} was tried once more with a right {}: what is wrong there costs nothing more here."
OURS = """\
with open("ours.py", "w", encoding="utf-8") as file:
    file.write({text!r})
import ours as module
made = {{question.name: question.answer for question in module.assignment.questions.values()}}


def ours(name, inputs, named):
    return made[name](*inputs, **named)
"""


class Ours:
    """Our own answers to the questions that ask for a function, for whoever asks."""

    def __init__(self, assignment, hide, limits, isolation):
        questions = assignment.questions.values()
        self.names = {q.name: q.key for q in questions if q.constants is None and callable(q.answer)}
        self.cell = OURS.format(text=(assignment.folder / "spec.py").read_text(encoding="utf-8"))
        self.settings, self.sandbox, self.alive = (hide, limits, isolation), None, False
        self.asked, self.refused, self.why = set(), False, None

    def begin(self):
        """A fresh process with the specification in it; what stands in the way, or None."""
        self.sandbox = self.sandbox or Sandbox(*self.settings)
        self.sandbox.begin()
        error = self.sandbox.run(1, self.cell)["error"]
        self.alive = not error
        self.why = error and f"{error['type']}: {error['text']}"
        return self.why

    def __call__(self, message):
        """The answer to what a stand-in asks: a value, or nothing."""
        reply = self.answer(message.get("asks"), message.get("inputs"), message.get("named"))
        self.refused = self.refused or "value" not in reply
        return {"value": reply["value"]} if "value" in reply else {}

    def answer(self, name, inputs, named):
        """What our sandbox says, as far as it can."""
        asked = isinstance(name, str) and isinstance(inputs, list) and isinstance(named, dict)
        if self.refused or not asked or name not in self.names:
            return {}
        self.asked.add(name)
        try:
            return {} if not self.alive and self.begin() else self.sandbox.call("ours", RECIPE, [name, inputs, named])
        except TROUBLE:
            self.alive = False
            return {}

    def close(self):
        if self.sandbox:
            self.sandbox.close()


def follow(submission, checks, rows, ours, row_of, points):
    """Ask wrong questions again while what is wrong before them stands for ours; better `rows` are put in place."""
    replaced, failed = [], {row["question"] for row in rows if not row["passed"]}
    for key in [key for key in dict.fromkeys(check["question"] for check in checks) if key in failed]:
        if replaced and stand_in(submission, replaced, ours):
            mine, given_up = [i for i, row in enumerate(rows) if row["question"] == key], {}
            new = [row_of(checks[i], submission, given_up) for i in mine]
            if ours.asked and not ours.refused and points(new) >= points([rows[i] for i in mine]):
                take(submission, rows, mine, new, ours)
        name = next(c["name"] for c in checks if c["question"] == key)
        if name in ours.names and not all(row["passed"] for row in rows if row["question"] == key):
            replaced.append(name)


def stand_in(submission, names, ours):
    """Bring the submission to life with stand-ins for these names; whether it lives."""
    submission.revive()
    ours.asked, ours.refused = set(), False
    try:
        if submission.alive:
            submission.sandbox.stand_in(names, ours)
    except TROUBLE:
        submission.alive = False
    return submission.alive


def take(submission, rows, mine, new, ours):
    """Put better rows in place, and say once why."""
    names = " and ".join(f"`{name}` ({ours.names[name]})" for name in ours.names if name in ours.asked)
    if any(row["passed"] and not rows[i]["passed"] for i, row in zip(mine, new, strict=True)):
        submission.notes.append(ONCE.format(new[0]["question"], names))
    for i, row in zip(mine, new, strict=True):
        given = row["passed"] and not rows[i]["passed"]
        rows[i] = row | {"told": GIVEN.format(names)} if given else row
