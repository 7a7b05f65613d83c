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
     "pair(x, nothing=3)", "pair._name = 'no such'; pair(x)", "pair._name = np.ones(3); pair(x)",
     "import os; os.write(3, b'x' * 100); pair(x)", "pair._desk.sock.close(); pair(x)",
     "[pair(3) for _ in range(300)]; 1 / 0", "pair._name = 'fourfold'; return pair(x)",
     "pair._name = 'both'; return pair(x) - 3", "pair._desk.current += 1; pair(x)"],
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
    broken.lend(["double"])
    assert broken({"asks": "double", "inputs": [np.ones(2)], "named": {}}) == {}
    assert "No module named 'helper'" in broken.why
    broken.close()


def test_each_question_is_tried_in_a_process_of_its_own(graded):
    """What a process remembers of ours from one question cannot count for another."""
    cells = (
        "def double(x): return x\ncalls = []",
        "def fourfold(x):\n    calls.append(x)\n    return double(double(x))",
        "def both(x): return double(double(x)) + 3 + len(calls)",
    )
    assert graded(*cells)[0] == {"q1": 0, "q2": 3, "q3": 3, "q4": 3}


def test_nothing_of_what_ours_answer_is_told(graded):
    cells = (
        "def double(x): return x * 7.125",
        "def fourfold(x): raise ValueError(f'got {double(x)[0]}')",
        "def both(x): raise KeyError(f'got {double(x)[0]}')",
    )
    points, result = graded(*cells)
    assert points == {"q1": 0, "q2": 3, "q3": 0, "q4": 0}
    assert "got 7.125" in told(result, "q3")[0] and "got 7.125" in told(result, "q4")[0]
    words = " ".join([*result["notes"], *(row["told"] for row in result["checks"])])
    assert "got 2.0" not in words and "got 4.0" not in words


def test_what_is_asked_in_hidden_checks_does_not_choose_the_words(graded):
    cells = (
        "def double(x): return x",
        "def pair(x): return 0",
        "def both(x):\n    if x[0] == 2: pair(3)\n    return double(double(x)) + 3",
    )
    points, result = graded(*cells)
    assert points["q4"] == 3
    assert told(result, "q4") == ["The points are given: it is right with a right `double` (q1)."] * 2


RECIPES = """
import numpy as np

from dlbook.grade.spec import Assignment

assignment = Assignment("Recipes", minutes=60)
ask = assignment.question


@ask("q1", "double", "Double")
def double(x):
    return 2 * x


@ask("q2", "applied", "Twice a function")
def applied(f, x):
    return 2 * f(x)


@ask("q3", "Doubler", "An object")
class Doubler:
    def __init__(self, x):
        self.x = 2 * x


def of_squares(answer, x):
    return answer(lambda v: np.sum(answer(lambda w: w, v) ** 2), x)


def held(answer, x):
    return answer(x).x


double.check("a case", 2, lambda rng: [np.ones(3)])
for hidden in (False, True):
    applied.check(f"of squares, {hidden}", 1, lambda rng: [rng.normal(size=3)], hidden=hidden, call=of_squares)
    Doubler.check(f"an object, {hidden}", 1, lambda rng: [rng.normal(size=3)], hidden=hidden, call=held)
"""
FROM_DOUBLE = """
def applied(f, x): return double(f(x))
class Doubler:
    def __init__(self, x): self.x = double(x)
"""


@pytest.fixture(scope="module")
def with_recipes(tmp_path_factory, limits):
    """The result of a notebook in an assignment whose checks have recipes; and who answers its stand-ins."""
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "spec.py").write_text(RECIPES)
    made = spec.load(folder)
    ours, variant = Ours(made, [], limits, "full"), spec.Variant()
    checks = made.prepare(False, variant, "grading") + made.prepare(True, variant, "grading")

    def of(source):
        text = {
            "cells": [{"cell_type": "code", "source": "import numpy as np"}, {"cell_type": "code", "source": source}]
        }
        with Sandbox([], limits) as sandbox:
            return grade(checks, json.dumps(text).encode(), variant, sandbox, ours)

    yield of
    ours.close()


def test_stand_ins_answer_also_while_a_recipe_asks(with_recipes):
    result = with_recipes("def double(x): return x\n" + FROM_DOUBLE)
    assert result["score"] == 4 and len(result["notes"]) == 2
    assert with_recipes("def double(x): return 2 * x\n" + FROM_DOUBLE)["score"] == 6
    assert (
        with_recipes("def double(x): return x\n" + FROM_DOUBLE.replace("double(f(x))", "3 * f(double(x))"))["score"]
        == 2
    )


@pytest.mark.parametrize(
    "attack",
    ["double._name = 'applied'; return double(f, x)", "import os; os.write(3, b'x' * 100); return double(f(x))",
     "double._desk.current += 1; return double(f(x))", "double._name = 'Doubler'; return double(x)",
     "double._desk.sock.close(); return double(f(x))", "return double(object())"],
)  # fmt: skip
def test_stand_ins_in_recipes_harm_nobody(with_recipes, attack):
    wrong = FROM_DOUBLE.replace("return double(f(x))", "\n    " + attack)
    assert with_recipes("def double(x): return x\n" + wrong)["score"] == 2
    assert with_recipes("def double(x): return 2 * x\n" + FROM_DOUBLE)["score"] == 6
