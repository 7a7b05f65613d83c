"""What is measured of a network as it stands: its answers, how right they are, its gradients."""

import numpy as np

import dlcore


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


def scaled(values):
    """Rows of numbers as whole ones from -127 to 127 of each row's largest; what is no number is 0."""
    with np.errstate(all="ignore"):
        parts = 127 * values / np.abs(values).max(axis=-1, keepdims=True)
    return np.rint(np.nan_to_num(parts, nan=0, posinf=0, neginf=0)).astype(np.int8)
