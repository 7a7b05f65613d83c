"""What the student sees when a check is run in the notebook."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dlbook.grade import notebook_checks, spec, student
from dlbook.grade.check import pack_checks

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def text():
    cell = student.checks_cell(spec.load(ROOT / "assignments" / "2_activations_and_softmax"), spec.Variant())
    return cell.split('"""')[1]


@pytest.fixture
def tell(text, capsys):
    """Run a check, or a hint, and return what it printed."""
    check, hint = notebook_checks(text)

    def run(key, *answer):
        check(key, *answer) if answer else hint(key)
        return capsys.readouterr().out

    return run


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_a_right_answer(tell):
    said = tell("q8", softmax)
    assert said.startswith("q8 · Softmax over rows\n  ✓ four rows of three scores\n")
    assert "3 of 3 pass. The question is worth 6 points, 2 on checks that run when you hand in." in said


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda z: np.exp(z) / np.exp(z).sum(axis=0), "was the sum taken over axis 0?"),
        (lambda z: np.exp(z) / np.exp(z).sum(axis=1), "It stopped"),
        (lambda z: None, "Is there a `return`"),
        (lambda z: softmax(z)[0], "An axis has been lost"),
        (lambda z: softmax(z).T, "shape (3, 4)"),
        (lambda z: z @ z, "Is a transpose missing?"),
        (lambda z: undefined, "nothing is called `undefined`"),  # noqa: F821
        (lambda z: "a", "A text came where numbers are expected"),
        (lambda: 1, "It stopped with TypeError"),
        (0.5, "This is not a function (it is float)"),
        (None, "This is not a function (it is NoneType)"),
        (..., "Not answered yet."),
    ],
)
def test_wrong_answers_are_met_in_the_words_of_the_subject(tell, answer, says):
    said = " ".join(tell("q8", answer).split())
    assert says in said and "✗" in said
    assert "0 of 3 pass" in said or "1 of 3 pass" in said


def test_an_error_names_its_line(tell):
    space = {}
    exec(compile("def f(z):\n    y = z + 1\n    return y / nothing", "<ipython-input-3>", "exec"), space)
    assert "in line 3 of its cell" in " ".join(tell("q8", space["f"]).split())


def test_a_function_without_code_is_not_answered_yet(tell):
    def empty(z):
        raise NotImplementedError

    assert tell("q1", empty).count("Not answered yet.") == 2


def test_inputs_that_are_changed_are_noticed_and_restored(tell):
    def greedy(z):
        z[z < 0] = 0
        return z

    for _ in range(2):
        assert "has changed its inputs" in " ".join(tell("q1", greedy).split())
    assert "2 of 2 pass" in tell("q1", lambda z: np.maximum(z, 0))


def test_the_students_random_numbers_are_left_alone(tell):
    np.random.seed(7)
    first = np.random.rand()
    np.random.seed(7)
    tell("q1", lambda z: np.maximum(z, 0) * np.random.rand())
    assert np.random.rand() == first


def test_nothing_is_written_to_the_error_stream(text, capsys):
    check, _ = notebook_checks(text)
    check("q8", lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))
    assert capsys.readouterr().err == ""


def test_hints_come_in_steps_and_the_last_stays(tell):
    said = [tell("q8") for _ in range(4)]
    assert [line[:16] for line in said] == [
        "q8, hint 1 of 3:",
        "q8, hint 2 of 3:",
        "q8, hint 3 of 3:",
        "q8, hint 3 of 3:",
    ]
    assert 'run hint("q8") again' in said[0] and "again" not in said[2]


def test_unknown_questions_are_named(tell):
    with pytest.raises(KeyError, match="there is no question 'q99'; there are q1, q2"):
        tell("q99", softmax)


def test_numbers_by_hand(text, tell):
    assignment = spec.load(ROOT / "assignments" / "2_activations_and_softmax")
    numbers = assignment.constants("q5", spec.Variant())
    right = float(assignment.questions["q5"].answer(**numbers))
    assert "1 of 1 pass" in tell("q5", round(right, 2))
    assert "the probability of class 0" in tell("q5", 1 - right)
    assert "Softmax of two scores" in tell("q5", 0.123)


def test_no_answer_takes_a_second(text, tell):
    check = notebook_checks(text)[0].__self__
    for key in check.data["questions"]:
        start = time.process_time()  # of this process: a machine at other work makes those of the clock longer
        tell(key, 0.5)
        assert time.process_time() - start < 1, key


def test_a_damaged_cell_says_so(text):
    with pytest.raises(ValueError, match="copy it again from the assignment"):
        notebook_checks(text[:100] + text[140:])


def test_a_notebook_of_another_version_says_so(monkeypatch):
    monkeypatch.setattr("dlbook.grade.check.FORMAT", 2)
    later = pack_checks("", "", {}, [])
    monkeypatch.undo()
    with pytest.raises(ValueError, match="different versions: run the set-up cell again"):
        notebook_checks(later)


def test_the_students_side_loads_numpy_and_nothing_of_the_book():
    program = "import sys, dlbook.grade; print([m for m in sys.modules if m.split('.')[0] in "
    program += "('torch', 'matplotlib', 'sklearn', 'altair', 'ipywidgets', 'IPython', 'nbformat')"
    program += " or m.startswith(('dlbook.live', 'dlbook.page', 'dlbook.pages'))])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_master_in_jupyter_passes_its_own_checks():
    """Run in a real kernel: all checks pass, and the hidden tests give nbgrader all points."""
    import nbformat
    from nbclient import NotebookClient

    folder = ROOT / "assignments" / "2_activations_and_softmax"
    tree = nbformat.read(folder / f"{folder.name}.ipynb", as_version=4)
    os.environ["DLBOOK_ASSIGNMENT"] = str(folder)
    try:
        NotebookClient(tree, timeout=60, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    finally:
        del os.environ["DLBOOK_ASSIGNMENT"]
    assignment, shown = spec.load(folder), {}
    for cell in tree.cells:
        if cell.id.endswith("-checks"):
            printed = "".join(o.text for o in cell.outputs if o.output_type == "stream")
            shown[cell.id[:-7]] = printed, cell.outputs[-1]["data"]["text/plain"]
    for key, question in assignment.questions.items():
        printed, points = shown[key]
        assert "✗" not in printed and "✓" in printed
        assert float(points) == question.points
