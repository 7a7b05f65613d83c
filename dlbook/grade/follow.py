"""Follow-through: a question that is right but for an earlier one keeps its points.

A student's `forward` that calls her wrong `layer` is asked again while `layer` stands for ours. Her code sees only
what ours makes of the inputs that it gives; whoever had `layer` right would see the same. And since those inputs come
from her code, ours do not run here either: they have a sandbox of their own, which can hang or die without harm.

What a process has from us must not count for anything else, nor be told. So each question is tried in a process of its
own, which is asked nothing but that question, gets answers only to earlier ones that are wrong, and counts from the
beginning as one that has heard of hidden checks: of what it says only the teacher's sentences and ours are told.
"""

from dlbook.grade.sandbox import Sandbox
from dlbook.grade.spec import RECIPE
from dlbook.grade.verdict import SEEN, UNSEEN
from dlbook.grade.wire import BROKEN

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
        self.lent, self.asked, self.refused, self.why = set(), set(), False, None

    def lend(self, names):
        """From here on only these are answered."""
        self.lent, self.asked, self.refused = set(names), set(), False

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
        if self.refused or not asked or name not in self.lent:
            return {}
        self.asked.add(name)
        try:
            return {} if not self.alive and self.begin() else self.sandbox.call("ours", RECIPE, [name, inputs, named])
        except BROKEN:
            self.alive = False
            return {}

    def close(self):
        if self.sandbox:
            self.sandbox.close()


def follow(submission, checks, rows, ours, row_of, points):
    """Ask wrong questions again while what is wrong before them stands for ours; better `rows` are put in place."""
    replaced, failed = [], {row["question"] for row in rows if not row["passed"]}
    for name, key in ours.names.items():
        mine = [i for i, row in enumerate(rows) if row["question"] == key]
        if key in failed and replaced and stand_in(submission, replaced, ours):
            new, asked = again(submission, [checks[i] for i in mine], ours, row_of)
            if ours.asked and not ours.refused and points(new) >= points([rows[i] for i in mine]):
                take(submission, rows, dict(zip(mine, new, strict=True)), in_words(ours, asked or replaced))
        if not all(rows[i]["passed"] for i in mine):
            replaced.append(name)
    submission.alive = False  # with stand-ins in it, nothing else may be asked there


def stand_in(submission, names, ours):
    """A fresh process with stand-ins for these names, of which no more is told from then on; whether it lives."""
    submission.alive = False
    if submission.budget.repeat():
        submission.revive()
    ours.lend(names)
    try:
        if submission.alive:
            submission.sandbox.stand_in(names, ours)
    except BROKEN:
        submission.alive = False
    return submission.alive


def again(submission, checks, ours, row_of):
    """What comes of the checks of a question now; and the names that were asked for before its first hidden check, for
    what is asked for later could be chosen to tell of that."""
    new, given_up, asked = [], {}, None
    for check in checks:
        if check["hidden"] and asked is None:
            asked = set(ours.asked)
        new.append(row_of(check, submission, given_up))
    return new, ours.asked if asked is None else asked


def in_words(ours, names):
    return " and ".join(f"`{name}` ({key})" for name, key in ours.names.items() if name in names)


def take(submission, rows, new, names):
    """Put better rows in place, and say once why."""
    given = {i for i, row in new.items() if row["passed"] and not rows[i]["passed"]}
    if given:
        submission.notes.append(ONCE.format(rows[min(given)]["question"], names))
    for i, row in new.items():
        told = GIVEN.format(names) if i in given else row["told"]
        rows[i] = row | {"told": rows[i]["told"] if told in (SEEN, UNSEEN) and rows[i]["told"] else told}
