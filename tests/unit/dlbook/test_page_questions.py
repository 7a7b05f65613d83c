"""The questions of all pages: each is found, can be answered, and arrives elsewhere as it stands on the page."""

import csv
import doctest
import html
import io
import json
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from dlbook.page import __main__ as command
from dlbook.page import cards, exports
from dlbook.page.guesses import part_title
from dlbook.page.questions import of_the_book, questions

ROOT = Path(__file__).resolve().parents[3]
CHAPTERS = ROOT / "chapters"
PAGES = sorted(path.relative_to(CHAPTERS).with_suffix("").as_posix() for path in CHAPTERS.glob("*/*.ipynb"))
BOOK = of_the_book(CHAPTERS)
OPEN = questions(
    "# A page\n\n## Check yourself\n\n**1.** Why *not*?\n\n<details><summary>An answer</summary>\n\nFor $x^2$.\n\n"
    "</details>\n\n**2.** Which of 2 & 3 < 4?\n\n<details><summary>A. Both</summary>\n\nRight: see [a](b.ipynb).\n\n"
    "</details>\n<details><summary>B. Neither</summary>\n\nNo.\n\n</details>\n\n## Exercises\n\n**1.** No question.\n",
    "3_backprop/7_a_page",
)
Q = f"{{{exports.QTI}}}"


@pytest.fixture(scope="module")
def package():
    return zipfile.ZipFile(io.BytesIO(exports.qti_package(BOOK)))


@pytest.fixture(scope="module")
def items(package):
    """All items of the package, by their ident."""
    names = [name for name in package.namelist() if name != "imsmanifest.xml"]
    return {item.get("ident"): item for name in names for item in Xml.fromstring(package.read(name)).iter(f"{Q}item")}


@pytest.mark.parametrize("page", PAGES)
def test_every_question_of_a_page_is_found(page):
    """Counted without the reader of questions: what begins with a number in bold between the two headings."""
    notebook = json.loads((CHAPTERS / f"{page}.ipynb").read_text(encoding="utf-8"))
    lines = [line for c in notebook["cells"] if c["cell_type"] == "markdown" for line in [*c["source"], "\n"]]
    lines = "".join(lines).splitlines()
    start = lines.index("## Check yourself")
    rest = lines[start + 1 :]
    end = next((i for i, line in enumerate(rest) if line.startswith("## ")), len(rest))
    mine = [question for question in BOOK if question.page == page]
    assert [q.number for q in mine] == list(range(1, sum(bool(re.match(r"\*\*\d", s)) for s in rest[:end]) + 1))
    assert sum(len(q.folds) for q in mine) == sum(line.startswith("<details") for line in rest[:end])
    assert 3 <= len(mine) <= 5


@pytest.mark.parametrize("question", BOOK, ids=lambda question: question.ident)
def test_exactly_one_option_is_right_and_each_has_its_answer(question):
    assert question.faults() == []
    assert question.kind == "open" or sum(option.right for option in question.options) == 1
    assert len({option.said for option in question.options}) == len(question.options)
    assert all(len(option.said) > 10 for option in question.options)


def test_names_are_unique_and_stay_when_pages_move():
    assert len({question.ident for question in BOOK}) == len(BOOK)
    assert [question.ident for question in OPEN] == ["backprop-a-page-1", "backprop-a-page-2"]
    assert [question.place for question in OPEN] == ["3.7", "3.7"]


def test_a_question_that_nobody_can_answer_stops_the_export(tmp_path, capsys):
    source = "# P\n\n## Check yourself\n\n**1.** What?\n\n<details><summary>A. This</summary>\n\nNo.\n\n</details>\n"
    source += "<details><summary>B. That</summary>\n\nNo, too.\n\n</details>\n"
    (tmp_path / "1_part").mkdir()
    cells = {"cells": [{"cell_type": "markdown", "source": source}]}
    (tmp_path / "1_part" / "1_page.ipynb").write_text(json.dumps(cells))
    assert command.main(["questions", "--chapters", str(tmp_path), "--csv", str(tmp_path / "x.csv")]) == 2
    said = capsys.readouterr().err
    assert "1_part/1_page, question 1: one explanation begins with 'Right.', not 0" in said
    assert not (tmp_path / "x.csv").exists()


def test_open_questions_have_a_model_answer():
    first, second = OPEN
    assert (first.kind, first.model_answer, first.options) == ("open", "For $x^2$.", [])
    assert (second.kind, [option.letter for option in second.options]) == ("choice", ["A", "B"])
    assert [option.right for option in second.options] == [True, False]


# QTI 1.2. The order of an element's children is that of the DTD that 1EdTech published, for the elements that we use.

ORDER = {
    "questestinterop": "assessment",
    "assessment": "section",
    "section": "(item)+",
    "item": "itemmetadata presentation resprocessing (itemfeedback)+",
    "itemmetadata": "qtimetadata",
    "qtimetadata": "(qtimetadatafield)+",
    "qtimetadatafield": "fieldlabel fieldentry",
    "presentation": "material (response_lid|response_str)",
    "response_lid": "render_choice",
    "response_str": "render_fib",
    "render_choice": "(response_label)+",
    "render_fib": "",
    "response_label": "material",
    "resprocessing": "outcomes (respcondition)+",
    "outcomes": "decvar",
    "respcondition": "conditionvar (setvar)*(displayfeedback)*",
    "conditionvar": "(varequal|other)",
    "itemfeedback": "flow_mat",
    "flow_mat": "material",
    "material": "mattext",
}
NEEDED = {"item": {"ident"}, "response_lid": {"ident"}, "response_label": {"ident"}, "itemfeedback": {"ident"}}
NEEDED |= {"assessment": {"ident", "title"}, "varequal": {"respident"}, "displayfeedback": {"linkrefid"}}


def structure_of(root):
    """That each element holds what it may, in the order that it may, and has the attributes that it needs."""
    for element in root.iter():
        name = element.tag.removeprefix(Q)
        inside = "".join(f"<{child.tag.removeprefix(Q)}>" for child in element)
        allowed = re.sub(r"(\w+)", r"<\1>", ORDER.get(name, "")).replace(" ", "")
        assert re.fullmatch(allowed, inside), (name, inside)
        assert NEEDED.get(name, set()) <= set(element.keys()), name


def test_the_package_has_the_structure_of_the_standard(package):
    names = [name for name in package.namelist() if name != "imsmanifest.xml"]
    assert len(names) == len(PAGES)
    for name in names:
        structure_of(Xml.fromstring(package.read(name)))
    structure_of(Xml.fromstring(exports.qti_assessment(OPEN)))


def test_the_manifest_lists_every_file(package):
    root = Xml.fromstring(package.read("imsmanifest.xml"))
    resources = list(root.iter(f"{{{exports.PACKAGE}}}resource"))
    assert {r.get("href") for r in resources} == set(package.namelist()) - {"imsmanifest.xml"}
    assert {r.get("type") for r in resources} == {"imsqti_xmlv1p2"}


def test_there_is_an_item_for_every_question(items):
    assert list(items) == [question.ident for question in BOOK]


@pytest.mark.parametrize("question", BOOK, ids=lambda question: question.ident)
def test_an_item_asks_scores_and_answers_as_the_page_does(question, items):
    item = items[question.ident]
    labels = [label.get("ident") for label in item.iter(f"{Q}response_label")]
    assert len(labels) == len(set(labels)) == len(question.options)
    said = {f.get("ident"): f.find(f".//{Q}mattext").text for f in item.iter(f"{Q}itemfeedback")}
    shown, scored = {}, []
    for condition in item.iter(f"{Q}respcondition"):
        chosen = condition.find(f".//{Q}varequal").text
        link, points = condition.find(f"{Q}displayfeedback"), condition.find(f"{Q}setvar")
        shown |= {chosen: said[link.get("linkrefid")]} if link is not None else {}
        scored += [(chosen, points.text)] if points is not None else []
    right = labels[[option.right for option in question.options].index(True)]
    assert scored == [(right, "100")]
    assert [shown[label] for label in labels] == [exports.html(option.said) for option in question.options]


def words(text):
    """The letters and digits of a text, whatever stands between them."""
    return re.findall(r"\w", html.unescape(re.sub(r"<[^>]+>", "", text)))


@pytest.mark.parametrize("question", [*BOOK, *OPEN], ids=lambda question: question.ident)
def test_nothing_is_lost_on_the_way_to_html(question):
    for text in [question.text, *(option.said for option in question.options)]:
        source = re.sub(r"\]\([^)]*\)", "]", text)
        assert words(exports.html(text)) == words(source)
        assert "$" not in exports.html(text)
        assert "<p>" in exports.html(text)


def test_the_same_questions_make_the_same_file():
    assert exports.qti_package(BOOK) == exports.qti_package(BOOK)


# The others


def test_moodle_gets_every_question_with_its_feedback():
    root = Xml.fromstring(exports.moodle([*BOOK, *OPEN]))
    found = [element for element in root if element.get("type") != "category"]
    assert [e.get("type") for e in found] == ["multichoice"] * len(BOOK) + ["essay", "multichoice"]
    for question, element in zip([*BOOK, *OPEN], found, strict=True):
        answers = element.findall("answer")
        assert [a.get("fraction") == "100" for a in answers] == [option.right for option in question.options]
        assert all(a.find("feedback/text").text for a in answers)
        assert element.find("questiontext/text").text == exports.html(question.text)
    categories = [e.find("category/text").text for e in root if e.get("type") == "category"]
    assert len(categories) == len(PAGES) + 1 and all(c.startswith("$course$/top/Check yourself/") for c in categories)


def test_the_table_has_a_line_for_every_question():
    rows = list(csv.DictReader(io.StringIO(exports.table([*BOOK, *OPEN]))))
    assert len(rows) == len(BOOK) + 2
    for question, row in zip([*BOOK, *OPEN], rows, strict=True):
        assert (row["page"], int(row["number"]), row["kind"]) == (question.place, question.number, question.kind)
        for option in question.options:
            assert row[option.letter] and row[f"feedback {option.letter}"]
            assert (row["right"] == option.letter) == option.right
    assert rows[-2]["model answer"] == "For $x^2$." and rows[-2]["question"] == "Why not?"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())  # no formula


def notes_of(questions, folder):
    """{guid: (deck, fields)} of a package of Anki, read as Anki reads it."""
    with zipfile.ZipFile(io.BytesIO(cards.anki(questions))) as package:
        path = package.extract("collection.anki2", folder)
    with closing(sqlite3.connect(path)) as base:
        decks = json.loads(base.execute("select decks from col").fetchone()[0])
        rows = base.execute("select guid, did, flds from notes join cards on notes.id = cards.nid")
        return {guid: (decks[str(deck)]["name"], fields.split("\x1f")) for guid, deck, fields in rows}


def test_anki_gets_a_card_for_every_question_in_the_deck_of_its_part(tmp_path):
    found = list(notes_of(BOOK, tmp_path).values())
    assert len(found) == len(BOOK)
    for question, (deck, (asked, options, answer, where)) in zip(BOOK, found, strict=True):
        assert deck == f"Deep Learning, Demystified::{part_title(question.page)}"
        assert asked == exports.html(question.text) and where.startswith(question.place)
        assert options.count("<li>") == len(question.options)
        assert answer.count("class=right") == (question.kind == "choice")
        assert all(exports.html(option.said) in answer for option in question.options)


def test_a_card_stays_itself_when_its_page_moves(tmp_path):
    moved = [replace(question, page=re.sub(r"\d+_", "9_", question.page)) for question in BOOK]
    (tmp_path / "moved").mkdir()
    assert list(notes_of(BOOK, tmp_path)) == list(notes_of(moved, tmp_path / "moved"))


def test_the_command_writes_what_it_is_asked_for(tmp_path, capsys):
    files = {"--qti": tmp_path / "a" / "q.zip", "--moodle": tmp_path / "q.xml", "--csv": tmp_path / "q.csv",
             "--anki": tmp_path / "q.apkg"}  # fmt: skip
    said = [word for option, path in files.items() for word in (option, str(path))]
    assert command.main(["questions", "--chapters", str(CHAPTERS), *said]) == 0
    assert capsys.readouterr().out.count(f": {len(BOOK)} questions of {len(PAGES)} pages") == 4
    assert files["--csv"].read_bytes().startswith(b"\xef\xbb\xbfpage,")
    assert zipfile.is_zipfile(files["--qti"])
    with pytest.raises(SystemExit):
        command.main(["questions"])
    assert "nothing to write" in capsys.readouterr().err


def test_examples():
    assert doctest.testmod(exports).failed == doctest.testmod(cards).failed == 0
