"""Assignments again: other right solutions, honest but odd ones, and hostile ones that must gain nothing."""

import re

import pytest
from test_grade_assignments import CHECKS, COMMON, FOLDERS, LOADED, given, hand_in, sandbox, sandboxes  # noqa: F401

from dlbook.grade import spec, verdict
from dlbook.grade.judge import grade
from dlbook.grade.student import constants_cell

STUDENTS = 10
TOO = [(folder.name, path) for folder in FOLDERS for path in sorted((folder / "tests").glob("right_*.py"))]
ODD = [(folder.name, path) for folder in FOLDERS for path in sorted((folder / "tests" / "odd").glob("*.py"))]


@pytest.mark.parametrize(("name", "path"), TOO, ids=[f"{name}-{path.stem}" for name, path in TOO])
def test_who_solves_it_in_another_style_is_right_as_well(name, path, sandbox):  # noqa: F811
    text = path.read_text(encoding="utf-8")
    result = grade(CHECKS[name], hand_in(name, text), COMMON, sandbox)
    assert result["score"] == result["max_score"], [row for row in result["checks"] if row["says"]]
    cells = given(name)
    for number in range(STUDENTS):
        variant, names = spec.Variant(f"student {number}", "another key"), {}
        numbers = [constants_cell(LOADED[name], q.key, variant) for q in LOADED[name].questions.values() if q.constants]
        for source in ["check = print", *cells, *numbers, text]:
            exec(source, names)
        for check in LOADED[name].prepare(False, variant, "grading") + LOADED[name].prepare(True, variant, "grading"):
            answer = spec.result(check["recipe"], names[check["name"]], check["inputs"])
            assert verdict.agree(check["expected"], answer, check["rtol"], check["atol"]), (number, check["check"])


@pytest.mark.parametrize(("name", "path"), ODD, ids=[f"{name}-{path.stem}" for name, path in ODD])
def test_odd_and_hostile_ones_get_what_they_deserve(name, path, sandbox):  # noqa: F811
    text = path.read_text(encoding="utf-8")
    result = grade(CHECKS[name], hand_in(name, text), COMMON, sandbox)
    failed = [row for row in result["checks"] if not row["passed"]]
    assert result["score"] == float(re.search(r"^# score: ([\d.]+)", text, re.M)[1]), failed
    for key, message in re.findall(r"^# (q\d+): (.*)$", text, re.M):
        assert any(message in row["says"] for row in failed if row["question"] == key), (key, message, failed)


def test_there_are_some():
    assert len(TOO) >= 1 and len(ODD) >= 3
