"""How long a notebook may run and answer, and which of its cells are left out when all together take too long."""

from dlbook.grade.wire import SlowError

SLOW = "It took longer than {:g} s: is there a loop that never ends?"
DEAD = "Python itself came to an end here (os._exit, a crash, or no memory left)."
LEFT_OUT = "It was left out: it took {:.0f} s, and the notebook as a whole more than {:g} s."
UNRUN = "It was not run, nor what follows: the notebook took more than {:g} s also without its slowest cells."


class Budget:
    """Seconds of the processor: of each cell in the present run, of all runs, of all answers."""

    def __init__(self, total):
        self.total, self.took, self.running, self.answering = total, {}, 0.0, 0.0
        self.again, self.rounds, self.hung = 0.0, 0, False

    def late(self):
        return max(self.running, self.answering) > self.total

    def slow(self):
        """Whether points may have been lost for time."""
        return self.hung or self.rounds > 0 or self.late()

    def repeat(self):
        """All cells begin once more, because something is to be tried in a fresh process; whether there is time."""
        self.again, self.running = self.again + self.running, 0.0
        return self.again <= 2 * self.total

    def ran(self, number, seconds):
        """A cell took so long."""
        self.took[number] = seconds
        self.running += seconds

    def trouble(self, trouble, sandbox, limit):
        """A cell or a call came to no end, or to a bad one: what is to be said of it."""
        self.running += sandbox.spent if limit == "cell" else 0.0
        self.hung = self.hung or isinstance(trouble, SlowError)
        return SLOW.format(sandbox.limits[limit]) if isinstance(trouble, SlowError) else DEAD

    def leave_out(self, count):
        """The time for running is over: `{cell: why}` for those of `count` that are left out from now on.

        The first time they are the slowest, so that the rest takes a quarter of the time; then all that has not been
        run, so that what has been run can be asked.
        """
        self.rounds += 1
        out = self.slowest() if self.rounds == 1 else self.rest(count) if self.rounds == 2 else {}
        if self.rounds <= 2:
            self.took, self.running = {}, 0.0
        return out

    def slowest(self):
        """The slowest cells of this run, down to a quarter of the time."""
        left, out = sorted(self.took.items(), key=lambda item: item[1]), {}
        while sum(seconds for _, seconds in left) > self.total / 4:
            number, seconds = left.pop()
            out[number] = LEFT_OUT.format(seconds, self.total)
        return out

    def rest(self, count):
        """The cells after the last one that ran; only the first of them is told of."""
        after = range(max(self.took, default=-1) + 1, count)
        return {number: UNRUN.format(self.total) if number == after[0] else "" for number in after}
