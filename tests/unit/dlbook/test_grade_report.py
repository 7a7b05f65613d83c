"""Tables, pages, Gradescope, Canvas."""

import csv
import io
import json
from pathlib import Path

import pytest

from dlbook.grade import gradebook, report, spec

ROOT = Path(__file__).resolve().parents[3]
ASSIGNMENT = spec.load(ROOT / "assignments" / "1_neuron_and_layer")


def result(student, score=None, **more):
    """A result in which q1 is right and q5 wrong."""
    rows = [
        {"question": "q1", "check": "a < b", "hidden": False, "points": 2, "passed": True, "says": "", "told": ""},
        {
            "question": "q5",
            "check": "c",
            "hidden": True,
            "points": 3,
            "passed": False,
            "says": "[0.123]",
            "told": "No <b>.",
        },
    ]
    base = {
        "student": student,
        "name": "",
        "file": f"{student}.ipynb",
        "score": 2 if score is None else score,
        "max_score": 5,
        "seconds": 0.1,
        "resumed": False,
    }
    return base | {"isolation": "full", "other_variant": False, "notes": [], "checks": rows} | more


GRADEBOOK = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Neuron and layer (901),Other (902)
    Points Possible,,,,,40,10
"Doe, Jane",4711,u1,jane@x.org,A,,7
"Roe, Ümit",4712,u2,roe@x.org,A,3,8
"Poe, Ann",4713,u3,poe@x.org,B,5,9
"""


def fill(results, column="Neuron and layer"):
    book = gradebook.of_rows(list(csv.reader(io.StringIO(GRADEBOOK.lstrip("\ufeff")))), column)
    lines = gradebook.fill(book, results, report.number)
    return book.rows, lines


def test_canvas_column_is_filled_by_id_login_or_name():
    rows, lost = fill([result("4711"), result("roeümit"), result("poe@x.org", 4.5), result("nobody")])
    assert [row[5] for row in rows] == ["Neuron and layer (901)", "40", "2", "2", "4.5"]
    assert [row[6] for row in rows] == ["Other (902)", "10", "7", "8", "9"]
    assert lost == ["not in the gradebook: nobody"]


def test_canvas_keeps_a_score_that_could_not_be_given():
    rows, _ = fill([result("4712") | {"score": None}])
    assert rows[3][5] == "3"


BOTH = """\
Student,ID,SIS User ID,SIS Login ID,Neuron and layer (901)
"Doe, Jane",4711,u1,jane,
"Roe, Max",4712,u2,4711,
"Poe, Ann",4713,u3,same,
"Poe, Ann",4714,u4,same,
"""


def fill_both(*results):
    book = gradebook.of_rows(list(csv.reader(io.StringIO(BOTH))), "Neuron and layer")
    lines = gradebook.fill(book, list(results), report.number)
    return [row[4] for row in book.rows[1:]], lines


def test_canvas_ids_come_before_logins_and_it_is_said():
    filled, lines = fill_both(result("4711", 3), result("u2", 2))
    assert filled == ["3", "2", "", ""]
    assert lines == ["4711 is the ID of Doe, Jane, whose row was filled, and also the login or SIS ID of Roe, Max"]


def test_canvas_never_fills_a_row_that_could_be_anothers():
    filled, lines = fill_both(result("same", 3), result("poeann", 2), result("x", 1, name="Jane Doe"))
    assert filled == ["", "", "", ""] and len(lines) == 3 and all("not in the gradebook" in line for line in lines)
    filled, lines = fill_both(result("4711", 3), result("jane", 2), result("x", 1, name="Roe, Max"))
    assert filled == ["3", "1", "", ""]
    assert "NOT ENTERED: jane and 4711 are both Doe, Jane in the gradebook" in lines


def test_canvas_files_with_semicolons_stay_as_they_are(tmp_path):
    (tmp_path / "in.csv").write_text(BOTH.replace(",", ";").replace('"Doe; Jane"', '"Doe, Jane"'), encoding="utf-8")
    book = gradebook.read(tmp_path / "in.csv", "Neuron and layer")
    assert gradebook.fill(book, [result("4711", 2.5)], report.number)[0].startswith("4711 is the ID of Doe, Jane")
    report.write_csv(tmp_path / "out.csv", book.rows, book.separator)
    assert "Doe, Jane;4711;u1;jane;2.5" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")


def test_names_stand_beside_ids():
    (header, row), page = report.scores(ASSIGNMENT, [result("7", name="Jane Doe")]), ""
    assert dict(zip(header, row, strict=True))["name"] == "Jane Doe"
    page = report.feedback(ASSIGNMENT, result("7", name="Jane <Doe>"))
    assert "7 Jane &lt;Doe&gt;" in page and "(Jane Doe)" in report.line(result("7", name="Jane Doe"))


def test_what_is_said_of_points_that_are_given_is_on_the_page():
    given = result("jane")
    given["checks"][0]["told"] = "The points are given."
    assert "<span>✓</span> a &lt; b <small>(2)</small>: The points are given." in report.feedback(ASSIGNMENT, given)


@pytest.mark.parametrize("column", ["Softmax", "O"])
def test_canvas_says_which_columns_there_are(column):
    with pytest.raises(ValueError, match="the gradebook has 0 columns .*Neuron and layer \\(901\\), Other"):
        fill([result("4711")], column)


def test_canvas_file_is_written(tmp_path):
    (tmp_path / "in.csv").write_text(GRADEBOOK, encoding="utf-8")
    book = gradebook.read(tmp_path / "in.csv", "Neuron and layer")
    assert gradebook.fill(book, [result("4713")], report.number) == []
    report.write_csv(tmp_path / "out.csv", book.rows, book.separator)
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert '"Poe, Ann",4713,u3,poe@x.org,B,2,9' in text and text.startswith("Student,ID")


def test_gradescope_shows_what_may_be_shown():
    tree = json.loads(json.dumps(report.gradescope(ASSIGNMENT, result("jane"))))
    assert tree["score"] == 2
    seen, unseen = tree["tests"]
    assert (seen["score"], seen["max_score"], seen["visibility"]) == (2, 2, "visible")
    assert (unseen["score"], unseen["max_score"], unseen["visibility"]) == (0, 3, "after_published")
    assert unseen["name"] == "q5 A neuron that means AND: a check you have not seen"
    assert unseen["output"] == "No <b>." and "0.123" not in json.dumps(tree["tests"])
    assert "ISOLATION" not in tree["output"]
    assert "GRADED WITHOUT ISOLATION" in report.gradescope(ASSIGNMENT, result("jane", isolation="none"))["output"]


def test_the_page_escapes_and_keeps_secrets():
    page = report.feedback(ASSIGNMENT, result("<jane>", notes=["Code cell 1: <script>"]))
    assert "&lt;jane&gt;" in page and "a &lt; b" in page and "No &lt;b&gt;." in page and "<script>" not in page
    assert "0.123" not in page and "2 of 5" in page
    assert "ISOLATION" not in page
    assert "IN PART" in report.feedback(ASSIGNMENT, result("jane", isolation="files"))
    assert "WITHOUT ISOLATION" in report.feedback(ASSIGNMENT, result("jane", isolation="none"))


def test_the_table_has_a_column_for_each_question():
    header, row = report.scores(ASSIGNMENT, [result("jane", notes=["=x"], isolation="none", other_variant=True)])
    table = dict(zip(header, row, strict=True))
    assert (
        table["score"] == "2"
        and table["max"] == "5"
        and table["q1"] == "2"
        and table["q5"] == "0"
        and table["q2"] == ""
    )
    assert table["isolated"] == "NO" and table["made for somebody else"] == "YES" and table["notes"] == "'=x"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_spreadsheets_compute_nothing(text):
    assert report.harmless(text) == "'" + text


def test_the_terminal_is_not_played_with():
    assert "\x1b" not in report.line(result("\x1b[2Jjane", notes=["\x1b[31m red"]))


def test_the_summary_names_what_the_teacher_must_see():
    needs = result("ann", notes=["Code cell 2: It stopped: No module named 'pandas': the assignment needs NumPy only."])
    lost = result("bob") | {"score": None, "checks": [], "notes": ["COULD NOT BE GRADED, not the student's fault: x"]}
    lines = report.summary(ASSIGNMENT, [needs, lost])
    assert any(line.split() == ["q1", "100", "%", "One", "neuron,", "by", "hand"] for line in lines)
    assert "ann needs a package that is not here: pandas" in lines
    assert any(line.startswith("NOT GRADED: bob: COULD NOT BE GRADED") for line in lines)


def test_files_are_whole_or_not_there(tmp_path, monkeypatch):
    report.write(tmp_path / "a.json", "old")
    monkeypatch.setattr("os.replace", lambda *a: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        report.write(tmp_path / "a.json", "new")
    assert (tmp_path / "a.json").read_text() == "old"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"extra_data": 1', "null"])
def test_half_written_results_are_done_again(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    assert report.earlier(tmp_path / "a.json") is None
    assert report.earlier(tmp_path / "none.json") is None


def test_what_stands_between_grave_accents_is_code_on_the_page():
    told = result("jane", notes=["right with a right `layer` (q6)"])
    told["checks"][1]["told"] = "Is it `>=`, or `<b>`? One ` alone."
    page = report.feedback(ASSIGNMENT, told)
    assert "right with a right <code>layer</code> (q6)" in page
    assert "Is it <code>&gt;=</code>, or <code>&lt;b&gt;</code>? One ` alone." in page


def test_the_summary_is_over_those_who_have_handed_in():
    absent = result("bob", 0, file="", notes=["Nothing was handed in."])
    absent["checks"] = [row | {"passed": False} for row in absent["checks"]]
    lines = report.summary(ASSIGNMENT, [result("ann"), absent])
    assert "who have handed in (1)" in lines[0] and lines[1].split()[:3] == ["q1", "100", "%"]


def test_canvas_columns_may_have_words_before_the_title():
    rows = [["Student", "ID", "Assignment 1: Neuron and layer (901)", "Assignment 2: Other (902)"]]
    assert gradebook.of_rows(rows, "Neuron and layer").column == 2
    assert gradebook.of_rows(rows, "Assignment 2: Other").column == 3
    rows[0].append("Neuron and layer (903)")
    assert gradebook.of_rows(rows, "Neuron and layer").column == 4  # the whole name comes first
    with pytest.raises(ValueError, match="2 columns .*--column"):
        gradebook.of_rows([["Student", "ID", "A: Layers (1)", "B: Layers (2)"]], "Layers")


def test_canvas_says_whose_row_it_may_be_and_leaves_it():
    rows, lost = fill([result("9", 3, name="Ümit Roe")])
    assert rows[3][5] == "3" and rows[3][0] == "Roe, Ümit"  # as it was
    assert lost == ["not in the gradebook: 9 (Ümit Roe); if it is Roe, Ümit, enter 3 by hand"]
    assert fill([result("9", name="Ümit Poe")])[1] == ["not in the gradebook: 9 (Ümit Poe)"]
    assert fill([result("9", name="Ümit Roe") | {"score": None}])[1] == ["not in the gradebook: 9 (Ümit Roe)"]
