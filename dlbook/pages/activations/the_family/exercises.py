"""Checks of the exercises of the page "The family"."""

import math
from functools import partial

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, call_or_explain, same

check = Exercises()


@check.exercise("2.2a")
def what_ten_sigmoids_leave(share):
    """A quarter, ten times over."""
    share = as_array(share, "The share")
    if share.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {share.shape}.")
    slope = 1 / (1 + math.exp(-1))
    mistakes = (
        (0.25, "That is what a single sigmoid leaves. There are ten in a row."),
        (2.5, "You added ten quarters. Each unit takes a share of what the one before has left: multiply."),
        (0.025, "You divided a quarter by ten. Each unit takes a share of what the one before has left: multiply."),
        (100 * 0.25**10, "That is in per cent. Leave it as a share."),
        (0.25**9, "That is nine in a row."),
        (0.25**11, "That is eleven in a row."),
        (0.5**10, "That is with a half each time. The largest slope of a sigmoid is its answer at 0, ½, times ½."),
        (0.1**10, "The tenth power, yes, but of the largest slope, which is a quarter."),
        (0.1**0.25, "You took the two numbers the other way round: a quarter, to the power of ten."),
        (10**0.25, "You took the two numbers the other way round: a quarter, to the power of ten."),
        (10**-0.25, "You took the two numbers the other way round: a quarter, to the power of ten."),
        (4.0**10, "That is by how much the difference *shrinks*. The share is one divided by it."),
        (10 * 0.25**10, "You multiplied by ten as well. The ten stands in the power only."),
        (0.25**10 / 10, "You divided by ten as well. The ten stands in the power only."),
        (0.5, "That is the sigmoid’s answer at 0. What is passed on is the slope, ten times over."),
        (0.73106**10, "Those are answers multiplied. A difference is passed on by the *slopes*."),
        (0.21**10, "That is with the typical slope. At most: take the largest, a quarter."),
        (1.0, "That would be a ReLU that is on, whose slope is 1."),
        (0.0, "Small, but not 0: no factor of the product is 0."),
        ((slope * (1 - slope)) ** 10, "That is with the slope at the sum 1. The largest slope is at 0."),
    )
    same(share, 0.25**10, "For ten sigmoids in a row", mistakes, rtol=0.06, atol=1e-12, show=False)
    return "About a millionth. That is why ten layers of sigmoids need larger weights than others."


def _pair(answer, shape):
    """The answer and the slope that a function returned, each an array of that shape."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Mistake("Return two things, the answer and its slope: `return a, slope`.")
    got = [as_array(part, what) for part, what in zip(answer, ("The answer", "The slope"), strict=True)]
    for part, what in zip(got, ("answer", "slope"), strict=True):
        if part.shape != shape:
            raise Mistake(
                f"The {what} has shape {part.shape}; one for each sum is asked for, {shape}. "
                "(A number for all sums will not do, nor will `max`, which returns the largest of them.)"
            )
    return got


def _judge(got, want, given, mistakes):
    """Hold an answer and a slope against what is right; `mistakes` are pairs ((answer, slope), words)."""
    answer, slope = _pair(got, want[0].shape)
    if np.allclose(answer, want[1]) and np.allclose(slope, want[0]) and not np.allclose(*want):
        raise Mistake("The answer comes first, then the slope: you have them the other way round.")
    with np.errstate(all="ignore"):
        same(answer, want[0], f"{given}, the answer", [(m[0], words) for m, words in mistakes])
        only = [(m[1], words) for m, words in mistakes if np.allclose(m[0], want[0])]  # of those with this answer
        same(slope, want[1], f"{given}, the slope", only)


_given = partial(
    call_or_explain,
    phrase="truth value",
    words="`if` and `max` ask one question about a whole array. `np.where(z > 0, …, …)` asks each entry.",
)


def leaky(z, leak):
    return np.where(z > 0, z, leak * z), np.where(z > 0, 1.0, leak)


def _as(answer, slope):
    """A wrong function out of two formulas, of sums and a second number."""
    return lambda z, other: (answer(z, other), slope(z, other))


_RISE, _STEP = (lambda z, k: np.where(z > 0, z, k * z)), (lambda z, k: np.where(z > 0, 1.0, k))
LEAKY_MISTAKES = (
    (_as(lambda z, k: np.maximum(z, 0), lambda z, k: (z > 0) * 1.0), "That is the ReLU: nothing leaks."),
    (_as(lambda z, k: np.where(z > 0, z, 0.01 * z), lambda z, k: np.where(z > 0, 1, 0.01)), "The leak is given; you "
     "took 0.01 whatever it is."),
    (_as(lambda z, k: np.where(z > 0, z, -k * z), lambda z, k: np.where(z > 0, 1, -k)), "The sign: where the sum is "
     "negative, so is the answer."),
    (_as(lambda z, k: np.where(z > 0, z, k), _STEP), "Left of 0 the answer is not the leak itself, but leak · z."),
    (_as(lambda z, k: np.where(z > 0, z, z / k), lambda z, k: np.where(z > 0, 1, 1 / k)), "You divided by the leak. "
     "Multiply."),
    (_as(lambda z, k: np.where(z > 0, k * z, z), lambda z, k: np.where(z > 0, k, 1.0)), "You have the two sides the "
     "other way round."),
    (_as(lambda z, k: k * z, lambda z, k: 0 * z + k), "You bent nothing: every sum is multiplied by the leak."),
    (_as(lambda z, k: np.maximum(z, 0) + k * z, lambda z, k: (z > 0) + k), "On the right you added leak · z as well."),
    (_as(lambda z, k: z, lambda z, k: 0 * z + 1), "You bent nothing: negative sums should leak only."),
    (_as(_RISE, lambda z, k: (z > 0) * 1.0), "That is the slope of the ReLU. Left of 0 the slope is the leak."),
    (_as(_RISE, lambda z, k: np.where(z > 0, 1.0, -k)), "Left of 0 the curve still rises: its slope is the leak, "
     "and not minus the leak."),
    (_as(_RISE, lambda z, k: np.where(z > 0, 1.0, k * z)), "Left of 0 you return the answer. Its slope is the number "
     "before z."),
    (_as(_RISE, lambda z, k: np.where(z > 0, z, k)), "Right of 0 you return the answer. Its slope is 1."),
    (_as(_RISE, _RISE), "You return the answer twice. The slope is asked for as well."),
    (_as(_RISE, lambda z, k: np.ones_like(z)), "Left of 0 the curve is flatter: its slope there is the leak."),
    (_as(_RISE, lambda z, k: 0 * z + k), "Right of 0 the slope is 1."),
    (_as(_RISE, lambda z, k: (z > 0) + k), "Right of 0 the slope is 1; you added the leak there as well."),
    (_as(_RISE, lambda z, k: np.sign(z)), "That is the sign of z. Left of 0 the slope is the leak."),
    (_as(_RISE, lambda z, k: np.where(z > 0, 1.0, 0.01)), "The leak is given; in the slope you took 0.01 whatever it "
     "is."),
    (_as(lambda z, k: np.where(z > 0, z, z - k), lambda z, k: np.ones_like(z)), "You subtracted the leak. Multiply."),
    (_as(lambda z, k: np.where(z > 0, z, (1 - k) * z), lambda z, k: np.where(z > 0, 1.0, 1 - k)), "The leak is the "
     "share that comes through, and not the one that is lost."),
    (_as(lambda z, k: np.where(z > k, z, k * z), lambda z, k: np.where(z > k, 1.0, k)), "The corner is at 0, and not "
     "at the leak."),
    (_as(_RISE, lambda z, k: np.where(z > 0, k, 1.0)), "You have the two slopes the other way round."),
)  # fmt: skip


@check.exercise("2.2b")
def leaky_relu(function):
    """Leaky ReLU and its slope for any leak; 0 makes a ReLU of it."""
    for z, leak in (
        (np.array([-2.0, 1.0, 3.0, -0.5, 0.05]), 0.1),
        (np.array([[-3.0, 2.0], [0.5, -4.0]]), 0.3),
        (np.array([-2.0, 1.0]), 0.0),
    ):
        with np.errstate(all="ignore"):
            usual = [(wrong(z, np.float64(leak)), words) for wrong, words in LEAKY_MISTAKES]
        _judge(_given(function, z, leak), leaky(z, leak), f"For a leak of {leak:g}", usual)
    return "With leak 0 it is the ReLU. At exactly 0, where the corner is, either slope is accepted."


def steep(z, k):
    a = 0.5 + 0.5 * np.tanh(0.5 * k * z)
    return a, k * a * (1 - a)


_SIGMA = lambda z: steep(z, 1.0)[0]  # noqa: E731
_ANSWER = lambda z, k: steep(z, k)[0]  # noqa: E731
_NAMED = "The steepness multiplies the sum, *before* the power is taken."
STEEP_MISTAKES = (
    (_as(lambda z, k: _SIGMA(z), lambda z, k: _SIGMA(z) * (1 - _SIGMA(z))), "The steepness has no effect."),
    (_as(lambda z, k: _SIGMA(z / k), lambda z, k: steep(z, 1 / k)[1]), "You divided by the steepness: the larger, "
     "the *flatter* your curve is. Multiply."),
    (_as(lambda z, k: k * _SIGMA(z), lambda z, k: k * _SIGMA(z) * (1 - _SIGMA(z))), _NAMED),
    (_as(lambda z, k: _SIGMA(-k * z), lambda z, k: -steep(z, k)[1]), "Your curve falls: $e^{-kz}$ "
     "below, with this sign, and 1 above."),
    (_as(lambda z, k: np.tanh(k * z), lambda z, k: k * (1 - np.tanh(k * z) ** 2)), "That is a tanh: it goes below 0."),
    (_as(lambda z, k: np.exp(-k * z) / (1 + np.exp(k * z)), lambda z, k: 0 * z), "Check the powers: $1 / (1 + "
     "e^{-kz})$."),
    (_as(lambda z, k: 1 + np.exp(-k * z), lambda z, k: 0 * z), "One divided by that."),
    (_as(lambda z, k: _SIGMA(z + k), lambda z, k: steep(z + k, 1)[1]), "You added the steepness: that shifts the "
     "curve. Multiply."),
    (_as(_ANSWER, lambda z, k: _ANSWER(z, k) * (1 - _ANSWER(z, k))), "The slope by $z$ has one factor more: $kz$ "
     "grows $k$ times as fast as $z$."),
    (_as(_ANSWER, lambda z, k: _ANSWER(z, k) * (1 - _ANSWER(z, k)) / k), "$kz$ grows $k$ times as fast as $z$: "
     "multiply by $k$, where you divided."),
    (_as(_ANSWER, lambda z, k: k * _SIGMA(z) * (1 - _SIGMA(z))), "In the slope the answer stands twice, with its "
     "steepness."),
    (_as(_ANSWER, lambda z, k: k * (1 - _ANSWER(z, k) ** 2)), "$1 - a^2$ belongs to the tanh. For the sigmoid it is "
     "$a (1 - a)$."),
    (_as(_ANSWER, lambda z, k: k * z * (1 - z)), "The slope is $a (1 - a)$ with the *answer* $a$. You put in the sum."),
    (_as(lambda z, k: _SIGMA(z) ** k, lambda z, k: 0 * z), "You took the sigmoid to the power of k. The steepness "
     "multiplies the sum."),
    (_as(_ANSWER, lambda z, k: k * k * _ANSWER(z, k) * (1 - _ANSWER(z, k))), "One factor k too many."),
    (_as(_ANSWER, lambda z, k: z * _ANSWER(z, k) * (1 - _ANSWER(z, k))), "That is the slope by $k$. By $z$ the factor "
     "is $k$."),
    (_as(_ANSWER, lambda z, k: _SIGMA(z) * (1 - _SIGMA(z))), "That is the slope of the plain sigmoid. The steepness "
     "belongs into the answer, and before it as a factor."),
    (_as(_ANSWER, lambda z, k: k * _ANSWER(z, k) ** 2), "$a^2$ should be $a (1 - a)$."),
    (_as(_ANSWER, lambda z, k: k * (1 - _ANSWER(z, k))), "One factor is missing: $a (1 - a)$."),
    (_as(_ANSWER, lambda z, k: k * _ANSWER(z, k)), "One factor is missing: $a (1 - a)$."),
    (_as(_ANSWER, lambda z, k: -k * _ANSWER(z, k) * (1 - _ANSWER(z, k))), "The curve rises: its slope is positive."),
    (_as(_ANSWER, _ANSWER), "You return the answer twice. The slope is asked for as well."),
)  # fmt: skip


@check.exercise("2.2c")
def steeper_sigmoid(function):
    """Sigmoid of k z, with its slope, also for huge sums."""
    for z, k in ((np.array([-2.0, 1.0, 0.3]), 2.0), (np.array([[-1.0, 0.4], [2.0, 0.0]]), 0.5), (np.arange(3.0), 5.0)):
        with np.errstate(all="ignore"):
            usual = [(wrong(z, k), words) for wrong, words in STEEP_MISTAKES]
        _judge(_given(function, z, k), steep(z, k), f"For a steepness of {k:g}", usual)
    z = np.array([-1e4, 1e4])
    answer, slope = _pair(_given(function, z, 1.0), z.shape)
    if not (np.allclose(answer, [0, 1]) and np.allclose(slope, 0)):
        if np.allclose(answer, [0, 1]):
            raise Mistake("Your answers bear huge sums, your slope does not. Write it with the answer: k·a·(1 − a).")
        raise Mistake(
            f"For sums of −10,000 and 10,000 I received {answer.tolist()}, with slopes {slope.tolist()}. $e^z / (1 + "
            "e^z)$ is infinity divided by itself there; $1 / (1 + e^{-z})$ is not."
        )
    two = np.linspace(-3, 3, 7)
    same(2 * as_array(call(function, two, 2.0)[0], "a") - 1, np.tanh(two), "For 2a − 1 at steepness 2, the tanh")
    return "And with steepness 2, your answer times 2 minus 1 is the tanh. I have tried it."


def gated(z, gate, gate_slope):
    return z * gate(z), gate(z) + z * gate_slope(z)


def _bell(z):
    return np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _area(z):
    return np.vectorize(lambda one: 0.5 * (1 + math.erf(one / math.sqrt(2))))(z)


def _sigmoid_slope(z):
    return _SIGMA(z) * (1 - _SIGMA(z))


#: what the check opens the gate with: the sigmoid makes SiLU, the area below the bell curve makes GELU
GATES = {"SiLU": (_SIGMA, _sigmoid_slope), "GELU": (_area, _bell)}
GATED_MISTAKES = (
    (lambda z, f, d: (f(z), d(z)), "That is the gate itself. The answer is the sum *times* the gate."),
    (lambda z, f, d: (f(z) * f(z), 2 * f(z) * d(z)), "That is the gate times itself. The answer is z times the gate."),
    (lambda z, f, d: (z + f(z), 1 + d(z)), "You added. The gate is a factor."),
    (lambda z, f, d: (f(z * z), 2 * z * d(z * z)), "You put $z \\cdot z$ into the gate. Multiply outside it."),
    (lambda z, f, d: (np.maximum(z, 0) * f(z), (z > 0) * (f(z) + z * d(z))), "You cut the sum off at 0 first. The "
     "gate alone decides."),
    (lambda z, f, d: (-z * f(z), -f(z) - z * d(z)), "The sign is the wrong way round."),
    (lambda z, f, d: (z * d(z), d(z)), "You multiplied by the gate's slope. The answer is z times the gate."),
    (lambda z, f, d: (z * f(z), f(z)), "That is half of the product rule: the gate moves, too. Add `z * slope(z)`."),
    (lambda z, f, d: (z * f(z), z * d(z)), "That is half of the product rule: z moves, too. Add `gate(z)`."),
    (lambda z, f, d: (z * f(z), d(z)), "The slope of a product is not the product of the slopes, 1 · gate'. Product "
     "rule: two terms."),
    (lambda z, f, d: (z * f(z), f(z) + d(z)), "The second term is the gate's slope *times z*."),
    (lambda z, f, d: (z * f(z), f(z) - z * d(z)), "The two terms are added."),
    (lambda z, f, d: (z * f(z), d(z) + z * f(z)), "The factors are mixed up: gate + z · (slope of the gate)."),
    (lambda z, f, d: (z * f(z), 1 + z * d(z)), "The first term is the slope of z, 1, *times the gate*."),
    (lambda z, f, d: (z * f(z), f(z) + z * d(f(z))), "The gate’s slope is asked at z, not at the gate’s answer."),
    (lambda z, f, d: (z * f(z), f(z) * d(z)), "The two terms: gate(z) *plus* z · (slope of the gate)."),
    (lambda z, f, d: (z * f(z), z * (f(z) + z * d(z))), "One factor z too many: that of the gate’s term is enough."),
    (lambda z, f, d: (z, 0 * z + 1), "The gate is missing."),
    (lambda z, f, d: (z * f(z), f(z) * z * d(z)), "The two terms are added, and you multiplied them."),
    (lambda z, f, d: (z * f(z), f(z) + z * f(z) * (1 - f(z))), "You took the sigmoid's slope for every gate. The "
     "gate's own slope is given."),
    (lambda z, f, d: (z * f(z), z * f(z)), "You return the answer twice. The slope is asked for as well."),
    (lambda z, f, d: (z * f(z), z * f(z) + z * d(z)), "The first term is the gate alone: the slope of z is 1."),
)  # fmt: skip


@check.exercise("2.2d")
def gated_unit(function):
    """z · gate(z) and its slope: SiLU with one gate, GELU with another."""
    for z in (np.array([-2.0, 1.0, 0.3]), np.array([[-1.0, 0.7], [2.5, -0.2]])):
        for name, (gate, slope) in GATES.items():
            with np.errstate(all="ignore"):
                usual = [(wrong(z, gate, slope), words) for wrong, words in GATED_MISTAKES]
            given = f"With the gate of {name}"
            _judge(_given(function, z, gate, slope), gated(z, gate, slope), given, usual)
    return "One function, two members of the family: with the sigmoid as gate it is SiLU, with Φ it is GELU."


def dead(z):
    return float((z <= 0).all(0).mean())


_WHOLE = "An example for which no unit is on is not what is asked for: look along axis 0, down each column."
DEAD_MISTAKES = (
    (lambda z: (z <= 0).mean(), "That is the share of all *answers* that are 0. A dead unit gives 0 to every example."),
    (lambda z: 1 - (z <= 0).mean(), "That is the share of answers that are not 0."),
    (lambda z: (z <= 0).any(0).mean(), "Those units answer 0 to *some* example. Dead are those that do so to all."),
    (lambda z: (z > 0).any(0).mean(), "That is the share that lives."),
    (lambda z: (z <= 0).all(1).mean(), _WHOLE),
    (lambda z: (z <= 0).all(0).sum(), "That is their number. The share is asked for: divide by how many units there "
     "are, or take the mean."),
    (lambda z: 100 * (z <= 0).all(0).mean(), "That is in per cent. Leave it as a share."),
    (lambda z: (z <= 0).all(0).sum() / len(z), "You divided by the number of examples. Divide by the number of units."),
    (lambda z: (z.mean(0) <= 0).mean(), "A mean below 0 does not make a unit dead: one example above 0 is enough."),
    (lambda z: (z[0] <= 0).mean(), "You looked at the first example only."),
    (lambda z: (z[-1] <= 0).mean(), "You looked at the last example only."),
    (lambda z: (z <= 0).all(0).sum() / z.size, "You divided by the number of all sums. Divide by that of the units."),
    (lambda z: ((z <= 0).mean(0) > 0.5).mean(), "Those units answer 0 to *most* examples. Dead are those that do so "
     "to all."),
    (lambda z: (z <= 0).any(1).mean(), "Dead are units that are off for *all* examples; and along axis 0, down each "
     "column."),
    (lambda z: (z <= 0).all(0).sum() / (z > 0).any(0).sum(), "You divided by the units that live. Divide by all."),
    (lambda z: (z > 0).any(0).sum(), "That is the number of those that live."),
    (lambda z: (z > 0).all(0).mean(), "That is the share of units that are on for *every* example."),
    (lambda z: (z < 0).all(0).mean(), "A unit whose largest sum is exactly 0 answers 0 as well."),
)  # fmt: skip


def _tables():
    """Sums (N, units) of which the first units are dead, the last is on once; one table has a unit that is always on,
    the others an example for which all are off."""
    rng = np.random.default_rng(0)
    for n, units, gone in ((6, 8, 2), (5, 4, 1), (9, 3, 0), (40, 10, 7)):
        z = np.abs(rng.normal(size=(n, units))) * np.where(rng.random((n, units)) < 0.4, 1, -1)
        z[rng.integers(1, n - 1), gone:] = 0.3  # each that lives is on for some example, which is not the first or last
        z[:, -1] = -np.abs(z[:, -1])
        z[n // 2, -1] = 0.01
        if n == 6:
            z[:, -2] = np.abs(z[:, -2])
        else:
            z[-1] = -np.abs(z[-1])
        z[:, :gone] = -np.abs(z[:, :gone])
        z[0, : min(gone, 1)] = 0.0
        yield z, gone


@check.exercise("2.2e")
def share_of_dead_units(function):
    """The share of the columns without any positive sum."""
    tables = list(_tables())
    answers = [as_array(_given(function, z), "The share") for z, _ in tables]
    pairs = list(zip(tables, answers, strict=True))
    usual = [words for wrong, words in DEAD_MISTAKES
             if all(got.shape == () and np.isclose(wrong(z), got) for (z, _), got in pairs)]  # fmt: skip
    for (z, gone), got in pairs:
        n, units = z.shape
        if got.shape == (units,):
            raise Mistake("That is a list, one entry a unit. The share of the dead ones is asked for: its mean.")
        if got.dtype == bool:
            raise Mistake(
                "You asked the whole table at once. `.all(0)` asks each unit; then take the mean of the answers."
            )
        given = f"For {units} units and {n} examples"
        if usual and not np.isclose(got, dead(z)):
            raise Mistake(f"{given}: {usual[0]}")
        if got.shape == () and got == 0 and gone:
            raise Mistake(
                f"I received 0, but {gone} of the {units} units have no positive sum. These are sums, *before* the "
                "ReLU: of a dead unit they are negative, rarely 0. And each column is asked by itself: `.all(0)`."
            )
        same(got, dead(z), given)
    return "Print it for every layer whenever you train with ReLU. It costs one line."
