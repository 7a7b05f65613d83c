"""Which state of a notebook is graded: its end, or where the question was checked last, if that is better."""

import numpy as np
import pytest

from dlbook.grade.judge import INPUT, Submission, judge
from dlbook.grade.sandbox import Sandbox

CHECK = {
    "question": "q1", "check": "doubles", "hidden": False, "points": 2, "name": "double", "says": "",
    "recipe": "def call(answer, *inputs):\n    return answer(*inputs)", "inputs": [np.arange(3.0)],
    "expected": np.array([0.0, 2.0, 4.0]), "rtol": 1e-5, "atol": 1e-7, "mistakes": [], "rules": [],
}  # fmt: skip
RIGHT = "import numpy as np\ndef double(x):\n    return np.multiply(x, 2)"
WRONG = "import numpy as np\ndef double(x):\n    return x"
ASK = "check('q1', double)"


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox([], {"cell": 2.0, "call": 2.0, "total": 60.0}, isolation="none") as made:
        yield made


def graded(sandbox, *cells):
    """The points of a notebook with these cells, and what is noted of it."""
    submission = Submission(sandbox, list(cells))
    return sum(row["points"] for row in judge(submission, [CHECK]) if row["passed"]), submission.notes


@pytest.mark.parametrize(
    "later",
    ["np = 3", "for double in range(3): pass", "double = double(np.ones(2))", "del double", WRONG, "1 / 0\nnp = 3",
     "import os; os._exit(0)", "while True: pass"],
)  # fmt: skip
def test_what_stands_below_a_check_takes_nothing_from_a_right_answer(sandbox, later):
    assert graded(sandbox, RIGHT, ASK, later)[0] == 2


@pytest.mark.parametrize("ask", [ASK, "for key in ['q1', 'q2']: check(key, double)", f"{ASK}\n{ASK}", f"{ASK}\n1 / 0"])
def test_however_it_is_checked(sandbox, ask):
    assert graded(sandbox, RIGHT, ask, "np = 3")[0] == 2


def test_the_last_check_counts_and_so_does_the_end(sandbox):
    assert graded(sandbox, WRONG, ASK, RIGHT, ASK, "np = 3")[0] == 2
    assert graded(sandbox, WRONG, ASK, RIGHT)[0] == 2
    assert graded(sandbox, RIGHT, ASK, WRONG, ASK)[0] == 0
    assert graded(sandbox, WRONG, ASK, "np = 3")[0] == 0
    assert graded(sandbox, RIGHT, "np = 3")[0] == 0


def test_who_asks_for_input_is_told_what_comes(sandbox):
    assert graded(sandbox, RIGHT, "name = input()", ASK) == (2, [f'Code cell 2, "name = input()": {INPUT}'])


def test_nobody_gains_by_what_is_said_to_be_checked(sandbox):
    flood = "for i in range(10**5): check('q' * 1000 + str(i))\ncheck(['q1']); check(None); check()"
    assert graded(sandbox, WRONG, flood)[0] == 0
