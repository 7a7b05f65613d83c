"""`make check PAGE=…`: which tests and files belong to a page."""

import re
import sys

from tests import one_page, timed

PAGE = "chapters/1_neurons/2_from_the_cell_to_the_unit"


def test_a_page_is_checked_by_its_own_tests_and_by_those_of_every_page_that_name_it():
    steps = dict(one_page.steps(PAGE))
    assert steps["its own tests"][-1].endswith("tests/pages/neurons/test_from_the_cell_to_the_unit.py")
    chosen = steps["tests of every page"][-1].split(" or ")
    assert {"2_from_the_cell_to_the_unit", "neurons.from_the_cell_to_the_unit", "two_inputs", "cell_and_unit"} <= set(
        chosen
    )
    assert steps["its build"][-2:] == ["--page", PAGE]
    assert steps["in the browser"][-1] == f"{PAGE}.html"


def test_it_stops_at_the_first_fault_and_says_which(monkeypatch):
    asked = []
    monkeypatch.setattr(one_page, "timed", lambda step, *command: asked.append(step) or step == "spelling")
    assert one_page.main("1.2") == 1
    assert asked[-1] == "spelling" and "its build" not in asked


def test_a_timed_part_says_what_it_took_and_keeps_its_result(capsys):
    assert timed.main("a part", sys.executable, "-c", "raise SystemExit(3)") == 3
    assert re.search(r"──── a part: .* s, FAILED ────", capsys.readouterr().out)
    assert (timed.took(7.4), timed.took(95), timed.took(1200)) == ("7 s", "1 min 35 s", "20 min 0 s")
