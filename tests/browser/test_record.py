"""The reader's record in Chromium, over several pages of the built book: kept, shown, taken away, brought, erased."""

import json

import pytest
from look import DESK, PHONE, START, THEMES, address, excess, opened, violations

LOSS = "chapters/3_backprop/1_loss.html"
RECORD = "book/record.html"


@pytest.fixture
def walk(browser, site):
    """A reader who has guessed wrongly, answered rightly, and read page 3.1; then the page of her record."""
    page = opened(browser, address(site, LOSS), reduced_motion="reduce")
    guess, quiz = page.locator(".dl-guess:not(.dl-quiz)").first, page.locator(".dl-quiz").first
    wrong = page.locator(f"#{guess.get_attribute('id')}").get_by_role("button").filter(has_not_text="without")
    if guess.get_attribute("data-guess") == "choice":
        right = guess.get_attribute("data-answer")
        next(one for one in wrong.all() if not one.inner_text().startswith(right)).click()
    else:
        guess.locator("input").fill("77777")
        guess.locator("input").press("Enter")
    quiz.get_by_role("button", name=f"{quiz.get_attribute('data-answer')}. ").click()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_function("JSON.parse(localStorage['dlbook.record']).pages['backprop/loss'].read")
    page.goto(address(site, RECORD))
    yield page, guess.get_attribute
    assert page.troubles == []
    page.context.close()


def row(page, title="Loss"):
    """The cells of a page's row."""
    found = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=title))
    return found.get_by_role("cell").all_inner_texts()


def test_a_walk_through_a_page_is_in_the_record(walk, site):
    page, _ = walk
    predictions, checks, exercises, reading = row(page, "3.1 Loss")
    assert predictions.startswith("1 of ") and predictions.endswith(", 0 right")
    assert checks.startswith("1 of ") and checks.endswith(", 1 right")
    assert exercises.startswith("0 of ") and reading.startswith("read ")
    again = page.locator(".dl-record ul a")
    assert again.count() == 1
    again.click()
    page.wait_for_url("**/1_loss.html#predict-*")
    page.goto(address(site, START))
    marks = page.locator(".book-map .dl-done")
    assert marks.all_inner_texts() == ["read"]
    assert "Loss" in marks.locator("xpath=..").inner_text()


def test_it_is_exported_erased_and_imported(walk, tmp_path):
    page, _ = walk
    before = row(page, "3.1 Loss")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    path = tmp_path / "record.json"
    download.value.save_as(path)
    taken = json.loads(path.read_text("utf-8"))
    assert taken["version"] == 1 and taken["pages"]["backprop/loss"]["read"]
    page.get_by_role("button", name="Erase everything").click()
    assert row(page, "3.1 Loss") == before, "the first press only asks"
    page.get_by_role("button", name="Really erase everything?").click()
    assert row(page, "3.1 Loss")[3] == "not yet"
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('dlbook.'))") == []
    page.set_input_files("input[type=file]", path)
    page.get_by_text("has been added").wait_for()
    assert row(page, "3.1 Loss") == before


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"version": 99}', '{"version": 1, "guesses": {"a": null, "b": 3}}'])
def test_a_file_that_is_no_record_changes_nothing(walk, tmp_path, text):
    page, _ = walk
    before = page.evaluate("localStorage['dlbook.record']")
    path = tmp_path / "other.json"
    path.write_text(text, "utf-8")
    page.set_input_files("input[type=file]", path)
    page.locator(".dl-record [role=status]").filter(has_text=".").wait_for()
    assert json.loads(page.evaluate("localStorage['dlbook.record']")) == json.loads(before)
    page.get_by_role("table").first.wait_for()


def test_of_two_entries_the_later_one_stays(walk, tmp_path):
    page, _ = walk
    name = "backprop/loss#check-1"
    mine = page.evaluate("(name) => JSON.parse(localStorage['dlbook.record']).guesses[name]", name)
    for when, stays in (("2020-01-01T00:00:00.000Z", mine["guess"]), ("2999-01-01T00:00:00.000Z", "Z")):
        path = tmp_path / f"{when[:4]}.json"
        theirs = {"guess": "Z", "right": False, "when": when}
        path.write_text(json.dumps({"version": 1, "guesses": {name: theirs}}), "utf-8")
        page.set_input_files("input[type=file]", path)
        page.wait_for_function(
            "([name, stays]) => JSON.parse(localStorage['dlbook.record']).guesses[name].guess === stays",
            arg=[name, stays],
        )


@pytest.mark.parametrize("theme", THEMES)
def test_everybody_can_use_it(walk, theme):
    page, _ = walk
    page.emulate_media(color_scheme=theme)
    assert violations(page) == []
    page.set_viewport_size({"width": PHONE, "height": 900})
    assert violations(page) == []
    assert not excess(page, [320, PHONE, DESK])


def test_where_nothing_can_be_kept_it_says_so(browser, site):
    page = browser.new_context().new_page()
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('refused') } })"
    )
    page.goto(address(site, RECORD))
    assert "keeps nothing" in page.locator(".dl-record").inner_text()
    page.context.close()
