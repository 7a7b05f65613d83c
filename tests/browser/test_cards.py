"""Today's cards in Chromium, over days: the clock of the page is moved, and what was known comes later each time."""

import json
import re
from datetime import datetime, timedelta

import pytest
from look import DESK, PHONE, THEMES, address, excess, opened, violations

CARDS = "book/cards.html"
MONDAY = datetime(2026, 3, 2, 9, 0)


def page_read(page, name, when):
    """Note in the record that the end of a page was reached."""
    about = {"first": when.isoformat(), "last": when.isoformat(), "read": when.isoformat(), "folds": 0}
    record = {"version": 1, "pages": {name: about}}
    page.evaluate("(record) => localStorage.setItem('dlbook.record', record)", json.dumps(record))


def on(page, day):
    """Open the cards on a day."""
    page.clock.set_fixed_time(day)
    page.reload()
    return page.locator(".dl-stage")


def answer(stage, right, then=None):
    """Answer the card that lies open, and say how well it was known."""
    letter = stage.locator(".dl-card").get_attribute("data-answer")
    options = [one for one in stage.locator(".dl-answers button").all() if re.match(r"[A-Z]\. ", one.inner_text())]
    next(one for one in options if one.inner_text().startswith(letter) == right).click()
    feedback = stage.get_by_role("status").inner_text()
    stage.get_by_role("button", name=then or "Go on").click()
    return feedback


@pytest.fixture
def reader(browser, site):
    """A reader who has read page 3.1 on a Monday."""
    page = opened(browser, address(site, CARDS), reduced_motion="reduce")
    assert "Read a page to its end" in page.locator(".dl-stage").inner_text()
    page_read(page, "backprop/loss", MONDAY)
    yield page
    assert page.troubles == []
    page.context.close()


def test_a_week_of_cards(reader):
    stage = on(reader, MONDAY + timedelta(hours=3))
    assert re.search(r"Nothing is due today. (\d) cards are due on Tuesday,? 3 March\.", stage.inner_text())
    stage = on(reader, MONDAY + timedelta(days=1))
    number = int(re.match(r"(\d+) cards are due", stage.inner_text())[1])
    stage.get_by_role("button", name="Deal").click()
    assert stage.locator(".dl-count").inner_text() == f"Card 1 of {number}"
    assert not stage.locator("details").first.is_visible(), "the answers wait"
    assert answer(stage, False).startswith("It is ")
    for _ in range(number - 1):
        assert answer(stage, True, "I knew it at once").startswith("That is it.")
    assert f"{number - 1} of {number} cards known." in stage.inner_text()
    assert "1 card is due on Wednesday" in stage.inner_text(), "what was not known comes tomorrow, all else later"
    stage = on(reader, MONDAY + timedelta(days=2))
    stage.get_by_role("button", name="Deal").click()
    answer(stage, True, "I guessed")
    assert "1 of 1 card known. That was all for today." in stage.inner_text()
    kept = json.loads(reader.evaluate("localStorage['dlbook.record']"))["cards"]
    assert len(kept) == number and sorted(one["reps"] for one in kept.values()) == [1] * (number - 1) + [2]


def test_how_well_it_was_known_decides_when_it_comes_again(reader):
    stage = on(reader, MONDAY + timedelta(days=1))
    stage.get_by_role("button", name="Deal").click()
    letter = stage.locator(".dl-card").get_attribute("data-answer")
    stage.locator(".dl-answers button").filter(has_text=re.compile(rf"^{letter}\. ")).click()
    said = stage.locator(".dl-answers button").all_inner_texts()
    days = [int((re.search(r"(\d+) days", words) or [0, "1"])[1]) for words in said]
    assert days == sorted(days) and days[0] < days[2]
    link = stage.get_by_role("link", name="3.1 Loss")
    assert re.search(r"1_loss\.html#check-\d$", link.get_attribute("href"))


def test_the_questions_of_a_page_that_is_not_read_are_not_dealt(reader):
    stage = on(reader, MONDAY + timedelta(days=30))
    stage.get_by_role("button", name="Deal").click()
    while stage.locator(".dl-card").count():
        assert stage.locator(".dl-card").get_attribute("data-page") == "backprop/loss"
        answer(stage, True, "I had to think")
    assert reader.locator(".dl-cards .dl-card").count() > 50, "every card lies in its deck again"


@pytest.mark.parametrize("theme", THEMES)
def test_a_card_is_accessible_and_fits_the_phone(browser, site, theme):
    page = opened(browser, address(site, CARDS), PHONE, color_scheme=theme, reduced_motion="reduce")
    page_read(page, "backprop/loss", MONDAY)
    stage = on(page, MONDAY + timedelta(days=1))
    stage.get_by_role("button", name="Deal").click()
    assert violations(page) == []
    assert not excess(page, [320, PHONE, DESK])
    stage.get_by_role("button", name="I do not know").click()
    assert violations(page) == []
    assert stage.get_by_role("button", name="Go on").evaluate("one => one === document.activeElement")
    page.context.close()


def test_without_scripts_the_questions_are_folds(browser, site):
    window = browser.new_context(java_script_enabled=False)
    page = window.new_page()
    page.goto(address(site, CARDS))
    page.get_by_text("3 Backprop", exact=True).last.click()
    assert page.locator(".dl-card >> visible=true").count() > 10
    window.close()
