"""The Predict boxes of a page in Chromium: they ask, keep the answer back, answer the guess, and remember it."""

import json
import subprocess
import sys

import live_site
import nbformat
import pytest
from look import violations

CONF = """
import sys
sys.path[:0] = ["."]
from dlbook.sphinx.assets import own_css, palette_css

extensions = ["myst_nb", "dlbook.sphinx.boxes", "dlbook.sphinx.guesses", "dlbook.sphinx.quizzes"]
html_theme, html_static_path, html_css_files = "basic", ["_static"], ["page.css"]
html_sidebars = {"**": []}
nb_execution_mode = "off"

from pathlib import Path
Path("_static").mkdir(exist_ok=True)
Path("_static/page.css").write_text(palette_css() + own_css() + ".related, .headerlink, .footer { display: none }")
"""
WEATHER = """> **Predict.** What comes *tomorrow*?

<details><summary>A. Rain</summary>

It rained yesterday.

</details>
<details><summary>B. Snow</summary>

It is June.

</details>
<details><summary>C. Sun</summary>

Right. The sky is red.

</details>"""
DEGREES = """> **Predict.** How many degrees?

<details data-guess="number" data-answer="20" data-within="1.1"><summary>Answer</summary>

As on any day in June.

</details>
<details><summary>If you said less</summary>

That is March.

</details>
<details><summary>If you said more</summary>

That is the desert.

</details>"""
MEASURED = (
    '> **Predict.** What share?\n\n<details data-guess="number"><summary>Answer</summary>\n\nSee below.\n\n</details>'
)
WORDS = '> **Predict.** Why?\n\n<details data-guess="text"><summary>Answer</summary>\n\nNobody knows.\n\n</details>'
CHECK = """## Check yourself

**1.** What is this?

```python
snow()
```

<details><summary>A. A call</summary>

Right. It has brackets.

</details>
<details><summary>B. A name</summary>

The name stands before them.

</details>

**2.** Say why.

<details><summary>Answer</summary>

Because.

</details>"""


def code(source, prints=None):
    outputs = [nbformat.v4.new_output("stream", text=prints)] if prints else []
    return nbformat.v4.new_code_cell(source, outputs=outputs)


CELLS = [
    "# Weather\n\n## Choice", WEATHER, "This comes before it is measured.", code("sky = look()"),
    code("print(sky)", "CLEAR BLUE"), "So it was sun.\n\n(the-sun)=\nAnd sun it stays.", code("more = 1"),
    code("print(more)", "AND MORE"), "## Number", code("print('free')", "FREE TO SEE"), DEGREES,
    "## Measured", MEASURED, code("print(share)", "THE SHARE"), "## Words", WORDS, CHECK,
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A page with four guesses, built by Sphinx in the book's style."""
    folder = tmp_path_factory.mktemp("guesses")
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    cells = [cell if isinstance(cell, dict) else nbformat.v4.new_markdown_cell(cell) for cell in CELLS]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "index.ipynb")
    call = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", ".", "_build/html"]
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "_build" / "html"


@pytest.fixture(scope="module")
def address(built):
    with live_site.serve(built) as served:
        yield f"{served}/index.html"


@pytest.fixture
def visit(browser, address):
    """Open the page in a window of its own; an error of our script fails the test."""
    windows, troubles = [], []

    def go(base=address, script="", **options):
        windows.append(browser.new_context(viewport={"width": 800, "height": 900}, **options))
        tab = windows[-1].new_page()
        tab.on("pageerror", lambda error: troubles.append(error.stack))
        if script:
            tab.add_init_script(script)
        tab.goto(base)
        return tab

    yield go
    for window in windows:
        window.close()
    assert [trouble for trouble in troubles if "guesses.js" in trouble] == []


def box(tab, number=0):
    return tab.locator(".dl-predict").nth(number)


def fold(tab, title):
    return tab.locator("details", has=tab.locator("summary", has_text=title))


def status(tab, number=0):
    return box(tab, number).get_by_role("status").inner_text()


def kept(tab):
    """The record in the browser, without its dates."""
    record = json.loads(tab.evaluate("localStorage.getItem('dlbook.record')"))
    assert record["version"] == 1
    return {name: (guess["guess"], guess["right"]) for name, guess in record["guesses"].items()}


def test_a_wrong_choice_gets_its_own_answer_and_the_right_one(visit):
    tab = visit()
    for hidden in ("It rained yesterday.", "The sky is red.", "CLEAR BLUE", "So it was sun.", "AND MORE"):
        assert tab.get_by_text(hidden).is_hidden(), hidden
    for shown in ("This comes before", "sky = look()", "more = 1", "FREE TO SEE", "What comes out here waits"):
        assert tab.get_by_text(shown).first.is_visible(), shown
    box(tab).get_by_role("button", name="A. Rain").click()
    assert status(tab) == "You guessed A. It is C."
    for shown in ("It rained yesterday.", "The sky is red.", "CLEAR BLUE", "So it was sun.", "AND MORE", "B. Snow"):
        assert tab.get_by_text(shown).is_visible(), shown
    assert tab.get_by_text("It is June.").is_hidden()
    assert tab.evaluate("document.activeElement.textContent").strip() == "A. Rain"
    assert kept(tab) == {"index#cell-1": ("A", False)}


def test_the_right_choice_then_asked_again(visit):
    tab = visit()
    box(tab).get_by_role("button", name="C. Sun").click()
    assert status(tab) == "You guessed C. That is it." and tab.get_by_text("It rained").is_hidden()
    box(tab).get_by_role("button", name="Ask me again").click()
    assert tab.get_by_text("CLEAR BLUE").is_hidden() and tab.get_by_text("The sky is red.").is_hidden()
    assert tab.evaluate("document.activeElement.textContent").strip() == "A. Rain"
    assert kept(tab) == {"index#cell-1": ("C", True)}, "what was guessed stays until there is a new guess"


@pytest.mark.parametrize(
    ("guess", "said", "why"),
    [
        ("20", "That is it.", None),
        ("21", "That is near enough: it is 20, your guess is too large by 5 %.", "That is the desert."),
        ("5", "Not so: it is 20, your guess is too small by a factor of 4.", "That is March."),
        ("-10", "Not so: it is 20, your guess is 30 too small.", "That is March."),
    ],
)
def test_a_number_is_told_how_far_off_it_is(visit, guess, said, why):
    tab = visit()
    field = box(tab, 1).get_by_label("How many degrees?")
    field.fill(guess)
    field.press("Enter")
    assert status(tab, 1) == f"You guessed {guess.replace('-', '−')}. {said}"
    assert tab.get_by_text("As on any day in June.").is_visible()
    for sentence in ("That is March.", "That is the desert."):
        assert tab.get_by_text(sentence).is_visible() == (sentence == why)
    assert kept(tab) == {"index#cell-10": (int(guess), guess in ("20", "21"))}


def test_what_the_page_measures_is_not_judged(visit):
    tab = visit()
    assert tab.get_by_text("THE SHARE").is_hidden()
    box(tab, 2).get_by_label("What share?").fill("0.3")
    box(tab, 2).get_by_role("button", name="That is my guess").click()
    assert status(tab, 2) == "You guessed 0.3." and tab.get_by_text("THE SHARE").is_visible()
    assert kept(tab) == {"index#cell-12": (0.3, None)}


def test_free_words_are_kept_and_answered(visit):
    tab = visit()
    field = box(tab, 3).get_by_label("Why?")
    field.press("Enter")
    assert tab.get_by_text("Nobody knows.").is_hidden(), "an empty guess is none"
    field.fill("<b>Because</b>")
    field.press("Enter")
    assert status(tab, 3) == "You guessed “<b>Because</b>”." and tab.get_by_text("Nobody knows.").is_visible()


def test_it_can_be_shown_without_a_guess(visit):
    tab = visit()
    box(tab).get_by_role("button", name="Show without guessing").click()
    assert status(tab) == "No guess this time." and tab.get_by_text("CLEAR BLUE").is_visible()
    assert tab.get_by_text("The sky is red.").is_visible() and tab.get_by_text("It rained").is_hidden()
    assert kept(tab) == {"index#cell-1": (None, None)}
    tab.reload()
    assert tab.get_by_text("CLEAR BLUE").is_visible()


def test_guesses_stay_and_do_not_mind_one_another(visit):
    tab = visit()
    box(tab).get_by_role("button", name="B. Snow").click()
    other = tab.context.new_page()  # another tab, opened before the next guess is made
    other.goto(tab.url)
    box(tab, 1).get_by_label("How many degrees?").fill("9")
    box(tab, 1).get_by_role("button", name="That is my guess").click()
    other.get_by_label("What share?").fill("1")
    other.get_by_role("button", name="That is my guess").nth(1).click()
    assert kept(other) == {"index#cell-1": ("B", False), "index#cell-10": (9, False), "index#cell-12": (1, None)}
    tab.reload()
    assert status(tab) == "You guessed B. It is C." and tab.get_by_text("It is June.").is_visible()
    assert status(tab, 2) == "You guessed 1."
    assert box(tab, 3).get_by_role("button", name="Show without guessing").is_visible()
    assert tab.evaluate("document.activeElement === document.body"), "what was kept does not take the focus"


REFUSED = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


@pytest.mark.parametrize("script", [REFUSED, FULL])
def test_where_nothing_can_be_kept_it_works_for_the_visit(visit, script):
    tab = visit(script=script)
    box(tab).get_by_role("button", name="A. Rain").click()
    assert status(tab) == "You guessed A. It is C." and tab.get_by_text("CLEAR BLUE").is_visible()
    tab.reload()
    assert tab.get_by_text("CLEAR BLUE").is_hidden()


def test_from_a_disk(visit, built):
    tab = visit(base=(built / "index.html").as_uri())
    box(tab).get_by_role("button", name="A. Rain").click()
    assert status(tab) == "You guessed A. It is C."
    tab.reload()
    assert status(tab) == "You guessed A. It is C."


def test_guesses_of_an_earlier_book_are_taken_over(visit):
    old = {"two_inputs": "become sharper", "step_size": None}
    tab = visit(
        script=f"localStorage.getItem('dlbook.record') ?? localStorage.setItem('dlbook.guesses', `{json.dumps(old)}`);"
    )
    assert kept(tab) == {"figure/two_inputs": ("become sharper", None), "figure/step_size": (None, None)}
    assert tab.evaluate("localStorage.getItem('dlbook.guesses')") is None
    box(tab).get_by_role("button", name="C. Sun").click()
    assert len(kept(tab)) == 3


@pytest.mark.parametrize("other", ['{"version": 2, "answers": {}}', "not JSON"])
def test_a_record_that_is_not_ours(visit, other):
    """A newer one is left alone; one that nobody can read is written anew."""
    tab = visit(script=f"localStorage.getItem('dlbook.record') ?? localStorage.setItem('dlbook.record', '{other}');")
    box(tab).get_by_role("button", name="C. Sun").click()
    assert status(tab) == "You guessed C. That is it."
    if other.startswith("{"):
        assert tab.evaluate("localStorage.getItem('dlbook.record')") == other
    else:
        assert kept(tab) == {"index#cell-1": ("C", True)}


def test_by_keyboard_alone(visit):
    tab = visit()
    tab.get_by_role("button", name="your guess").first.focus()
    tab.keyboard.press("Enter")  # the note where the output will be leads to the question
    assert tab.evaluate("document.activeElement.textContent").strip() == "A. Rain"
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    assert status(tab) == "You guessed B. It is C."
    assert tab.evaluate("document.activeElement.textContent").strip() == "B. Snow"
    for _ in range(3):  # the fold of the right answer, its neighbour's none, then the button
        if tab.evaluate("document.activeElement.textContent") == "Ask me again":
            break
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.textContent").strip() == "A. Rain"


def test_answers_are_announced_and_questions_have_names(visit):
    tab = visit()
    assert box(tab).get_by_role("status").count() == 1, "there before it has something to say"
    assert box(tab).get_by_role("group").get_attribute("aria-labelledby") == box(tab).locator("p").nth(1).get_attribute(
        "id"
    )
    assert box(tab, 1).get_by_role("spinbutton", name="How many degrees?").is_visible()
    assert box(tab, 3).get_by_role("textbox", name="Why?").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_has_nothing_to_say(visit, theme):
    tab = visit(color_scheme=theme)
    frame = ("html-has-lang", "landmark", "region", "bypass", "heading")  # of Sphinx's basic theme
    for act in (lambda: None, lambda: box(tab).get_by_role("button", name="A. Rain").click()):
        act()
        assert [found for found in violations(tab) if not found.startswith(frame) and ".highlight" not in found] == []


def test_without_scripts_there_are_folds_and_nothing_is_held_back(visit):
    tab = visit(java_script_enabled=False)
    assert tab.get_by_text("CLEAR BLUE").is_visible() and tab.get_by_text("So it was sun.").is_visible()
    assert tab.locator(".dl-predict summary").count() == 8 and tab.locator(".dl-predict button").count() == 0
    assert tab.get_by_text("It is June.").is_hidden()
    fold(tab, "B. Snow").locator("summary").click()
    assert tab.get_by_text("It is June.").is_visible()


@pytest.mark.parametrize("guessed", [False, True])
def test_in_print_there_is_everything_and_nothing_to_press(visit, guessed):
    tab = visit()
    if guessed:
        box(tab).get_by_role("button", name="A. Rain").click()
        box(tab, 1).get_by_label("How many degrees?").fill("5")
        box(tab, 1).get_by_role("button", name="That is my guess").click()
    tab.emulate_media(media="print")
    texts = ("A. Rain", "It rained yesterday.", "It is June.", "The sky is red.", "CLEAR BLUE", "So it was sun.",
             "That is March.", "That is the desert.", "Nobody knows.")  # fmt: skip
    for text in texts:
        assert tab.locator("details, .cell_output, p").get_by_text(text).last.is_visible(), text
    assert tab.locator(".dl-predict button:visible, .dl-predict input:visible, .dl-waits:visible").count() == 0


def test_a_link_into_what_waits_shows_it(visit, address):
    tab = visit(base=f"{address}#the-sun")
    assert box(tab).get_by_role("button", name="A. Rain").is_visible(), "the question still waits"
    assert tab.get_by_text("And sun it stays.").is_visible() and tab.get_by_text("THE SHARE").is_hidden()
    assert tab.evaluate("localStorage.getItem('dlbook.record')") is None


def test_a_question_to_check_oneself_is_answered_before_it_is_explained(visit):
    tab = visit()
    quiz, folds = tab.locator(".dl-quiz"), tab.locator(".dl-quiz > details")
    assert quiz.count() == 1, "a question with a model answer stays a fold"
    assert not folds.first.is_visible()
    group = tab.get_by_role("group", name="What is this?")
    group.get_by_role("button", name="B. A name").click()
    assert quiz.get_by_role("status").inner_text() == "You said B. It is A."
    assert [folds.nth(k).get_attribute("open") is not None for k in (0, 1)] == [True, True]
    assert tab.evaluate("JSON.parse(localStorage['dlbook.record']).guesses['index#check-1'].guess") == "B"
    tab.reload()
    assert quiz.get_by_role("status").inner_text() == "You said B. It is A."
    quiz.get_by_role("button", name="Ask me again").click()
    quiz.get_by_role("button", name="Show all answers").click()
    assert quiz.get_by_role("status").inner_text() == "No answer this time."
    assert violations(tab) == []
