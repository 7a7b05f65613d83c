"""Checks of the exercises of part 1, Neurons."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()

SIGN = "The bias is the threshold with its sign turned round."


@check.exercise("1.2a")
def bias_of_an_and(bias):
    """A step unit with weights (1, 1) must fire for two active inputs only."""
    bias = as_array(bias, "The bias")
    if bias.shape != ():
        raise Mistake(f"A unit has one bias. I received an array of shape {bias.shape}.")
    none, one, both = (bool(total + bias >= 0) for total in (0, 1, 2))
    if none and bias > 0:
        raise Mistake(
            f"With this bias the unit fires even when both inputs are 0: a bias above zero pushes it on. {SIGN}"
        )
    if none:
        raise Mistake("With this bias the unit fires even when both inputs are 0: the sum 0 reaches the threshold 0.")
    if one:
        raise Mistake("A single active input is enough to fire this unit: that is an *or*. Raise the threshold.")
    if not both:
        raise Mistake("This unit never fires: even two active inputs do not reach the threshold.")
    return f"Your unit answers 0, 0, 0, 1 to the four pairs: an *and*. Its threshold is {-bias:g}."


BATCH_MISTAKES = (
    (lambda x, w, b: x @ w + b, "That is the sum before it is bent. A ReLU answers 0 where it is negative."),
    (lambda x, w, b: np.maximum(x @ w, 0), "The bias is missing. Add it to the sum, before the ReLU."),
    (lambda x, w, b: np.maximum(x @ w, 0) + b, "The bias comes too late: it belongs in the sum, before the ReLU."),
    (lambda x, w, b: np.maximum(x * w + b, 0), "The products are not added up: one answer per input came out."),
    (lambda x, w, b: np.maximum(x * w, 0).sum(axis=1) + b, "You bend every product on its own. Add first, bend once."),
    (lambda x, w, b: np.maximum(x @ w + b, 0)[:, None], "The numbers are right, but they stand in a column, (N, 1)."),
    (lambda x, w, b: np.maximum(x @ w + b, 0).sum(), "You added up the examples too. Each keeps its own answer."),
    (lambda x, w, b: np.maximum(-x @ w - b, 0), "The sign is turned round: you answer where the sum is negative."),
    (lambda x, w, b: np.minimum(x @ w + b, 0), "You kept what is negative. A ReLU keeps what is positive."),
    (lambda x, w, b: np.maximum(x @ w - b, 0), "You subtracted the bias. Add it to the sum."),
    (lambda x, w, b: np.maximum((x * w + b).sum(1), 0), "You added the bias once for each input. Add it once."),
    (
        lambda x, w, b: (x @ w + b >= 0) * 1.0,
        "That is a step unit. A ReLU answers the sum itself where it is positive.",
    ),
    (
        lambda x, w, b: 1 / (1 + np.exp(-x @ w - b)),
        "That is a sigmoid unit. A ReLU answers the sum itself where it is positive.",
    ),
)


@check.exercise("1.2b")
def unit_on_a_batch(function):
    """The ReLU unit on batches of several sizes."""
    rng = np.random.default_rng(3)  # sums of both signs in the first batch
    for n, d in ((4, 2), (5, 3), (1, 4)):
        x, w, b = rng.normal(size=(n, d)), rng.normal(size=d), 0.7
        got = call(function, x, w, b)
        usual = [(wrong(x, w, b), words) for wrong, words in BATCH_MISTAKES]
        same(got, np.maximum(x @ w + b, 0), f"For a batch of shape ({n}, {d})", usual)
    return "One line of arithmetic, and it answers a whole batch."


@check.exercise("1.2c")
def border_as_asked(border):
    """Weights and bias of the half-plane x1 >= 2 x2 + 1, up to a positive factor."""
    found, want = as_array(border, "The tuple (w1, w2, b)"), np.array([1.0, -2.0, -1.0])
    if found.shape != (3,):
        raise Mistake(f"I expected three numbers, (w1, w2, b), and received an answer of shape {found.shape}.")
    if not found[:2].any():
        raise Mistake("Without weights z is the same everywhere: there is no border.")
    if np.allclose(_direction(found), _direction(want)):
        return "The arrow (1, −2) points to the side where your unit fires; any positive multiple is the same unit."
    if np.allclose(_direction(found), -_direction(want)):
        raise Mistake("The border is right, but your unit fires on the other side of it. Turn every sign round.")
    if np.allclose(_direction(found[:2]), _direction(want[:2])):
        raise Mistake(
            "Your border has the right slope, but lies elsewhere. Try a point on it, (1, 0): z must be 0 there."
        )
    points = np.array([[5, 0], [0, 0], [3, 0.5], [1, 1], [0, -2], [-3, -1], [-4, -3], [9, 5]])
    fires, right = points @ found[:2] + found[2] >= 0, points[:, 0] >= 2 * points[:, 1] + 1
    at = np.flatnonzero(fires != right)
    if not at.size:
        raise Mistake("Nearly: far from the border every point is right, but the border itself is a little off.")
    should = "fire, and it is off" if right[at[0]] else "be off, and it fires"
    raise Mistake(f"At x₁ = {points[at[0], 0]:g}, x₂ = {points[at[0], 1]:g} your unit should {should}.")


def _direction(vector):
    return vector / np.linalg.norm(vector)


def spikes_of(current, dt, leak=True, reset=-65.0, refractory=2.0, lift=10.0, start=-65.0):
    """Count the spikes of the cell, or of one that is built with a usual mistake."""
    v, deaf, count = start, 0, 0
    for now in current:
        if deaf > 0:
            deaf -= 1
            continue
        v += dt / 10 * ((-65 - v if leak else 0) + lift * now)
        if v >= -50:
            v, deaf, count = v if reset is None else reset, round(refractory / dt), count + 1
    return count


CELL_MISTAKES = (
    ({"reset": None}, "After a spike the voltage must be set back to −65 mV."),
    (
        {"reset": None, "refractory": 0},
        "After a spike the voltage must be set back to −65 mV; yours fires in every step.",
    ),
    ({"refractory": 0}, "It is not deaf for 2 ms after a spike: in that time the voltage does not move."),
    ({"leak": False}, "Your cell never forgets: the leak is missing, the term that pulls the voltage back to rest."),
    (
        {"leak": False, "refractory": 0},
        "Leak and refractory time are missing: your cell forgets nothing and is never deaf.",
    ),
    ({"reset": 0.0}, "After a spike, back to −65 mV and not to 0: 0 mV lies above the threshold."),
    ({"reset": 0.0, "refractory": 0}, "After a spike, back to −65 mV and not to 0: 0 mV lies above the threshold."),
    ({"lift": 1.0}, "The resistance is missing: each nA lifts the voltage by 10 mV, not by 1."),
    ({"start": 0.0}, "The voltage starts at −65 mV, at rest, and not at 0, which lies above the threshold."),
    ({"dt": 0.1}, "You took steps of 0.1 ms; the length of a step is the argument `dt`."),
)


@check.exercise("1.2d")
def spike_count(function):
    """The cell under currents below and above its threshold, for two step lengths; one spike more or less is fine.

    A mistake is named if it explains all the counts.
    """
    cases = [(1.4, 300, 0.1), (2.0, 200, 0.1), (4.0, 100, 0.1), (2.0, 200, 0.5)]
    currents = [np.full(round(ms / dt), amps) for amps, ms, dt in cases]
    given = [f"With {amps:g} nA for {ms} ms in steps of {dt:g} ms" for amps, ms, dt in cases]
    found = []
    for current, (*_, dt), words in zip(currents, cases, given, strict=True):
        found.append(as_array(call(function, current, dt), words))
        if found[-1].shape != ():
            raise Mistake(
                f"I expected one count for the whole current; I received an array of shape {found[-1].shape}."
            )

    def counts(**kind):
        pairs = zip(currents, cases, strict=True)
        return np.array([spikes_of(current, **{"dt": dt, **kind}) for current, (*_, dt) in pairs])

    want, found = counts(), np.array(found)
    off = (np.abs(found - want) > 1) | ((want == 0) & (found != 0))
    if not off.any():
        return "You have built a spiking cell. It is silent below 1.5 nA and keeps its pace at any fine time step."
    told = [
        words for kind, words in CELL_MISTAKES if (np.abs(found - counts(**kind)) <= counts(**kind).clip(0, 1)).all()
    ]
    if found.tolist() == [0, 1, 1, 1]:
        told = ["It stops counting at its first spike. Does the `return` stand inside the loop?"]
    at = off.argmax()
    seen = f"{given[at]}: expected {want[at]} spikes, received {found[at]:g}."
    raise Mistake(" ".join([seen, *told[:1]]))
