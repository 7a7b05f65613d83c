"""The figure in a real JupyterLab with a real kernel, in Chromium, off-line."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest
from look import until

FAILING = """
import altair as alt
from dlbook.live import Frame, Slider, live, table

asked = []

@live(size=Slider(0, 20, value=0, label="size"))
def slow(size):
    "It takes its time, and fails at 7."
    import time
    asked.append(size)
    time.sleep(0.15)
    if size == 7:
        raise ZeroDivisionError("seven is one too many")
    return Frame(tables={"dot": {"x": size}}, says=f"The size is {size}.")

@slow.chart
def slow_chart():
    return alt.Chart(table("dot")).mark_point().encode(x=alt.X("x:Q", scale=alt.Scale(domain=(0, 20))))

slow
"""
FIGURE = "from dlbook.pages.neurons.from_the_cell_to_the_unit.figures import two_inputs\ntwo_inputs"
STEPS = """
from dlbook.pages.architectures.attention_and_the_transformer.drawings import attention_by_hand
attention_by_hand.show(alt="A look-up by hand: a table that fills from left to right.")
"""
pytestmark = pytest.mark.xdist_group("JupyterLab")  # started once, by one process
CELLS = [
    FIGURE,
    FAILING,
    "print('asked', len(asked), asked[-1])",
    STEPS,
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a notebook in a running JupyterLab that keeps its settings to itself."""
    folder = tmp_path_factory.mktemp("lab")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "figures.ipynb")
    port = free_port()
    home = {name: str(folder / "home") for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    call = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
            "--IdentityProvider.token=", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]  # fmt: skip
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(call, env=os.environ | home, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/api", folder / "log.txt")
            yield f"http://127.0.0.1:{port}/lab/tree/figures.ipynb?reset"
        finally:
            server.terminate()
            server.wait(timeout=20)


def wait_for(url, log, seconds=60):
    for _ in range(seconds * 4):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def tab(browser, lab):
    """The notebook, run from top to bottom; every request to another host is refused and noted."""
    window = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = window.new_page()
    page.foreign, page.errors = [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))

    def guard(route):
        if "127.0.0.1" in route.request.url or not route.request.url.startswith("http"):
            route.continue_()
        else:
            page.foreign.append(route.request.url)
            route.abort()

    page.route("**/*", guard)
    page.goto(lab)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.click(".jp-Notebook .jp-CodeCell .cm-content")
    for _ in CELLS[:2]:
        page.keyboard.press("Shift+Enter")
    page.wait_for_selector("live-figure[name=slow][data-state=ready]", timeout=60_000)
    yield page
    window.close()


def figure(tab, name):
    tab.wait_for_selector(f"live-figure[name={name}][data-state=ready]", timeout=30_000)
    return tab.locator(f"live-figure[name={name}]")


def test_a_control_calls_the_function(tab):
    element = figure(tab, "two_inputs")
    assert element.get_by_label("bias b").is_disabled()  # it asks first, as on the page
    element.get_by_role("button", name="Skip").click()
    before = element.evaluate("e => e.querySelector('canvas').toDataURL()")
    element.get_by_label("bias b").press("End")
    tab.wait_for_function("document.querySelector('[name=two_inputs] .dl-says').textContent.includes('+ 3 = 0')")
    assert element.evaluate("e => e.querySelector('canvas').toDataURL()") != before
    assert element.locator(".dl-handle").count() == 1


def test_quick_changes_do_not_queue_up(tab):
    element = figure(tab, "slow")
    element.evaluate("""e => {
      const input = e.querySelector('input[type=range]');
      for (let i = 1; i <= 20; i++) { input.value = i; input.dispatchEvent(new Event('input')); }
    }""")
    tab.wait_for_function(
        "document.querySelector('[name=slow] .dl-says').textContent === 'The size is 20.'", timeout=60_000
    )
    tab.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(2).click()
    tab.keyboard.press("Shift+Enter")
    text = tab.locator(".jp-RenderedText", has_text="asked").inner_text()
    calls, last = map(int, text.split()[1:])
    assert last == 20
    assert calls <= 5  # the opening for poster and player, the first change, the newest; not twenty


def test_an_error_shows_in_the_figure_and_passes(tab):
    element = figure(tab, "slow")
    element.evaluate("e => e.figure.move({ size: 7 })")
    element.get_by_role("alert").wait_for(timeout=60_000)
    assert "ZeroDivisionError: seven is one too many" in element.get_by_role("alert").inner_text()
    assert element.get_attribute("data-state") == "error"
    element.evaluate("e => e.figure.move({ size: 8 })")
    tab.wait_for_function("document.querySelector('[name=slow] .dl-says').textContent === 'The size is 8.'")
    assert element.get_attribute("data-state") == "ready"
    assert element.get_by_role("alert").count() == 0


def test_a_stepping_drawing_needs_no_kernel_and_keeps_its_keys_to_itself(tab):
    tab.locator(".jp-Notebook .jp-CodeCell .cm-content").nth(3).click()
    tab.keyboard.press("Shift+Enter")
    drawing = tab.locator("figure.dl-stepping[data-step='1']")
    drawing.wait_for(timeout=30_000)
    drawing = tab.locator("figure.dl-stepping")
    drawing.get_by_role("button", name="Next").click()
    address, cell = tab.url, tab.locator(".jp-Notebook .jp-mod-active").get_attribute("data-windowed-list-index")
    tab.keyboard.press("ArrowRight")
    assert drawing.get_by_role("status").inner_text().startswith("Step 3 of ")
    assert [svg.is_visible() for svg in drawing.locator("svg").all()].index(True) == 2
    tab.keyboard.press("End")
    assert drawing.get_by_role("button", name="Next").is_disabled()
    assert tab.locator(".jp-Notebook .jp-mod-active").get_attribute("data-windowed-list-index") == cell
    tab.wait_for_timeout(400)  # after which the book would write its address
    assert tab.url == address


def test_no_network_and_no_script_errors(tab):
    assert [url for url in tab.foreign if "jupyter" not in url] == []
    assert tab.errors == []


def test_dark_theme_of_the_notebook(tab):
    element = figure(tab, "two_inputs")
    drawn = "e => e.querySelector('canvas').toDataURL()"
    before = element.evaluate(drawn)
    tab.evaluate("document.body.dataset.jpThemeLight = 'false'")
    until(lambda: element.evaluate(drawn) != before)
    assert element.evaluate("e => getComputedStyle(e).getPropertyValue('--dl-ink').trim()") == "#e4e2dd"
