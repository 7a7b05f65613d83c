"""The answer key: it says all that the specification says, in one text, and lies where no student comes."""

import json
import stat
from pathlib import Path

import pytest

from dlbook.grade import __main__ as command
from dlbook.grade import key, spec, student
from dlbook.grade.jail import needed

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = sorted(path.parent for path in (ROOT / "assignments").glob("*/spec.py"))
each = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


@each
def test_it_says_everything(folder):
    assignment = spec.load(folder)
    text = key.key_text(assignment)
    at = 0
    for question in assignment.questions.values():
        at = text.index(f"## {question.key} · {question.title} ({question.points:g} points)", at)  # in order
        part = text[at:].partition("\n## ")[0]
        for check in question.checks:
            row = f"| {key.cell(check.name)} | {check.points:g} | {'no' if check.hidden else 'yes'} |"
            assert row in part and key.cell(check.says) in part
        for _, message in (*question.mistakes, *question.rules):
            assert f"- {message}" in part
        for number, hint in enumerate(question.steps, 1):
            assert f"{number}. {hint}" in part
    assert f"| **together** | **{assignment.points:g}** |" in text


@each
def test_its_answers_are_the_masters(folder):
    """The answers in the text are the master's own, which the grader has to take for right, and are whole."""
    assignment = spec.load(folder)
    text = key.key_text(assignment)
    assert "### BEGIN" not in text and "### END" not in text
    cells = {c["id"]: "".join(c["source"]) for c in json.loads(key.master_path(assignment).read_text())["cells"]}
    for question in assignment.questions.values():
        answer = key.solution(cells[f"{question.key}-answer"])
        assert f"```python\n{answer}\n```" in text and "SOLUTION" not in answer
        compile(answer, question.key, "exec")


@each
def test_with_a_roster_everybodys_numbers_are_those_of_the_notebook(folder):
    assignment = spec.load(folder)
    people = [spec.Variant(name, "secret") for name in ("ann|a", "ben")]
    text = key.key_text(assignment, people)
    for question in assignment.questions.values():
        if question.constants:
            for one in people:
                numbers = assignment.constants(question.key, one)
                given = ", ".join(f"{name} = {key.short(value)}" for name, value in numbers.items())
                row = f"{given}; right is {key.short(question.answer(**numbers))}"
                assert f"| {key.cell(one.student)} | {key.cell(row)} |" in text
    assert "## The numbers of each student" in text and "## The numbers" not in key.key_text(assignment)


@each
def test_no_student_gets_a_line_of_it(folder):
    """What only the key says, of hidden checks and of solutions, is in no student version."""
    assignment = spec.load(folder)
    tree = json.dumps(student.student_version(assignment), ensure_ascii=False)
    assert "answer key" not in tree and "For teachers only" not in tree
    for question in assignment.questions.values():
        for check in question.checks:
            assert not check.hidden or len(check.name) < student.SHORT or check.name not in tree


def test_it_is_written_for_its_owner_only_and_again(tmp_path, capsys):
    words = [str(FOLDERS[0]), "--out", str(tmp_path / "keys")]
    for _ in range(2):
        assert command.main(["key", *words]) == 0
    path = tmp_path / "keys" / f"{FOLDERS[0].name}.md"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "for teachers only" in capsys.readouterr().out
    assert not any(path.is_relative_to(place) for place in needed())  # all that the sandbox shows to students' code


def test_it_is_not_written_where_notebooks_lie(tmp_path, capsys):
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "deep" / "work.ipynb").write_text("{}")
    assert command.main(["key", str(FOLDERS[0]), "--out", str(tmp_path / "out")]) == 2
    assert "holds notebooks. A key belongs where nothing is handed out or in" in capsys.readouterr().err
    assert not list((tmp_path / "out").glob("*.md"))


def test_how_values_are_written():
    assert key.short("a text") == "“a text”" and key.short(2.0) == "2" and key.short(True) == "1"
    assert key.short([[1, 2], [3, 4.5]]) == "[[1, 2], [3, 4.5]]"
    assert key.short([0.0] * 41) == "an array of shape (41,)"


@each
def test_with_a_secret_and_no_roster_the_numbers_are_those_of_the_notebook(folder, tmp_path):
    """What is handed out without a roster hangs on the secret as well."""
    words = [str(folder), "--key", "secret"]
    assert command.main(["key", *words, "--out", str(tmp_path)]) == 0
    text = (tmp_path / f"{folder.name}.md").read_text(encoding="utf-8")
    assignment = spec.load(folder)
    for question in assignment.questions.values():
        if question.constants:
            row = key.worked_out(assignment, question, spec.Variant(key="secret"))
            assert f"Everybody's numbers, where there is no roster: {row}." in text
            assert row != key.worked_out(assignment, question, spec.Variant())
