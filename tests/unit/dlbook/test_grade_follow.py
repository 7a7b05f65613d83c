"""A question that is right but for an earlier one keeps its points, and nobody gains more than that."""

import json

import numpy as np
import pytest

from dlbook.grade import spec
from dlbook.grade.follow import Ours
from dlbook.grade.judge import grade
from dlbook.grade.sandbox import Sandbox

SPEC = """
import numpy as np

from dlbook.grade.spec import Assignment

assignment = Assignment("Steps", minutes=60)
ask = assignment.question


@ask("q1", "double", "Double")
def double(x, times=1):
    return x * 2**times


@ask("q2", "pair", "Sum and count")
def pair(x):
    total = 0
    for number in range(int(x)):
        total += number
    return total, np.ones(2)


@ask("q3", "fourfold", "Twice double")
def fourfold(x):
    return 4 * x


@ask("q4", "both", "Everything")
def both(x):
    return 4 * x + 3


for question, seen in ((double, [np.ones(3)]), (pair, [3]), (fourfold, [np.ones(3)]), (both, [np.ones(3)])):
    question.check("a case", 2, lambda rng, seen=seen: seen)
    question.check("an unseen case", 1, lambda rng, seen=seen: [seen[0] * 2], hidden=True, says="Look again.")
fourfold.mistake("Six times.")(lambda x: 6 * x)
"""
RIGHT = """
import numpy as np
def double(x, times=1): return x * 2**times
def pair(x): return sum(range(int(x))), np.ones(2)
def fourfold(x): return double(double(x))
def both(x): return fourfold(x) + pair(3)[0]
"""
NAMES = ("q1", "q2", "q3", "q4")


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("steps")
    (folder / "spec.py").write_text(SPEC)
    return spec.load(folder)


@pytest.fixture(scope="module")
def limits():
    return {"cell": 5.0, "call": 5.0, "total": 60.0}


@pytest.fixture(scope="module")
def sandbox(limits):
    with Sandbox([], limits) as made:
        yield made


@pytest.fixture
def ours(assignment, limits):
    made = Ours(assignment, [], limits | {"call": 1.0}, "full")
    yield made
    made.close()


@pytest.fixture
def graded(assignment, sandbox, ours):
    """Points by question, and the whole result, of the right notebook with something else below it."""

    def of(*cells):
        variant = spec.Variant()
        checks = assignment.prepare(False, variant, "grading") + assignment.prepare(True, variant, "grading")
        text = {"cells": [{"cell_type": "code", "source": source} for source in (RIGHT, *cells)]}
        result = grade(checks, json.dumps(text).encode(), variant, sandbox, ours)
        rows = result["checks"]
        return {
            q: sum(r["points"] for r in rows if r["question"] == q and r["passed"]) for q in assignment.questions
        }, result

    return of


def told(result, question):
    return [row["told"] for row in result["checks"] if row["question"] == question]


@pytest.mark.parametrize(
    "wrong",
    ["def double(x): return x", "def double(x): 1 / 0", "def double(x): raise NotImplementedError", "del double",
     "double = 3", "def double(x): return np.zeros((2, 2))"],
)  # fmt: skip
def test_the_cause_is_said_once_and_what_follows_keeps_its_points(graded, wrong):
    points, result = graded(wrong)
    assert points == {"q1": 0, "q2": 3, "q3": 3, "q4": 3}
    once = "was tried once more with a right `double` (q1): what is wrong there costs nothing more here."
    assert [note for note in result["notes"] if "double" in note] == [f"q3 {once}", f"q4 {once}"]
    assert told(result, "q3") == ["The points are given: it is right with a right `double` (q1)."] * 2
    assert all(text for text in told(result, "q1"))


def test_several_causes_are_all_replaced(graded):
    points, result = graded("def double(x): return x", "def pair(x): return 0")
    assert points == {"q1": 0, "q2": 0, "q3": 3, "q4": 3}
    assert "`double` (q1) and `pair` (q2)" in told(result, "q4")[0]


def test_pairs_and_names_of_arguments_arrive(graded):
    points, _ = graded("def double(x): return x", "def fourfold(x): return double(x, times=2)", "def pair(x): return 5")
    assert points == {"q1": 0, "q2": 0, "q3": 3, "q4": 3}


def test_a_step_with_a_mistake_of_its_own_is_told_of_that_one(graded):
    points, result = graded("def double(x): 1 / 0", "def fourfold(x): return double(x) + double(double(x))")
    assert points == {"q1": 0, "q2": 3, "q3": 0, "q4": 3}
    assert told(result, "q3")[0].startswith("Six times.")


def test_who_calls_nothing_gains_nothing(graded):
    points, result = graded("def double(x): return x", "def fourfold(x): return x", "def both(x): return x")
    assert points == {"q1": 0, "q2": 3, "q3": 0, "q4": 0} and result["notes"] == []


def test_the_right_ones_and_the_earlier_ones_are_not_touched(graded, ours):
    assert graded()[0] == {"q1": 3, "q2": 3, "q3": 3, "q4": 3}
    assert graded("def both(x): return x")[0] == {"q1": 3, "q2": 3, "q3": 3, "q4": 0}
    assert ours.sandbox is None  # nobody was asked
    assert graded("def double(x): return fourfold(x) / 4", "def fourfold(x): return 1 / 0")[0]["q1"] == 0


@pytest.mark.parametrize(
    "attack",
    ["pair(10**12)", "pair('x' * 10**6)", "pair(object())", "pair(*range(1000))", "pair(np.ones(10**6))",
     "pair(x, nothing=3)", "pair.name = 'no such'; pair(x)", "pair.name = np.ones(3); pair(x)",
     "import os; os.write(3, b'x' * 100); pair(x)", "pair.sock.close(); pair(x)",
     "[pair(3) for _ in range(300)]; 1 / 0"],
)  # fmt: skip
def test_whatever_ours_are_asked_with_nobody_is_harmed(graded, attack):
    wrong = f"def pair(x): return 0\ndef fourfold(x):\n    {attack}"
    points, _ = graded(wrong)
    assert points | {"q4": None} == {"q1": 3, "q2": 0, "q3": 0, "q4": None}
    assert graded()[0] == {"q1": 3, "q2": 3, "q3": 3, "q4": 3}


def test_a_specification_that_does_not_run_by_itself_is_told_of(tmp_path, limits):
    (tmp_path / "helper.py").write_text("x = 1")
    (tmp_path / "spec.py").write_text("import sys\nif 'ours' == __name__:\n    import helper\n" + SPEC)
    broken = Ours(spec.load(tmp_path), [], limits, "full")
    assert broken({"asks": "double", "inputs": [np.ones(2)], "named": {}}) == {}
    assert "No module named 'helper'" in broken.why
    broken.close()
