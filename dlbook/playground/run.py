"""A run of a program: a few steps at a time, forwards and back."""

import copy

import numpy as np

from dlbook.playground.code import program
from dlbook.playground.settings import SPAN

KEEP = 50  # a state is kept after so many steps, and what lies between is run again


class Run:
    """A program that runs: `losses` so far, and its names (model, optimizer, x, y …)."""

    def __init__(self, settings):
        self.settings, self.names, self.losses, self.kept = settings, {}, [], {}
        exec(compile(program(settings), "<playground>", "exec"), self.names)
        self.model = self.names["model"]
        self.x, self.x_test = self.array("x"), self.array("x_test")
        self.y, self.y_test = (self.array(name)[:, 0] for name in ("y", "y_test"))
        self.span = SPAN if settings.data == "own" else float(1.08 * np.abs(self.x).max())
        self.paper = self.x_test[0] if settings.data == "digits" else None  # the digit that the picture is of

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

    @property
    def layers(self):
        return list(self.model)[::2]

    @property
    def weights(self):
        """How many weights there are, biases not counted."""
        return sum(layer.weight.array.size for layer in self.layers)
