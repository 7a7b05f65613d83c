"""Writes what a grading has found: for the teacher, for each student, for Gradescope, for Canvas."""

import csv
import html
import io
import json
import re

from dlbook.grade import gradebook
from dlbook.whole import write_whole

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
small {{ white-space: nowrap }} code {{ font-size: .88em; overflow-wrap: anywhere }}
ul {{ list-style: none; padding: 0; margin: 0 }}
li {{ margin: .25rem 0 .25rem 1.6rem }} li span {{ display: inline-block; width: 1.6rem; margin: 0 -.25em 0 -1.6rem }}
.notes {{ list-style: disc }} p small {{ white-space: normal }}
</style>
<h1>{title}</h1>
<p><strong>{score}</strong> points. {student}</p>
{notes}{questions}{isolation}
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
    who = " ".join(filter(None, (result["student"], result["name"] and f"({result['name']})")))
    parts = [f"{who[:32]:32s}", f"{score:>10s}", earlier, *flags]
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
    """Write a file in one go, whatever letters a student has put into it."""
    write_whole(path, text.encode("utf-8", "replace"))


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


def marked(text):
    """A text for a page, with what stands between grave accents as code.

    >>> marked("is it `>=`?")
    'is it <code>&gt;=</code>?'
    """
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html.escape(text))


def answer_lines(rows):
    """What is said of each check of a question, as a list."""
    items = []
    for row in rows:
        name = "a check you have not seen" if row["hidden"] else html.escape(row["check"])
        mark, said = "✓" if row["passed"] else "✗", f": {marked(row['told'])}" if row["told"] else ""
        items.append(f"<li><span>{mark}</span> {name} <small>({row['points']:g})</small>{said}</li>")
    return "".join(items)


def feedback(assignment, result):
    """The page for the student: what was wrong, and nothing of what a hidden check holds."""
    parts = []
    for key, rows in by_question(result).items():
        question = assignment.questions[key]
        head = f"{html.escape(f'{key} · {question.title}')} <small>{points(rows):g} of {question.points:g}</small>"
        parts.append(f"<h2>{head}</h2>\n<ul>{answer_lines(rows)}</ul>\n")
    notes = "".join(f"<li>{marked(printable(note))}</li>" for note in result["notes"])
    return PAGE.format(
        title=html.escape(assignment.title),
        student=html.escape(printable(" ".join(filter(None, (result["student"], result["name"]))))),
        score=f"{number(result['score'])} of {number(result['max_score'])}",
        notes=f'<p>When your notebook was run from top to bottom:</p>\n<ul class="notes">{notes}</ul>\n'
        if notes
        else "",
        questions="".join(parts),
        isolation="".join(f"<p><small>{words}</small></p>" for words in ISOLATION[result["isolation"]]),
    )


def remove_page(out, result, kept):
    """Remove the page of an earlier result, and its folder if nothing else is in it, unless it is one to be kept."""
    home = (out / "feedback").resolve()
    page = (home / f"{result.get('page') or '?'}.html").resolve()
    if page in {(home / f"{name}.html").resolve() for name in kept} or not page.is_relative_to(home):
        return
    page.unlink(missing_ok=True)
    if page.parent != home and page.parent.is_dir() and not any(page.parent.iterdir()):
        page.parent.rmdir()


def write_result(room, handed, result):
    """The files of one student, as soon as they are known; a page under an earlier name goes."""
    path = room.out / "results" / f"{handed.file}.json"
    remove_page(room.out, earlier(path) or {}, [handed.page])
    write(room.out / "feedback" / f"{handed.page}.html", feedback(room.assignment, result))
    write(path, json.dumps(gradescope(room.assignment, result), indent=1, ensure_ascii=False))


def tidy(out, submissions):
    """Remove the results and pages of an earlier run that are nobody's any more; how many students they were of."""
    kept = {handed.file for handed in submissions}
    found = {path: earlier(path) for path in sorted((out / "results").glob("*.json"))}
    gone = [path for path, result in found.items() if result and path.stem not in kept]
    for path in gone:
        path.unlink()
        remove_page(out, found[path], [handed.page for handed in submissions])
    return len(gone)


def scores(assignment, results):
    """The table of the class: a header and one row per student, the same in every run."""
    keys = list(assignment.questions)
    rows = [["student", "name", "score", "max", *keys, "isolated", "made for somebody else", "notes"]]
    for result in results:
        grouped = by_question(result)
        each = [number(points(grouped[key])) if key in grouped else "" for key in keys]
        flags = [
            {"full": "yes", "files": "IN PART", "none": "NO"}[result["isolation"]],
            "YES" if result["other_variant"] else "",
        ]
        notes = harmless(" | ".join(result["notes"][:5])[:500])
        total = [number(result["score"]), number(result["max_score"])]
        rows.append([harmless(result["student"]), harmless(result["name"]), *total, *each, *flags, notes])
    return rows


def write_csv(path, rows, separator=","):
    """Write a table, with the mark that makes spreadsheets read it as UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    write(path, "\ufeff" + text.getvalue())


def summary(assignment, results):
    """A few lines for the teacher: how the class did, question by question, and whom to look at."""
    graded = [result for result in results if result["checks"] and result["file"]]
    lines = [f"Of the points, those who have handed in ({len(graded)}) have on average:"]
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


def only_one(results):
    """The result for Gradescope: of the only student, or of the only one with a notebook; None if there are more."""
    brought = [result for result in results if result["file"]] or results
    return brought[0] if len(brought) == 1 and brought[0]["checks"] else None


def write_all(room, results, book=None):
    """The reports on the class; lines to print."""
    out, one = room.out, only_one(results)
    write_csv(out / "scores.csv", scores(room.assignment, results))
    if one:
        write(out / "results.json", json.dumps(gradescope(room.assignment, one), indent=1, ensure_ascii=False))
    lines = summary(room.assignment, results)
    if book:
        lines += map(printable, gradebook.fill(book, results, number))
        write_csv(out / "canvas.csv", book.rows, book.separator)
    return lines
