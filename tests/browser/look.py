"""What the tests of the book's look share: addresses, pages watched for trouble, axe-core, contrast."""

import os
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: the built book; `make check` builds one page elsewhere and says where
BOOK = Path(os.environ.get("DLBOOK_HTML", ROOT / "book" / "_build" / "html"))
NOT_PAGES = {"genindex.html", "search.html"}
AXE = ROOT / "book" / "theme" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: the rules of axe-core whose verdict can follow the colours of a page: a theme changes nothing else
COLOURS = ["color-contrast", "link-in-text-block"]
THEMES = ("light", "dark")
PHONE, TABLET, DESK = 390, 820, 1440


START = "book/index.html"


def built_pages(folder=BOOK):
    """Every page below a folder of built HTML, as a path in it."""
    found = (path.relative_to(folder) for path in sorted(folder.rglob("*.html")))
    return [path.as_posix() for path in found if path.name not in NOT_PAGES and path.parts[0] != "_static"]


def texts(pages):
    """The pages that hold text: all but the one that only leads to the start page."""
    return [page for page in pages if page != "index.html"]


PAGES = built_pages()
#: a test of one page at a time, so that two processes share the pages and `-k` finds those of one
every_page = pytest.mark.parametrize("name", texts(PAGES))


def address(site, page):
    """Where a page of the book is served."""
    return f"{str(site).rstrip('/')}/{str(page).lstrip('/')}"


def opened(browser, url, width=DESK, height=900, **options):
    """A page opened in a window of its own; everything that went wrong is in its `troubles`."""
    window = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = window.new_page()
    page.troubles, page.asked = [], []
    page.on("console", lambda m: page.troubles.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on("requestfailed", lambda request: page.troubles.append(f"failed: {request.url}"))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(url)
    page.wait_for_function("document.fonts.status === 'loaded'")
    return page


def without(message):
    """What the tests need is not on this machine: a failure under CI, elsewhere a loud skip."""
    if os.environ.get("CI"):
        pytest.fail(message)
    print(f"\n{'!' * 100}\n{message}\n{'!' * 100}", file=sys.__stderr__)
    pytest.skip(message)


def until(holds, seconds=60):
    """Ask again and again; what never comes true fails."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def violations(page, of="all"):
    """What axe-core finds on the page as it stands, one line a rule.

    Args:
        page: the page, in the theme and at the width that are to be judged.
        of: "all" rules, those of the "colours" alone, or the "others".
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    only = {"type": "rule", "values": COLOURS} if of == "colours" else {"type": "tag", "values": RULES}
    without = {rule: {"enabled": False} for rule in COLOURS} if of == "others" else {}
    options = {"runOnly": only, "rules": without, "resultTypes": ["violations"]}  # what passes needs no selectors
    found = page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
    return [
        f"{rule['id']}: {rule['help']}; {len(rule['nodes'])} times, first at {rule['nodes'][0]['target']}"
        for rule in found
    ]


def faults(page):
    """What axe-core finds on a page, opened light and wide, in three looks instead of four whole ones.

    All rules once; then what the theme can change, in the dark; then what the width can change, on the phone. Colours
    that differ on the phone alone come from style sheets, which all pages share: the whole four are for some pages.
    """
    found = {"light, desk": violations(page)}
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    found["dark, desk"] = violations(page, "colours")
    page.set_viewport_size({"width": PHONE, "height": 900})
    found["dark, phone"] = violations(page, "others")
    return {where: what for where, what in found.items() if what}


def excess(page, widths):
    """By how many pixels the page is too wide, for each of the widths at which it is."""
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate(
            """() => new Promise(requestAnimationFrame).then(() =>
              document.documentElement.scrollWidth - document.documentElement.clientWidth)"""
        )
        found |= {width: over} if over > 0 else {}
    return found


def skip_guesses(page):
    """Show what waits for a guess."""
    page.evaluate("document.querySelectorAll('.dl-guess .dl-answers > .dl-quiet').forEach(skip => skip.click())")


def unfold(page):
    """Open everything that is folded or waits for a guess, so that it is looked at too."""
    skip_guesses(page)
    page.evaluate("document.querySelectorAll('main details').forEach(fold => fold.open = true)")


#: the contrast between an element's text and a ground, both as the browser paints them
CONTRAST = """([element, ground]) => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => {
      const x = value / 255;
      return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map(light).sort();
  return (high + 0.05) / (low + 0.05);
}"""
