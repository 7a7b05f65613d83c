"""The visible checks in the teacher's own notebook, where the specification stands beside it."""

from dlbook.grade import spec
from dlbook.grade.check import Checks
from dlbook.grade.student import visible


def master_checks(folder="."):
    """``check`` and ``hint`` for the master notebook, from the specification beside it."""
    checks = Checks(visible(spec.load(folder), spec.Variant()))
    return checks.check, checks.hint
