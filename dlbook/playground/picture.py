"""The picture of where a run stands: everything that the page draws, and a sentence that says it."""

import numpy as np

from dlbook.playground import digits, plane
from dlbook.playground.measure import gradients, scores


def view(run, since=0):
    """All that the page draws. `since`: the step up to which it knows the losses."""
    kind = plane if run.paper is None else digits
    output, units, seen = kind.pictures(run)
    first, *rest = [layer.weight.array for layer in run.layers]
    weights = [first if run.paper is None else digits.strengths(first), *rest]
    measured = scores(run)
    return {
        "step": len(run.losses),
        "losses": np.array(run.losses[since:], np.float32),
        "map": output,
        "units": np.concatenate([np.zeros(0, np.int8), *map(np.ravel, units)]),
        "weights": np.concatenate([one.ravel() for one in weights]),
        "gradients": gradients(run),
        "says": says(seen, measured, len(run.losses), kind.NOUN),
        **measured,
    }


def says(seen, scores, step, noun):
    """The picture in a sentence."""
    if not np.isfinite(scores["loss"]):
        return f"Step {step}: the numbers have grown beyond all bounds. The run has diverged."
    right = f"{scores['right']:.0%} of its own {noun} are right, and {scores['right_test']:.0%} of the test's"
    return f"Step {step}: {right}; the loss is {scores['loss']:.3g}. {seen}"
