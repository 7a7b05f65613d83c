"""Which state of a notebook is graded: its end, or where the question was checked last, if that is better."""

import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from one_check import CHECK

from dlbook.grade import report, spec, wire
from dlbook.grade.judge import ANY, INPUT, LONGEST, Submission, clean, grade, judge, opinion
from dlbook.grade.sandbox import Sandbox

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


FORGE = """
import io, json, os, struct, sys
import numpy as np
def npy(a):
    b = io.BytesIO(); np.lib.format.write_array(b, np.asarray(a)); return b.getvalue()
def raw(head, blobs=b""):
    m = struct.pack(">I", len(head)) + head + blobs
    m = struct.pack(">I", len(m)) + m
    while m: m = m[os.write(3, m):]
def double(x):
    frame = sys._getframe()
    while "message" not in frame.f_locals: frame = frame.f_back
    i, one = frame.f_locals["message"]["id"], npy(1.0)
    BODY
    return x
"""


@pytest.mark.parametrize(
    "body",
    [
        """raw(b'{"dict": [["id", {"npy": %d}], ["value", 1.0]]}' % len(npy([1, 2])), npy([1, 2]))""",
        """raw(b'{"dict": [["id", %d], ["value", %s]]}' % (i, b"[" * 480 + b"]" * 480))""",
        """raw(b'{"dict": [["id", %d], ["value", ["%s", %s]]]}' % (i, b"x" * 10**6, b",".join([b'""'] * 200_000)))""",
        """raw(b'{"dict": [["id", %d], ["value", ["%s", %s]]]}' % (i, b"x" * 400, b",".join([b'""'] * 19_000)))""",
        """n = 10**5
    raw(b'{"dict": [["id", %d], ["value", [%s]]]}' % (i, b",".join([b'{"npy": %d}' % len(one)] * n)), one * n)""",
        """raw(b'{"dict": [["id", %d], ["value", %d]]}' % (i, 10**4000))""",
        """raw(b'{"dict": [["id", %d], ["value", [1, {"ref": ["student", 3, "x"]}]]]}' % i)""",
        """raw(b'{"dict": [["id", %d], ["error", [1, 2]]]}' % i)""",
        """error = b'{"dict": [["type", 3], ["text", "\\\\ud800"], ["line", 1e400]]}'
    raw(b'{"dict": [["id", %d], ["error", %s]]}' % (i, error))""",
        """raise ValueError("half a letter: \\ud800")""",
        """raise type("\\ud800", (Exception,), {})("x")""",
        """return [[[[["a"] * 6] * 6] * 6] * 6] * 6""",
        """return ["x" * 500] * 900""",
        """return {"\\ud800" * 600: 1}""",
    ],
)
def test_whatever_comes_is_an_answer_that_is_wrong(sandbox, body, tmp_path):
    """Never an error of ours, never more than a paragraph, and little of the judge's time."""
    source, start = FORGE.replace("BODY", body.replace("\\\\", "\\")), time.process_time()
    tree = {"cells": [{"cell_type": "code", "source": cell} for cell in (source, ASK)]}
    result = grade([CHECK, CHECK | {"hidden": True}], json.dumps(tree).encode(), spec.Variant(), sandbox)
    assert result["score"] == 0 and time.process_time() - start < 2
    for row in result["checks"]:
        assert row["says"] and row["told"] and len(row["says"]) <= LONGEST
    report.write(tmp_path / "result.json", json.dumps(result, ensure_ascii=False))  # no half letters


CHOICE = """
def double(x):
    heard.append(float(x.sum()))
    raise (KeyError, OSError, type("Leak", (Exception,), {}))[int(x.sum()) % 3](str(x))
heard = []
"""


def hidden_checks():
    inputs = [np.arange(3.0) + n for n in range(6)]
    return [CHECK | {"check": str(n), "hidden": True, "inputs": [x], "expected": 2 * x} for n, x in enumerate(inputs)]


def test_of_a_hidden_check_not_even_the_kind_of_error_is_told(sandbox):
    rows = judge(Submission(sandbox, [CHOICE]), hidden_checks())
    assert {row["told"] for row in rows} == {row["says"] for row in rows} == {ANY}


def test_what_a_process_has_heard_of_hidden_checks_goes_nowhere(sandbox):
    """The notebook is run again for a wrong question, and asked in its midst: cells below know what was asked."""
    seen = CHECK | {"question": "q2", "name": "other"}
    cells = [
        CHOICE,
        ASK,
        "raise ValueError(str(heard))",
        "def other(x):\n    raise ValueError(str(heard))",
        "check('q2')",
    ]
    submission = Submission(sandbox, cells)
    rows = judge(submission, [CHECK, *hidden_checks(), seen])
    assert not any(row["passed"] for row in rows)
    told = [row["told"] for row in rows if row["hidden"] or row["question"] == "q2"]
    assert not any(str(float(c["inputs"][0].sum())) in text for c in hidden_checks()[1:] for text in told)
    assert not any(str(float(c["inputs"][0].sum())) in n for c in hidden_checks()[1:] for n in submission.notes)


def test_the_time_in_total_is_looked_at_while_the_process_lives(sandbox):
    slow = "def double(x):\n    end = process_time() + 0.3\n    while process_time() < end: pass\n    return 2 * x"
    slow = f"from time import process_time\n{slow}"
    checks = [CHECK | {"question": f"q{n}"} for n in range(12)]
    with Sandbox([], {"cell": 2.0, "call": 2.0, "total": 1.5}, isolation="none") as short:
        rows = judge(Submission(short, [slow]), checks)
    assert rows[0]["passed"] and rows[-1]["says"].startswith("Not tried")


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63) + 1, 2**63 - 1), st.floats(), st.text(max_size=5),
    st.sampled_from([np.zeros((0, 3)), np.array(np.nan), np.ones((2, 2), bool), np.arange(3, dtype=np.uint64)]),
    st.just(wire.Ref("student", 0)),
)  # fmt: skip
REPLIES = st.recursive(LEAVES, lambda t: st.lists(t, max_size=4) | st.dictionaries(st.text(max_size=3), t, max_size=3))
EXPECTED = [np.arange(3.0), 1.0, [1.0, np.ones(2)], "relu", None, {"a": np.ones(2)}, [[1.0, 2.0], [3.0, 4.0]], True]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(REPLIES, st.sampled_from(EXPECTED), st.booleans())
def test_there_is_an_opinion_about_every_reply(value, expected, hidden):
    check = CHECK | {"expected": expected, "hidden": hidden, "rules": [["rows sum to 1", "r"], ["finite", "f"]]}
    check |= {"mistakes": [[np.zeros(3), "m"]]}
    sent = wire.unpack(wire.pack({"value": value, "inputs": value, "error": None}), trusted=False)
    said = opinion(check, clean(sent))
    assert said is None or isinstance(said, str)
