"""Whose each file is: names of Canvas, of Moodle, of Macs; rosters as spreadsheets write them; never two in one."""

import os
import unicodedata

import pytest

from dlbook.grade import handed_in, roster, who

CANVAS = ["doejane_LATE_4711_99_work.ipynb", "roemax_12_98_a.ipynb", "roemax_12_97_a-1.ipynb", "poeann_4713_96_x.py"]


def decomposed(text):
    return unicodedata.normalize("NFD", text)


def students(texts, ways="auto", ids=None, names=None):
    known = roster.Roster(ids, names or {}) if ids else None
    return {text: owner.student for text, owner in who.owners(texts, ways, known).items()}


@pytest.mark.parametrize(
    "texts",
    [
        ["anna_1_1_neuron.ipynb", "ben_1_1_neuron.ipynb"],
        ["carl_2024_1_hw.ipynb", "dora_2024_1_hw.ipynb"],
        ["hw_2024_10_anna.ipynb", "hw_2024_10_bob.ipynb", "hw_2024_10_carl.ipynb"],
        ["hw_2024_10_anna.ipynb", "hw_2024_11_bob.ipynb"],
        ["anna_2024_11_hw.ipynb", "bob_2024_12_hw.ipynb"],
        ["hw_2024_10_anna.ipynb", "bob.ipynb"],
        ["anna_01_22_hw.ipynb", "ben_02_23_hw.ipynb"],
    ],
)
def test_names_that_only_look_like_canvas_are_their_owners(texts):
    assert students(texts) == {text: text.removesuffix(".ipynb") for text in texts}


def test_names_of_canvas_are_read():
    assert list(students(CANVAS).values()) == ["4711", "12", "12", "4713"]
    assert who.owners(CANVAS)[CANVAS[0]] == who.Owner("4711", "doejane", "canvas")


def test_names_of_moodle_are_read_as_folders_and_as_files():
    folder, file = "Jane Doe_77_assignsubmission_file_", "Max Roe_78_assignsubmission_file_my work.ipynb"
    assert students([folder, file, "late.ipynb"]) == {folder: "77", file: "78", "late.ipynb": "late"}
    assert who.owners([folder])[folder].name == "Jane Doe"


def test_a_mixture_stops_and_says_how_to_go_on():
    with pytest.raises(
        who.UnclearError, match=r"3 are named as Canvas.*work of 4711.*1 is not \(late_bob.ipynb\).*--names"
    ):
        students([*CANVAS[:3], "late_bob.ipynb"])
    assert list(students([*CANVAS[:3], "late_bob.ipynb"], "canvas").values()) == ["4711", "12", "12", "late_bob"]
    assert students([CANVAS[0], "late_bob.ipynb"], "files")[CANVAS[0]] == "doejane_LATE_4711_99_work"


def test_a_roster_knows_better():
    assert students(["hw_2024_10_anna.ipynb", "hw_2025_10_bob.ipynb"], ids=["2024", "2025"]) == {
        "hw_2024_10_anna.ipynb": "2024", "hw_2025_10_bob.ipynb": "2025"}  # fmt: skip
    assert students(CANVAS[:1], ids=["doejane_LATE_4711_99_work"]) == {CANVAS[0]: "doejane_LATE_4711_99_work"}
    assert students(CANVAS[:1], ids=["u1", "u2"], names={"u1": "Jane Doe", "u2": "Doe, Jane."}) == {CANVAS[0]: "4711"}
    for name in ("Doe, Jane", "Jane Doe"):
        assert students(CANVAS[:1], ids=["u1"], names={"u1": name}) == {CANVAS[0]: "u1"}
    assert students(["ANNA.ipynb"], ids=["anna"]) == {"ANNA.ipynb": "anna"}
    assert students(["müller.ipynb"], ids=["müller"]) == {"müller.ipynb": "müller"}


@pytest.mark.parametrize(
    ("texts", "ways", "ids", "says"),
    [
        (["Anna.ipynb", "anna.ipynb"], "auto", None, "Anna.ipynb and anna.ipynb differ in capitals only"),
        (["Anna.ipynb", "anna.ipynb"], "auto", ["anna"], "would both be the work of anna"),
        (["Müller.ipynb", decomposed("müller.ipynb")], "auto", None, "differ in capitals only"),
        (["anna_2024_11_hw.ipynb", "bob_2024_12_hw.ipynb"], "canvas", None, "both be the work of 2024"),
        ([CANVAS[0], "4711.ipynb"], "canvas", None, "both be the work of 4711"),
        (["4711.ipynb", CANVAS[0]], "auto", ["4711"], "both be the work of 4711"),
    ],
)
def test_nobody_becomes_somebody_else(texts, ways, ids, says):
    with pytest.raises(who.UnclearError, match=says):
        students([who.spelled(text) for text in texts], ways, ids)


@pytest.mark.parametrize(
    ("text", "ids", "names"),
    [
        ("id\nanna\nbob\n", ["anna", "bob"], {}),
        ("anna\nbob\n", ["anna", "bob"], {}),
        ("anna;Anna\nbob;Bob\n", ["anna", "bob"], {}),
        ("id;name\nanna;Anna A\nbob;Bob\n", ["anna", "bob"], {"anna": "Anna A", "bob": "Bob"}),
        ('Name,ID\n"Doe, Jane",7\n', ["7"], {"7": "Doe, Jane"}),
        ('4711;"Doe, Jane"\n4712;"Roe, Max"\n', ["4711", "4712"], {}),
        ("id\tFirst name\tSurname\n7\tJane\tDoe\n8\tMax\t\n", ["7", "8"], {"7": "Jane Doe", "8": "Max"}),
        ('Student,ID,SIS Login ID\n Points Possible,,\n"Doe, Jane",7,jd\n', ["7"], {"7": "Doe, Jane"}),
        ("name,number\nJane,7\n", ["Jane"], {}),
        (decomposed("id\nmüller\n"), ["müller"], {}),
        ("id\n\n anna \n\n", ["anna"], {}),
        ("", [], {}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_rosters_as_spreadsheets_write_them(text, ids, names, encoding, tmp_path):
    (tmp_path / "r.csv").write_bytes(text.encode(encoding))
    found = roster.read(tmp_path / "r.csv")
    assert found.ids == ids and found.names == names


@pytest.mark.parametrize(
    ("text", "says"),
    [("id\nanna\nanna\n", "the id anna twice"), ("Anna\nanna\n", "Anna and anna, which differ in capitals")],
)
def test_a_roster_in_which_two_are_one_is_refused(text, says, tmp_path):
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(ValueError, match=says):
        roster.read(tmp_path / "r.csv")


def hand_in(folder, *paths):
    for path in paths:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("{}")
    return folder


def found(folder, **more):
    result = handed_in.find(folder, **more)
    return {one.student: one.path and one.path.name for one in result.submissions}, result.strange


def test_whoever_hands_in_something_else_has_one_row(tmp_path):
    hand_in(tmp_path, "anna.py", "ben.zip", "cleo.ipynb", "cleo.py", "dora/a.py", "dora/b.zip", "notes.txt", "eve.pdf")
    result = handed_in.find(tmp_path)
    notes = {one.student: one.notes for one in result.submissions}
    assert notes["anna"] == ["No notebook was handed in (a file .ipynb), only anna.py."]
    assert notes["dora"] == ["No notebook was handed in (a file .ipynb), only a.py, b.zip."]
    assert set(notes) == {"anna", "ben", "cleo", "dora"} and notes["cleo"] == []
    assert result.strange == ["eve.pdf", "notes.txt"]
    assert set(found(tmp_path, roster=roster.Roster(["eve"]))[0]) == {"anna", "ben", "cleo", "dora", "eve"}


def test_a_name_in_two_forms_is_one_student_and_the_newest_counts(tmp_path):
    hand_in(tmp_path, "müller.ipynb", decomposed("müller.ipynb"))
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this file system knows one form only")
    os.utime(tmp_path / "müller.ipynb", (1, 1))
    (one,) = handed_in.find(tmp_path).submissions
    assert one.student == "müller" and one.path.name == decomposed("müller.ipynb") and "2 notebooks" in one.notes[0]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "eve").mkdir()
    os.mkfifo(tmp_path / "eve" / "pipe.ipynb")
    assert found(tmp_path) == ({"eve": None}, ["pipe.ipynb"])


@pytest.mark.parametrize("out", ["in/out", "in/deep/out", "in", "elsewhere"])
def test_what_the_grader_writes_is_nobodys_work(tmp_path, out):
    folder = hand_in(tmp_path / "in", "anna.ipynb", "results_of_ben.json")
    hand_in(tmp_path / out, "results/anna.json", "feedback/anna.html", "results.json", "scores.csv")
    assert set(found(folder, out=tmp_path / out)[0]) == {"anna", "results_of_ben"}


def test_one_submission_is_the_newest_notebook_whatever_lies_around(tmp_path):
    folder = hand_in(tmp_path, "data/a.json", "work.ipynb", "old/work2.ipynb", "x.py")
    os.utime(folder / "old/work2.ipynb", (1, 1))
    (one,) = handed_in.find_one(folder).submissions
    assert one.student == "work" and one.path.name == "work.ipynb" and "3 notebooks" in one.notes[0]


def test_names_in_bytes_that_are_no_text(tmp_path):
    raw = os.fsencode(tmp_path) + b"/m\xfcller.ipynb"
    try:
        with open(raw, "wb"):
            pass
    except OSError:
        pytest.skip("this file system takes no such names")
    assert set(found(tmp_path, roster=roster.Roster(["müller"]))[0]) == {"müller"}


@pytest.mark.parametrize("name", ["李" * 80, "x" * 248, "ü" * 120, "a b (c)", "=1+1", "100%", "x" * 10])
def test_every_name_makes_files_that_can_be_written(name, tmp_path):
    hand_in(tmp_path / "in", f"{name}.ipynb")
    (one,) = handed_in.find(tmp_path / "in").submissions
    assert one.student == name
    hand_in(tmp_path, f"{one.file}.json", f"{one.page}.html")


def test_long_names_do_not_meet():
    assert len({handed_in.safe("x" * 248 + end) for end in "abc"}) == 3
    assert len({handed_in.HandedIn("李" * 90 + end, None).page for end in "abc"}) == 3


def test_pages_are_named_as_the_platform_takes_them_back(tmp_path):
    moodle, file = "Jane Döe_77_assignsubmission_file_", "Max Roe_78_assignsubmission_file_my work"
    hand_in(tmp_path / "moodle", f"{moodle}/my work.ipynb", f"{file}.ipynb", "Ann Poe_79_assignsubmission_file_/x.py")
    pages = {one.student: one.page for one in handed_in.find(tmp_path / "moodle").submissions}
    assert pages == {"77": f"{moodle}/my work", "78": file, "79": "Ann Poe_79_assignsubmission_file_/feedback"}
    hand_in(tmp_path / "canvas", *CANVAS)
    os.utime(tmp_path / "canvas" / CANVAS[2], (1, 1))
    pages = {one.student: one.page for one in handed_in.find(tmp_path / "canvas").submissions}
    assert pages == {"4711": "doejane_LATE_4711_99_work", "12": "roemax_12_98_a", "4713": "poeann_4713_96_x"}
    hand_in(tmp_path / "plain", "müller.ipynb")
    assert [one.page for one in handed_in.find(tmp_path / "plain").submissions] == ["müller"]
