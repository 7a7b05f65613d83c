"""A run of a program: a few steps at a time, forwards and back, and the picture of where it stands."""

import copy

import numpy as np

import dlcore
from dlbook.playground.code import program
from dlbook.playground.settings import SPAN

SIDE = 50  # numbers along each side of the large picture; those of the units have every second
KEEP = 50  # a state is kept after so many steps, and what lies between is run again
CLASSES = ("blue", "orange")


class Run:
    """A program that runs: `losses` so far, and its names (model, optimizer, x, y …)."""

    def __init__(self, settings):
        self.settings, self.names, self.losses, self.kept = settings, {}, [], {}
        exec(compile(program(settings), "<playground>", "exec"), self.names)
        self.model = self.names["model"]
        self.x, self.x_test = self.array("x"), self.array("x_test")
        self.y, self.y_test = (self.array(name)[:, 0] for name in ("y", "y_test"))
        self.span = SPAN if settings.data == "own" else float(1.08 * np.abs(self.x).max())
        line = np.linspace(-self.span, self.span, SIDE, dtype=np.float32)
        self.grid = dlcore.tensor(np.stack(np.meshgrid(line, -line), axis=-1).reshape(-1, 2))  # the first row is on top
        self.everywhere = dlcore.tensor(np.concatenate([self.x, self.x_test]))

    def array(self, name):
        return self.names[name].numpy()

    def step(self):
        if len(self.losses) % KEEP == 0:
            self.kept[len(self.losses)] = copy.deepcopy(self.state())
        with np.errstate(all="ignore"):  # a run may diverge: that is to be seen
            self.losses.append(self.names["step"]())

    def state(self):
        optimizer, rng = self.names["optimizer"], self.names["rng"]
        return self.model.state_dict(), optimizer.state_dict(), rng.bit_generator.state

    def go(self, steps):
        """Be at a step, a later one or an earlier one."""
        if steps < len(self.losses):
            start = max(steps - 1, 0) // KEEP * KEEP  # so that the step itself is run, and its gradient there
            model, optimizer, rng = copy.deepcopy(self.kept[start])
            self.model.load_state_dict(model)
            self.names["optimizer"].load_state_dict(optimizer)
            self.names["optimizer"].zero_grad()
            self.names["rng"].bit_generator.state = rng
            del self.losses[start:]
        while len(self.losses) < steps:
            self.step()

    # ── what is seen of it ────────────────────────────────────────────────────────────────────────────────────────

    @property
    def layers(self):
        return list(self.model)[::2]

    @property
    def weights(self):
        """How many weights there are, biases not counted."""
        return sum(layer.weight.array.size for layer in self.layers)

    def answers(self, x):
        """What each hidden unit answers to some points, layer by layer, and the output before its sigmoid."""
        found, h = [], x
        with dlcore.no_grad(), np.errstate(all="ignore"):
            for i, layer in enumerate(self.model):
                h = layer(h)
                if i % 2:
                    found.append(h.array)
        return found, h.array[:, 0]

    def scores(self):
        """Share right and mean loss, on the points to learn from and on those of the test."""
        z = self.answers(self.everywhere)[1]
        y = np.concatenate([self.y, self.y_test])
        with np.errstate(all="ignore"):
            right, loss = (z > 0) == (y > 0.5), np.logaddexp(0, z) - y * z
        cut = len(self.y)
        return {"right": right[:cut].mean(), "right_test": right[cut:].mean(), "loss": loss[:cut].mean(),
                "loss_test": loss[cut:].mean()}  # fmt: skip

    def gradients(self):
        """The size of each layer's gradient at the last step: the root of its mean square."""
        with np.errstate(all="ignore"):
            sizes = [layer.weight.grad for layer in self.layers]
            return [0.0 if g is None else float(np.sqrt((g.array**2).mean())) for g in sizes]

    def view(self, since=0):
        """All that the page draws. `since`: the step up to which it knows the losses."""
        units, z = self.answers(self.grid)
        with np.errstate(all="ignore"):
            p = 1 / (1 + np.exp(-z))
        scores = {name: float(value) for name, value in self.scores().items()}
        return {
            "step": len(self.losses),
            "losses": np.array(self.losses[since:], np.float32),
            "map": bytes_of(255 * p).astype(np.uint8),
            "units": np.concatenate([unit_pictures(one) for one in units]) if units else np.zeros(0, np.int8),
            "weights": np.concatenate([layer.weight.array.ravel() for layer in self.layers]),
            "gradients": self.gradients(),
            "says": says(p, scores, len(self.losses)),
            **scores,
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
