"""The student version holds nothing of the teacher's, and the writer refuses when it would."""

import copy
import json
import shutil
import tomllib
from pathlib import Path

import pytest

from dlbook.grade import check, classroom, notebook, spec, student

ROOT = Path(__file__).resolve().parents[3]
NAME = "2_activations_and_softmax"


@pytest.fixture
def assignment(tmp_path):
    """A copy that a test may spoil."""
    shutil.copytree(ROOT / "assignments" / NAME, tmp_path / NAME)
    return spec.load(tmp_path / NAME)


def spoil(assignment, change):
    """Change the master notebook."""
    path = assignment.folder / f"{NAME}.ipynb"
    tree = notebook.read(path)
    change({cell["id"]: cell for cell in tree["cells"]}, tree)
    path.write_text(json.dumps(tree))


def source(tree, cell):
    return next(notebook.source_of(c) for c in tree["cells"] if c["id"] == cell)


def payload(tree):
    text = source(tree, "checks")
    return check.unpack_checks(text.split('"""')[1])


def test_solutions_become_stubs(assignment):
    tree = student.student_version(assignment)
    head, doc, *rest = source(tree, "q1-answer").split("\n")
    assert (head, rest) == ("def relu(z):", ["    # your code here", "    raise NotImplementedError"])
    assert doc == '    """z where it is positive, 0 elsewhere."""'
    assert source(tree, "q5-answer") == "p_q5 = ...  # your answer here"
    assert source(tree, "q8-checks") == 'check("q8", softmax)'


def test_nbgraders_marks_are_kept(assignment):
    master = notebook.read(assignment.folder / f"{NAME}.ipynb")
    tree = student.student_version(assignment)
    marks = [[cell["metadata"].get("nbgrader") for cell in one["cells"]] for one in (master, tree)]
    assert marks[0] == marks[1] and len([mark for mark in marks[0] if mark]) == 22


def test_the_notebook_carries_visible_checks_only(assignment):
    data = payload(student.student_version(assignment))
    visible = [(q.key, c.name) for q in assignment.questions.values() for c in q.checks if not c.hidden]
    assert [(c["question"], c["check"]) for c in data["checks"]] == visible
    assert not any(c["hidden"] for c in data["checks"])
    for one in data["checks"]:
        assert not one["value"] or one["expected"] is None


LEAKS = {
    "a solution in a text": ("q1-text", "return np.maximum(z, 0)"),
    "indented otherwise": ("text-1", "  return   np.maximum( z,0 )"),
    "our own answer": ("q1-text", "return np.where(np.asarray(z) > 0, z, 0.0)"),
    "a usual mistake": ("q8-text", "z / z.sum(axis=1, keepdims=True)"),
    "the name of a hidden check": ("q8-text", "rows far apart from each other"),
    "a mark without its end": ("q9-answer", "### BEGIN SOLUTION\nprint(1)"),
    "the way to the specification": ("given-2", "open('spec.py')"),
}


@pytest.mark.parametrize("what", LEAKS)
def test_a_leak_in_a_cell_is_found(assignment, what):
    cell, text = LEAKS[what]

    def leak(cells, tree):
        cells[cell]["source"] = notebook.source_of(cells[cell]) + "\n" + text

    spoil(assignment, leak)
    with pytest.raises(student.LeakError):
        student.student_version(assignment)


@pytest.mark.parametrize("where", ["metadata", "cell metadata", "attachments"])
def test_a_leak_beside_the_cells_is_found(assignment, where):
    def leak(cells, tree):
        text = {"x": ["return np.maximum(z, 0)"]}
        {"metadata": tree["metadata"], "cell metadata": cells["q2-text"]["metadata"]}.get(where, cells["q2-text"])[
            "a"
        ] = text

    spoil(assignment, leak)
    with pytest.raises(student.LeakError, match=r"np\.maximum"):
        student.student_version(assignment)


def test_a_leak_in_a_hint_is_found(assignment):
    assignment.questions["q1"].hints("Write: return np.maximum(z, 0)")
    with pytest.raises(student.LeakError, match=r"np\.maximum"):
        student.student_version(assignment)


def test_outputs_and_teachers_cells_do_not_get_through(assignment):
    def add(cells, tree):
        cells["q1-checks"]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "return np.maximum(z, 0)"}]
        note = copy.deepcopy(cells["q2-text"]) | {"id": "note", "source": "A note among teachers."}
        tree["cells"].append(note | {"metadata": {"tags": ["teacher"]}})

    spoil(assignment, add)
    text = json.dumps(student.student_version(assignment))
    assert "among teachers" not in text and "np.maximum(z" not in text


def test_written_notebooks_are_valid_and_stripped(assignment, tmp_path):
    import nbformat

    (path,) = classroom.write_students(assignment, tmp_path / "out")
    tree = nbformat.read(path, as_version=4)
    nbformat.validate(tree)
    assert all(not cell.get("outputs") for cell in tree.cells)
    assert tree.cells[1].metadata.tags[0] == "setup"


def test_a_roster_gives_everybody_numbers_of_their_own(assignment, tmp_path):
    paths = classroom.write_students(assignment, tmp_path / "out", ["jane", "john/../x"], "key")
    assert [p.relative_to(tmp_path / "out").parts[0] for p in paths] == ["jane", "john%2f..%2fx"]
    jane, john = (notebook.read(path) for path in paths)
    assert source(jane, "q5-numbers") != source(john, "q5-numbers")
    assert payload(jane)["variant"] != payload(john)["variant"]
    again = classroom.write_students(assignment, tmp_path / "again", ["jane"], "key")
    assert again[0].read_bytes() == paths[0].read_bytes()


def test_loading_says_what_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"expected .*spec\.py"):
        spec.load(tmp_path)
    (tmp_path / "spec.py").write_text("x = 1")
    with pytest.raises(ValueError, match="defines no `assignment"):
        spec.load(tmp_path)


def test_whoever_lacks_the_package_reads_its_name_beside_the_import(assignment):
    name = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"]
    before, _, _ = student.checks_cell(assignment, spec.Variant()).partition("\nfrom dlbook")
    assert before.splitlines()[-1].startswith("# No module named 'dlbook'?") and name in before.splitlines()[-1]
