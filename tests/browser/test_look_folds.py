"""Folded code: its question is a button for keyboard and screen reader; its results stand open; on paper it is calm."""

import pytest
from look import BOOK, PHONE, address, opened, skip_guesses, until


@pytest.fixture
def page(browser, site, pages):
    name = next(name for name in pages if "tag_experiment" in (BOOK / name).read_text(encoding="utf-8"))
    page = opened(browser, address(site, name), PHONE)
    skip_guesses(page)
    yield page
    page.context.close()


def test_an_experiment_opens_and_closes_by_keyboard(page):
    cell = page.locator(".tag_experiment").first
    fold, code = cell.locator("details.hide"), cell.locator(".cell_input")
    summary = fold.locator("summary")
    question = summary.text_content()
    assert question.endswith("?")
    assert f"{question} code" in fold.aria_snapshot(), "what is heard"
    assert code.is_hidden()
    summary.focus()
    for key, visible in (("Enter", True), ("Space", False)):
        page.keyboard.press(key)
        until(lambda visible=visible: code.is_visible() == visible)
    assert cell.locator(".cell_output").is_visible(), "what the cell shows stands open"


def test_a_verdict_stands_open_and_its_code_does_not(page):
    for verdict in page.locator(".tag_verdict").all():
        assert verdict.locator(".dl-verdict").is_visible() and verdict.locator(".cell_input").is_hidden()


def test_on_paper_a_fold_is_as_the_reader_left_it(page):
    left, opened_one = page.locator(".tag_experiment").nth(0), page.locator(".tag_experiment").nth(1)
    opened_one.locator("summary").press("Enter")
    page.emulate_media(media="print")
    assert left.locator("summary").is_visible() and left.locator(".cell_input").is_hidden()
    assert opened_one.locator("summary").is_visible() and opened_one.locator(".cell_input").is_visible()
    for quiet in (".tag_verdict details", ".tag_hide-input:not(.tag_experiment) > details"):
        assert page.locator(quiet).first.is_hidden(), f"{quiet} is printed"
    assert page.locator("details:not(.hide) > summary + *").last.is_visible(), "hints and solutions are printed"


def test_the_head_of_a_page_says_how_long_it_takes(page):
    minutes = page.locator("h1 + .minutes")
    assert minutes.is_visible()
    assert minutes.text_content().startswith("Short path ") and " · everything " in minutes.text_content()
