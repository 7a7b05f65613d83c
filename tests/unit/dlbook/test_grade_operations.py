"""What a teacher meets when grading for real: terminals, keys, signals, full disks, platforms, people who leave."""

import csv
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dlbook.grade import __main__ as command
from dlbook.grade import classroom, report

ROOT = Path(__file__).resolve().parents[3]
NAME = "1_neuron_and_layer"
FOLDER = str(ROOT / "assignments" / NAME)
MASTER = ROOT / "assignments" / NAME / f"{NAME}.ipynb"


def hand_in(folder, *paths, source=MASTER):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, folder / path)
    return folder


def grade(folder, out, *more):
    return command.main([FOLDER, str(folder), "--out", str(out), *map(str, more)])


def table(out):
    with open(out / "scores.csv", newline="", encoding="utf-8-sig") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


@pytest.fixture
def made(tmp_path, capsys):
    """A student version that was handed out with a key."""
    assert command.main(["student", FOLDER, "--out", str(tmp_path / "made"), "--key", "k"]) == 0
    capsys.readouterr()
    return tmp_path / "made" / f"{NAME}.ipynb"


@pytest.mark.parametrize(("count", "key"), [(1, ""), (2, ""), (2, "another")])
def test_grading_without_the_key_of_the_handing_out_stops(made, tmp_path, capsys, count, key):
    folder = hand_in(tmp_path / "in", *["anna.ipynb", "ben.ipynb"][:count], source=made)
    assert grade(folder, tmp_path / "out", "--key", key) == 2
    said = capsys.readouterr().err
    assert "made with another key" in said and "--key and --roster" in said
    assert not (tmp_path / "out" / "scores.csv").exists()


def test_with_the_key_all_are_graded_and_who_has_somebody_elses_is_marked(made, tmp_path):
    folder = hand_in(tmp_path / "in", "anna.ipynb", source=made)
    other = json.loads(made.read_text())
    text = json.dumps(other).replace("# made for ", "# made for 0000")
    (folder / "ben.ipynb").write_text(text)
    assert grade(folder, tmp_path / "out", "--key", "k") == 0
    assert {name: row["made for somebody else"] for name, row in table(tmp_path / "out").items()}["anna"] == ""


def test_a_terminal_without_letters_and_names_in_any_script(tmp_path):
    folder = hand_in(tmp_path / "in", "李雷.ipynb", f"{'李' * 80}.ipynb", f"{'x' * 248}.ipynb", "müller.ipynb")
    words = [sys.executable, "-m", "dlbook.grade", FOLDER, str(folder), "--out", str(tmp_path / "out")]
    surroundings = os.environ | {"LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(words, capture_output=True, env=surroundings, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert b"\\u674e\\u96f7.ipynb  ->  \\u674e\\u96f7" in done.stdout
    rows = table(tmp_path / "out")
    assert set(rows) == {"李雷", "李" * 80, "x" * 248, "müller"} and {row["score"] for row in rows.values()} == {"40"}
    assert len(list((tmp_path / "out" / "feedback").glob("*.html"))) == 4


@pytest.mark.parametrize(
    ("paths", "more", "score"),
    [
        (["work.ipynb", "data/table.csv"], [], 40),
        (["work.ipynb", "data/old.json", "pictures/a.png"], ["--single"], 40),
        (["solution.py"], [], 0),
        (["solution.py"], ["--single"], 0),
        (["essay.txt"], [], 0),
        ([], [], 0),
        ([], ["--single"], 0),
    ],
)
def test_gradescope_gets_its_file_whatever_was_uploaded(tmp_path, paths, more, score):
    (tmp_path / "in").mkdir()
    for path in paths:
        hand_in(tmp_path / "in", path, source=MASTER if path.endswith(".ipynb") else __file__)
    assert grade(tmp_path / "in", tmp_path / "out", *more) == 0
    tree = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert tree["score"] == score and len(tree["tests"]) > 20
    if not score:
        assert "handed in" in tree["output"] and "handed in" in tree["tests"][0]["output"]


def test_a_pipe_and_an_output_folder_among_the_submissions(tmp_path, capsys):
    folder = hand_in(tmp_path / "in", "anna.ipynb")
    os.mkfifo(folder / "pipe.ipynb")
    for _ in range(2):
        assert grade(folder, folder / "graded") == 0
        assert set(table(folder / "graded")) == {"anna"}
    said = capsys.readouterr().out
    assert "not a submission, left alone: pipe.ipynb" in said and "from an earlier run" in said


def test_the_table_of_files_comes_before_the_first_result(tmp_path, capsys):
    folder = hand_in(tmp_path / "in", "doejane_LATE_4711_99_work.ipynb", "roemax_4712_98_work.ipynb", "eve_13_97_a.py")
    assert grade(folder, tmp_path / "out") == 0
    said = capsys.readouterr().out
    assert "  doejane_LATE_4711_99_work.ipynb  ->  4711 (doejane)\n" in said
    assert said.index("-> ") < said.index("the master gets") < said.index("[   1/3]")
    rows = table(tmp_path / "out")
    assert {student: (row["name"], row["score"]) for student, row in rows.items()} == {
        "4711": ("doejane", "40"), "4712": ("roemax", "40"), "13": ("eve", "0")}  # fmt: skip
    pages = {path.name for path in (tmp_path / "out" / "feedback").iterdir()}
    assert pages == {"doejane_LATE_4711_99_work.html", "roemax_4712_98_work.html", "eve_13_97_a.html"}


def test_a_roster_of_others_stops_the_grading(tmp_path, capsys):
    folder = hand_in(tmp_path / "in", "hw_2024_10_anna.ipynb", "hw_2024_10_bob.ipynb")
    (tmp_path / "roster.csv").write_text("anna;Anna\nbob;Bob\n")
    assert grade(folder, tmp_path / "out", "--roster", tmp_path / "roster.csv") == 2
    said = capsys.readouterr()
    assert "none of the 2 submissions is of anybody on the roster, which has anna, bob" in said.err
    assert "hw_2024_10_anna.ipynb  ->  hw_2024_10_anna NOT ON THE ROSTER" in said.out
    shutil.rmtree(folder)
    folder.mkdir()
    assert grade(folder, tmp_path / "out", "--roster", tmp_path / "roster.csv") == 0
    assert {student: row["name"] for student, row in table(tmp_path / "out").items()} == {"anna": "", "bob": ""}


def test_two_in_one_stop_the_grading(tmp_path, capsys):
    folder = hand_in(tmp_path / "in", "Anna.ipynb", "anna.ipynb")
    if len(list(folder.iterdir())) < 2:
        pytest.skip("capitals make no difference here")
    assert grade(folder, tmp_path / "out") == 2
    assert "STOPPED: Anna.ipynb and anna.ipynb differ in capitals only" in capsys.readouterr().err


def test_a_result_without_isolation_is_not_reused_where_there_is_some(tmp_path, capsys):
    folder, out = hand_in(tmp_path / "in", "anna.ipynb"), tmp_path / "out"
    for isolation, again in (("none", 0), ("none", 1), ("full", 0), ("none", 1)):
        assert grade(folder, out, "--isolation", isolation) == 0
        said = capsys.readouterr().out
        if isolation == "full" and "NOT ISOLATED" in said:
            pytest.skip("there is no isolation here")
        assert said.count("from an earlier run") == again, isolation


def test_pages_of_those_who_left_go_and_nothing_else_does(tmp_path, capsys):
    folder, out = hand_in(tmp_path / "in", "anna.ipynb", "ben.ipynb"), tmp_path / "out"
    assert grade(folder, out) == 0
    (out / "feedback" / "my notes.html").write_text("mine")
    (folder / "ben.ipynb").unlink()
    assert grade(folder, out) == 0
    assert "removed: results and pages of 1 " in capsys.readouterr().out
    assert {path.name for path in (out / "feedback").iterdir()} == {"anna.html", "my notes.html"}
    assert {path.name for path in (out / "results").iterdir()} == {"anna.json"}


def test_a_page_under_an_earlier_name_goes(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    for path in ("Jane Doe_77_assignsubmission_file_/a.ipynb", "Max Roe_78_assignsubmission_file_b.ipynb"):
        shutil.rmtree(folder, ignore_errors=True)
        hand_in(folder, path, "Jane Doe_77_assignsubmission_file_x.ipynb" if "Max" in path else "late.ipynb")
        assert grade(folder, out) == 0
    pages = {str(path.relative_to(out / "feedback")) for path in (out / "feedback").rglob("*")}
    names = ("Jane Doe_77_assignsubmission_file_x.html", "Max Roe_78_assignsubmission_file_b.html")
    assert pages == set(names)


def test_no_page_outside_the_folder_is_removed(tmp_path):
    (tmp_path / "precious.html").write_text("mine")
    report.write(tmp_path / "results" / "x.json", json.dumps({"extra_data": {"page": "../precious"}}))
    assert report.tidy(tmp_path, []) == 1
    assert (tmp_path / "precious.html").exists() and not (tmp_path / "results" / "x.json").exists()


def test_a_full_disk_leaves_no_half_table(tmp_path):
    """A limit on the size of files stands for the disk: the system refuses the write in the same way."""
    report.write_csv(tmp_path / "scores.csv", [["old"]])
    before, limits = (tmp_path / "scores.csv").read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            report.write_csv(tmp_path / "scores.csv", [["x" * 100]] * 100)
        with pytest.raises(OSError, match="large"):
            report.write_csv(tmp_path / "new.csv", [["x" * 100]] * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path.name for path in tmp_path.iterdir()} == {"scores.csv"}
    assert (tmp_path / "scores.csv").read_bytes() == before


def test_what_the_system_refuses_is_said_plainly(tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    assert grade(hand_in(tmp_path / "in", "anna.ipynb"), tmp_path / "out") == 2
    assert "STOPPED: [Errno" in capsys.readouterr().err


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT], [signal.SIGHUP, signal.SIGTERM]])
def test_whoever_stops_it_leaves_no_folder_and_no_result_that_is_not_one(tmp_path, signals):
    folder, temporary = hand_in(tmp_path / "in", "anna.ipynb"), tmp_path / "tmp"
    temporary.mkdir()
    for number in range(6):
        loop = {"cells": [{"cell_type": "code", "source": "while True: pass"}]}
        (folder / f"loop{number}.ipynb").write_text(json.dumps(loop))
    words = [sys.executable, "-m", "dlbook.grade", FOLDER, str(folder), "--out", str(tmp_path / "out"), "--jobs", "3"]
    options = {"env": os.environ | {"TMPDIR": str(temporary)}, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, text=True, **options)
    while "[   1/7]" not in process.stdout.readline():
        pass
    assert list(temporary.iterdir())
    for number in signals:
        process.send_signal(number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 128 + signals[0] and said.startswith("INTERRUPTED") and "Traceback" not in said
    assert list(temporary.iterdir()) == []
    assert [path.stem for path in (tmp_path / "out" / "results").iterdir()] == ["anna"]
    assert not (tmp_path / "out" / "scores.csv").exists()


def test_a_signal_while_the_master_is_proved_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(classroom, "prove", lambda room: os.kill(os.getpid(), signal.SIGTERM))
    assert grade(hand_in(tmp_path / "in", "anna.ipynb"), tmp_path / "out") == 128 + signal.SIGTERM
    assert list((tmp_path / "tmp").iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_the_gradebook_is_looked_at_before_anybody_is_graded(tmp_path, capsys):
    (tmp_path / "book.csv").write_text("Student,ID,Other\n")
    assert grade(hand_in(tmp_path / "in", "anna.ipynb"), tmp_path / "out", "--canvas", tmp_path / "book.csv") == 2
    assert "the gradebook has 0 columns 'Neuron and layer'" in capsys.readouterr().err
