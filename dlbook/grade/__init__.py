"""Assignments: visible checks in the student's notebook, and a judge that student code cannot reach."""

from dlbook.grade.check import Checks, notebook_checks

__all__ = ["Checks", "notebook_checks"]
