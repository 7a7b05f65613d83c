"""Assignments: visible checks in the student's notebook, and a judge that student code cannot reach."""

from dlbook.grade.check import Checks, master_checks, notebook_checks

__all__ = ["Checks", "master_checks", "notebook_checks"]
