"""Every assignment: its specification, its master, its right and its typically wrong solutions."""

import contextlib
import functools
import json
import re
import time
from pathlib import Path

import numpy as np
import pytest

from dlbook.grade import follow, notebook, spec, student, verdict, wire
from dlbook.grade.judge import grade
from dlbook.grade.sandbox import LIMITS, Sandbox

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = sorted(path.parent for path in (ROOT / "assignments").glob("*/spec.py"))
COMMON = spec.Variant()
LOADED = {folder.name: spec.load(folder) for folder in FOLDERS}
CHECKS = {
    name: assignment.prepare(False, COMMON, "grading") + assignment.prepare(True, COMMON, "grading")
    for name, assignment in LOADED.items()
}
KINDS = "wrong", "odd"  # typical mistakes; honest or hostile submissions that one would not expect
RIGHT = [(folder.name, path) for folder in FOLDERS for path in sorted((folder / "tests").glob("right*.py"))]
WRONG = [(f.name, path) for f in FOLDERS for kind in KINDS for path in sorted((f / "tests" / kind).glob("*.py"))]
STUDENTS = 40  # 200 were tried once; each takes a quarter of a second
each = pytest.mark.parametrize("name", sorted(LOADED))


@pytest.fixture(scope="module")
def sandboxes():
    """A sandbox for each set of limits that an assignment asks for."""
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda limits: stack.enter_context(Sandbox(limits=dict(limits))))


@pytest.fixture
def sandbox(name, sandboxes):
    return sandboxes(tuple(LOADED[name].limits.items()))


@pytest.fixture(scope="module")
def ours():
    """Our own answers to an assignment, for questions that call an earlier one."""
    made = {}

    def of(name):
        if name not in made:
            made[name] = follow.Ours(LOADED[name], [], LIMITS, "full")
        return made[name]

    yield of
    for one in made.values():
        one.close()


def master_of(name):
    return notebook.read(LOADED[name].folder / f"{name}.ipynb")


def given(name, variant=COMMON):
    """The code cells that we give a student."""
    cells = [c for c in student.student_version(LOADED[name], variant)["cells"] if c["cell_type"] == "code"]
    return [cell["source"] for cell in cells if not cell["id"].endswith(("-answer", "-checks"))]


def hand_in(name, *more, right="right.py"):
    """The cells that we give, an independent solution, and whatever comes on top of it."""
    right = (LOADED[name].folder / "tests" / right).read_text(encoding="utf-8")
    sources = [*given(name), right, *more]
    return json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources]}).encode()


def test_there_are_three():
    assert len(FOLDERS) >= 3


@each
def test_the_master_gets_everything(name, sandbox):
    path = LOADED[name].folder / f"{name}.ipynb"
    result = grade(CHECKS[name], path.read_bytes(), COMMON, sandbox)
    assert result["score"] == result["max_score"] == LOADED[name].points, [r for r in result["checks"] if r["says"]]
    assert result["notes"] == []


@each
def test_the_empty_version_gets_nothing(name, sandbox):
    result = grade(CHECKS[name], json.dumps(student.student_version(LOADED[name])).encode(), COMMON, sandbox)
    assert result["score"] == 0
    assert {row["says"] for row in result["checks"]} == {"Not answered yet."}


@each
def test_an_independent_solution_gets_everything_quickly(name):
    """In seconds of the processor, the quickest of three: what is above, the machine's other work does."""
    cells, seconds = given(name), []
    for _ in range(3):
        start = time.process_time()
        names = right_answers(name, COMMON, cells)
        for check in CHECKS[name]:
            spec.result(check["recipe"], names[check["name"]], check["inputs"])
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.5


@pytest.mark.parametrize(("name", "path"), RIGHT, ids=[f"{name}-{path.stem}" for name, path in RIGHT])
def test_every_independent_solution_gets_everything(name, path, sandbox):
    result = grade(CHECKS[name], hand_in(name, right=path.name), COMMON, sandbox)
    assert result["score"] == result["max_score"], [row for row in result["checks"] if row["says"]]
    assert result["notes"] == []


def right_answers(name, variant, cells):
    """The names that the cells we give, the numbers of one student, and the independent solution make."""
    assignment, names = LOADED[name], {"check": lambda *told: None}
    constants = [
        student.constants_cell(assignment, q.key, variant) for q in assignment.questions.values() if q.constants
    ]
    right = (assignment.folder / "tests" / "right.py").read_text(encoding="utf-8")
    for source in [*cells, *constants, right]:
        exec(source, names)
    return names


@each
def test_whoever_is_right_is_right_with_the_numbers_of_every_student(name):
    """Many students: the master's answers and an independent solution, which adds in another order."""
    cells = given(name)
    for number in range(STUDENTS):
        variant = spec.Variant(f"student {number}", "a key")
        names = right_answers(name, variant, cells)
        for check in LOADED[name].prepare(False, variant, "grading") + LOADED[name].prepare(True, variant, "grading"):
            answer = spec.result(check["recipe"], names[check["name"]], check["inputs"])
            assert verdict.agree(check["expected"], answer, check["rtol"], check["atol"]), (number, check["check"])


def test_two_decimals_are_enough_where_two_are_asked_for():
    for number in range(STUDENTS):
        checks = LOADED["2_activations_and_softmax"].prepare(False, spec.Variant(str(number), "a key"), "grading")
        check = next(one for one in checks if one["question"] == "q5")
        assert verdict.agree(check["expected"], round(float(check["expected"]), 2), check["rtol"], check["atol"])


@pytest.mark.parametrize(("name", "path"), WRONG, ids=[f"{name}-{path.stem}" for name, path in WRONG])
def test_typical_wrong_solutions_get_their_score_and_their_message(name, path, sandbox, ours):
    text = path.read_text(encoding="utf-8")
    result = grade(CHECKS[name], hand_in(name, text), COMMON, sandbox, ours(name))
    failed = [row for row in result["checks"] if not row["passed"]]
    assert result["score"] == float(re.search(r"^# score: ([\d.]+)", text, re.M)[1]), failed
    for key, message in re.findall(r"^# (q\d+): (.*)$", text, re.M):
        assert any(message in row["says"] for row in failed if row["question"] == key), (key, message, failed)
    for message in re.findall(r"^# note: (.*)$", text, re.M):
        assert any(message in note for note in result["notes"]), result["notes"]


@each
def test_our_own_answers_can_stand_in(name, ours):
    """The specification runs by itself, where nothing of the course is."""
    assert ours(name).begin() is None
    assert ours(name)({"asks": "no such answer", "inputs": [], "named": {}}) == {}


@each
def test_there_are_enough_wrong_solutions(name):
    assert sum(n == name and path.parent.name == "wrong" for n, path in WRONG) >= 6


@each
def test_every_usual_mistake_is_recognised(name):
    """A mistake that is right, or that no check can tell from a right answer, would be a message that nobody reads."""
    checks_of_many = [
        c for s in "abc" for hidden in (False, True) for c in LOADED[name].prepare(hidden, spec.Variant(s), "x")
    ]
    for question in LOADED[name].questions.values():
        for _, message in question.mistakes:
            checks = [check for check in checks_of_many if check["question"] == question.key]
            said = [verdict.diagnose(c, c["expected"], w) for c in checks for w, m in c["mistakes"] if m == message]
            assert any((text or "").startswith(message) for text in said), (question.key, message)


@each
def test_every_check_can_fail(name):
    for check in CHECKS[name]:
        assert verdict.diagnose(check, check["expected"], None), check["check"]
        assert not verdict.agree(check["expected"], 1234.5)


@each
def test_inputs_are_seeded_and_new_for_everybody_and_for_every_purpose(name):
    assignment = LOADED[name]

    def inputs(variant, purpose):
        return [c["inputs"] for c in assignment.prepare(False, variant, purpose)]

    assert verdict.agree(inputs(COMMON, "grading"), inputs(COMMON, "grading"), 0, 0)
    for other in (spec.Variant("jane"), spec.Variant("", "key")):
        assert not verdict.agree(inputs(COMMON, "grading"), inputs(other, "grading"), 0, 0)
    assert not verdict.agree(inputs(COMMON, "grading"), inputs(COMMON, "notebook"), 0, 0)


@each
def test_no_function_is_tried_with_inputs_that_can_be_learned_by_heart(name):
    """One check must not meet the same inputs in three notebooks; numbers of one's own are drawn in another way."""
    drawn = [LOADED[name].prepare(hidden, spec.Variant(s, "key"), "grading") for hidden in (False, True) for s in "abc"]
    tried = {}
    for check in [check for checks in drawn for check in checks]:
        question = LOADED[name].questions[check["question"]]
        if callable(question.answer) and question.constants is None:
            tried.setdefault((question.key, check["check"]), []).append(check["inputs"])
    for which, inputs in tried.items():
        assert not all(verdict.agree(wire.as_data(inputs[0]), wire.as_data(i), 0, 0) for i in inputs[1:]), which


@each
def test_the_specification_is_whole(name):
    assignment = LOADED[name]
    questions = list(assignment.questions.values())
    assert 8 <= len(questions) <= 12 and 60 <= assignment.minutes <= 90
    assert assignment.points == 40
    names = [n for q in questions if q.constants for n in assignment.constants(q.key, COMMON)]
    assert len(names) == len(set(names)), "two questions give a number of the same name"
    for question in questions:
        assert question.steps, f"{question.key} has no hint"
        assert any(not check.hidden for check in question.checks), f"{question.key} has nothing to see"
        assert len({check.name for check in question.checks}) == len(question.checks)
    hidden = sum(check.points for q in questions for check in q.checks if check.hidden)
    assert hidden >= 10


@each
def test_the_master_tells_time_and_points(name):
    assignment = LOADED[name]
    text = "\n".join(notebook.source_of(c) for c in master_of(name)["cells"] if c["cell_type"] == "markdown")
    count = len(assignment.questions)
    assert f"**About {assignment.minutes} minutes · {assignment.points} points · {count} questions**" in text
    for question in assignment.questions.values():
        assert f"## {question.key} · {question.title} ({question.points} points)" in text


@each
def test_the_master_is_in_nbgraders_format(name):
    cells = {cell["id"]: cell for cell in master_of(name)["cells"]}
    grade_ids = [c["metadata"]["nbgrader"]["grade_id"] for c in cells.values() if "nbgrader" in c["metadata"]]
    assert len(grade_ids) == len(set(grade_ids)) == 2 * len(LOADED[name].questions)
    for question in LOADED[name].questions.values():
        answer, checks = cells[f"{question.key}-answer"], cells[f"{question.key}-checks"]
        about = checks["metadata"]["nbgrader"]
        assert answer["metadata"]["nbgrader"]["solution"] and not answer["metadata"]["nbgrader"]["grade"]
        assert about["grade"] and about["locked"] and about["points"] == question.points
        source = notebook.source_of(checks)
        assert source.startswith(f'check("{question.key}", {question.name})\n### BEGIN HIDDEN TESTS\n')
        assert f'\npoints("{question.key}", {question.name})\n### END HIDDEN TESTS' in source
        assert "### BEGIN SOLUTION" in notebook.source_of(answer)


@each
def test_the_master_gives_the_common_numbers(name):
    for cell in master_of(name)["cells"]:
        for tag in notebook.tags(cell):
            if tag.startswith("constants:"):
                expected = student.constants_cell(LOADED[name], tag.partition(":")[2], COMMON)
                assert notebook.source_of(cell) == expected


@each
def test_the_master_is_stripped(name):
    for cell in master_of(name)["cells"]:
        assert cell["cell_type"] != "code" or (cell["outputs"] == [] and cell["execution_count"] is None)


@each
def test_numbers_of_ones_own_fit_only_their_owner(name, sandbox):
    assignment, jane = LOADED[name], spec.Variant("jane", "key")
    own = [q.key for q in assignment.questions.values() if q.constants]
    checks = assignment.prepare(False, jane, "grading") + assignment.prepare(True, jane, "grading")
    data = hand_in(name)
    assert own or name.startswith("2")
    wrong = {row["question"] for row in grade(checks, data, jane, sandbox)["checks"] if not row["passed"]}
    assert wrong == set(own)
    assert grade(checks, data, jane, sandbox)["other_variant"]


@each
def test_a_seal_tells_no_more_of_an_answer_than_its_power_of_ten(name):
    """Neither by its width nor by where in a step the answer lies."""
    for student_ in "abcdef":
        for check in LOADED[name].prepare(False, spec.Variant(student_), "notebook"):
            if check["value"]:
                lock = spec.sealed(check, "salt")["seal"]
                beyond, rtol = lock["width"] * (0.5 - 1 / 16) - check_of(name, check).atol, check_of(name, check).rtol
                power = np.log10(beyond / rtol) if rtol else np.round(beyond, 12)
                assert abs(power - np.round(power)) < 1e-6
                assert np.all(lock["rest"] * 8 == np.round(lock["rest"] * 8))


def check_of(name, check):
    return next(c for c in LOADED[name].questions[check["question"]].checks if c.name == check["check"])


@each
def test_questions_answered_by_a_number_are_well_scaled(name):
    """A tolerance must be far below the distance to the usual mistakes, for a hundred students."""
    assignment = LOADED[name]
    for number in range(100):
        for check in assignment.prepare(False, spec.Variant(f"s{number}"), "grading"):
            if check["value"]:
                right = np.asarray(check["expected"], float)
                width = check["atol"] + check["rtol"] * np.max(np.abs(right))
                assert np.all(np.isfinite(right)) and np.max(np.abs(right)) > 10 * width
                for wrong, message in check["mistakes"]:
                    assert np.max(np.abs(np.asarray(wrong, float) - right)) > 4 * width, (number, message)
