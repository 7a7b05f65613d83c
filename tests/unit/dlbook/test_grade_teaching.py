"""The teachers' page says what is true: its table of protections, its list of assignments, its commands."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from dlbook.grade import __main__ as command
from dlbook.grade import sandbox, spec

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "book" / "teaching.md").read_text(encoding="utf-8")
sys.path.insert(0, str(ROOT / "tests" / "grade"))

import made_up_class as made_up  # noqa: E402


def rows():
    """The table of protections."""
    table = PAGE.partition("| a submission that |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_every_line_of_the_table_is_proved_by_members_of_the_made_up_class():
    class_ = set(made_up.everybody())
    assert len(rows()) >= 25
    for _, meets, without, proof in rows():
        named = re.findall(r"`([^`]+)`", proof)
        assert named and set(named) <= class_, proof
        assert meets and without


def test_every_attack_of_the_made_up_class_is_in_the_table():
    named = {name for row in rows() for name in re.findall(r"`([^`]+)`", row[3])}
    assert set(made_up.KEEPS) | set(made_up.STEALS) - {"nothing_at_all"} | set(made_up.broken()) <= named


def test_the_limits_are_those_of_the_sandbox():
    limits = sandbox.LIMITS
    assert (limits["call"], limits["cell"], limits["disk"]) == (10.0, 20.0, "64m")
    assert (limits["memory"], limits["file"], limits["processes"]) == (2**30, 16 * 2**20, 5 + 3)
    for words in (
        "10 s of processor time per check",
        "20 s of processor time per cell",
        "64 MB in memory, 16 MB a file",
        "1 GB per process",
        "five more than ours",
    ):
        assert words in PAGE


def test_the_assignments_are_listed_as_they_are():
    for path in sorted((ROOT / "assignments").glob("*/spec.py")):
        assignment = spec.load(path.parent)
        assert f"| `{assignment.name}` | {assignment.minutes} minutes | {assignment.points} |" in PAGE


def commands():
    """The lines that call Python, as lists of words."""
    lines = [line for block in re.findall(r"```\n(.*?)```", PAGE, re.S) for line in block.splitlines()]
    return [shlex.split(line)[3:] for line in lines if line.startswith("python -m dlbook.grade")]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_the_commands_are_understood(words):
    if words[0] in ("student", "key"):
        parser_of = pytest.MonkeyPatch()
        with parser_of.context() as patch:
            patch.setattr(command.spec, "load", lambda folder: (_ for _ in ()).throw(ValueError("understood")))
            with pytest.raises(ValueError, match="understood"):
                {"student": command.student_main, "key": command.key_main}[words[0]](words[1:])
    else:
        assert command.grading_arguments(words).submissions
