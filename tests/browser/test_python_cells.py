"""Code cells run where they are read: Python in the page, tried as a reader would."""

from urllib.parse import urlsplit

import pytest
from look import DESK, PHONE, address, excess, opened, until, violations
from reader import Reader

LOSS = "chapters/3_backprop/1_loss.html"
GRAPH = "chapters/3_backprop/2_gradients_on_a_graph.html"
FOREVER = "print('begun')\nwhile True:\n    pass"


@pytest.fixture(scope="module")
def loss(browser, site):
    """A reader of the page "Loss", who has run a cell; Python is started once for all tests that take it."""
    reader = Reader.of(browser, address(site, LOSS))
    assert not [url for url in reader.page.asked if "python" in url or "cells.js" in url or "editor" in url]
    reader.run("imports", "Ran in")
    yield reader
    reader.close()


@pytest.fixture
def reader(loss):
    """The same with the book's own texts in all cells."""
    yield loss
    for button in loss.page.locator(".dl-run button:text-is('Reset'):visible").all():
        button.click()
    assert loss.page.troubles == []


def test_all_that_is_loaded_comes_from_the_book(reader, site):
    assert [url for url in reader.page.asked if "_static/python/core" in url]
    assert {urlsplit(url).netloc for url in reader.page.asked} <= {urlsplit(str(site)).netloc, ""}


def test_a_cell_runs_what_it_needs_above_first_and_shows_its_own_results(reader):
    reader.run("wrong-twice", "Ran in")
    shown = reader.place("wrong-twice").locator(".cell_output:visible")
    assert shown.count() == 1
    book = reader.place("wrong-twice").locator(".cell_output:not(.dl-own)").text_content()
    assert reader.output("wrong-twice").split() == book.split()


def test_a_cell_that_needs_no_drawing_loads_none(browser, site):
    reader = Reader.of(browser, address(site, LOSS))
    reader.run("mean-and-median", "Ran in")
    assert not [url for url in reader.page.asked if "matplotlib" in url]
    reader.close()


def test_her_own_text_runs_is_kept_and_is_reset(browser, site):
    reader = Reader.of(browser, address(site, LOSS))
    before = reader.place("overflow").locator("pre").first.text_content()
    reader.type("overflow", "for name in ('Anna', 'Ben'):\n    print(name, 6 * 7)")
    reader.page.keyboard.press("Shift+Enter")
    reader.until_said("overflow", "Ran in")
    assert reader.output("overflow").split() == ["Anna", "42", "Ben", "42"]
    reader.page.reload()
    reader = Reader(reader.page)
    reader.press("overflow", "edit")
    reader.editor("overflow").wait_for()
    assert "6 * 7" in reader.editor("overflow").inner_text()
    reader.bar("overflow").get_by_role("button", name="Reset").click()
    assert reader.editor("overflow").inner_text().split() == before.split()
    assert reader.place("overflow").locator(".cell_output:visible").count() == 1
    reader.page.reload()
    reader = Reader(reader.page)
    reader.press("overflow", "edit")
    reader.editor("overflow").wait_for()
    assert reader.editor("overflow").inner_text().split() == before.split()
    assert reader.page.troubles == []
    reader.close()


def test_an_endless_loop_is_stopped_at_once_and_the_next_run_starts_afresh(reader):
    reader.type("overflow", FOREVER)
    reader.press("overflow")
    until(lambda: "begun" in reader.output("overflow"), 120)
    reader.bar("overflow").get_by_role("button", name="Stop").click()
    assert "Stopped" in reader.until_said("overflow", "Stopped")
    reader.type("overflow", "print('again')")
    reader.run("overflow", "Ran in")
    assert "again" in reader.output("overflow")


def test_an_error_is_told_as_jupyter_tells_it(reader):
    reader.type("overflow", "def half(x):\n    return x / 0\n\nhalf(3)")
    assert "error" in reader.run("overflow")
    told = reader.output("overflow")
    assert told.startswith("Traceback")
    assert told.rstrip().endswith("ZeroDivisionError: division by zero")
    assert "return x / 0" in told
    assert "kernel.py" not in told


def test_a_cell_that_needs_pytorch_says_where_it_runs_and_nothing_plays_pytorch(reader):
    said = reader.run("pytorch")
    assert "needs PyTorch, which does not run inside a web page" in said
    assert reader.bar("pytorch").get_by_role("link").count() >= 1
    reader.type("overflow", "import torch\ntorch.ones(2)")
    reader.run("overflow")
    assert "needs PyTorch" in reader.status("overflow")


def test_a_drawing_of_her_own_is_shown(reader):
    reader.type("overflow", "import matplotlib.pyplot as plt\n\nplt.plot([1, 4, 9]);")
    assert "Ran in" in reader.run("overflow", "Ran in", "error")
    assert reader.place("overflow").locator(".dl-own svg").count() == 1


def test_libraries_are_there_whole(reader):
    """What was left out of them is nothing that they load."""
    parts = ("scipy.optimize", "scipy.stats", "scipy.signal", "scipy.ndimage", "sklearn.svm", "sklearn.ensemble",
             "sklearn.neighbors", "sklearn.linear_model", "sklearn.model_selection", "sklearn.neural_network",
             "sklearn.pipeline", "sklearn.manifold", "sklearn.cluster", "matplotlib.animation", "pickle", "unittest",
             "numpy.testing", "statistics", "fractions", "csv", "urllib.parse", "dataclasses", "textwrap")  # fmt: skip
    reader.type(
        "overflow",
        "\n".join(f"import {part}" for part in parts)
        + "\nfrom sklearn.datasets import load_digits\nprint('all', load_digits().data.shape[0])",
    )
    reader.run("overflow")
    assert reader.output("overflow").strip() == "all 1797"


def test_an_exercise_is_answered_where_it_is_read(reader):
    for written, answered in (("...", "Not yet."), ("3.26", "That is in nats."), ("4.7", "Right.")):
        cell = "from dlbook.pages.backprop.loss.exercises import check\n\nbits = {}\n\ncheck('3.1a', bits)"
        reader.type("exercise-a", cell.format(written))
        reader.run("exercise-a")
        assert answered in reader.output("exercise-a")


def test_by_keyboard_alone(reader):
    reader.bar("overflow").get_by_role("button", name="Edit this code").focus()
    reader.page.keyboard.press("Enter")
    reader.editor("overflow").wait_for()
    until(lambda: reader.editor("overflow").evaluate("here => here === document.activeElement"))
    reader.page.keyboard.press("Control+a")
    reader.page.keyboard.type("1 + 1")
    reader.page.keyboard.press("Shift+Enter")
    reader.until_said("overflow", "Ran in")
    assert reader.output("overflow").strip() == "2"
    reader.page.keyboard.press("Escape")
    reader.page.keyboard.press("Tab")
    until(lambda: not reader.editor("overflow").evaluate("here => here.contains(document.activeElement)"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_editor_and_its_results_are_accessible_and_fit_a_phone(reader, theme):
    page = reader.page
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
    reader.type("overflow", "print('a long line of code, ' * 12)  # " + "which is longer than a phone is wide, " * 3)
    reader.run("overflow", "Ran in")
    reader.run("pytorch", "PyTorch")
    assert violations(page) == []
    assert excess(page, [PHONE]) == {}
    page.set_viewport_size({"width": DESK, "height": 900})
    page.emulate_media(color_scheme="light")


def test_on_a_line_paid_by_the_megabyte_the_load_is_asked_for_first(browser, site):
    page = opened(browser, "about:blank")
    page.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    page.goto(address(site, LOSS))
    reader = Reader(page)
    reader.press("imports")
    reader.until_said("imports", "loaded once")
    assert not [url for url in page.asked if "_static/python/core" in url]
    reader.bar("imports").get_by_role("button", name="Not now").click()
    reader.press("imports")
    reader.until_said("imports", "loaded once")
    reader.bar("imports").get_by_role("button", name="Load it").click()
    reader.until_said("imports", "Ran in")
    reader.close()


def test_where_the_editor_cannot_be_loaded_a_plain_field_does(browser, site):
    page = opened(browser, "about:blank")
    page.route("**/dl/editor.js*", lambda route: route.abort())
    page.goto(address(site, LOSS))
    reader = Reader(page)
    reader.press("overflow", "edit")
    field = reader.place("overflow").locator("textarea")
    field.wait_for()
    field.fill("6 * 7")
    field.press("Shift+Enter")
    reader.until_said("overflow", "Ran in")
    assert reader.output("overflow").strip() == "42"
    reader.close()


def test_what_ends_python_is_told_in_a_plain_sentence_and_the_next_run_works(browser, site):
    reader = Reader.of(browser, address(site, LOSS))
    reader.type("overflow", "nest = ()\nfor _ in range(100_000):\n    nest = iter((nest,))\nnest = None")
    assert "starts afresh" in reader.run("overflow", "ended", "error", "Ran in")
    reader.type("overflow", "print('again')")
    reader.run("overflow", "Ran in")
    assert "again" in reader.output("overflow")
    assert "fatal error" in reader.page.troubles[0]  # of Pyodide, in the console
    reader.close()


def test_five_thousand_steps_on_the_readers_own_engine(browser, site):
    """Freeing a long chain of Values once killed Python in the page."""
    reader = Reader.of(browser, address(site, GRAPH))
    loop = """
from dlcore.models.scalar_autograd import Value, backward

x = end = Value(1.0)
for _ in range(5000):
    end = end + 1.0
backward(end)
print(end.data, x.grad)
end = None
"""
    first = reader.page.locator(".dl-run").first.get_attribute("id").removeprefix("run-")
    reader.type(first, loop)
    reader.run(first, "Ran in", "error", "ended")
    assert reader.output(first).strip() == "5001.0 1.0"
    reader.close()


def test_from_a_disk_without_a_server(browser, book_html):
    reader = Reader.of(browser, (book_html / LOSS).as_uri())
    assert "Ran in" in reader.run("wrong-twice")
    assert {urlsplit(url).scheme for url in reader.page.asked} <= {"file", "data", "blob"}
    assert reader.page.troubles == []
    reader.close()
