"""The picture of where a run stands: everything that the page draws, and a sentence that says it."""

from functools import lru_cache

import numpy as np

import dlcore

SIDE = 50  # numbers along each side of the large picture; those of the units have every second
CLASSES = ("blue", "orange")


@lru_cache(4)
def grid(span):
    """The places of the large picture, row by row from the top."""
    line = np.linspace(-span, span, SIDE, dtype=np.float32)
    return dlcore.tensor(np.stack(np.meshgrid(line, -line), axis=-1).reshape(-1, 2))


def answers(model, x):
    """What each hidden unit answers to some points, layer by layer, and the output before its sigmoid."""
    found, h = [], x
    with dlcore.no_grad(), np.errstate(all="ignore"):
        for i, layer in enumerate(model):
            h = layer(h)
            if i % 2:
                found.append(h.array)
    return found, h.array[:, 0]


def scores(run):
    """Share right and mean loss, on the points to learn from and on those of the test."""
    z = answers(run.model, dlcore.tensor(np.concatenate([run.x, run.x_test])))[1]
    y = np.concatenate([run.y, run.y_test])
    with np.errstate(all="ignore"):
        right, loss = (z > 0) == (y > 0.5), np.logaddexp(0, z) - y * z
    cut = len(run.y)
    parts = {"right": right[:cut], "right_test": right[cut:], "loss": loss[:cut], "loss_test": loss[cut:]}
    return {name: float(part.mean()) for name, part in parts.items()}


def gradients(run):
    """The size of each layer's gradient at the last step: the root of its mean square."""
    with np.errstate(all="ignore"):
        sizes = [layer.weight.grad for layer in run.layers]
        return [0.0 if g is None else float(np.sqrt((g.array**2).mean())) for g in sizes]


def view(run, since=0):
    """All that the page draws. `since`: the step up to which it knows the losses."""
    units, z = answers(run.model, grid(run.span))
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(-z))
    measured = scores(run)
    return {
        "step": len(run.losses),
        "losses": np.array(run.losses[since:], np.float32),
        "map": bytes_of(255 * p).astype(np.uint8),
        "units": np.concatenate([unit_pictures(one) for one in units]) if units else np.zeros(0, np.int8),
        "weights": np.concatenate([layer.weight.array.ravel() for layer in run.layers]),
        "gradients": gradients(run),
        "says": says(p, measured, len(run.losses)),
        **measured,
    }


def bytes_of(values):
    """Rounded numbers; what is none counts as 0."""
    return np.rint(np.nan_to_num(values, nan=0, posinf=0, neginf=0))


def unit_pictures(answers):
    """(points, units) -> each unit's picture, from -127 to 127 of the largest answer that it gives."""
    pictures = answers.reshape(SIDE, SIDE, -1)[::2, ::2].transpose(2, 0, 1).reshape(answers.shape[1], -1)
    most = np.abs(pictures).max(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        return bytes_of(127 * pictures / most).astype(np.int8).ravel()


def says(p, scores, step):
    """The picture in a sentence."""
    if not np.isfinite(p).all() or not np.isfinite(scores["loss"]):
        return f"Step {step}: the numbers have grown beyond all bounds. The run has diverged."
    right = f"{scores['right']:.0%} of its own points are right, and {scores['right_test']:.0%} of the test's"
    return f"Step {step}: {right}; the loss is {scores['loss']:.3g}. {regions(p.reshape(SIDE, SIDE) > 0.5)}"


def regions(orange):
    """Where the two colours lie.

    >>> regions(np.eye(3) < 0)
    'The whole square is blue.'
    """
    share = orange.mean()
    if share in (0, 1):
        return f"The whole square is {CLASSES[int(share)]}."
    edge = np.concatenate([orange[0], orange[-1], orange[:, 0], orange[:, -1]])
    if edge.all() or not edge.any():
        inner, outer = CLASSES if edge.all() else CLASSES[::-1]
        return f"{inner.title()} ({share if inner == 'orange' else 1 - share:.0%} of the square) lies inside {outer}."
    return f"Blue holds {1 - share:.0%} of the square and orange {share:.0%}; their border reaches the edge."
