"""Checks of the exercises of part 4, Recurrent networks."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()


@check.exercise("4.4a")
def one_step(h):
    """tanh(0.5·2 + (−1)·0.4 + 0.2)."""
    h = as_array(h, "The new state")
    mistakes = (
        (0.8, "That is the sum. The state is the tanh of it."),
        (np.tanh(1.0), "The state before, and the bias, are missing: the loop adds −1 · 0.4."),
        (np.tanh(1.2), "The state before is missing: the loop adds −1 · 0.4."),
        (np.tanh(0.6), "The bias is missing: add 0.2 before the tanh."),
        (np.tanh(1.6), "The weight of the loop is −1: the state before is subtracted."),
        (np.tanh(1.0) - 0.2, "The tanh comes last, over all three: input, state before, bias."),
        (np.tanh(0.6) + 0.2, "The bias goes into the tanh, not behind it."),
        (
            np.tanh(-1.4),
            "Input and state have changed places: w_ih = 0.5 belongs to the input 2, w_hh = −1 to the state.",
        ),
        (
            np.tanh(-1.6),
            "Input and state have changed places: w_ih = 0.5 belongs to the input 2, w_hh = −1 to the state.",
        ),
        (1 / (1 + np.exp(-0.8)), "That is the sigmoid. The activation here is tanh."),
        (0.4 + np.tanh(0.8), "The new state *replaces* the old one; it is not added to it."),
        (np.tanh(0.4), "The bias is subtracted; it is added: 1 − 0.4 + 0.2."),
        (
            np.tanh(1.0) + np.tanh(-0.4) + np.tanh(0.2),
            "You took the tanh of each part. Add the three up first, then take the tanh once.",
        ),
        (np.tan(0.8), "That is the tangent. `np.tanh` is the hyperbolic one, which stays between −1 and 1."),
    )
    same(h, np.tanh(0.8), "The new state", mistakes, rtol=0, atol=6e-3, show=False)
    return "The sum is 1 − 0.4 + 0.2 = 0.8, and tanh(0.8) = 0.66."


def unrolled(x, h, w_ih, w_hh, b, bend=np.tanh, loop=True, carry="new", order=1, keep="all", added="before"):
    """The states (T, H) of a sequence, or what a usual mistake makes of them."""
    first, states = h, []
    for now in x[::order]:
        z = w_ih @ now + (w_hh @ h if loop is True else 0) + (b if added == "before" else 0)
        new = bend(z) + (w_hh @ h if loop == "behind" else 0) + (b if added == "behind" else 0)
        states.append(new)
        h = {"new": new, "sum": z, "first": first, "added": h + new}[carry]
    states = states[::order]
    return {"all": np.array(states), "last": states[-1], "before": np.array([first, *states[:-1]]),
            "both": np.array([first, *states]), "turned": np.array(states).T,
            "same": np.array(states[-1:] * len(states))}[keep]  # fmt: skip


UNROLL_MISTAKES = (
    ({"loop": False}, "Your steps do not read the state: `w_hh @ h` is missing."),
    ({"carry": "first"}, "Every step starts from the first state. Hand the new one on: `h = …` in the loop."),
    ({"loop": "behind"}, "The tanh is taken over the whole sum: `w_hh @ h` goes into it, too."),
    ({"added": "behind"}, "The bias goes into the tanh, not behind it."),
    ({"keep": "same"}, "All rows are the last state: you changed one array in place. Make a new `h` at each step."),
    ({"bend": lambda z: z}, "The tanh is missing."),
    ({"carry": "sum"}, "You hand the sum on. The next step reads the state, the tanh of it."),
    ({"carry": "added"}, "The new state replaces the old one; yours is added to it."),
    ({"bend": lambda z: np.maximum(z, 0)}, "That is ReLU. Here the activation is tanh."),
    ({"bend": lambda z: 1 / (1 + np.exp(-z))}, "That is the sigmoid. Here the activation is tanh."),
    ({"order": -1}, "You read the sequence from its end."),
    ({"keep": "last"}, "That is the last state only. Return those of all steps, one row each."),
    ({"keep": "before"}, "Each row is one step late: row 0 should be the state after the first input."),
    ({"keep": "both"}, "The state from before the first step is in it, too. Return T rows, one for each input."),
    ({"keep": "turned"}, "Your table is transposed: a row belongs to a step."),
)


@check.exercise("4.4b")
def unroll(function):
    """The states of sequences of several lengths and widths."""
    rng = np.random.default_rng(3)
    for t, d, n in ((4, 3, 2), (1, 2, 3), (6, 2, 5)):
        x, h, w_ih, w_hh = (rng.normal(size=s) for s in ((t, d), (n,), (n, d), (n, n)))
        b = rng.normal(size=n)
        usual = [(unrolled(x, h, w_ih, w_hh, b, **wrong), words) for wrong, words in UNROLL_MISTAKES]
        usual.append((unrolled(x, h, w_ih, w_hh.T, b), "`w_hh` is transposed: a row holds the weights of one unit."))
        usual.append((unrolled(x, h, w_ih, w_hh, 0), "The bias is missing."))
        usual.append((unrolled(x, 0 * h, w_ih, w_hh, b), "You start from zeros. The first state is given: `h`."))
        got = call(function, x, h, w_ih, w_hh, b)
        if isinstance(got, tuple):
            raise Mistake("You returned several things. Return the states only, (T, H).")
        same(got, unrolled(x, h, w_ih, w_hh, b), f"For a sequence of {t} steps and {n} units", usual)
    return "That is the whole of a recurrent layer: one loop, and the same weights each time."


def through_time(x, w_ih, w_hh, back=None, slope=True, arrives=1.0, shift=0, through="loop", total=sum):
    """Gradients (w_ih, w_hh) of the last state of one unit, at most `back` steps back, or with a usual mistake."""
    h = [0.0]
    for now in x:
        h.append(np.tanh(w_ih * now + w_hh * h[-1]))
    g, to_ih, to_hh = arrives, [], []
    for t in range(len(x), 0, -1)[:back]:
        delta = g * (1 - h[t] ** 2) if slope is True else g if slope is False else slope(g, h, t)
        to_ih.append(delta * x[t - 1])
        to_hh.append(delta * h[t - 1 + shift])
        g = {"loop": delta * w_hh, "input": delta * w_ih, "each": delta * w_hh + 1,
             "none": delta, "skip": g * w_hh, "one": arrives}[through]  # fmt: skip
    return np.array([total(to_ih), total(to_hh)])


BPTT_MISTAKES = (
    ({"back": 1}, "You stopped after the last step. The state before depends on the weights, too: go on back."),
    ({"slope": False}, "The slope of tanh is missing: times 1 − h² at each step."),
    ({"through": "none"}, "On its way to the state before, the gradient passes through `w_hh`: multiply by it."),
    ({"through": "skip"}, "Past the sum goes what reached the sum, with the slope in it: `g = delta * w_hh`."),
    ({"through": "input"}, "The way to the state before leads through the loop: `g = delta * w_hh`."),
    ({"through": "each"}, "The loss is the last state only. You let a gradient of 1 arrive at every step."),
    ({"through": "one"}, "The gradient starts anew at each step. Hand it on: `g = delta * w_hh`."),
    ({"shift": 1}, "The loop's weight is multiplied by the state *before* the step, not by the one after it."),
    ({"total": lambda parts: parts[-1]}, "That is the first step's share only. Add up those of all steps."),
    ({"total": np.mean}, "That is the mean over the steps. The gradient is their sum."),
    ({"slope": lambda g, h, t: g * h[t] * (1 - h[t])}, "h(1 − h) is the slope of the sigmoid. That of tanh is 1 − h²."),
    ({"slope": lambda g, h, t: g * (1 - h[t - 1] ** 2)}, "The slope is that of the own state, not of the one before."),
    ({"slope": lambda g, h, t: g * (1 - h[t])}, "The slope of tanh is 1 − h²: square the state."),
    ({"arrives": -1.0}, "The sign is turned. Return the gradients, not the step against them."),
)  # fmt: skip
SEQUENCES = (((0.3, 0.7, -0.2, 1.1, 0.4), -0.6, 0.9), ((1.0, 0.0, 0.0), 1.0, 0.5), ((0.5, -1.0, 2.0), 0.8, -1.3))


def _judge(function, right, more=(), extra=()):
    usual = {"back": extra[0]} if extra else {}
    for x, w_ih, w_hh in SEQUENCES:
        x = np.array(x)
        mistakes = [(through_time(x, w_ih, w_hh, **usual | wrong), words) for wrong, words in (*more, *BPTT_MISTAKES)]
        want = right(x, w_ih, w_hh)
        mistakes += [(want[::-1], "The two gradients have changed places: that of `w_ih` comes first.")]
        mistakes = [(wrong, words) for wrong, words in mistakes if not np.allclose(wrong, want)]
        got = call(function, x, w_ih, w_hh, *extra)
        if np.ndim(got) == 0:
            raise Mistake("I expected two gradients: return that of `w_ih` and that of `w_hh`.")
        same(np.array([as_array(one, "A gradient") for one in got]), want, f"For x = {x.tolist()}, w_ih = {w_ih}, "
             f"w_hh = {w_hh}", mistakes, rtol=1e-4)  # fmt: skip


@check.exercise("4.4c")
def bptt(function):
    """Backpropagation through time for one unit, on sequences of three steps and of five."""
    _judge(function, through_time)
    return "The same as autograd finds: walk back, multiply by slope and loop, add up what each step's weights get."


def _length(gradients):
    return np.sqrt(sum(np.square(g).sum() for g in gradients))


def clipped(gradients, limit):
    """All gradients, shortened together to a common length of at most limit."""
    factor = min(1, limit / _length(gradients))
    return [g * factor for g in gradients]


CLIP_MISTAKES = (
    (lambda gs, m: gs, "Nothing is shortened: their common length is more than the limit."),
    (lambda gs, m: [g * m / _length(gs) for g in gs], "Short gradients are to stay as they are; yours are lengthened."),
    (lambda gs, m: [np.clip(g, -m, m) for g in gs],
     "You cut each number off, which turns the direction. Shorten all by one factor."),
    (lambda gs, m: [g * min(1, m / _length([g])) for g in gs],
     "You shortened each array by itself. The length is that of all numbers of all arrays together."),
    (lambda gs, m: [g / _length(gs) for g in gs], "You made the common length 1. It should be at most `limit`."),
    (lambda gs, m: [g * min(1, m / _length(gs) ** 2) for g in gs],
     "The root is missing: the length is the root of the sum of squares."),
    (lambda gs, m: [g * min(1, m / sum(np.abs(g).sum() for g in gs)) for g in gs],
     "That is the sum of the sizes. The length is the root of the sum of squares."),
    (lambda gs, m: [g * min(1, m / max(np.abs(g).max() for g in gs)) for g in gs],
     "That is the largest number. The length is the root of the sum of squares."),
    (lambda gs, m: [g * min(1, m / sum(_length([g]) for g in gs)) for g in gs],
     "You added the lengths of the arrays up. Add up the squares, then take the root."),
)  # fmt: skip


@check.exercise("4.4d")
def clip(function):
    """Gradients that are too long, short enough, and of very different sizes."""
    rng = np.random.default_rng(4)
    for scale, limit in ((0.1, 2.0), (3.0, 1.0), (5.0, 2.5)):
        gradients = [scale * rng.normal(size=s) for s in ((2, 3), (3,), (3, 3))]
        want = clipped(gradients, limit)
        got = call(function, gradients, limit)
        if not isinstance(got, (list, tuple)) or len(got) != len(gradients):
            raise Mistake("I expected a list with as many arrays as there are gradients.")
        usual = [wrong(gradients, limit) for wrong, _ in CLIP_MISTAKES]
        given = f"For gradients of common length {_length(gradients):.2f} and the limit {limit:g}, array"
        for i, part in enumerate(want):
            mistakes = [(wrong[i], words) for wrong, (_, words) in zip(usual, CLIP_MISTAKES, strict=True)
                        if not all(np.allclose(a, b) for a, b in zip(wrong, want, strict=True))]  # fmt: skip
            same(got[i], part, f"{given} {i}", mistakes)
    return "The direction stays, only the length is limited. PyTorch: `torch.nn.utils.clip_grad_norm_`."


TRUNCATED_MISTAKES = (
    ({"back": 3}, "You went one step too far: k = 2 steps back are two steps in all, the last one counted."),
    ({"back": None}, "You went back to the start. Stop after k = 2 steps."),
    ({"back": None, "total": lambda parts: sum(parts[2:])}, "Those are the steps left out. Keep the last k = 2."),
)


def _newest(x, w_ih, w_hh, k):
    return through_time(x[-k:], w_ih, w_hh)


@check.exercise("4.4e")
def truncated(function):
    """At most two steps back, from states that were computed from the very beginning."""
    for x, w_ih, w_hh in SEQUENCES:
        got = np.array(
            [as_array(one, "A gradient") for one in np.atleast_1d(call(function, np.array(x), w_ih, w_hh, 2))]
        )
        want = through_time(np.array(x), w_ih, w_hh, back=2)
        cut = _newest(np.array(x), w_ih, w_hh, 2)
        if got.shape == cut.shape and np.allclose(got, cut) and not np.allclose(cut, want):
            raise Mistake(
                "You cut the *sequence*. The states are computed from its beginning; only the way back is cut."
            )
    _judge(function, lambda x, w_ih, w_hh: through_time(x, w_ih, w_hh, back=2), TRUNCATED_MISTAKES, (2,))
    return "Forward from the beginning, back for k steps: what a text of a million letters is trained with."
