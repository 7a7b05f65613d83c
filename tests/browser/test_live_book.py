"""Every live figure of the built book, on the page where it stands: its controls, its address, its silence."""

import re
from pathlib import Path

import pytest
from look import BOOK, DESK, PHONE, address, opened

from dlbook.pages.find import find

FOUND = [
    (path.relative_to(BOOK).as_posix(), name)
    for path in sorted(BOOK.rglob("*.html"))
    for name in re.findall(r'<live-figure name="(\w+)"', path.read_text(encoding="utf-8"))
]


def ready(page, name):
    element = page.locator(f"live-figure[name={name}]")
    element.evaluate("element => element.scrollIntoView()")
    page.wait_for_selector(f"live-figure[name={name}][data-state=ready]", timeout=60_000)
    if element.get_by_role("button", name="Skip").count():
        element.get_by_role("button", name="Skip").click()
    return element


def shown(element):
    """Everything that is drawn, and the sentence, once the newest state has arrived."""
    return element.evaluate("""async (e) => {
      await e.figure.refresh();
      const drawn = [...e.querySelectorAll('canvas')].map((c) => c.toDataURL()).join();
      return [drawn, e.querySelector('.dl-says').textContent];
    }""")


def quiet(page):
    return [trouble for trouble in page.troubles if "favicon" not in trouble]


def test_the_book_has_figures(book_html):
    assert FOUND
    on_pages = {name for where, name in FOUND if where.startswith("chapters/")}
    assert len(on_pages) >= 10, "the figures of the notebooks are among those that are tried"


@pytest.mark.parametrize(("where", "name"), FOUND)
def test_every_control_of_every_figure(browser, site, where, name):
    """Wide, then on the phone: each control moves the picture and the sentence, and the page fits."""
    page = opened(browser, address(site, where))
    element = ready(page, name)
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        every_control_answers(element, find(name))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"too wide for {width} px"
    assert quiet(page) == []
    assert [url for url in page.asked if not url.startswith((str(site), "data:", "blob:"))] == []
    page.context.close()


def every_control_answers(element, figure):
    opening = shown(element)
    for key, control in figure.controls.items():
        ends = {0, len(control.positions()) - 1} - {control.start()}
        seen = [opening]
        for index in ends:
            element.evaluate(
                "(e, [key, index]) => e.figure.move({ ...e.figure.opening(), [key]: index })", [key, index]
            )
            seen.append(shown(element))
        assert len({picture for picture, _ in seen}) > 1, f"{key} changes nothing in the picture"
        assert len({says for _, says in seen}) > 1, f"{key} changes nothing in the sentence"
    element.get_by_role("button", name="Reset").click()
    assert shown(element)[1] == opening[1]


@pytest.mark.parametrize(("where", "name"), FOUND)
def test_from_a_disk_in_the_state_of_the_address(browser, book_html, where, name):
    figure = find(name)
    ends = {key: control.positions()[-1] for key, control in figure.controls.items()}
    query = "&".join(f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in ends.items())
    page = opened(browser, f"{(book_html / where).as_uri()}#{name}?{query}")
    element = ready(page, name)
    before = shown(element)
    assert before[1] == figure.sentence(figure.frame(ends), ends)
    element.evaluate("(e, key) => e.figure.move({ [key]: 0 })", next(iter(figure.controls)))
    assert shown(element) != before
    assert quiet(page) == []
    page.context.close()


#: how much of the main panel is in sight below the book's bar, and whether a control is, all of it and on top
IN_SIGHT = """(control) => {
  const top = document.querySelector(".bar").getBoundingClientRect().bottom;
  const main = control.closest("live-figure").querySelector(".dl-panel").getBoundingClientRect();
  const seen = Math.min(main.bottom, innerHeight) - Math.max(main.top, top);
  const box = control.getBoundingClientRect();
  const above = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const inside = box.top >= top && box.bottom < innerHeight + 1;
  return { panel: seen / main.height, control: inside && control.contains(above) };
}"""


@pytest.mark.parametrize(("where", "name"), FOUND)
def test_on_a_phone_the_picture_is_seen_with_the_control_in_hand_and_leaves_with_the_last(browser, site, where, name):
    """It covers neither the figure's other panels nor the text below."""
    page = opened(browser, address(site, where), PHONE, 664, reduced_motion="reduce")
    element = ready(page, name)
    for control in element.locator(".dl-control").all():
        control.evaluate("control => control.scrollIntoView({ block: 'end' })")  # coming from above
        scrolled = control.evaluate(IN_SIGHT)
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")  # coming from below, by keyboard
        control.locator("input").first.focus()
        focused = control.evaluate(IN_SIGHT)
        for seen in (scrolled, focused):
            assert seen["control"] and seen["panel"] > 0.9, f"{control.inner_text()!r}: {scrolled}, {focused}"
    main, side = (element.locator(part).evaluate(LEAVING) for part in (".dl-panel >> nth=0", ".dl-side"))
    assert side == pytest.approx(200, abs=1) and main <= side + 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


#: where a part of a figure ends, once the end of the controls has come to 200 pixels below the top
LEAVING = """(part) => {
  const controls = part.closest("live-figure").querySelector(".dl-side");
  scrollBy(0, controls.getBoundingClientRect().bottom - 200);
  return part.getBoundingClientRect().bottom;
}"""


def test_a_figure_offers_the_notebook_of_its_page_for_download(browser, site):
    where, name = next(found for found in FOUND if found[0].startswith("chapters/"))
    page = opened(browser, address(site, where))
    link = ready(page, name).get_by_role("link", name="Download notebook")
    assert link.get_attribute("download") is not None
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == Path(where).with_suffix(".ipynb").name
    page.context.close()
