"""Every page is free of what axe-core can find (WCAG 2.2 AA and its own advice), light and dark, phone and desk."""

import pytest
from look import CONTRAST, PAGES, PHONE, START, THEMES, address, every_page, faults, opened, unfold, violations

MEANINGS = ("input", "weight", "activation", "loss", "gradient")


def kinds(pages):
    """A page of each kind: the start, a chapter, and each page behind the book."""
    chapters = [name for name in pages if name.startswith("chapters/")]
    return [*chapters[:1], *(name for name in pages if name.startswith("book/"))]


@every_page
def test_every_page_is_accessible(browser, site, name):
    page = opened(browser, address(site, name), color_scheme="light", reduced_motion="reduce")
    unfold(page)
    assert not faults(page)
    page.context.close()


@pytest.mark.parametrize("name", kinds(PAGES))
@pytest.mark.parametrize(("theme", "width"), [("light", PHONE), ("dark", PHONE)])
def test_every_kind_of_page_is_accessible_on_the_phone(browser, site, name, theme, width):
    page = opened(browser, address(site, name), width, color_scheme=theme, reduced_motion="reduce")
    unfold(page)
    assert not violations(page)
    page.context.close()


@pytest.mark.parametrize(
    ("style", "rule", "where"),
    [
        ("", "", []),
        (".it { color: #888 }", "color-contrast", ["light, desk"]),
        ("@media (prefers-color-scheme: dark) { .it { color: #555 } }", "color-contrast", ["dark, desk"]),
        (":root[data-theme=dark] .katex * { color: #444 }", "color-contrast", ["dark, desk"]),
        (
            "@media (max-width: 500px) { .it button { width: 9px !important; height: 9px !important } }",
            "target-size",
            ["dark, phone"],
        ),
        ("@media (max-width: 500px) { .it div { overflow: auto; height: 20px } }", "scrollable-", ["dark, phone"]),
        ("@media (max-width: 500px) { .it label { display: none } }", "label", ["dark, phone"]),
    ],
)
def test_three_looks_find_a_planted_fault(browser, site, style, rule, where):
    page = opened(browser, address(site, START), color_scheme="light", reduced_motion="reduce")
    page.evaluate(PLANTED, style)
    found = faults(page)
    assert list(found) == where
    assert all(any(line.startswith(rule) for line in lines) for lines in found.values())
    page.context.close()


#: a text with two small buttons, a field, a formula and a box whose text may not fit; and the style that spoils it
PLANTED = """(style) => {
  const look = "all: unset; display: inline-block; width: 30px; height: 30px";
  const button = (name) => `<button style="${look}">${name}</button>`;
  document.querySelector("article").innerHTML = `<style>${style}</style><h1>Planted</h1><div class="it"><p>Words.</p>
    <p>${button("a")}${button("b")}</p><label for="field">Name</label> <input id="field">
    <span class="katex"><span class="base">x + y</span></span><div>${"<p>More words.</p>".repeat(9)}</div></div>`;
}"""


@pytest.mark.parametrize("theme", THEMES)
def test_search_and_contents_are_accessible_while_open(browser, site, pages, theme):
    page = opened(browser, address(site, START), PHONE, color_scheme=theme, reduced_motion="reduce")
    page.get_by_role("button", name="Contents of the book").click()
    assert page.locator("#contents").is_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("searchbox").fill("weight")
    page.locator("#search [role=status]").wait_for()
    assert violations(page) == []
    page.context.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["", "dl-box dl-mistake", "dl-box dl-verdict", "admonition note"])
def test_tinted_words_are_readable_on_every_ground(browser, site, pages, theme, ground):
    page = opened(browser, address(site, START), color_scheme=theme)
    words = "".join(f'<span class="dl-{meaning}">{meaning}</span>' for meaning in MEANINGS)
    inner = f'<p class="dl-verdict-claim">{words}</p>' if "verdict" in ground else words
    page.evaluate(
        "([ground, inner]) => document.querySelector('article').innerHTML = `<div class='${ground}'>${inner}</div>`",
        [ground, inner],
    )
    for meaning in MEANINGS:
        word = page.locator(f"article .dl-{meaning}").element_handle()
        behind = ".dl-verdict-claim" if "verdict" in ground else "article > div" if ground else "html"
        contrast = page.evaluate(CONTRAST, [word, page.locator(behind).element_handle()])
        assert contrast >= 4.5, f"{meaning} on {ground or 'paper'} in {theme}: {contrast:.2f}"
    page.context.close()
