"""The tables of book/course_plans.md: the pages and assignments that there are, spread over the weeks of a course.

    {course-plan} 6 short     six weeks, short paths
    {course-plan} 14 whole    fourteen weeks, everything on the pages

How they are spread says dlbook.page.plan; minutes are those that stand under the pages' titles (dlbook.sphinx.lengths).
"""

from pathlib import Path

from docutils import nodes

from dlbook.page.plan import assignments_in, minutes_of, units, weeks
from dlbook.sphinx.lengths import lengths_of
from dlbook.sphinx.reports import Report

PATHS = {"short": (0, "short paths"), "whole": (1, "everything")}


class CoursePlan(Report):
    """`{course-plan} weeks path`: a row for each week."""

    required_arguments = 2

    def run(self):
        count, (which, path) = int(self.arguments[0]), PATHS[self.arguments[1]]
        minutes = {doc: lengths_of(self.env, doc)[which].minutes for doc, _ in self.executions()}
        folder = Path(self.env.app.srcdir) / "assignments"
        for specification in sorted(folder.glob("*/spec.py")):
            self.env.note_dependency(str(specification))
        plan = weeks(units(minutes, assignments_in(folder)), count)
        rows = [self._row(number, week) for number, week in enumerate(plan, 1)]
        mean = sum(map(minutes_of, plan)) / len(plan)
        label = f"{count} week{'s' * (count > 1)}, {path}: about {mean:.0f} minutes a week"
        return [self.table(["Week", "Pages", "Assignment handed out", "Minutes"], rows, [8, 52, 28, 12], label)]

    def _row(self, number, week):
        steps = [step for unit in week for step in unit]
        pages = [self.page_link(step.name) for step in steps if not step.assignment]
        due = [nodes.paragraph("", step.name.replace("_", " ")) for step in steps if step.assignment]
        return [str(number), pages, due or "–", f"{minutes_of(week)}"]


def setup(app):
    app.add_directive("course-plan", CoursePlan)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
