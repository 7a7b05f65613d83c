"""Folds and lengths on a miniature book: questions, neighbours, minutes, limits; and the notebooks' metadata."""

import re
import subprocess
import sys
from itertools import count

import nbformat
import pytest

from dlbook.page import path
from dlbook.sphinx import folds
from dlbook.sphinx.sources import ROOT

NOTEBOOKS = sorted(ROOT.glob("chapters/**/[!.]*.ipynb"))


NUMBERS = count()


def cell(source="", *tags, name="", **metadata):
    metadata |= {"tags": list(tags)} if tags else {}
    return nbformat.v4.new_code_cell(source, id=name or f"cell-{next(NUMBERS)}", metadata=metadata)


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def text_of(html):
    return re.sub(r"<[^>]*>", "", html)


def test_a_fold_shows_its_question_and_what_the_cell_shows(mini):
    first = ("code", "print('one' + 'two')", {"tags": ["experiment"], "question": "Is `1` < 2?"})
    second = ("code", "print('three' + 'four')", {"tags": ["experiment"]})
    mini.notebook("page", first, second, ("code", "print(5)", {"tags": ["verdict"]}), ("code", "print(6)"))
    assert mini.build()[0]
    html = mini.html("page")
    opened = re.findall(r"<details class=\"hide[^>]*><summary>(.*?)</summary>", html)
    assert opened == ["Is <code>1</code> &lt; 2?", "How this box is made"]
    fold = re.search(r"1</code> &lt; 2\?</summary>(.*?)</details>(.*?)</details>", html, re.DOTALL)
    code, after = map(text_of, fold.groups())
    assert "one" in code and "three" in code, "neighbours of one question are one fold"
    assert "onetwo" not in code and "onetwo" in after and "threefour" in after, "what they show stands open"


def test_a_listing_is_folded_with_what_it_shows(mini):
    source = "from dlbook.page import listing\nfrom dlcore import manual_seed\nlisting(manual_seed)"
    mini.notebook("page", ("code", source, {"tags": ["listing"], "question": "How?"}))
    assert mini.build()[0]
    [fold] = re.findall(r"How\?</summary>(.*?)</details>", mini.html("page"), re.DOTALL)
    assert "listing(manual_seed)" in text_of(fold) and "def manual_seed" in text_of(fold)


def test_a_section_is_folded_from_a_text_on_with_what_its_cells_show(mini):
    text = ("markdown", "It does not.", {"tags": ["folded"], "question": "Does `x` matter?"})
    mini.notebook("page", "# Page\n\n## One\n\nOpen.", text, ("code", "print('in' + 'side')"), "## Two\n\nAfter.")
    assert mini.build()[0]
    opens = r"<details class=.dl-rest.><summary>Does <code>x</code> matter\?</summary>"
    html = re.sub(r"\s*\n\s*", "", mini.html("page"))
    before, fold, after = re.split(rf"{opens}|</details>(?=</section>)", html)
    assert "Open." in before and "It does not." in fold and "inside" in text_of(fold) and "After." in after


def test_another_question_prose_or_kind_begins_another_fold():
    def ask(question=None, *tags):
        return cell("x", *(tags or ["experiment"]), **({"question": question} if question else {}))

    def titles(*cells):
        shown = folds.folded(list(cells))
        return [c.metadata.mystnb.code_prompt_show for c in shown if c.cell_type == "code" and "mystnb" in c.metadata]

    assert titles(ask("A?"), ask(), ask("A?")) == ["A?"]
    assert titles(ask("A?"), ask("B?"), ask()) == ["A?", "B?"]
    assert titles(ask("A?"), nbformat.v4.new_markdown_cell("Prose."), ask("B?")) == ["A?", "B?"]
    assert titles(ask("A?"), cell("y"), ask("B?")) == ["A?", "B?"]
    drawing, verdict = "How this is drawn", "How this box is made"
    assert titles(ask("A?"), ask(None, "hide-input"), ask(None, "verdict")) == ["A?", drawing, verdict]
    assert titles(ask("What is drawn?", "hide-input"), ask("Who won?", "verdict")) == ["What is drawn?", "Who won?"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (cell("x", "experiment"), 'a fold of the kind experiment needs {"question": "…?"} in its metadata'),
        (cell("x", "listing"), "a fold of the kind listing needs"),
        (cell("x", question="Why?"), "it has a question, but stands open"),
        (cell("x", "experiment", question="Because."), "'Because.' is no question"),
        (cell("x", "experiment", "hide-input", question="Why?"), "it is folded as experiment and as hide-input"),
        (cell("x", claims=["N5"]), "it settles a claim; give it the tag 'verdict'"),
        (cell("x", name="exercise-a"), "the tag 'exercise' and an id that begins with 'exercise-' go together"),
        (cell("x", "exercise"), "the tag 'exercise' and an id"),
    ],
)
def test_a_wrong_fold_is_named_with_its_cell(wrong, said):
    assert any(f"cell {wrong.id!r}: " in one and said in one for one in folds.problems(notebook(cell("y"), wrong)))


def test_a_question_carries_over_to_a_neighbour_alone():
    first, second = cell("x", "experiment", question="Why?"), cell("y", "experiment")
    assert not list(folds.problems(notebook(first, second)))
    assert list(folds.problems(notebook(first, nbformat.v4.new_markdown_cell("Prose."), second)))


def test_what_is_collapsed_follows_from_the_tags():
    page = notebook(cell("x", "experiment", question="Why?"), cell("y", "listing", question="How?"), cell("z"))
    page.cells[2].metadata.jupyter = {"source_hidden": True}
    assert folds.collapse(page) and not folds.collapse(page)
    hidden = [c.metadata.get("jupyter") for c in page.cells]
    assert hidden == [{"source_hidden": True}, {"source_hidden": True, "outputs_hidden": True}, None]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_the_pages_are_folded_in_good_order(file):
    page = nbformat.read(file, as_version=4)
    assert list(folds.problems(page)) == []
    assert not folds.collapse(page), "run: python -m dlbook.sphinx.folds"


def test_the_command_checks_without_writing():
    command = [sys.executable, "-m", "dlbook.sphinx.folds", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("markdown", "words", "lines"),
    [
        ("One *two* `three` — four.", 4, 0),
        ("| a | b |\n|---:|:---|\n| 1 | [two words](https://example.org/three/four) |", 5, 0),
        ("Let $x + y < z$ be $a$.", 4, 0),
        ("$$\\begin{aligned} x &= y \\\\ z &= 1 \\end{aligned}$$", 10, 0),
        ("<!-- not this -->Yes<br>no <span class='x y'>3</span>", 3, 0),
        ("![What is seen](picture.svg)", 3, 0),
        ("Look:\n\n```python\nx = 1\n\ny = 2\n```\n", 1, 2),
        ("> Quoted:\n>\n> ```\n> x\n>\n> ```\n", 1, 1),
    ],
)
def test_words_and_lines_of_markdown(markdown, words, lines):
    page = notebook(nbformat.v4.new_markdown_cell(markdown))
    assert path.lengths(page) == (path.Length(words, lines),) * 2


def test_of_a_closed_fold_the_summary_is_read():
    inner = "<details><summary>Hint</summary>\n\nlong and wide\n\n```\ncode\n```\n</details>"
    page = notebook(
        nbformat.v4.new_markdown_cell(f"Well. {inner}\n<details open><summary>B. No</summary>why</details>")
    )
    short, whole = path.lengths(page)
    assert short == path.Length(4, 0) and whole == path.Length(8, 1)


def test_of_a_folded_section_the_question_is_read():
    text = nbformat.v4.new_markdown_cell
    fold = text("much to read", metadata={"tags": ["folded"], "question": "Is it so?"})
    page = notebook(text("## One\n\nopen"), fold, cell("a = 1"), text("more"), text("## Two"), cell("b = 2"))
    short, whole = path.lengths(page)
    assert short == path.Length(2 + 3 + 1, 1) and whole == path.Length(2 + 3 + 1 + 1, 2)


def test_a_fold_of_a_section_has_a_question_and_no_heading():
    wrong = nbformat.v4.new_markdown_cell("## Two", metadata={"tags": ["folded"], "question": "So."})
    said = list(folds.problems(notebook(wrong)))
    assert len(said) == 2 and "needs" in said[0] and "below the heading" in said[1]


def test_tags_say_whose_code_is_on_the_short_path():
    kept, unread = ["experiment", "verdict", "listing", "hide-input", "exercise"], ["remove-cell", "remove-input"]
    page = notebook(cell("a = 1\n\nb = 2"), *(cell("c = 3", tag) for tag in [*kept, *unread]))
    assert path.lengths(page) == (path.Length(0, 2), path.Length(0, 2 + len(kept)))


def test_a_listing_counts_where_it_is_shown():
    text = {"text/markdown": "From here:\n\n```python\ndef f():\n    pass\n```"}
    shown = [nbformat.v4.new_output("display_data", data=text)]
    page = notebook(cell("listing(f)"), cell("listing(f)", "listing"), cell("listing(f)", "experiment"))
    for one in page.cells:
        one.outputs = shown
    short, whole = path.lengths(page)
    assert whole == path.Length(6, 9) and short == path.Length(4, 5)


def test_minutes_and_limits():
    assert path.Length(1800, 60).minutes == 14 and path.Length(10, 1).minutes == 1
    assert path.Length(1800, 60).excess == ""
    assert path.Length(1801, 60).excess == "1,801 words (at most 1,800)"
    assert path.Length(2000, 61).excess == "2,000 words (at most 1,800) and 61 lines of visible code (at most 60)"


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_the_short_path_is_short(file):
    """Of the notebook without its outputs; the build counts listings too."""
    short, _ = path.lengths(nbformat.read(file, as_version=4))
    assert not short.excess, f"the short path has {short.excess}"


def test_a_page_says_how_long_it_takes(mini):
    mini.notebook("page", "word " * 1000, ("code", "x = 1\n" * 24, {"tags": ["experiment"], "question": "Why?"}))
    mini.page("costs", "# Costs\n\n```{costs-report}\n```\n")
    assert mini.build()[0]
    assert re.search(r"Short path 5 min · everything 7 min · runs in \d+ s", mini.html("page"))
    assert "Short path" not in mini.html("index")
    row = re.search(r'<td><p><a [^>]*href="page.html".*?</tr>', mini.html("costs"), re.DOTALL)[0]
    assert re.findall(r"<td><p>([\d.]+)</p>", row)[:2] == ["5", "7"]


def test_too_long_a_short_path_is_a_fault(mini):
    mini.notebook("page", "word " * 1900, ("code", "x = 1\n" * 70))
    said = "1,901 words (at most 1,800) and 70 lines of visible code (at most 60)"
    good, printed = mini.build()
    assert not good and f"the short path has {said}; fold or cut" in printed and "page" in printed
