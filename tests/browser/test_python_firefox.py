"""Python in the page in Firefox (ESR, as Debian has it), driven by Mozilla's own Marionette."""

import pytest
from fox import By, Keys, NoSuchElementException, installed, started
from look import address, until, without

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


def press(firefox, cell, what):
    button = firefox.find_element(By.CSS_SELECTOR, f"#run-{cell} button[data-what={what}]")
    firefox.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", [button])
    button.click()


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
