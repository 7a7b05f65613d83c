"""The answer key and marking guide of an assignment: one Markdown text, made from ``spec.py`` and the master.

What it says is what students may not see, so it is written where no notebook lies, readable for its owner only. No
student's code can reach it: in the sandbox there is no such file (``jail``).
"""

import os
import re
from pathlib import Path

import numpy as np

from dlbook.grade import notebook
from dlbook.grade.spec import Variant

OPENING = """\
# {name}: answer key and marking guide

**For teachers only.** About {minutes} minutes · {points:g} points · {count} questions. {title}.

The grader gives the points of each check that passes; a question is not all or nothing. What stands under *usual
mistakes* is recognised by its results, and the student reads just that sentence. Where you mark by hand: the points of
a check are for what its name says, whatever the rest of the answer looks like, and a later question is judged on inputs
of its own.

| question | points | of them on checks that students see | by hand, with numbers of their own |
|:---|---:|---:|:---|
{rows}
| **together** | **{points:g}** | **{seen:g}** | |
"""

CHECKS = """\
**Checks.**

| what is tried | points | students see it | told if no usual mistake fits |
|:---|---:|:---|:---|"""


def key_text(assignment, variants=(), secret=""):
    """The whole text, under a teacher's secret; with ``variants`` also the numbers and answers of each of these."""
    questions = assignment.questions.values()
    cells = {cell["id"]: notebook.source_of(cell) for cell in notebook.read(master_path(assignment))["cells"]}
    rows = [f"| {q.key} · {q.title} | {q.points:g} | {seen(q):g} | {'yes' if q.constants else ''} |" for q in questions]
    about = {"name": assignment.name, "minutes": assignment.minutes, "points": assignment.points}
    about |= {"count": len(rows), "title": assignment.title, "rows": "\n".join(rows), "seen": sum(map(seen, questions))}
    parts = [
        OPENING.format(**about),
        *(guide(assignment, question, cells, Variant(key=secret)) for question in questions),
    ]
    return "\n".join([*parts, own_numbers(assignment, variants)] if variants else parts)


def master_path(assignment):
    return assignment.folder / f"{assignment.name}.ipynb"


def seen(question):
    """The points that a question gives for checks that stand in the student's notebook."""
    return sum(check.points for check in question.checks if not check.hidden)


def guide(assignment, question, cells, variant):
    """All about one question: its text, a right answer, what each check tries, the usual mistakes, the hints."""
    parts = [cells.get(f"{question.key}-text", f"## {question.key} · {question.title}")]
    if question.constants:
        parts.append(f"Everybody's numbers, where there is no roster: {worked_out(assignment, question, variant)}.")
    parts.append("**A right answer.**\n\n" + fenced(solution(cells[f"{question.key}-answer"])))
    checks = [
        f"| {cell(c.name)} | {c.points:g} | {'no' if c.hidden else 'yes'} | {cell(c.says)} |" for c in question.checks
    ]
    parts.append("\n".join([CHECKS, *checks]))
    told = [message for _, message in (*question.mistakes, *question.rules)]
    if told:
        parts.append(
            "**Usual mistakes**, by what students are told:\n\n" + "\n".join(f"- {message}" for message in told)
        )
    steps = [f"{number}. {step}" for number, step in enumerate(question.steps, 1)]
    return "\n\n".join([*parts, "**Hints**, in this order:\n\n" + "\n".join(steps)]) + "\n"


def cell(text):
    """A text that may stand in a table."""
    return text.replace("|", "\\|")


def fenced(code):
    return f"```python\n{code}\n```"


def solution(source):
    """A cell of the master, without the marks around its solution."""
    return re.sub(r"^[ \t]*### (BEGIN|END) SOLUTION[^\n]*\n?", "", source, flags=re.M).rstrip()


def worked_out(assignment, question, variant):
    """The numbers of one student, and what is right for them, in one line."""
    numbers = assignment.constants(question.key, variant)
    given = ", ".join(f"{name} = {short(value)}" for name, value in numbers.items())
    return f"{given}; right is {short(question.answer(**numbers))}"


def short(value):
    """A value as one reads it: numbers with five figures, whatever is large by its size only.

    >>> short([0.123456789, 2]), short({"w": np.zeros((3, 4))})
    ('[0.12346, 2]', 'a dictionary of 1 array')
    """
    if isinstance(value, dict):
        return f"a dictionary of {len(value)} array{'s' * (len(value) != 1)}"
    if isinstance(value, str):
        return f"“{value}”"
    array = np.asarray(value)
    if array.size > 40:
        return f"an array of shape {array.shape}"
    return f"[{', '.join(map(short, array))}]" if array.ndim else f"{array.item():.5g}"


def own_numbers(assignment, variants):
    """A table for each question that gives everybody numbers of their own."""
    parts = ["## The numbers of each student\n"]
    for question in assignment.questions.values():
        if question.constants:
            rows = [f"| {cell(v.student)} | {cell(worked_out(assignment, question, v))} |" for v in variants]
            parts.append(
                f"### {question.key} · {question.title}\n\n| student | numbers, and what is right |\n|:---|:---|"
            )
            parts[-1] += "\n" + "\n".join(rows) + "\n"
    return "\n".join(parts)


def write_key(assignment, folder, roster=None, secret=""):
    """Write the text to ``folder``; for a roster with everybody's own numbers.

    Raises:
        ValueError: if notebooks lie there: what students get and what they hand in is no place for a key.
    """
    folder = Path(folder)
    if folder.is_dir() and any(folder.rglob("*.ipynb")):
        raise ValueError(
            f"{folder} holds notebooks. A key belongs where nothing is handed out or in: choose another --out."
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{assignment.name}.md"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(key_text(assignment, [Variant(student, secret) for student in roster or ()], secret))
    return path
