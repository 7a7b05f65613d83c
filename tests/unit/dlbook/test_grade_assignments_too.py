"""Assignments again: right solutions in another style get everything, whoever's numbers they are tried with."""

import pytest
from test_grade_assignments import FOLDERS, LOADED, given

from dlbook.grade import spec, verdict

STUDENTS = 10
TOO = [(folder.name, path) for folder in FOLDERS for path in sorted((folder / "tests").glob("right_*.py"))]


@pytest.mark.parametrize(("name", "path"), TOO, ids=[f"{name}-{path.stem}" for name, path in TOO])
def test_who_solves_it_in_another_style_is_right_as_well(name, path):
    """With numbers of their own; everybody's are graded with the other right solutions."""
    text = path.read_text(encoding="utf-8")
    for number in range(STUDENTS):
        variant, names = spec.Variant(f"student {number}", "another key"), {}
        for source in ["check = lambda *told: None", *given(name, variant), text]:
            exec(source, names)
        for check in LOADED[name].prepare(False, variant, "grading") + LOADED[name].prepare(True, variant, "grading"):
            answer = spec.result(check["recipe"], names[check["name"]], check["inputs"])
            assert verdict.agree(check["expected"], answer, check["rtol"], check["atol"]), (number, check["check"])


def test_there_are_some():
    assert len(TOO) >= 2
