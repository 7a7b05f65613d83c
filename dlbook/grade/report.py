"""Writes what a grading has found: for the teacher, for each student, for Gradescope, for Canvas."""

import csv
import html
import json
import os
import re
from pathlib import Path

ISOLATION = {"full": [], "files": ["GRADED WITH ISOLATION IN PART."], "none": ["GRADED WITHOUT ISOLATION."]}
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}: feedback</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 17px/1.5 Georgia, serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem }}
h2 {{ font-size: 1.15rem; margin: 1.6rem 0 .2rem }} small {{ opacity: .75; font-weight: normal }}
ul {{ list-style: none; padding: 0; margin: 0 }}
li {{ margin: .25rem 0 .25rem 1.6rem }} li span {{ margin-left: -1.6rem }}
</style>
<h1>{title}</h1>
<p><strong>{score}</strong> points. {student}</p>
{notes}{questions}
<p><small>{isolation}</small></p>
</html>
"""


def number(points):
    """Points without a needless fraction."""
    return "" if points is None else f"{points:g}"


def line(result):
    """One line of progress."""
    score = "not graded" if result["score"] is None else f"{result['score']:g}/{result['max_score']:g}"
    flags = [*(["made for somebody else"] if result["other_variant"] else []), *result["notes"][:1]]
    earlier = "from an earlier run" if result["resumed"] else f"{result['seconds']:.2f} s"
    parts = [f"{result['student'][:32]:32s}", f"{score:>10s}", earlier, *flags]
    return printable("  ".join(parts))[:160]


def printable(text):
    """A text that cannot play with the terminal."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def harmless(text):
    """A cell of a table that no spreadsheet takes for a formula, also where semicolons separate cells.

    >>> harmless("=1+1"), harmless("jane"), harmless("see; =1+1")
    ("'=1+1", 'jane', "see; '=1+1")
    """
    return re.sub(r"((?:^|;)[\s\"']*)(?=[=+\-@＝＋－＠])", r"\1'", printable(text))


def by_question(result):
    """The rows of the checks, question by question."""
    grouped = {}
    for row in result["checks"]:
        grouped.setdefault(row["question"], []).append(row)
    return grouped


def points(rows):
    """What the checks have brought."""
    return sum(row["points"] for row in rows if row["passed"])


def write(path, text):
    """Write a file in one go: it is there entirely, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def earlier(path):
    """What an earlier run found, or None if it did not come to that."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["extra_data"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def gradescope(assignment, result):
    """The result as Gradescope reads it."""
    tests = []
    for number_, row in enumerate(result["checks"], 1):
        question = assignment.questions[row["question"]]
        name = "a check you have not seen" if row["hidden"] else row["check"]
        tests.append(
            {
                "number": str(number_),
                "name": f"{question.key} {question.title}: {name}",
                "score": row["points"] if row["passed"] else 0,
                "max_score": row["points"],
                "output": row["told"],
                "visibility": "after_published" if row["hidden"] else "visible",
            }
        )
    about = f"{number(result['score'])} of {number(result['max_score'])} points."
    lines = [about, *result["notes"], *ISOLATION[result["isolation"]]]
    visible = {"score": result["score"], "output": "\n".join(lines), "visibility": "visible", "tests": tests}
    return visible | {"extra_data": result}


def answer_lines(rows):
    """What is said of each check of a question, as a list."""
    items = []
    for row in rows:
        name = "a check you have not seen" if row["hidden"] else html.escape(row["check"])
        mark, said = ("✓", "") if row["passed"] else ("✗", f": {html.escape(row['told'])}")
        items.append(f"<li><span>{mark}</span> {name} <small>({row['points']:g})</small>{said}</li>")
    return "".join(items)


def feedback(assignment, result):
    """The page for the student: what was wrong, and nothing of what a hidden check holds."""
    parts = []
    for key, rows in by_question(result).items():
        question = assignment.questions[key]
        head = f"{html.escape(f'{key} · {question.title}')} <small>{points(rows):g} of {question.points:g}</small>"
        parts.append(f"<h2>{head}</h2>\n<ul>{answer_lines(rows)}</ul>\n")
    notes = "".join(f"<li>{html.escape(printable(note))}</li>" for note in result["notes"])
    return PAGE.format(
        title=html.escape(assignment.title),
        student=html.escape(printable(result["student"])),
        score=f"{number(result['score'])} of {number(result['max_score'])}",
        notes=f"<p>When your notebook was run from top to bottom:</p><ul>{notes}</ul>" if notes else "",
        questions="".join(parts),
        isolation=" ".join(ISOLATION[result["isolation"]]),
    )


def write_result(room, handed, result):
    """The files of one student, as soon as they are known."""
    page = room.out / "feedback" / f"{handed.file}.html"
    write(page, feedback(room.assignment, result))
    tree = gradescope(room.assignment, result)
    write(room.out / "results" / f"{handed.file}.json", json.dumps(tree, indent=1, ensure_ascii=False))


def scores(assignment, results):
    """The table of the class: a header and one row per student, the same in every run."""
    keys = list(assignment.questions)
    rows = [["student", "score", "max", *keys, "isolated", "made for somebody else", "notes"]]
    for result in results:
        grouped = by_question(result)
        each = [number(points(grouped[key])) if key in grouped else "" for key in keys]
        flags = [
            {"full": "yes", "files": "IN PART", "none": "NO"}[result["isolation"]],
            "YES" if result["other_variant"] else "",
        ]
        notes = harmless(" | ".join(result["notes"][:5])[:500])
        total = [number(result["score"]), number(result["max_score"])]
        rows.append([harmless(result["student"]), *total, *each, *flags, notes])
    return rows


def write_csv(path, rows):
    """Write a table, with the mark that makes spreadsheets read it as UTF-8."""
    with open(path, "w", newline="", encoding="utf-8-sig") as stream:
        csv.writer(stream).writerows(rows)


def letters(name):
    """A name as Canvas puts it in file names: ``Doe, Jane`` is ``doejane``."""
    return re.sub(r"[\W_]+", "", name).lower()


def canvas(rows, column, results):
    """Fill a column of a gradebook that Canvas has exported.

    Returns:
        The rows, and the students who are not in the gradebook.

    Raises:
        ValueError: if the column is not there exactly once.
    """
    header = rows[0]
    columns = [i for i, name in enumerate(header) if name == column or name.startswith(f"{column} (")]
    if len(columns) != 1:
        raise ValueError(f"the gradebook has {len(columns)} columns {column!r}; it has: {', '.join(header)}")
    names = [i for i, name in enumerate(header) if name in ("ID", "SIS User ID", "SIS Login ID")]
    where = {row[i].strip(): row for row in rows[1:] for i in names if i < len(row) and row[i].strip()}
    where |= {letters(row[0]): row for row in rows[1:] if row and letters(row[0]) not in ("", "pointspossible")}
    lost = []
    for result in results:
        row = where.get(result["student"]) or where.get(letters(result["student"]))
        if row is None:
            lost.append(result["student"])
        elif result["score"] is not None:
            row[columns[0]] = number(result["score"])
    return rows, lost


def write_canvas(path, out, column, results):
    """Read a gradebook, write it with the column filled; the students who are not in it."""
    with open(path, newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.reader(stream))
    filled, lost = canvas(rows, column, results)
    write_csv(out, filled)
    return lost


def summary(assignment, results):
    """A few lines for the teacher: how the class did, question by question, and whom to look at."""
    graded = [result for result in results if result["checks"]]
    lines = []
    for key, question in assignment.questions.items():
        got = [points(by_question(result).get(key, [])) for result in graded]
        share = 100 * sum(got) / (question.points * len(got)) if got else 0
        lines.append(f"{key:>4s} {share:4.0f} %  {question.title}")
    missing = re.compile(r"No module named '?([\w.]+)")
    for result in results:
        if result["score"] is None:
            lines.append(f"NOT GRADED: {printable(result['student'])}: {result['notes'][0]}")
        found = [missing.search(note) for note in result["notes"]]
        lines += [f"{printable(result['student'])} needs a package that is not here: {m[1]}" for m in found if m]
    return lines


def write_all(room, results, gradebook=None, column=None):
    """The reports on the class; lines to print."""
    out = room.out
    write_csv(out / "scores.csv", scores(room.assignment, results))
    if len(results) == 1 and results[0]["checks"]:
        tree = gradescope(room.assignment, results[0])
        write(out / "results.json", json.dumps(tree, indent=1, ensure_ascii=False))
    lines = summary(room.assignment, results)
    if gradebook:
        lost = write_canvas(Path(gradebook), out / "canvas.csv", column or room.assignment.title, results)
        lines += [f"not in the gradebook: {printable(student)}" for student in lost]
    return lines
