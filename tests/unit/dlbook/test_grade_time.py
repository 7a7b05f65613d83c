"""Time: what all cells take together, who is tried again alone, and nothing that depends on what else runs."""

import json
import os
from types import SimpleNamespace

import numpy as np
import pytest
from one_check import CHECK

from dlbook.grade import classroom, report, spec
from dlbook.grade.budget import Budget
from dlbook.grade.judge import Submission, judge
from dlbook.grade.sandbox import PATIENCE, Line, Sandbox
from dlbook.grade.wire import SlowError

RIGHT = "def double(x):\n    return x * 2"
SPIN = "import time\nstart = time.process_time()\nwhile time.process_time() < start + {}: pass"


class Pretended:
    """A sandbox in which cells are numbers, the seconds that they take, and the answer is right."""

    def __init__(self, total=120.0, call=1.0):
        self.limits, self.spent, self.ran, self.seconds = {"total": total, "cell": 20.0, "call": 10.0}, 0.0, [], call
        self.line = SimpleNamespace(heard=False)

    def begin(self):
        self.ran = []

    def run(self, number, source):
        self.spent = min(float(source), self.limits["cell"])
        if self.spent == self.limits["cell"]:
            raise SlowError
        self.ran.append(float(source))
        return {"error": None}

    def call(self, name, recipe, inputs):
        self.spent = self.seconds
        return {"value": np.array([0.0, 2.0, 4.0]), "inputs": inputs}


def graded(cells, checks=1, **pretended):
    sandbox = Pretended(**pretended)
    submission = Submission(sandbox, [str(cell) for cell in cells])
    rows = judge(submission, [CHECK] * checks)
    return sum(row["passed"] for row in rows), sandbox.ran, submission


@pytest.mark.parametrize(
    "cells",
    [
        [0.1] * 20 + [9] * 7,
        [0.1] * 20 + [9] * 20,
        [9] * 20 + [0.1],
        [15, 0.2] * 40,
        [9] * 90,
        [25] * 7,
        [0.1] * 9 + [25] * 70,
    ],
)
def test_slow_cells_take_nothing_from_a_right_answer(cells):
    assert graded(cells)[0] == 1


def test_what_fits_is_run_and_nothing_is_said():
    passed, ran, submission = graded([9] * 13)
    assert passed == 1 and len(ran) == 13 and submission.notes == [] and not submission.budget.slow()


def test_the_slowest_are_left_out_and_named():
    passed, ran, submission = graded([1] * 10 + [19, 17, 18, 16, 15, 14, 13])
    assert passed == 1 and ran == [1] * 10 + [13] and submission.budget.slow()
    assert len(submission.notes) == 6
    why = 'Code cell 11, "19": It was left out: it took 19 s, and the notebook as a whole more than 120 s.'
    assert submission.notes[0] == why


def test_if_that_does_not_help_what_has_been_run_is_asked():
    passed, ran, submission = graded([15] * 80)
    assert passed == 1 and 0 < len(ran) < 80
    assert "It was not run, nor what follows" in submission.notes[-1]
    assert sum("It was not run" in note for note in submission.notes) == 1


def test_answers_have_a_time_of_their_own():
    assert graded([100], checks=12, call=9.0, total=120.0)[0] == 12
    passed, _, submission = graded([1], checks=40, call=9.0)
    assert 13 <= passed <= 15 and submission.budget.slow()


def test_all_runs_end():
    _, ran, submission = graded([25.0] * 50)
    assert submission.budget.running <= 2 * 120 and submission.budget.rounds <= 3


def test_a_real_notebook_whose_cells_take_too_long_together():
    cells = [RIGHT, "check('q1', double)", *[SPIN.format(0.2)] * 7]
    with Sandbox([], {"cell": 8.0, "call": 8.0, "total": 0.8}) as sandbox:
        submission = Submission(sandbox, cells)
        assert [row["passed"] for row in judge(submission, [CHECK])] == [True]
    assert any("It was left out" in note for note in submission.notes)


def test_what_is_tried_in_fresh_processes_has_an_end():
    """Replays and follow-through may run all cells again, but not without end."""
    budget, repeats = Budget(10.0), 0
    while budget.repeat():
        budget.ran(0, 6.0)
        repeats += 1
    assert repeats == 4 and not budget.slow()


class Socket:
    """The other end of a line, which takes its time on the clock and says what it took of the processor."""

    def __init__(self, says):
        self.says = says

    def answer(self, *about):
        return {"id": 1, "cpu": self.says}


@pytest.mark.parametrize(
    ("says", "spent"), [(2.0, 2.0), (50.0, 5.0), (-1.0, 0.0), (float("nan"), 0.0), ("x", 0.0), (True, 0.0), (None, 0.0)]
)
def test_what_is_said_of_the_processor_is_taken_within_reason(says, spent, monkeypatch):
    line = Line(None, None)
    monkeypatch.setattr("dlbook.grade.sandbox.conversation", Socket(says).answer)
    line.ask({}, 5.0)
    assert line.spent == pytest.approx(spent, abs=0.2) and PATIENCE == 4


@pytest.fixture
def room(tmp_path, monkeypatch):
    """A class of three in which bob is too slow as long as others are graded."""
    tmp_path.joinpath("in").mkdir()
    for name in ("anna", "bob", "carl"):
        (tmp_path / "in" / f"{name}.ipynb").write_text(json.dumps({"cells": [], "metadata": {"name": name}}))
    assignment = spec.Assignment("T", 60)
    assignment.folder, assignment.name = tmp_path, "t"
    (tmp_path / "spec.py").write_text("")
    made = classroom.Classroom(assignment, tmp_path / "out")
    monkeypatch.setattr(made, "sandbox", lambda: type("", (), {"report": {"level": "full"}}))
    made.tries = []

    def grade(data, variant):
        name = json.loads(data)["metadata"]["name"]
        made.tries.append(name)
        slow = name == "bob" and (made.tries.count("bob") == 1 or made.always)
        base = {"score": 0 if slow else 5, "max_score": 5, "seconds": 0.0, "slow": slow, "isolation": "full"}
        return base | {"checks": [], "notes": [], "other_variant": False}

    monkeypatch.setattr(made, "grade", grade)
    made.always = False
    return made


def grade_class(room, jobs):
    told = []
    found = classroom.gather(room, room.assignment.folder / "in", None, "auto", False, told.append)
    results = classroom.grade_all(room, found, jobs, told.append)
    return {result["student"]: result["score"] for result in results}, told


def test_who_was_slow_beside_others_is_tried_again_alone_at_the_end(room):
    scores, told = grade_class(room, 2)
    assert scores == {"anna": 5, "bob": 5, "carl": 5}
    assert room.tries[-1] == "bob" and room.tries.count("bob") == 2
    assert any("bob: slow; it will be tried again alone" in line for line in told)
    assert report.earlier(room.out / "results" / "bob.json")["score"] == 5


def test_who_is_slow_alone_keeps_that_result_and_who_was_alone_is_not_tried_again(room):
    room.always = True
    assert grade_class(room, 2)[0]["bob"] == 0 and room.tries.count("bob") == 2
    room.tries.clear()
    assert grade_class(room, 1)[0]["bob"] == 0 and room.tries.count("bob") <= 1


def test_as_many_at_a_time_as_there_are_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 5}, raising=False)
    assert classroom.cores() == 3
