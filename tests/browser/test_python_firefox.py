"""Python in the page in Firefox (ESR, as Debian has it), driven by Mozilla's own Marionette."""

import pytest
from fox import By, Keys, NoSuchElementException, installed, started
from look import address, until, without

from dlbook.pages.find import find

#: sockets that marionette_driver leaves to the garbage collector
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
    pytest.mark.xdist_group("firefox"),  # started once
]
LOSS = "chapters/3_backprop/1_loss.html"


@pytest.fixture(scope="module")
def firefox():
    """A headless Firefox. Where there is none: a failure under CI, elsewhere a loud skip."""
    found = installed()
    if not found:
        without("NO FIREFOX: Python in the page was NOT tried there. Install Firefox ESR.")
    with started(found) as driver:
        yield driver


@pytest.fixture(params=["http", "disk"])
def loss(request, firefox, site, book_html):
    """The page "Loss", served and from a disk."""
    firefox.navigate(address(site, LOSS) if request.param == "http" else (book_html / LOSS).as_uri())
    firefox.execute_script(
        "document.querySelectorAll('main details').forEach(fold => fold.open = true); localStorage.clear()"
    )
    return firefox


def said(firefox, cell):
    """What is said beside a cell."""
    try:
        return firefox.find_element(By.CSS_SELECTOR, f"#run-{cell} .dl-run-status").text
    except NoSuchElementException:  # nothing has been pressed yet
        return ""


def click(firefox, where):
    """Click an element, scrolled into view as a hand would; return it."""
    element = firefox.find_element(By.CSS_SELECTOR, where)
    firefox.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", [element])
    element.click()
    return element


def press(firefox, cell, what):
    click(firefox, f"#run-{cell} button[data-what={what}]")


def output(firefox, cell):
    """What the reader's own run shows below a cell."""
    script = "return document.querySelector(arguments[0]).closest('.cell').querySelector('.dl-own')?.innerText ?? ''"
    return firefox.execute_script(script, [f"#run-{cell}"])


def rewrite(firefox, cell, text):
    """Type a text over what stands in a cell."""
    press(firefox, cell, "edit")
    script = "return document.querySelector(arguments[0]).closest('.cell').querySelector('.cm-content')"
    until(lambda: firefox.execute_script(script, [f"#run-{cell}"]))
    editor = firefox.execute_script(script, [f"#run-{cell}"])
    editor.send_keys(Keys.CONTROL, "a")
    editor.send_keys(text)


def test_a_figure_computes_what_is_not_stored(firefox, site):
    firefox.navigate(address(site, "chapters/3_backprop/3_going_downhill.html"))
    figure = "document.querySelector('live-figure[name=step_size]')"
    firefox.execute_script(f"{figure}.scrollIntoView()")
    until(lambda: firefox.execute_script(f"return {figure}.dataset.state") == "ready")
    button = f"[...{figure}.querySelectorAll('button')].find(one => one.textContent.startsWith('Any value'))"
    firefox.execute_script(f"{button}.click()")
    own = {"new_sandbox": False, "sandbox": None}  # the page's own world, where `figure` is known
    until(lambda: firefox.execute_script(f"return {figure}.figure.declared.controls.rate.free ?? false", **own), 180)
    move = f"{figure}.figure.move({{rate: 9.4}}).then(() => arguments[0]({figure}.figure.drawn.frame.says))"
    says = firefox.execute_async_script(move, **own)
    steps = find("step_size")
    assert says == steps.frame(steps.settings(rate=steps.controls["rate"].asked(9.4))).says


@pytest.mark.parametrize("way", ["http", "disk"])
def test_the_playground_plays(firefox, site, book_html, way):
    page = "book/playground.html"
    firefox.navigate(address(site, page) if way == "http" else (book_html / page).as_uri())
    click(firefox, ".dl-start")
    play = ".dl-keys button"
    until(firefox.find_element(By.CSS_SELECTOR, play).is_enabled, 180)
    click(firefox, play)
    step = "return Number(document.querySelector('.dl-count').textContent.split(' ').pop())"
    until(lambda: firefox.execute_script(step) > 120)
    pressed = click(firefox, play)
    until(lambda: pressed.text == "Play")
    firefox.execute_script("location.hash = 'playground?data=digits&layers=3&step=30'")
    said = "return document.querySelector('.dl-playground .dl-says').textContent"
    until(lambda: firefox.execute_script(said).startswith("Step 30:"))
    assert "digit on the paper" in firefox.execute_script(said)


def test_a_cell_runs_an_exercise_answers_and_an_endless_loop_is_stopped(loss):
    press(loss, "wrong-twice", "run")
    until(lambda: "Ran in" in said(loss, "wrong-twice"), 180)
    assert output(loss, "wrong-twice")
    for written, answered in (("3.26", "That is in nats."), ("4.7", "Right.")):
        rewrite(loss, "exercise-a", f"from dlbook.pages.backprop.loss.exercises import check\ncheck('3.1a', {written})")
        press(loss, "exercise-a", "run")
        until(lambda answered=answered: answered in output(loss, "exercise-a"), 60)
    rewrite(loss, "overflow", "while True: print(end='begun ')")
    press(loss, "overflow", "run")
    until(lambda: "begun" in output(loss, "overflow"), 60)
    stop = loss.find_element(By.XPATH, "//*[@id='run-overflow']//button[text()='Stop']")
    stop.click()
    until(lambda: "Stopped" in said(loss, "overflow"))
