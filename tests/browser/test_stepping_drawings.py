"""The stepping drawings of the built book: buttons, keys, fingers, address; a strip on paper and without scripts."""

import re
from pathlib import Path

import pytest
from look import DESK, PHONE, THEMES, address, opened, violations
from playwright.sync_api import expect

BOOK = Path(__file__).parents[2] / "book" / "_build" / "html"
FOUND = [
    (path.relative_to(BOOK).as_posix(), name)
    for path in sorted(BOOK.rglob("*.html"))
    for name in re.findall(r'<figure class="dl-figure dl-stepping" id="(\w+)"', path.read_text(encoding="utf-8"))
]
every_drawing = pytest.mark.parametrize(("where", "name"), FOUND)
one_drawing = pytest.mark.parametrize(("where", "name"), FOUND[:1])  # for what is the same code in all


#: a picture's box within its figure: the page above may still settle by fractions of a pixel
IN_FIGURE = """picture => {
  const box = picture.getBoundingClientRect(), figure = picture.closest("figure").getBoundingClientRect();
  return [box.left - figure.left, box.top - figure.top, box.width, box.height];
}"""


def test_the_book_has_stepping_drawings(book_html):
    assert FOUND


class Drawing:
    """One drawing on an open page, by what a reader sees of it."""

    def __init__(self, page, name):
        self.page, self.figure = page, page.locator(f"#{name}")
        self.back, self.next = (self.figure.get_by_role("button", name=word) for word in ("Back", "Next"))
        self.says = self.figure.get_by_role("status")
        self.last = self.figure.locator(".dl-step").count()

    def at(self, step):
        """The drawing shows that step: its picture alone, its sentence, which is its alternative text too."""
        expect(self.says).to_contain_text(f"Step {step} of {self.last}.")
        seen = [svg for svg in self.figure.locator("svg").all() if svg.is_visible()]
        assert len(seen) == 1
        assert self.says.inner_text() == f"Step {step} of {self.last}. {seen[0].get_attribute('aria-label')}"
        for button, end in ((self.back, 1), (self.next, self.last)):
            expect(button).to_be_disabled() if step == end else expect(button).to_be_enabled()
        return seen[0]


def shown(browser, site, where, name, width=DESK, hash="", **options):
    return Drawing(opened(browser, address(site, where) + hash, width, reduced_motion="reduce", **options), name)


@every_drawing
def test_next_and_back_go_through_all_steps_and_paper_gets_the_strip(browser, site, where, name):
    drawing = shown(browser, site, where, name, color_scheme="dark")
    walk(drawing)
    drawing.page.set_viewport_size({"width": 640, "height": 900})
    drawing.page.emulate_media(media="print", color_scheme="dark")
    boxes = as_a_strip(drawing.figure)
    assert len({picture["x"] for picture, _ in boxes}) == 2  # two columns
    assert not drawing.says.is_visible()
    drawing.page.emulate_media(media="screen")
    drawing.at(drawing.last - 1)
    assert drawing.page.troubles == []
    drawing.page.context.close()


@every_drawing
def test_on_a_phone_it_can_be_read_and_picture_and_buttons_are_in_sight_together(browser, site, where, name):
    drawing = shown(browser, site, where, name, PHONE)
    drawing.page.set_viewport_size({"width": PHONE, "height": 664})
    sizes = drawing.figure.evaluate(
        """e => [...e.querySelectorAll("svg text")].filter((text) => text.textContent.trim())
          .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getScreenCTM().a)"""
    )
    assert min(sizes) >= 11
    assert drawing.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    drawing.figure.evaluate("e => e.scrollIntoView({ block: 'start' })")
    for part in (drawing.at(1), drawing.back, drawing.next, drawing.says):
        expect(part).to_be_in_viewport(ratio=1)
    for button in (drawing.back, drawing.next):
        assert min(button.bounding_box()[side] for side in ("width", "height")) >= 44
    walk(drawing)
    assert drawing.page.troubles == []
    drawing.page.context.close()


def walk(drawing):
    """To the end by keyboard, where nothing jumps and the keyboard stays where it was; then one step back."""
    place = """e => [e.offsetHeight, ...[...e.querySelectorAll('button')].map(
      (x) => Math.round(x.getBoundingClientRect().top - e.getBoundingClientRect().top))]"""
    drawing.next.focus()  # which scrolls it into view
    before = drawing.figure.evaluate(place), drawing.at(1).evaluate(IN_FIGURE)
    for step in range(2, drawing.last + 1):
        drawing.page.keyboard.press("Enter")
        picture = drawing.at(step)
        assert drawing.figure.evaluate(place) == before[0]
        assert picture.evaluate(IN_FIGURE) == pytest.approx(before[1], abs=0.5)
    drawing.page.keyboard.press("Enter")
    drawing.at(drawing.last)
    expect(drawing.next).to_be_focused()
    drawing.back.click()
    drawing.at(drawing.last - 1)


@one_drawing
def test_keys(browser, site, where, name):
    drawing = shown(browser, site, where, name)
    drawing.next.focus()
    for key, step in (("ArrowRight", 2), ("End", drawing.last), ("ArrowRight", drawing.last),
                      ("ArrowLeft", drawing.last - 1), ("Home", 1), ("ArrowLeft", 1)):  # fmt: skip
        drawing.page.keyboard.press(key)
        drawing.at(step)
    drawing.page.evaluate("document.activeElement.blur()")
    drawing.page.keyboard.press("ArrowRight")  # the keys are the drawing's only while it has the focus
    drawing.at(1)
    drawing.page.context.close()


@one_drawing
def test_the_address_keeps_and_restores_a_step(browser, site, where, name):
    drawing = shown(browser, site, where, name)
    drawing.next.click()
    drawing.page.wait_for_function(f"location.hash === '#{name}?step=2'")
    drawing.page.reload()
    drawing.at(2)
    expect(drawing.figure).to_be_in_viewport()
    drawing.page.evaluate(f"location.hash = '{name}?step=3'")
    drawing.at(3)
    drawing.page.evaluate(f"location.hash = '{name}?step={drawing.last + 1}'")  # there is none
    drawing.at(3)
    drawing.page.context.close()


@one_drawing
def test_it_works_from_the_disk(browser, book_html, where, name):
    drawing = Drawing(opened(browser, (book_html / where).as_uri() + f"#{name}?step=2"), name)
    drawing.at(2)
    drawing.next.click()
    drawing.at(3)
    drawing.page.wait_for_function(f"location.hash === '#{name}?step=3'")
    assert drawing.page.troubles == []
    drawing.page.context.close()


@one_drawing
def test_a_swipe_and_a_tap_turn_and_a_scroll_does_not(browser, site, where, name):
    drawing = shown(browser, site, where, name, PHONE, has_touch=True, is_mobile=True)
    picture = drawing.at(1)
    picture.scroll_into_view_if_needed()
    box, touch = picture.bounding_box(), drawing.page.context.new_cdp_session(drawing.page)

    def stroke(*places):
        """A finger that goes from place to place, each in parts of the picture's width and height."""
        points = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in places]
        for kind, point in zip(["touchStart", *["touchMove"] * (len(points) - 1)], points, strict=True):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    to_the_left, to_the_right = [(0.8, 0.5), (0.6, 0.5), (0.3, 0.5)], [(0.3, 0.5), (0.5, 0.5), (0.7, 0.5)]
    upwards = [(0.8, 0.9), (0.8, 0.7), (0.8, 0.4)]
    for places, step in ((to_the_left, 2), ([(0.8, 0.5)], 3), ([(0.2, 0.5)], 2), (to_the_right, 1), (upwards, 1)):
        stroke(*places)
        drawing.at(step)
    drawing.page.context.close()


def as_a_strip(figure):
    """All pictures and sentences stand one after the other, none over another, and nothing is there to press."""
    steps = figure.locator(".dl-step").all()
    boxes = [[part.bounding_box() for part in (step.locator("svg"), step.locator("p"))] for step in steps]
    assert all(step.locator("svg").is_visible() and step.locator("p").is_visible() for step in steps)
    assert all(picture["y"] + picture["height"] <= sentence["y"] for picture, sentence in boxes)
    for (picture, sentence), (after, _) in zip(boxes, boxes[1:], strict=False):
        assert after["y"] >= sentence["y"] + sentence["height"] or after["x"] >= picture["x"] + picture["width"]
    assert [step.locator("b").inner_text() for step in steps] == [
        f"Step {step} of {len(steps)}." for step in range(1, len(steps) + 1)
    ]
    assert not any(button.is_visible() for button in figure.locator("button").all())
    return boxes


@one_drawing
@pytest.mark.parametrize("width", [DESK, PHONE])
def test_without_scripts_it_is_the_strip(browser, site, where, name, width):
    window = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = window.new_page()
    page.goto(address(site, where))
    boxes = as_a_strip(page.locator(f"#{name}"))
    assert len({picture["x"] for picture, _ in boxes}) == 1
    window.close()


@one_drawing
@pytest.mark.parametrize("theme", THEMES)
def test_it_is_accessible_in_the_middle(browser, site, where, name, theme):
    drawing = shown(browser, site, where, name, hash=f"#{name}?step=2", color_scheme=theme)
    drawing.at(2)
    assert drawing.figure.get_attribute("aria-label")
    assert violations(drawing.page) == []
    drawing.page.context.close()
