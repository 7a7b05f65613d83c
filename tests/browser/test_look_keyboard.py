"""Everything that a mouse can do on a page, the keyboard can; and where the keyboard is can be seen."""

from look import DESK, PHONE, START, address, opened

FOCUSED = "document.activeElement"


def richest(pages):
    """The page with the most on it: the first chapter, else whatever there is."""
    return next((page for page in pages if str(page).startswith("chapters/")), START)


def test_the_first_stop_leads_past_the_frame(browser, site, pages):
    page = opened(browser, address(site, richest(pages)))
    page.keyboard.press("Tab")
    assert page.evaluate(f"{FOCUSED}.textContent") == "Skip to the text"
    assert page.evaluate(f"{FOCUSED}.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate(f"{FOCUSED}.id") == "main"
    page.context.close()


def test_the_walk_through_a_page_is_visible_and_ends(browser, site, pages):
    page = opened(browser, address(site, richest(pages)), reduced_motion="reduce")
    stops = page.locator("a[href], button, input, summary, [tabindex='0']").count()
    seen = set()
    for _ in range(stops + 5):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const it = document.activeElement;
              if (it === document.body) return null;
              it.dataset.stop ??= String(Math.random());
              const style = getComputedStyle(it), box = it.getBoundingClientRect();
              const outlined = style.outlineStyle !== "none", form = it.closest(".search form");
              const marked = outlined || (form && getComputedStyle(form).boxShadow !== "none")
                || it.matches(".dl-options input"); // its label carries the mark
              return { name: it.dataset.stop, what: it.outerHTML.slice(0, 90), marked,
                       shown: box.width > 0 && box.bottom > 0 && box.top < innerHeight };
            }"""
        )
        if stop is None or stop["name"] in seen:
            break
        seen.add(stop["name"])
        assert stop["marked"], f"no mark on {stop['what']}"
        assert stop["shown"], f"out of sight: {stop['what']}"
    assert len(seen) > 10
    page.context.close()


def test_search_by_keyboard_finds_and_goes_there(browser, site, pages):
    page = opened(browser, address(site, richest(pages)))
    page.keyboard.press("Control+k")
    assert page.evaluate(f"{FOCUSED}.name") == "q"
    page.keyboard.type("glossary")
    page.locator("#search ol a").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(f"{FOCUSED}.matches('#search ol a')")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "glossary" in page.url
    page.context.close()


def test_escape_closes_the_search_and_returns(browser, site, pages):
    page = opened(browser, address(site, START))
    page.locator("#open-search").focus()
    page.keyboard.press("Enter")
    assert page.locator("#search").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#search").is_hidden()
    assert page.evaluate(f"{FOCUSED}.id") == "open-search"
    page.context.close()


def test_the_drawer_opens_and_closes_by_keyboard(browser, site, pages):
    page = opened(browser, address(site, START), PHONE)
    contents = page.locator("#contents")
    assert contents.is_hidden()
    page.get_by_role("button", name="Contents of the book").focus()
    page.keyboard.press("Enter")
    assert contents.is_visible()
    page.keyboard.press("Escape")
    assert contents.is_hidden()
    page.context.close()


def test_the_theme_is_switched_and_kept(browser, site, pages):
    page = opened(browser, address(site, START), DESK, color_scheme="light")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    before = page.evaluate(ground)
    page.get_by_role("button", name="Dark colours").press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(ground) != before
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.get_by_role("button", name="Dark colours").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Dark colours").press("Enter")
    assert page.evaluate("localStorage.getItem('theme')") is None  # back to what the system says
    page.context.close()


def test_previews_follow_focus_and_hover_and_give_way_to_escape(browser, site, pages):
    page = opened(browser, address(site, START))
    page.evaluate(
        """() => {
          document.querySelector("article").innerHTML =
            '<p>A <a id="term" class="dl-term" href="#" data-preview="what it means">term</a>.</p>';
          previews();
        }"""
    )
    preview = page.get_by_role("tooltip")
    page.keyboard.press("Tab")
    while page.evaluate(f"{FOCUSED}.id") != "term":
        page.keyboard.press("Tab")
    assert preview.is_visible() and preview.text_content() == "what it means"
    assert page.locator("#term").get_attribute("aria-describedby") == preview.get_attribute("id")
    page.keyboard.press("Escape")
    assert preview.is_hidden()
    page.locator("#term").hover()
    preview.wait_for(state="visible")
    preview.hover()
    page.wait_for_timeout(500)
    assert preview.is_visible()  # it can be read, and its words marked, under the pointer
    page.mouse.move(5, 5)
    preview.wait_for(state="hidden")
    page.context.close()
