"""The commands, as a teacher types them."""

import csv
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dlbook.grade import __main__ as command
from dlbook.grade import classroom, notebook, spec

ROOT = Path(__file__).resolve().parents[3]
NAME = "1_neuron_and_layer"
FOLDER = str(ROOT / "assignments" / NAME)


@pytest.fixture
def submissions(tmp_path):
    """One complete submission and one empty."""
    (tmp_path / "in").mkdir()
    shutil.copy(ROOT / "assignments" / NAME / f"{NAME}.ipynb", tmp_path / "in" / "jane.ipynb")
    assert command.main(["student", FOLDER, "--out", str(tmp_path / "student")]) == 0
    shutil.copy(tmp_path / "student" / f"{NAME}.ipynb", tmp_path / "in" / "john.ipynb")
    return tmp_path / "in"


def table(out):
    with open(out / "scores.csv", newline="", encoding="utf-8-sig") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


def test_grading_a_folder(submissions, tmp_path, capsys):
    out = tmp_path / "out"
    assert command.main([FOLDER, str(submissions), "--out", str(out), "--jobs", "2"]) == 0
    said = capsys.readouterr().out
    assert "the master gets all 40 points, the empty version none" in said
    assert "[   2/2]" in said and "2 submissions in" in said
    assert {name: row["score"] for name, row in table(out).items()} == {"jane": "40", "john": "0"}
    assert (out / "feedback" / "jane.html").is_file() and (out / "results" / "john.json").is_file()
    first = (out / "scores.csv").read_bytes()
    assert command.main([FOLDER, str(submissions), "--out", str(out)]) == 0
    assert capsys.readouterr().out.count("from an earlier run") == 2
    assert (out / "scores.csv").read_bytes() == first


def test_one_submission_is_graded_for_gradescope(submissions, tmp_path):
    (submissions / "john.ipynb").unlink()
    assert command.main([FOLDER, str(submissions), "--out", str(tmp_path / "out")]) == 0
    assert json.loads((tmp_path / "out" / "results.json").read_text())["score"] == 40


def test_without_isolation_it_is_said_in_capitals_and_in_every_result(submissions, tmp_path, capsys):
    out = tmp_path / "out"
    assert command.main([FOLDER, str(submissions), "--out", str(out), "--isolation", "none"]) == 0
    assert "!!! NOT ISOLATED (NO NAMESPACES: SWITCHED OFF)" in capsys.readouterr().out
    assert {row["isolated"] for row in table(out).values()} == {"NO"}
    assert "WITHOUT ISOLATION" in (out / "feedback" / "jane.html").read_text()
    assert {row["score"] for row in table(out).values()} == {"40", "0"}


def test_a_roster_gives_everybody_their_own_and_finds_who_is_missing(tmp_path):
    (tmp_path / "roster.csv").write_text("name,id\nJane,jane\nJohn,john\nZoe,zoe\n")
    shared = ["--roster", str(tmp_path / "roster.csv"), "--key", "k"]
    assert command.main(["student", FOLDER, "--out", str(tmp_path / "s"), *shared]) == 0
    for student in ("jane", "john"):  # john hands in what was made for jane, solved
        tree = notebook.read(tmp_path / "s" / "jane" / f"{NAME}.ipynb")
        right = (ROOT / "assignments" / NAME / "tests" / "right.py").read_text()
        tree["cells"].append({"cell_type": "code", "id": "x", "metadata": {}, "source": right})
        notebook.write(tmp_path / "in" / f"{student}.ipynb", tree)
    assert command.main([FOLDER, str(tmp_path / "in"), "--out", str(tmp_path / "out"), *shared]) == 0
    rows = table(tmp_path / "out")
    assert rows["jane"]["score"] == "40" and rows["jane"]["made for somebody else"] == ""
    assert rows["john"]["score"] == "36" and rows["john"]["made for somebody else"] == "YES"
    assert rows["zoe"]["score"] == "0" and rows["zoe"]["notes"] == "Nothing was handed in."


@pytest.fixture
def copied(tmp_path):
    shutil.copytree(FOLDER, tmp_path / NAME)
    (tmp_path / "in").mkdir()
    return tmp_path / NAME


def change(folder, old, new):
    """Change the source of the master notebook."""
    path = folder / f"{NAME}.ipynb"
    tree = notebook.read(path)
    for cell in tree["cells"]:
        cell["source"] = notebook.source_of(cell).replace(old, new)
    notebook.write(path, tree)


def stopped(folder, capsys):
    code = command.main([str(folder), str(folder.parent / "in"), "--out", str(folder.parent / "out")])
    assert code == 2
    return capsys.readouterr().err


def test_a_wrong_master_stops_the_grading(copied, capsys):
    change(copied, "return X @ W.T + b", "return X @ W.T - b")
    said = stopped(copied, capsys)
    assert "STOPPED: the master gets 31 of 40 points; nobody is graded." in said and "q6, five examples" in said


def test_a_missing_package_stops_the_grading(copied, capsys):
    change(copied, "import numpy as np", "import a_package_that_is_not_here\nimport numpy as np")
    said = stopped(copied, capsys)
    assert "nobody is graded" in said and "No module named 'a_package_that_is_not_here'" in said


def test_an_empty_version_with_points_stops_the_grading(copied, capsys):
    change(copied, "# Assignment 1", "# Assignment 1")
    path = copied / f"{NAME}.ipynb"
    tree = notebook.read(path)
    given = "and_neuron = [1, 1, -1.5]"
    tree["cells"].append({"cell_type": "code", "id": "gift", "metadata": {}, "source": given, "outputs": []})
    notebook.write(path, tree)
    said = stopped(copied, capsys)
    assert "the empty student version gets 3 of 40 points" in said


def test_a_leak_stops_the_writing(copied, capsys):
    change(copied, "Write it without a loop.", "Write it without a loop: return X @ W.T + b")
    assert command.main(["student", str(copied), "--out", str(copied.parent / "out")]) == 2
    assert "would give away:\n  return X @ W.T + b" in capsys.readouterr().err
    assert not (copied.parent / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere", "in", "--out", "out"], "no specification"),
        ([FOLDER, "nowhere", "--out", "out"], "no folder of sub"),
    ],
)
def test_wrong_paths_are_said_plainly(arguments, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command.main(arguments) == 2
    assert says in capsys.readouterr().err


def test_a_fault_of_ours_costs_one_student_nothing_silently(submissions, tmp_path, monkeypatch, capsys):
    grade = classroom.Classroom.grade

    def fail_for_jane(room, data, variant):
        if b"BEGIN SOLUTION" in data and room.sandboxes and getattr(room, "proved", False):
            raise RuntimeError("our fault")
        return grade(room, data, variant)

    prove = classroom.prove
    monkeypatch.setattr(classroom.Classroom, "grade", fail_for_jane)
    monkeypatch.setattr(classroom, "prove", lambda room: (prove(room), setattr(room, "proved", True)))
    assert command.main([FOLDER, str(submissions), "--out", str(tmp_path / "out")]) == 1
    assert (
        "NOT GRADED: jane: COULD NOT BE GRADED, not the student's fault: RuntimeError: our fault"
        in capsys.readouterr().out
    )
    rows = table(tmp_path / "out")
    assert rows["jane"]["score"] == "" and rows["john"]["score"] == "0"


def test_an_interrupted_grading_stops_soon_and_goes_on_later(submissions, tmp_path):
    for number in range(12):
        loop = {"cells": [{"cell_type": "code", "source": "while True: pass"}]}
        (submissions / f"loop{number}.ipynb").write_text(json.dumps(loop))
    out = tmp_path / "out"
    words = [sys.executable, "-m", "dlbook.grade", FOLDER, str(submissions), "--out", str(out), "--jobs", "2"]
    process = subprocess.Popen([*words, "--seconds", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while "[   1/14]" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130 and "the same command goes on from here" in said
    assert not (out / "scores.csv").exists()
    kept = sorted(path.stem for path in (out / "results").glob("*.json"))
    assert 1 <= len(kept) <= 5  # the one that was told of, the two under way, and two that the signal may cross
    for path in submissions.glob("loop*"):
        path.unlink()
    assert command.main([*words[3:], "--seconds", "1"]) == 0
    assert table(out)["jane"]["score"] == "40"


def test_limits_of_an_assignment_reach_the_sandbox(tmp_path):
    assignment = spec.Assignment("t", 60, limits={"call": 2.5})
    assignment.folder = tmp_path
    room = classroom.Classroom(assignment, tmp_path / "out", limits={"cell": 3.0})
    assert room.limits["call"] == 2.5 and room.limits["cell"] == 3.0 and room.limits["total"] == 120.0


@pytest.mark.parametrize("level", ["full", "files", "none"])
def test_what_is_missing_of_the_isolation_is_said(level):
    said = {"level": level, "why": "no namespaces: odd", "landlock": 7, "unfiltered": ""}
    filtered, bare = classroom.warning(said), classroom.warning(said | {"unfiltered": "no filter of system calls"})
    assert filtered == "" if level == "full" else "NO NAMESPACES: ODD" in filtered
    assert "FILTER" not in filtered and "NETWORK" not in filtered.replace("OR ANY NETWORK", "")
    assert "!!! NO FILTER OF SYSTEM CALLS (NO FILTER OF SYSTEM CALLS)." in bare
    assert ("NETWORK" in bare) == (level != "full")
