"""How the book's pages and assignments are spread over the weeks of a course; the tables of book/course_plans.md.

Pages keep their order; an assignment is handed out with the last page that it needs, in the same week. Weeks are cut so
that none is much fuller than another.
"""

import functools
from dataclasses import dataclass
from pathlib import Path

from dlbook.page.guesses import page_name

#: the last page that an assignment needs, by its number; that page must be there before the assignment is
NEEDS = {
    1: "neurons/layers",
    2: "activations/outputs",
    3: "backprop/going_downhill",
    4: "backprop/optimisers",
    5: "backprop/overfitting",
    6: "architectures/convolution",
    7: "architectures/attention_and_the_transformer",
    8: "challenges/adversarial_examples",
}


@dataclass(frozen=True)
class Step:
    """A page, by its name, or an assignment, by that of its folder; and the minutes that it takes."""

    name: str
    minutes: int
    assignment: bool = False


def number_of(assignment):
    """The number of an assignment.

    >>> number_of("7_attention_and_a_tiny_gpt")
    7
    """
    return int(assignment.partition("_")[0])


def units(pages, assignments):
    """Lists of a page and the assignments that are handed out with it; pages and assignments are names and minutes.

    Raises:
        ValueError: if an assignment needs a page that is not there, or nobody has said which.
    """
    due = {}
    for name in sorted(assignments, key=number_of):
        due.setdefault(NEEDS.get(number_of(name)), []).append(Step(name, assignments[name], assignment=True))
    found = [[Step(name, minutes), *due.pop(page_name(name), [])] for name, minutes in pages.items()]
    if due:
        names = ", ".join(step.name for left in due.values() for step in left)
        raise ValueError(f"plan.NEEDS names no page of the table of contents for {names}")
    return found


def minutes_of(some):
    """The minutes of a list of units."""
    return sum(step.minutes for unit in some for step in unit)


def weeks(row, count):
    """Cut a row of units into that many weeks, in order and none empty, with the smallest sum of squared minutes.

    >>> [minutes_of(week) for week in weeks([[Step("", m)] for m in (10, 10, 30, 20)], 3)]
    [20, 30, 20]
    """

    @functools.cache
    def best(start, left):
        """The cost of the units from ``start`` on in ``left`` weeks, and where the first of these weeks ends."""
        if left == 1:
            return minutes_of(row[start:]) ** 2, len(row)
        ends = range(start + 1, len(row) - left + 2)
        return min((minutes_of(row[start:end]) ** 2 + best(end, left - 1)[0], end) for end in ends)

    found, start = [], 0
    for left in range(min(count, len(row)), 0, -1):
        end = best(start, left)[1]
        found.append(row[start:end])
        start = end
    return found


def assignments_in(folder):
    """The assignments in a folder: names and minutes."""
    from dlbook.grade import spec

    paths = sorted(Path(folder).glob("*/spec.py"))
    return {path.parent.name: spec.load(path.parent).minutes for path in paths}
