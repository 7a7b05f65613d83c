"""The playground, tried as a reader would: Python in the page, started once for most tests."""

import json
import re
from urllib.parse import urlsplit

import pytest
from look import DESK, PHONE, address, excess, faults, opened, until, violations

PAGE = "book/playground.html"
MODULE = "dlbook.playground.page"
#: how many pictures a second are shown: the step in the square changes with each
PICTURES = """(seconds) => new Promise((done) => {
  let count = 0;
  const seen = new MutationObserver(() => count++), began = performance.now();
  seen.observe(document.querySelector(".dl-count"), {childList: true, characterData: true, subtree: true});
  setTimeout(() => done(1000 * count / (performance.now() - began)), 1000 * seconds);
})"""
#: an address that stands there already is no news to a browser
FOLLOW = "to => location.hash === to ? dispatchEvent(new Event('hashchange')) : location.hash = to"
PIXELS = "document.querySelector('.dl-square').toDataURL()"


def start(page):
    page.locator(".dl-start").click()
    until(lambda: page.locator(".dl-keys button").first.is_enabled(), 120)
    return page


def key(page, name):
    return page.locator(".dl-keys").get_by_role("button", name=name, exact=True)


def choose(page, label, value):
    page.get_by_label(label, exact=True).select_option(value)


def step_of(page):
    return int(page.locator(".dl-count").text_content().split()[-1])


def says(page):
    return page.locator(".dl-says").text_content()


def where(page):
    """The address as it is now: Playwright's own `url` is as old as the last thing it was asked."""
    return page.evaluate("location.href")


def at(page, query):
    """Follow a link to a state of the playground, and wait until it stands."""
    step = re.search(r"step=(\d+)", query)
    begins = f"Step {step[1] if step else 0}:"
    if not (where(page).endswith(f"#playground?{query}") and says(page).startswith(begins)):
        page.evaluate(FOLLOW, f"#playground?{query}")
    until(lambda: says(page).startswith(begins))


@pytest.fixture(scope="module")
def play(browser, site):
    """A page whose Python runs."""
    page = start(opened(browser, address(site, PAGE), reduced_motion="reduce"))  # nothing scrolls while it is clicked
    yield page
    assert page.troubles == []
    page.context.close()


@pytest.fixture
def fresh(play):
    """The same page, as it opens."""
    at(play, "step=60")
    yield play


def test_before_start_nothing_of_python_is_loaded_and_a_first_picture_stands(browser, site):
    page = opened(browser, address(site, PAGE))
    assert not [url for url in page.asked if "python" in url or "cells.js" in url]
    assert re.fullmatch(r"Start \(\d\.\d MB, once\)", page.locator(".dl-start").text_content())
    assert says(page).startswith("Step 60: ") and key(page, "Play").is_disabled()
    stored = page.evaluate(PIXELS)
    start(page)
    assert page.evaluate(PIXELS) == stored and step_of(page) == 60  # Python goes on from the picture that stood there
    assert {urlsplit(url).netloc for url in page.asked} <= {urlsplit(str(site)).netloc, ""}
    assert page.troubles == []
    page.context.close()


def test_it_shows_twenty_pictures_a_second(fresh):
    key(fresh, "Play").click()
    rates = [fresh.evaluate(PICTURES, 2) for _ in range(3)]
    key(fresh, "Pause").click()
    assert max(rates) >= 20, rates


def test_a_step_there_and_back(fresh):
    seen, picture = says(fresh), fresh.evaluate(PIXELS)
    key(fresh, "+1 step").click()
    until(lambda: step_of(fresh) == 61)
    assert fresh.evaluate(PIXELS) != picture
    key(fresh, "−1 step").click()
    until(lambda: step_of(fresh) == 60)
    until(lambda: says(fresh) == seen)
    assert fresh.evaluate(PIXELS) == picture
    key(fresh, "Back to the start").click()
    until(lambda: step_of(fresh) == 0)


def test_the_code_is_what_ran(fresh, capsys):
    at(fresh, "data=moons&layers=6-3&optimiser=adam&rate=0.03&activation=gelu&step=150")
    page_losses = fresh.evaluate(
        "async (name) => [...(await dlPython.call(name, 'go', {step: 150, since: 0})).losses.data]", MODULE
    )
    fresh.get_by_role("button", name="Give me the code").click()
    given = fresh.locator(".dl-given")
    text = given.locator("pre").first.text_content()
    names = {}
    exec(compile(text, "<given>", "exec"), names)
    assert names["losses"] == pytest.approx(page_losses, rel=1e-3, abs=1e-5)
    assert len(page_losses) == 150
    printed = capsys.readouterr().out
    given.get_by_role("button", name="Run").click()
    until(lambda: given.locator(".dl-own").count() and given.locator(".dl-own").inner_text().split() == printed.split())
    with fresh.expect_download() as download:
        given.get_by_role("link", name="Notebook").click()
    cells = json.loads(download.value.path().read_text(encoding="utf-8"))["cells"]
    assert "losses = [step() for _ in range(150)]" in cells[-1]["source"]
    choose(fresh, "For which library", "torch")
    until(lambda: "import torch\nfrom torch import nn, optim" in given.locator("pre").first.text_content())
    given.get_by_role("button", name="Close").click()
    assert not given.locator("pre").count()


def test_a_link_opens_the_same(fresh, browser, site):
    choose(fresh, "Data", "spirals")
    choose(fresh, "Activation", "relu")
    choose(fresh, "Units in hidden layer 3", "5")
    key(fresh, "+1 step").click()
    until(lambda: "step=1" in where(fresh))
    assert "layers=4-4-5" in where(fresh) and "data=spirals" in where(fresh)
    other = start(opened(browser, where(fresh)))
    until(lambda: says(other) == says(fresh))
    assert other.evaluate(PIXELS) == fresh.evaluate(PIXELS)
    other.context.close()


def test_a_problem_opens_is_judged_and_says_why(fresh):
    fresh.get_by_role("link", name="One line is enough").click()
    banner = fresh.locator(".dl-problem")
    until(lambda: "at most 2 weights" in banner.inner_text())
    assert fresh.get_by_label("Data", exact=True).is_disabled()
    for layer in (2, 1):
        choose(fresh, f"Units in hidden layer {layer}", "")
    until(lambda: "now 2," in banner.inner_text())
    key(fresh, "Play").click()
    until(lambda: "Solved at step" in banner.inner_text())
    assert "A unit alone draws a straight line" in banner.inner_text()
    until(lambda: key(fresh, "Play").is_visible())  # it stops where it is solved
    banner.get_by_role("link", name="Leave").click()
    until(lambda: banner.is_hidden())


def test_what_plays_can_be_changed(fresh):
    key(fresh, "Play").click()
    for layers in ("8", "1", "3"):
        choose(fresh, "Units in hidden layer 1", layers)
        choose(fresh, "Data", {"8": "moons", "1": "xor", "3": "spirals"}[layers])
    until(lambda: step_of(fresh) > 40)
    key(fresh, "Pause").click()
    assert fresh.locator(".dl-layer").nth(1).locator("button").count() == 3 and fresh.troubles == []
    fresh.get_by_role("button", name="Give me the code").click()
    until(lambda: "nn.Linear(2, 3)" in fresh.locator(".dl-given pre").first.text_content())
    fresh.locator(".dl-given").get_by_role("button", name="Close").click()


def test_points_of_ones_own_by_hand_and_by_keys(fresh):
    choose(fresh, "Data", "own")
    until(lambda: "data=own" in where(fresh))
    square = fresh.locator(".dl-square")
    box = square.bounding_box()
    square.click(position={"x": box["width"] / 2, "y": box["height"] / 4})
    until(lambda: re.search(r"_-?[01]\.7[4-6]\.0", where(fresh)))
    choose(fresh, "What a click does", "1")
    square.focus()
    for name in ("ArrowRight", "ArrowUp", "ArrowUp", "Enter"):
        fresh.keyboard.press(name)
    until(lambda: "_10.20.1" in where(fresh))
    choose(fresh, "What a click does", "gone")
    square.focus()
    fresh.keyboard.press("Enter")
    until(lambda: "_10.20.1" not in where(fresh))
    assert "Enter sets a point" in square.get_attribute("aria-label")


def picture(canvas):
    return canvas.evaluate("canvas => canvas.toDataURL()")


def test_a_digit_of_ones_own(fresh):
    choose(fresh, "Data", "digits")
    until(lambda: "digit on the paper" in says(fresh))
    asked = says(fresh)
    fresh.get_by_role("button", name="From the test").click()
    until(lambda: says(fresh) != asked)
    fresh.get_by_role("button", name="Clear").click()
    paper = fresh.locator(".dl-paper")
    paper.scroll_into_view_if_needed()
    box, empty = paper.bounding_box(), picture(paper)
    fresh.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 8)
    fresh.mouse.down()
    fresh.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 7 / 8, steps=8)
    fresh.mouse.up()
    drawn = picture(paper)
    assert drawn != empty
    key(fresh, "Play").click()
    until(lambda: step_of(fresh) > 60)
    key(fresh, "Pause").click()
    fresh.get_by_role("button", name="Unit 2 of layer 1, large").click()
    assert picture(paper) != drawn
    paper.focus()
    fresh.keyboard.press("ArrowLeft")
    told = fresh.locator(".dl-view .dl-told")
    assert told.text_content().endswith(": paper")
    fresh.keyboard.press(" ")
    assert told.text_content().endswith(": ink")
    assert violations(fresh) == []
    fresh.get_by_role("link", name="Even or odd").click()
    until(lambda: "95% of the test right" in fresh.locator(".dl-problem").inner_text())
    fresh.locator(".dl-problem").get_by_role("link", name="Leave").click()


def test_a_unit_is_shown_large(fresh):
    output = fresh.evaluate(PIXELS)
    unit = fresh.get_by_role("button", name="Unit 2 of layer 1, large")
    unit.focus()
    fresh.keyboard.press("Enter")
    assert unit.get_attribute("aria-pressed") == "true" and fresh.evaluate(PIXELS) != output
    fresh.get_by_role("button", name="The output, large").click()
    until(lambda: fresh.evaluate(PIXELS) == output)


def test_what_was_stopped_starts_again_where_it_was(fresh):
    fresh.evaluate("dlPython.stop()")
    key(fresh, "+1 step").click()
    until(lambda: fresh.locator(".dl-start").is_visible())
    start(fresh)
    assert step_of(fresh) == 60


def test_on_a_phone_the_picture_stays_while_the_controls_pass(browser, site):
    page = opened(browser, address(site, PAGE), width=PHONE, height=844)
    page.get_by_label("Learning rate", exact=True).scroll_into_view_if_needed()
    page.evaluate("scrollBy({top: 250, behavior: 'instant'})")
    square, keys = page.locator(".dl-square").bounding_box(), key(page, "Play").bounding_box()
    rate = page.get_by_label("Learning rate", exact=True).bounding_box()
    assert 0 < square["y"] and keys["y"] + keys["height"] < rate["y"] < 844 and square["width"] > 250
    assert excess(page, [PHONE, 360, 820, DESK]) == {}
    page.context.close()


def test_everybody_can_use_it(play, browser, site):
    page = opened(browser, address(site, PAGE))
    assert faults(page) == {}
    page.context.close()
    at(play, "problem=own&step=20")
    assert violations(play) == []


def test_without_scripts_it_says_what_it_would_show(browser, site):
    window = browser.new_context(java_script_enabled=False)
    page = window.new_page()
    page.goto(address(site, PAGE))
    assert "Step 60: " in page.locator("#playground").inner_text()
    assert page.get_by_role("link", name="Spirals, with twenty weights").is_visible()
    window.close()


def test_without_python_it_shows_the_first_picture(browser, site):
    window = browser.new_context()
    page = window.new_page()

    def bare(route):
        body = re.sub(r'data-needs="[^"]*"', 'data-needs="{}"', route.fetch().text())
        route.fulfill(body=body, content_type="text/html")

    page.route("**/playground.html", bare)
    page.goto(address(site, PAGE))
    assert "without Python" in page.locator(".dl-status").inner_text() and page.locator(".dl-start").is_hidden()
    assert says(page).startswith("Step 60: ")
    window.close()


def test_it_runs_from_a_disk(browser, book_html):
    page = start(opened(browser, (book_html / PAGE).as_uri()))
    key(page, "Play").click()
    until(lambda: step_of(page) > 100)
    key(page, "Pause").click()
    assert page.troubles == []
    page.context.close()
