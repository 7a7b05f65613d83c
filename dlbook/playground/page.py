"""What the page's script calls: open some settings, go to a step, give the code. One run is under way at a time."""

from types import SimpleNamespace

import numpy as np

from dlbook.playground import code, digits
from dlbook.playground.picture import view
from dlbook.playground.problems import PROBLEMS, judge
from dlbook.playground.run import Run
from dlbook.playground.settings import read

_now = SimpleNamespace(run=None, problem=None)


def start(settings, step=0, problem=None, paper=None):
    """Begin a run and take it to a step; its points, or what can be put onto the paper, and its first picture."""
    _now.run, _now.problem = Run(read(settings)), PROBLEMS.get(problem)
    run = _now.run
    if run.paper is not None:
        run.paper = digits.brightness(paper or digits.papers(run)[:64])
        return {**go(step), "papers": digits.papers(run), "learns": len(run.y)}
    points = np.concatenate([np.column_stack([run.x, run.y]), np.column_stack([run.x_test, run.y_test])])
    return {**go(step), "points": points.astype(np.float32), "learns": len(run.y), "span": run.span}


def look(paper):
    """Put a digit onto the paper, 64 grey levels; the picture where the run stands."""
    run = _now.run
    run.paper = digits.brightness(paper)
    return go(len(run.losses), len(run.losses))


def go(step, since=0):
    """Take the run to a step, an earlier or a later one; the picture there. `since`: the step up to which
    the page knows the losses."""
    run = _now.run
    run.go(step)
    seen = view(run, min(since, step))
    return {**seen, "verdict": judge(_now.problem, run, seen) if _now.problem else None}


def export(settings, step, library="dlcore"):
    """The program of some settings up to a step, as text and as a notebook."""
    settings = read(settings)
    return {"text": code.whole(settings, step, library), "notebook": code.notebook(settings, step, library)}
