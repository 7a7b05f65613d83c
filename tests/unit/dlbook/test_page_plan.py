"""Course plans: every page once, in order; assignments behind what they need; weeks that are about equally full."""

import doctest
import itertools
from pathlib import Path

import pytest
import yaml

from dlbook.page import plan
from dlbook.page.guesses import page_name
from dlbook.page.plan import Step

ROOT = Path(__file__).resolve().parents[3]
TOC = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [page["file"] for part in TOC["parts"] for page in part["chapters"] if page["file"].startswith("chapters/")]
ASSIGNMENTS = plan.assignments_in(ROOT / "assignments")


def row_of(*minutes):
    return [[Step(f"page {number}", each)] for number, each in enumerate(minutes)]


@pytest.mark.parametrize("count", [6, 10, 12, 14])
def test_every_page_and_assignment_has_its_week(count):
    row = plan.units(dict.fromkeys(PAGES, 20), ASSIGNMENTS)
    found = plan.weeks(row, count)
    assert len(found) == count and all(found)
    assert [unit for week in found for unit in week] == row
    assert [unit[0].name for unit in row] == PAGES
    assert sorted(step.name for unit in row for step in unit[1:]) == sorted(ASSIGNMENTS)


def test_an_assignment_is_handed_out_with_the_page_that_it_needs():
    for page, *due in plan.units(dict.fromkeys(PAGES, 20), ASSIGNMENTS):
        assert not page.assignment and all(step.assignment for step in due)
        assert all(plan.NEEDS[plan.number_of(step.name)] == page_name(page.name) for step in due)


def test_an_assignment_without_its_page_is_refused():
    with pytest.raises(ValueError, match="names no page of the table of contents for 7_attention, 99_unknown"):
        plan.units({"chapters/1_neurons/4_layers": 20}, {"7_attention": 90, "99_unknown": 60})


@pytest.mark.parametrize("minutes", [(10, 10, 30, 20), (60, 5, 5, 5, 40), (7, 9, 1, 30, 22, 4, 15), (5, 5, 5)])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_other_cut_is_better(minutes, count):
    """Against all cuts that there are."""

    def cost(cuts):
        return sum(sum(minutes[a:b]) ** 2 for a, b in itertools.pairwise((0, *cuts, len(minutes))))

    found = sum(plan.minutes_of(week) ** 2 for week in plan.weeks(row_of(*minutes), count))
    assert found == min(map(cost, itertools.combinations(range(1, len(minutes)), count - 1)))


def test_fewer_pages_than_weeks():
    assert plan.weeks(row_of(5, 5), 6) == [[unit] for unit in row_of(5, 5)]


def test_examples():
    assert doctest.testmod(plan).failed == 0
