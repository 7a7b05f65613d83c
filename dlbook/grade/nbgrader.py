"""For those who grade with nbgrader: the points of a question as the last value of a grading cell.

nbgrader runs this in the student's own process, so its scores are not protected; ``python -m dlbook.grade`` is.
"""

import os

from dlbook.grade import spec
from dlbook.grade.check import try_check
from dlbook.grade.student import visible


def points(key, answer):
    """The points that an answer earns, by the specification in the folder ``DLBOOK_ASSIGNMENT``.

    Raises:
        KeyError: if the environment does not name the folder; a grading without checks would give full marks.
    """
    if "DLBOOK_ASSIGNMENT" not in os.environ:
        raise KeyError("set DLBOOK_ASSIGNMENT to the assignment's folder (the one with spec.py) before nbgrader runs")
    assignment = spec.load(os.environ["DLBOOK_ASSIGNMENT"])
    checks = visible(assignment, spec.Variant())["checks"] + assignment.prepare(True, spec.Variant(), "grading")
    mine = [check for check in checks if check["question"] == key]
    return sum(check["points"] for check in mine if try_check(check, answer) is None)
