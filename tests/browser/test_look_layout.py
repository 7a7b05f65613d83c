"""The page fits every screen, has a readable measure, and reads without its script and on paper."""

from io import BytesIO

import pytest
from look import DESK, PHONE, START, THEMES, address, every_page, excess, opened, skip_guesses, texts
from PIL import Image

TEXT = """Deep networks are built of simple units. Each of them weighs what it hears, adds it up, and answers when
the sum passes a threshold. What many of them can do together is the subject of this book, and most of it can be
tried out on the page. """


WIDTHS = [320, 360, 390, 820, 1024, 1280, 1600]
SIZES = """() => [...document.querySelectorAll(".dl-figure > svg text")]
  .filter((text) => text.textContent.trim() && !text.querySelector("tspan"))
  .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.ownerSVGElement.getScreenCTM().a)"""


@every_page
def test_no_page_scrolls_sideways_and_words_in_still_figures_can_be_read(browser, site, name):
    page = opened(browser, address(site, name), PHONE)
    skip_guesses(page)
    for width in (360, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        assert min(page.evaluate(SIZES), default=10) >= 10, f"at {width} px"
    assert not excess(page, WIDTHS)
    page.context.close()


@pytest.mark.parametrize(("style", "widths"), [("width: 300px", []), ("width: 355px", [320, 360]),
                                               ("width: 2000px", WIDTHS)])  # fmt: skip
def test_a_planted_box_that_is_too_wide_is_found(browser, site, style, widths):
    page = opened(browser, address(site, START), PHONE)
    page.evaluate("(style) => document.querySelector('article').innerHTML = `<div style='${style}'>Box</div>`", style)
    assert list(excess(page, WIDTHS)) == widths
    page.context.close()


def test_a_planted_word_that_is_too_small_is_found(browser, site):
    page = opened(browser, address(site, START), PHONE)
    drawing = '<svg viewBox="0 0 1000 100" style="width: 300px"><text y="50" style="font-size: 20px">word</text></svg>'
    page.evaluate("(svg) => document.querySelector('article').innerHTML = `<figure class='dl-figure'>${svg}`", drawing)
    assert len(page.evaluate(SIZES)) == 1 and page.evaluate(SIZES)[0] < 10
    page.context.close()


@pytest.mark.parametrize("width", [820, 1280, 1440, 1600])
def test_a_line_has_65_to_75_characters(browser, site, width):
    page = opened(browser, address(site, START), width)
    page.evaluate("text => document.querySelector('article').innerHTML = `<section><p>${text}</p></section>`", TEXT * 4)
    lines = page.evaluate(
        """async () => {
          await document.fonts.load("1rem 'Source Serif 4'");
          const p = document.querySelector("article p"), range = document.createRange();
          range.selectNodeContents(p);
          return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
        }"""
    )
    characters = len(" ".join((TEXT * 4).split())) / lines
    assert 65 <= characters <= 75
    page.context.close()


def test_a_page_reads_without_its_script(browser, site, pages):
    page = opened_without_script(browser, site, START, PHONE)
    assert page.locator("h1").is_visible()
    assert page.locator("#open-search").is_hidden()
    page.get_by_role("button", name="Contents of the book").click()
    assert page.locator("#contents").is_visible()
    assert page.locator("#contents a").count() >= len(pages) - 1
    page.context.close()


def test_dark_needs_no_script(browser, site, pages):
    page = opened_without_script(browser, site, START, DESK, color_scheme="dark")
    image = page.screenshot(clip={"x": 700, "y": 200, "width": 1, "height": 1})
    page.context.close()
    light = opened_without_script(browser, site, START, DESK, color_scheme="light")
    assert image != light.screenshot(clip={"x": 700, "y": 200, "width": 1, "height": 1})
    light.context.close()


def opened_without_script(browser, site, name, width, **options):
    window = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False, **options)
    page = window.new_page()
    page.goto(address(site, name))
    return page


@pytest.mark.parametrize("theme", THEMES)
def test_paper_is_light_and_has_the_text_alone(browser, site, pages, theme):
    page = opened(browser, address(site, texts(pages)[-1]), color_scheme=theme)
    page.emulate_media(media="print", color_scheme=theme)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 254, 251)"
    for part in (".bar", "#contents", ".turn", "#search"):
        assert page.locator(part).first.is_hidden(), f"{part} is printed"
    page.evaluate("document.querySelector('article').innerHTML = '<details><summary>A</summary><p>why</p></details>'")
    assert page.locator("article p").is_visible()
    page.context.close()


def test_the_section_being_read_is_marked(browser, site, pages):
    for name in texts(pages):
        page = opened(browser, address(site, name), reduced_motion="reduce")
        links = page.locator(".sections-beside a:visible")
        if links.count() >= 2:
            target = links.nth(1)
            said = target.text_content()
            target.click()  # the list may then make room for a wide table
            page.wait_for_function("() => document.querySelector('.sections-beside a[aria-current]')")
            assert page.locator(".sections-beside a[aria-current]").text_content() == said
            page.context.close()
            return
        page.context.close()
    pytest.fail("no page has a list of sections")


@pytest.mark.parametrize("theme", THEMES)
def test_code_that_goes_on_has_a_shaded_edge(browser, site, pages, theme):
    """At the left edge of a code cell there is a shade only when lines go on there, at the right edge likewise."""
    name = next(name for name in pages if name.startswith("chapters/"))
    page = opened(browser, address(site, name), PHONE, color_scheme=theme, reduced_motion="reduce")
    pre = page.locator("pre:visible").first
    pre.evaluate("pre => { pre.textContent = ' '.repeat(70) + 'x = 1' }")
    pre.scroll_into_view_if_needed()
    box = pre.bounding_box()

    def shades():
        """Whether the edges differ from the middle, above the text and below the round corners."""
        row = Image.open(BytesIO(page.screenshot())).convert("L")
        left, middle, right = (
            row.getpixel((round(box["x"] + x), round(box["y"] + 12))) for x in (1, box["width"] / 2, box["width"] - 2)
        )
        return [abs(edge - middle) > 20 for edge in (left, right)]

    assert shades() == [False, True]
    pre.evaluate("pre => { pre.scrollLeft = 10_000 }")
    assert shades() == [True, False]
    pre.evaluate("pre => { pre.textContent = 'x = 1' }")
    assert shades() == [False, False]
    page.context.close()
