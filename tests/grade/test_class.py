"""A whole class is graded in one command while some of it attacks. Each line of the teacher's table is proved here."""

import csv
import json
import re
from pathlib import Path

import made_up_class as made_up
import pytest

from dlbook.grade import classroom, landlock
from dlbook.grade.judge import ANY

NAMES = sorted(made_up.everybody())


def test_there_are_sixty_of_them():
    assert len(NAMES) >= 60
    assert sum(name in made_up.KEEPS or name in made_up.STEALS for name in NAMES) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_everybody_gets_what_they_deserve(graded, level, name):
    result = graded.results[name]
    assert result["score"] == graded.students[name][1], result["notes"]
    assert result["isolation"] == level


def test_nothing_was_lost_and_nobody_was_invented(graded):
    assert sorted(graded.results) == NAMES
    assert not any(line.startswith("NOT GRADED") for line in graded.lines)


def test_a_second_grading_gives_the_same_scores_and_landlock_alone_withstands_the_attacks(graded, level, tmp_path):
    level = "files" if landlock.version() >= 6 else level
    settings = {"limits": graded_limits(), "key": made_up.KEY, "isolation": level}
    results, _ = classroom.run(made_up.assignment_of(), graded.folder / "in", tmp_path / "out", tell=print, **settings)
    assert {r["isolation"] for r in results} == {level}
    assert {r["student"]: r["score"] for r in results} == {name: score for name, (_, score) in graded.students.items()}


def graded_limits():
    return {"call": 1.0, "cell": 2.0, "total": 12.0}


def test_every_student_has_a_row_in_the_table(graded):
    with open(graded.out / "scores.csv", newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(NAMES)
    by_name = {row["student"]: row for row in rows}
    assert by_name["best"]["score"] == by_name["best"]["max"] == "40"
    assert by_name["one_maximum"]["q8"] == "4"
    assert "'=1+1" in by_name and "=1+1" not in by_name  # no spreadsheet will compute it


def test_every_student_has_a_page_and_no_page_runs_a_script(graded):
    pages = list((graded.out / "feedback").glob("*.html"))
    assert len(pages) == len(NAMES)
    for page in pages:
        assert "<script" not in page.read_text(encoding="utf-8"), page.name


def hidden_numbers():
    """The inputs of the hidden checks, as the texts that would betray them."""
    checks = made_up.assignment_of().prepare(True, made_up.VARIANT, "grading")
    return {repr(float(x)) for c in checks for a in c["inputs"] if hasattr(a, "ravel") for x in a.ravel()} - {"0.0"}


def test_no_page_tells_what_a_hidden_check_holds(graded):
    assignment = made_up.assignment_of()
    names = [c.name for q in assignment.questions.values() for c in q.checks if c.hidden]
    long_numbers = {text for text in hidden_numbers() if len(text) >= 7}
    assert long_numbers
    for page in (graded.out / "feedback").glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not any(name in text for name in names), page.name
        assert not any(number in text for number in long_numbers), page.name


def test_errors_that_talk_are_heard_only_about_visible_checks(graded):
    rows = [row for row in graded.results["errors_that_talk"]["checks"] if row["question"] in ("q1", "q8")]
    for row in rows:
        assert row["told"].startswith("It stopped")
        assert bool(re.search(r"\d\.\d", row["told"])) != row["hidden"]
        assert row["told"].startswith(ANY) == row["hidden"]  # not even the kind


def test_gradescope_file_of_each(graded):
    tree = json.loads((graded.out / "results" / "one_maximum.json").read_text(encoding="utf-8"))
    assert tree["score"] == 38 and sum(test["score"] for test in tree["tests"]) == 38
    assert {test["visibility"] for test in tree["tests"]} == {"visible", "after_published"}
    assert all(set(test) == {"number", "name", "score", "max_score", "output", "visibility"} for test in tree["tests"])


def test_network_and_services_were_out_of_reach(graded):
    for server in graded.servers:
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize("words", ["left by another", "beside its own", "it is traced"])
def test_nothing_was_kept_beside_or_looked_into(graded, words):
    assert not any(words in note for result in graded.results.values() for note in result["notes"])


def test_no_page_is_long(graded):
    assert max(page.stat().st_size for page in (graded.out / "feedback").glob("*.html")) < 40_000


def test_no_process_is_left_over(graded):
    alive = []
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            alive.append(comm.read_text().strip())
        except OSError:
            continue
    assert "leftover60" not in alive


def test_nothing_was_deleted_or_written(graded):
    assignment = made_up.assignment_of()
    assert (assignment.folder / "spec.py").is_file() and (assignment.folder / f"{assignment.name}.ipynb").is_file()
    handed_in = sum(len(files) for files, _ in graded.students.values())
    assert sum(path.is_file() for path in (graded.folder / "in").rglob("*")) == handed_in


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("loop_in_cell", "is there a loop that never ends"),
        ("os_exit_in_cell", "Python itself came to an end"),
        ("empty_file", "The file is empty"),
        ("cut_off", "was cut off"),
        ("huge", "clear all outputs"),
        ("no_cells", "no list of cells"),
        ("fork_bomb", ""),
        ("folder", None),
    ],
)
def test_notes_say_what_happened(graded, name, words):
    notes = " ".join(graded.results[name]["notes"])
    assert notes == "" if words is None else words in notes


def test_the_empty_version_and_an_honest_try_are_told_apart(graded):
    told = {row["told"] for row in graded.results["empty"]["checks"]}
    assert told == {"Not answered yet."}


def test_a_grading_resumes(graded):
    told = []
    students = {name: graded.students[name] for name in NAMES}
    made_up.hand_in(graded.folder / "in", {"new": ({"new.ipynb": students["best"][0]["best.ipynb"]}, 40)})
    settings = {"limits": graded_limits(), "key": made_up.KEY}
    results, _ = classroom.run(made_up.assignment_of(), graded.folder / "in", graded.out, tell=told.append, **settings)
    (graded.folder / "in" / "new.ipynb").unlink()
    assert [r["student"] for r in results if not r["resumed"]] == ["new"]
    assert {r["student"]: r["score"] for r in results if r["resumed"]} == {n: s for n, (_, s) in students.items()}
