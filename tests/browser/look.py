"""What the tests of the book's look share: addresses, pages watched for trouble, axe-core, contrast."""

import json
import time
from pathlib import Path

AXE = Path(__file__).parents[2] / "book" / "theme" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES = ("light", "dark")
PHONE, TABLET, DESK = 390, 820, 1440


START = "book/index.html"


def texts(pages):
    """The pages that hold text: all but the one that only leads to the start page."""
    return [page for page in pages if page != "index.html"]


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


def until(holds, seconds=10):
    """Ask again and again; what never comes true fails."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def violations(page):
    """What axe-core finds on the page as it stands, one line a rule."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(f"axe.run(document, {json.dumps({'runOnly': {'type': 'tag', 'values': RULES}})})")
    return [
        f"{rule['id']}: {rule['help']}; {len(rule['nodes'])} times, first at {rule['nodes'][0]['target']}"
        for rule in found["violations"]
    ]


def unfold(page):
    """Open everything that is folded or waits for a guess, so that it is looked at too."""
    page.evaluate("document.querySelectorAll('.dl-guess .dl-answers > .dl-quiet').forEach(skip => skip.click())")
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
