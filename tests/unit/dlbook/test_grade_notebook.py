"""Notebooks as they arrive."""

import json

import pytest

from dlbook.grade import handed_in, notebook

CELL = {"cell_type": "code", "source": ["x = 'ü'\n", "y = 1"]}
TEXT = "x = 'ü'\ny = 1"


def of(*cells, **more):
    return json.dumps({"cells": list(cells)} | more, ensure_ascii=False)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings(encoding):
    raw = of(CELL).encode(encoding)
    if encoding == "utf-16-le":
        raw = b"\xff\xfe" + raw
    assert notebook.code_cells(raw) == [TEXT]


def test_old_formats():
    sheet = {
        "worksheets": [{"cells": [{"cell_type": "code", "input": TEXT}, {"cell_type": "markdown", "source": "a"}]}]
    }
    assert notebook.code_cells(json.dumps(sheet).encode()) == [TEXT]


def test_line_ends_of_other_systems():
    assert notebook.code_cells(of({"cell_type": "code", "source": "a = 1\r\nb = 2"}).encode()) == ["a = 1\nb = 2"]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b"hello", "no notebook"),
        (b"[1, 2]", "JSON object"),
        (b'{"a": 1}', "no list of cells"),
        (b'{"cells": 3}', "no list of cells"),
        (b"[" * 10**6, "no notebook"),
        (b"1" * 10_000, "no notebook"),
        (of(CELL).encode()[:-3], "cut off"),
    ],
)
def test_broken_ones_are_refused_in_words(raw, says):
    with pytest.raises(notebook.BrokenNotebookError, match=says):
        notebook.code_cells(raw)


def test_strange_cells_are_passed_over():
    assert notebook.code_cells(of(1, None, {"cell_type": "code", "source": {"a": 1}}, {}, CELL).encode()) == ["", TEXT]


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("%%time\nx = 1", "x = 1"),
        ("%%bash\nrm -rf /", ""),
        ("%%writefile a.py\nx = 1", ""),
        ("x = '''\n%not magic\n'''", "x = '''\n%not magic\n'''"),
        ("x = 7 % 3", "x = 7 % 3"),
        ("if x:\n    pip install torch", "if x:\n    pass"),
        ("cd = 3\nls = cd", "cd = 3\nls = cd"),
        ("for", "for"),
    ],
)
def test_what_only_jupyter_understands_is_taken_out(source, becomes):
    assert notebook.runnable(source).rstrip("\n") == becomes


def names(folder):
    found = handed_in.find(folder)
    return {h.student: (h.path.name if h.path else None, h.notes) for h in found.submissions}, found.strange


def test_submissions_are_found_however_they_are_packed(tmp_path):
    for path in (
        "anna.ipynb",
        "ben/deep/inside/work.ipynb",
        "ben/.ipynb_checkpoints/work-checkpoint.ipynb",
        "ben/__MACOSX/._work.ipynb",
        "cleo.ipynb.txt",
        "dora.json",
        "empty/readme.md",
        "thesis.pdf",
        ".DS_Store",
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("{}")
    found, strange = names(tmp_path)
    assert set(found) == {"anna", "ben", "cleo", "dora", "empty"}
    assert found["ben"] == ("work.ipynb", [])
    assert found["empty"][0] is None and "only readme.md" in found["empty"][1][0]
    assert strange == ["thesis.pdf"]


def test_a_newer_table_does_not_take_the_place_of_the_notebook(tmp_path):
    (tmp_path / "eve").mkdir()
    for name in ("work.ipynb", "data.json"):
        (tmp_path / "eve" / name).write_text("{}")
    assert names(tmp_path)[0]["eve"][0] == "work.ipynb"


def test_the_newest_of_several_is_taken_and_it_is_said(tmp_path):
    import os

    (tmp_path / "eve").mkdir()
    for time, name in enumerate(["new.ipynb", "old.ipynb"]):
        (tmp_path / "eve" / name).write_text("{}")
        os.utime(tmp_path / "eve" / name, (100 - time, 100 - time))
    (chosen,) = handed_in.find(tmp_path).submissions
    assert chosen.path.name == "new.ipynb" and "2 notebooks" in chosen.notes[0]


def test_links_lead_nowhere(tmp_path):
    (tmp_path / "secret.ipynb").write_text("{}")
    (tmp_path / "in" / "eve").mkdir(parents=True)
    (tmp_path / "in" / "eve" / "a.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (tmp_path / "in" / "b.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (tmp_path / "in" / "mallory").symlink_to(tmp_path)
    found, strange = names(tmp_path / "in")
    assert found == {"eve": (None, ["No notebook was handed in (a file .ipynb), only a.ipynb."])}
    assert strange == ["b.ipynb", "mallory"]


def test_file_names_of_results_cannot_leave_their_folder_or_meet():
    students = ["a/b", "a b", "a%20b", "..", "", "ä", "ae", ".hidden"]
    files = [handed_in.safe(student) for student in students]
    assert len(set(files)) == len(files)
    assert not any("/" in f or f.startswith(".") for f in files)
