"""A page is light, asks no other host for anything, and works from the disk."""

from urllib.parse import urlsplit

from look import START, address, every_page, opened, texts

from benchmarks.book import FIGURES, sent

BUDGET = 250_000  # bytes, compressed: document, styles, scripts, fonts of a text page with mathematics


@every_page
def test_every_page_is_light_asks_no_other_host_and_does_not_complain(browser, site, book_html, name):
    page = opened(browser, address(site, name))
    files = {urlsplit(url).path.lstrip("/") for url in page.asked if url.startswith("http")}
    sizes = {file: sent(book_html / file) for file in files if FIGURES not in file}
    assert sum(sizes.values()) <= BUDGET, sorted(sizes.items(), key=lambda item: -item[1])[:4]
    page.mouse.wheel(0, 20_000)
    page.wait_for_timeout(200)
    host = urlsplit(str(site)).netloc
    assert not [url for url in page.asked if urlsplit(url).scheme != "data" and urlsplit(url).netloc != host]
    assert not page.troubles
    page.context.close()


def test_a_page_works_from_the_disk_and_so_does_search(browser, book_html, pages):
    for name in (START, texts(pages)[-1]):
        page = opened(browser, (book_html / name).as_uri())
        assert page.evaluate("document.fonts.check('600 1rem \"Source Serif 4\"')")
        page.keyboard.press("Control+k")
        page.keyboard.type("glossary")
        link = page.locator("#search ol a").first
        link.wait_for()
        with page.expect_navigation():
            link.click()
        assert page.url.startswith("file:")
        assert "glossary" in page.url
        assert page.troubles == []
        page.context.close()


def searched(page, words):
    """What is said once a search is over."""
    page.get_by_role("searchbox").fill(words)
    page.locator("#search [data-search-results] [role=status]").wait_for()
    return page.locator("#search [data-search-results] [role=status]").inner_text()


def test_an_index_lost_on_its_way_is_told_and_asked_for_again(browser, site):
    page = opened(browser, address(site, START))
    asked, lost = [], [True]
    page.route("**/searchindex.js", lambda route: (asked.append(1), route.abort() if lost else route.continue_()))
    page.keyboard.press("Control+k")
    assert "could not be loaded" in searched(page, "loss")
    lost.clear()
    before = len(asked)
    page.get_by_role("searchbox").fill("gradient")
    page.locator("#search ol a").first.wait_for()
    assert len(asked) == before + 1
    page.context.close()


def test_words_that_every_object_has_are_words_like_others(browser, site):
    page = opened(browser, address(site, START))
    page.keyboard.press("Control+k")
    for word in ("constructor", "toString", "valueOf", "hasOwnProperty", "__proto__"):
        page.get_by_role("searchbox").fill("")
        assert searched(page, word).endswith("found")
    assert page.troubles == []
    page.context.close()


def test_the_search_page_answers_an_address(browser, site):
    page = opened(browser, address(site, "search.html?q=glossary"))
    page.locator("#search-page-results ol a").first.wait_for()
    assert page.get_by_role("status").text_content().endswith("found")
    assert page.troubles == []
    page.context.close()


def test_the_site_holds_nothing_that_no_page_loads(book_html):
    unwanted = ("fontawesome", "bootstrap", "require", "thebe", "togglebutton", "docsearch", ".map", ".ttf")
    found = [
        path.relative_to(book_html).as_posix()
        for path in book_html.joinpath("_static").rglob("*")
        if any(word in path.name.lower() for word in unwanted)
    ]
    assert found == []
