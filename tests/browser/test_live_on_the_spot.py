"""Figures that compute on the spot once Python is in the page: values between those that are stored, a drawn digit, a
typed sentence."""

import re

import pytest
from look import DESK, PHONE, address, excess, opened, until
from page_python import start
from test_live_book import ready, shown

from dlbook.pages.find import find

DOWNHILL = "chapters/3_backprop/3_going_downhill.html"
GRAPH = "chapters/3_backprop/2_gradients_on_a_graph.html"
LAYERS = "chapters/1_neurons/4_layers.html"
ATTENTION = "chapters/4_architectures/6_attention_and_the_transformer.html"
RATE = find("step_size").controls["rate"]
FREED = "e => Object.values(e.figure.declared.controls).every(c => !c.between || c.free)"


def figure_of(browser, url, name):
    """A page, and a figure on it that is ready."""
    page = opened(browser, url)
    return page, ready(page, name)


def free(element, label):
    """Press the button that brings Python, and wait until it has done its work."""
    button = element.get_by_role("button", name=label).element_handle()  # its words change
    button.click()
    until(lambda: not button.evaluate("button => button.isConnected"), 180)


def slide(element, label, position):
    """Put a slider to a position, as a hand does."""
    element.get_by_label(label, exact=True).evaluate(
        "(input, to) => { input.value = to; input.dispatchEvent(new Event('input')) }", position
    )
    return shown(element)


def sentence(name, **values):
    """What a figure says where Python computes it natively."""
    figure = find(name)
    settings = figure.settings(**values)
    return figure.sentence(figure.frame(settings), settings)


@pytest.fixture(scope="module")
def downhill(browser, site):
    """The figure of page 3.3, which computes already; and its page."""
    page, element = figure_of(browser, address(site, DOWNHILL), "step_size")
    free(element, "Any value between")
    yield page, element
    assert page.troubles == []
    page.context.close()


def test_where_python_is_lost_on_its_way_the_button_may_be_pressed_again(browser, site):
    page, element = figure_of(browser, address(site, DOWNHILL), "step_size")
    asked = []
    page.route("**/core-*", lambda route: (asked.append(1), route.abort() if len(asked) == 1 else route.continue_()))
    button = element.get_by_role("button", name="Any value between")
    button.click()
    element.get_by_role("button", name="Press to try again").wait_for()
    free(element, "Press to try again")
    assert element.evaluate(FREED)
    page.context.close()


def test_from_a_disk_a_slider_stops_between_its_stored_positions(browser, book_html):
    page, element = figure_of(browser, (book_html / DOWNHILL).as_uri(), "step_size")
    stored = slide(element, "learning rate", 9)
    assert slide(element, "learning rate", 9.4) == stored  # it has only the stored positions yet
    free(element, "Any value between")
    assert slide(element, "learning rate", 9) == stored
    assert slide(element, "learning rate", 9.4)[1] == sentence("step_size", rate=RATE.asked(9.4))
    page.context.close()


def test_what_is_computed_is_shown_said_and_addressed(downhill):
    page, element = downhill
    stored, rate = slide(element, "learning rate", 9), RATE.asked(9.4)
    picture, says = slide(element, "learning rate", 9.4)
    assert says == sentence("step_size", rate=rate) and picture != stored[0]
    assert element.locator(".dl-slider output").first.text_content() == RATE.text(rate)
    until(lambda: f"rate={rate}" in page.evaluate("location.href"))


def test_by_keys_and_by_an_address(downhill):
    page, element = downhill
    slide(element, "learning rate", 9)
    element.get_by_label("learning rate", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert element.evaluate("e => e.figure.values().rate") == RATE.asked(9.1)
    page.evaluate(f"location.hash = 'step_size?rate={RATE.asked(5.7)}'")
    until(lambda: element.evaluate("e => e.figure.values().rate") == RATE.asked(5.7))
    assert excess(page, [PHONE, DESK]) == {}


def test_a_grip_follows_the_pointer_between_the_stored_positions(downhill):
    page, element = downhill
    grip = element.locator(".dl-handle").first
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 13, y - 7)
    page.mouse.up()
    places = element.evaluate("e => [e.figure.state.start_1, e.figure.state.start_2]")
    assert any(place != int(place) for place in places), places


def test_where_python_is_there_already_no_button_is_needed(browser, site):
    page, element = figure_of(browser, address(site, GRAPH), "there_and_back")
    assert element.get_by_role("button", name="Any value between").count()
    start(page)
    until(lambda: element.evaluate(FREED))
    until(lambda: not element.get_by_role("button", name="Any value between").count())
    page.evaluate("dlPython.stop()")  # the next value starts it again
    says = slide(element, "weight w₅", 2.5)[1]
    assert says == sentence("there_and_back", w5=find("there_and_back").controls["w5"].asked(2.5))
    page.context.close()


def test_a_drawn_digit_is_computed(browser, site):
    page, element = figure_of(browser, address(site, LAYERS), "one_unit")
    before = shown(element)
    free(element, "Make your own")
    pad = element.locator(".dl-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 150, steps=8)
    page.mouse.up()
    levels = element.evaluate("e => e.figure.state.digit")
    assert len(levels) == 64 and max(levels) > 8
    picture, says = shown(element)
    assert says == sentence("one_unit", digit=levels) and picture != before[0]
    assert page.troubles == []
    page.context.close()


def test_a_typed_sentence_is_computed(browser, site):
    page, element = figure_of(browser, address(site, ATTENTION), "who_looks_where")
    name, control = next((n, c) for n, c in find("who_looks_where").controls.items() if c.kind == "sentence")
    free(element, "Make your own")
    own = control.stored[0].split()
    own[0] = next(word for word in (one.split()[0] for one in control.stored) if word != own[0])
    field = element.get_by_label("Your own sentence")
    field.fill(f"{' '.join(own)} nonsense")
    assert "“nonsense” is not one of" in element.locator(".dl-workshop .dl-told").text_content()
    field.fill(" ".join(own))
    assert element.evaluate("(e, name) => e.figure.state[name]", name) == " ".join(own)
    said, natively = shown(element)[1], sentence("who_looks_where", **{name: " ".join(own)})
    without = re.compile(r"\d+")  # the network was trained in the page: its last digits are its own
    assert without.sub("", said)[:60] == without.sub("", natively)[:60]
    page.context.close()
