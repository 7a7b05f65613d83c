"""Every page of the book keeps to its shape: order, questions, exercises, cells that fit the column."""

import json
import re
from pathlib import Path

import pytest

from dlbook.page.guesses import guesses

CHAPTERS = Path(__file__).parents[2] / "chapters"
PAGES = sorted(p for p in CHAPTERS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
OPTION = re.compile(r"<details><summary>([A-F])\. .+?</summary>\n\n(.+?)\n\n</details>", re.DOTALL)
#: Words that are wrong as soon as a page is put between two others: the order is the table of contents' alone.
ORDER = re.compile(
    r"\b(?:previous|next|last|first|second|third|following|preceding|later|earlier|coming)\s+(?:pages?|parts?|chapters?)\b"
    r"|\b(?:pages?|chapters?)\s+(?:before|after|that\s+follows?|to\s+come)\b|\bpages?\s+\d+\.\d+\b|\bspine\b|\*\*Next\b",
    re.IGNORECASE,
)
QUESTION = re.compile(r"^\*\*(\d)\.\*\* ", re.MULTILINE)


@pytest.fixture(params=PAGES, ids=lambda path: path.stem)
def page(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def sources(page, kind):
    return ["".join(cell["source"]) for cell in page["cells"] if cell["cell_type"] == kind]


def section(page, title):
    text = "\n\n".join(sources(page, "markdown"))
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section '## {title}'"
    return found[1]


def test_it_is_stripped_and_has_readable_cell_ids(page):
    assert (page["nbformat"], page["nbformat_minor"]) == (4, 5)
    assert page["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in page["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in page["cells"]:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", cell["id"]), f"cell id {cell['id']!r} is not readable"
        assert not re.fullmatch(r"[0-9a-f]{8}(-.*)?", cell["id"]), f"cell id {cell['id']!r} was made by a machine"
        assert not cell.get("outputs") and cell.get("execution_count") is None, f"cell {cell['id']!r} has outputs"


def test_code_cells_are_short_and_fit_the_column(page):
    for cell in page["cells"]:
        tags = set(cell["metadata"].get("tags", ()))
        if cell["cell_type"] != "code" or "setup" in tags:
            continue
        lines = [line for line in "".join(cell["source"]).splitlines() if line.strip()]
        folded = bool(tags & {"hide-input", "remove-input"})
        longest = max(lines, key=len)
        assert len(longest) <= (104 if folded else 79), f"cell {cell['id']!r}: the line {longest!r} is too long"
        assert folded or len(lines) <= 15, f"cell {cell['id']!r} has {len(lines)} lines; split it or move it to dlcore"


def test_it_has_the_boxes_and_the_sections(page):
    text = "\n\n".join(sources(page, "markdown"))
    assert text.startswith("# ")
    for box in ("In plain words", "Predict", "Common mistake", "Key points"):
        assert f"> **{box}.**" in text, f"there is no box {box!r}"
    for title in ("Check yourself", "Exercises", "Sources, and what to read next"):
        section(page, title)


def test_questions_explain_every_answer_and_one_is_right(page):
    parts = QUESTION.split(section(page, "Check yourself"))
    numbers, bodies = parts[1::2], parts[2::2]
    assert numbers == [str(n + 1) for n in range(len(numbers))] and 3 <= len(numbers) <= 5
    for number, body in zip(numbers, bodies, strict=True):
        options = OPTION.findall(body)
        assert len(options) == body.count("<details>") >= 3, f"question {number}: options are not well formed"
        assert [letter for letter, _ in options] == sorted({letter for letter, _ in options})
        right = [letter for letter, why in options if re.match("Right[.:,]", why)]
        assert len(right) == 1, f"question {number}: one explanation begins with 'Right', found {right}"


def test_every_predict_box_takes_a_guess_and_answers_each(page):
    found = {cell["id"]: guesses("".join(cell["source"])) for cell in page["cells"] if cell["cell_type"] == "markdown"}
    assert sum(map(len, found.values())) == "\n\n".join(sources(page, "markdown")).count("> **Predict")
    for cell, boxes in found.items():
        assert len(boxes) <= 1, f"cell {cell!r} has {len(boxes)} Predict boxes; give each its own"
        assert [fault for box in boxes for fault in box.faults()] == [], cell


def test_the_right_guesses_are_not_always_the_same_letter(page):
    boxes = [box for source in sources(page, "markdown") for box in guesses(source) if box.kind == "choice"]
    assert len(boxes) < 2 or len({box.answer for box in boxes}) > 1


def test_there_are_at_least_three_exercises_with_hints(page):
    exercises = section(page, "Exercises")
    assert sum(source.count("check(") for source in sources(page, "code")) >= 3
    assert exercises.count("<summary>Solution</summary>") >= 3
    assert exercises.count("<summary>Hint") >= 3


def test_the_right_answers_are_not_always_the_same_letter(page):
    right = [letter for letter, why in OPTION.findall(section(page, "Check yourself")) if re.match("Right[.:,]", why)]
    assert len(set(right)) > 1


def test_no_sentence_counts_on_the_order_of_the_pages(page):
    found = [match[0] for source in sources(page, "markdown") for match in ORDER.finditer(source)]
    assert not found, f"{found}: name the page and link to it; what comes before and next is generated"


@pytest.mark.parametrize("words", ["the previous page", "The page before asked", "on page 3.2", "**Next: loss.**"])
def test_words_about_the_order_are_known(words):
    assert ORDER.search(words)
    assert not ORDER.search("the next question, the first layer, what this page tells, the page on loss")
