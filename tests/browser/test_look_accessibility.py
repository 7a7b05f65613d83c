"""Every page is free of what axe-core can find (WCAG 2.2 AA and its own advice), light and dark, phone and desk."""

import pytest
from look import CONTRAST, DESK, PHONE, START, THEMES, address, opened, texts, unfold, violations

MEANINGS = ("input", "weight", "activation", "loss", "gradient")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_page_is_accessible(browser, site, pages, width, theme):
    found = {}
    for name in texts(pages):
        page = opened(browser, address(site, name), width, color_scheme=theme, reduced_motion="reduce")
        unfold(page)
        if faults := violations(page):
            found[str(name)] = faults
        page.context.close()
    assert not found


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
