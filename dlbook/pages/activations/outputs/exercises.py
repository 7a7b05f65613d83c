"""Checks of the exercises of the page "Outputs"."""

from functools import partial

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call_or_explain, same

check = Exercises()

LEAD = np.log(9)  # the score by which 90 % leads 10 %


@check.exercise("2.3a")
def a_temperature(temperature):
    """From 90 % to 75 %: the odds 9 to 1 become 3 to 1, half the logarithm."""
    temperature = as_array(temperature, "The temperature")
    if temperature.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {temperature.shape}.")
    mistakes = (
        (0.5, "That is one divided by it. At a temperature below 1 the network becomes surer than 90 %."),
        (1.0, "At temperature 1 nothing changes: it still says 90 %."),
        (0.9 / 0.75, "You divided the shares. The temperature divides the *scores*."),
        (0.75 / 0.9, "You divided the shares. The temperature divides the *scores*."),
        (3.0, "The *odds* go from 9 to 1 down to 3 to 1, by a factor of 3. The scores are their logarithms."),
        (
            1 / 3,
            "The odds fall by a factor of 3. The temperature divides the scores, which are logarithms of the odds.",
        ),
        (np.log(9), "That is the score, 2.197, before it is divided by anything."),
        (np.log(3), "That is what the score has to become. By what was 2.197 divided?"),
        (np.log(9) / 0.75, "Divide the score by the *score* that means 75 %, not by 75 %."),
        (2.5, "You divided the shares of *no*, 25 % by 10 %. The temperature divides the *scores*."),
        (0.4, "You divided the shares of *no*, 10 % by 25 %. The temperature divides the *scores*."),
    )
    if temperature <= 0:
        raise Mistake("A temperature is positive: a negative one would turn the order of the scores round.")
    if not np.isclose(temperature, 2, rtol=5e-3):
        for wrong, words in mistakes:
            if np.isclose(temperature, wrong, rtol=5e-3):
                raise Mistake(words)
        score = LEAD / temperature
        raise Mistake(
            f"With {temperature:.4g} the score becomes {score:.3g}: it says {100 / (1 + np.exp(-score)):.0f} %."
        )
    return "Half the score is the square root of the odds: from 9 to 1 they fall to 3 to 1."


def shares(z, temperature):
    e = np.exp((z - z.max(-1, keepdims=True)) / temperature)
    return e / e.sum(-1, keepdims=True)


def _by_columns(z, temperature):
    return shares(z.T, temperature).T


SOFTMAX_MISTAKES = (
    (lambda z, t: shares(z, 1.0), "The temperature has no effect."),
    (lambda z, t: shares(z, t * t), "You divide by the temperature twice."),
    (lambda z, t: shares(z - z.max(0), t), "You subtract the largest of each *column*, which changes the differences "
     "within a row. A row’s own largest is `z.max(1, keepdims=True)`."),
    (lambda z, t: shares(z * np.log(2), t), "Those are powers of 2. Softmax takes powers of e, `np.exp`."),
    (lambda z, t: shares(z, t).round(2), "You rounded the shares. Leave them as they come."),
    (lambda z, t: shares(z, t).round(3), "You rounded the shares. Leave them as they come."),
    (lambda z, t: shares(z * t, 1.0), "You multiplied by the temperature. Scores are *divided* by it."),
    (lambda z, t: shares(z, 1.0) / t, "You divided the shares. Divide the scores, before the powers."),
    (lambda z, t: np.exp((z - z.max(-1, keepdims=True)) / t), "Divide by the sum: each row should add up to 1."),
    (lambda z, t: np.exp(z / t) / np.exp(z / t).sum(), "Each row has a sum of its own; you took that of the table."),
    (lambda z, t: shares(z.ravel(), t).reshape(z.shape), "Each row has a sum of its own; you took that of the table."),
    (_by_columns, "Your columns add up to 1. The rows should: sum over axis 1, and keep it, `keepdims=True`."),
    (lambda z, t: z / t / (z / t).sum(1, keepdims=True), "The powers of e are missing, so shares can be negative."),
    (lambda z, t: np.log(shares(z, t)), "That is the logarithm of the shares."),
    (lambda z, t: shares(z, t).max(1), "That is the largest share of each row. All of them are asked for."),
    (lambda z, t: shares(z, t)[0], "That is the first row only."),
    (lambda z, t: shares(-z, t), "The sign: a larger score gets a larger share."),
    (lambda z, t: 1 / (1 + np.exp(-z / t)), "That is the sigmoid of each score by itself: rows would not add up to 1."),
)  # fmt: skip


_LATE = (
    "At temperature 1 yours is safe, at others not. Did you divide first, and then subtract the largest of the "
    "*undivided* scores? Subtract first, or take the largest of `z / T`."
)


@check.exercise("2.3b")
def softmax_of_rows(function):
    """Softmax of each row with a temperature, also for huge scores."""
    rng = np.random.default_rng(0)
    for n, k, t in ((4, 3, 2.0), (1, 5, 0.5), (3, 2, 3.0), (3, 3, 1.5)):
        z = rng.normal(0, 2, (n, k))
        with np.errstate(all="ignore"):
            usual = [(wrong(z, t), words) for wrong, words in SOFTMAX_MISTAKES]
        same(_given(function, z, t), shares(z, t), f"For scores ({n}, {k}) and temperature {t}", usual)
    for z, t, words in (
        (np.array([[1e4, 0.0, -1e4]]), 1.0, "Subtract each row's largest score before the powers."),
        (
            np.array([[3.0, 2.0], [1e4, 9999.0]]),
            1.0,
            "Each row needs its own largest score, `z.max(1, keepdims=True)`.",
        ),
        (np.array([[-1e4, -1e4 - 1]]), 1.0, "Scores far below 0 make every power 0: the largest, subtracted, helps."),
        (np.array([[1e4, 9999.0]]), 2.0, _LATE),
        (np.array([[-1e4, -1e4 - 1]]), 2.0, _LATE),
        (np.array([[1e4, 9999.0]]), 0.5, _LATE),
    ):
        got = as_array(_given(function, z, t), "The shares")
        if got.shape != z.shape or not np.isfinite(got).all() or not np.allclose(got, shares(z, t)):
            raise Mistake(f"For scores as large as 10,000 I received {np.round(got, 3).tolist()}. {words}")
    return "Every row adds up to 1, at any temperature, and nothing overflows."


_given = partial(
    call_or_explain,
    phrase="broadcast",
    words="Shapes do not fit. Keep the axis over which you sum or take the largest: `keepdims=True`.",
)


def gap(confidence, right, bins):
    """Expected calibration error of confidences (N,) and of what was right (N,)."""
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return sum(abs((right[place == b] - confidence[place == b]).sum()) for b in range(bins)) / len(confidence)


def _groups(confidence, right, bins):
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    found = [(confidence[place == b], right[place == b]) for b in range(bins)]
    return [(c, r) for c, r in found if len(c)]


def _within(bin_of):
    """ECE of the answers that have a bin: `bin_of` gives each its place, or none below 0."""

    def error(c, r, bins):
        place = bin_of(c, bins)
        sums = [abs((r[place == b] - c[place == b]).sum()) for b in range(bins)]
        return sum(sums) / len(c)

    return error


def _place(c, bins):
    return np.ceil(c * bins).astype(int) - 1


def _filled(c, bins):
    place = np.empty(len(c), int)
    for b, part in enumerate(np.array_split(np.argsort(c), bins)):
        place[part] = b
    return place


def _stretched(c, bins):
    return np.clip(((c - c.min()) / max(np.ptp(c), 1e-9) * bins).astype(int), 0, bins - 1)


def _gaps(confidence, right, bins):
    return np.array([r.mean() - c.mean() for c, r in _groups(confidence, right, bins)])


_CANCEL = (
    "That is the gap of all answers together: too sure in one bin and not sure enough in another cancel. Take the size "
    "of each bin's gap, `abs`, before you add up."
)
GAP_MISTAKES = (
    (lambda c, r, b: np.abs(_gaps(c, r, b)).mean(), "A bin with one answer counts as much as a full one. Weigh each "
     "gap by the share of the answers that lie in its bin."),
    (lambda c, r, b: np.abs(_gaps(c, r, b)).sum() / b, "A bin with one answer counts as much as a full one. Weigh each "
     "gap by the share of the answers that lie in its bin."),
    (lambda c, r, b: np.abs(_gaps(c, r, b)).sum(), "You added up the gaps of the bins. Weigh each by the share of the "
     "answers that lie in its bin."),
    (lambda c, r, b: np.abs(_gaps(c, r, b)).max(), "That is the largest gap. The mean over the answers is asked for."),
    (lambda c, r, b: abs(r.mean() - c.mean()), _CANCEL),
    (lambda c, r, b: r.mean() - c.mean(), _CANCEL),
    (lambda c, r, b: c.mean() - r.mean(), _CANCEL),
    (lambda c, r, b: np.abs(r - c).mean(), "You took the gap of each answer by itself: one answer is right or wrong, "
     "never 90 % right. Take the means in a bin first."),
    (lambda c, r, b: gap(c, r, b) * len(c), "Divide by the number of answers."),
    (lambda c, r, b: 100 * gap(c, r, b), "That is in points of a hundred. Leave it as a share."),
    (lambda c, r, b: gap(c, r, b) / b, "You divided by the number of bins as well."),
    (lambda c, r, b: sum((r_.mean() - c_.mean()) ** 2 * len(c_) for c_, r_ in _groups(c, r, b)) / len(c), "You squared "
     "the gaps. Take their size, `abs`."),
    (lambda c, r, b: gap(c, r, 10), "The number of bins has no effect: you took 10."),
    (lambda c, r, b: gap(c, 1.0 - r, b), "You took what was wrong for what was right."),
    (lambda c, r, b: gap(c, r, b) * len(c) / b, "Divide by the number of answers, not by the number of bins."),
    (_within(_filled), "Your bins hold equally many answers. Here they are equally wide: 1 / bins each."),
    (_within(_stretched), "Your bins begin at the lowest confidence and end at the highest. The first begins at 0, the "
     "last ends at 1."),
    (_within(lambda c, b: np.ceil((2 * c - 1) * b).astype(int) - 1), "Your bins begin at 0.5. The first begins at 0: "
     "of more than two classes, the largest share may be below one half."),
    (_within(lambda c, b: np.where(_place(c, b) == 0, -1, _place(c, b))), "You leave out the first bin, 0 to 1 / bins: "
     "`range(bins)` begins at 0."),
    (_within(lambda c, b: np.where(_place(c, b) == b - 1, -1, _place(c, b))), "You leave out the last bin, which ends "
     "at 1."),
    (_within(lambda c, b: np.where(_place(c, b) == 0, 0, -1)), "That is the first bin only. Does `return` stand inside "
     "the loop?"),
    (_within(lambda c, b: np.where(_place(c, b) == b - 1, 0, -1)), "That is the last bin only. Add up, "
     "`total += …`."),
    (lambda c, r, b: _within(_place)((_place(c, b) + 0.5) / b, r, b), "You took the middle of each bin for its "
     "confidence. Take the mean of the confidences in it."),
)  # fmt: skip


@check.exercise("2.3c")
def calibration_gap(function):
    """The mean gap between confidence and what was right, in bins; empty bins, and a confidence of exactly 1."""
    rng = np.random.default_rng(1)
    for n, bins in ((40, 5), (7, 10), (60, 4), (1, 3)):
        confidence = np.round(rng.uniform(0.02, 0.98, n), 2) + 0.003  # none on the border of two bins
        if n > 1:
            confidence[:2] = 0.123, 0.963  # someone in the first bin, and in the last
        right = rng.random(n) < np.where(confidence > 0.5, confidence**3, 1 - (1 - confidence) ** 3)  # gaps both ways
        c, r = confidence, right.astype(float)
        want = gap(c, r, bins)
        usual = [(made, words) for wrong, words in GAP_MISTAKES if not np.isclose(made := wrong(c, r, bins), want)]
        got = as_array(_given(function, confidence, right, bins), "The gap")
        if np.isnan(got).any():
            raise Mistake("I received nan: an empty bin has no mean. Leave it out, or work with sums.")
        same(got, want, f"For {n} answers in {bins} bins", usual)
    got = as_array(_given(function, np.array([1.0, 1.0, 0.45]), np.array([True, False, True]), 2), "The gap")
    if got.shape == () and np.isclose(got, 0.55 / 3):
        raise Mistake("Answers with confidence 1 got lost: they belong into the last bin.")
    same(got, gap(np.array([1.0, 1.0, 0.45]), np.array([1.0, 0.0, 1.0]), 2), "For confidences of exactly 1", ())
    border = np.array([0.5, 0.9, 0.3]), np.array([True, False, False]), 2
    got = as_array(_given(function, *border), "The gap")
    if got.shape == () and np.isclose(got, 0.7 / 3):
        raise Mistake("A confidence on the border of two bins belongs to the lower one: its upper end is included.")
    same(got, 1.1 / 3, "For confidences 0.5, 0.9, 0.3, the first right, in 2 bins", ())
    return "The same number as `dlcore.train.calibration_error`."


def _confidence(z, temperature):
    return shares(z, temperature).max(1).mean()


def _matching(z, y):
    """The temperature at which the mean confidence is the share that is right, by halving."""
    right, low, high = (z.argmax(1) == y).mean(), 0.01, 100.0
    for _ in range(60):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if _confidence(z, middle) > right else (low, middle)
    return middle


def _by_logarithm(z, y):
    tried = np.geomspace(0.1, 20, 1000)
    return tried[np.argmax([np.log(shares(z, t)[np.arange(len(y)), y]).mean() for t in tried])]


@check.exercise("2.3d")
def matching_temperature(function):
    """As sure as right, on the whole: found within a hundredth."""
    for seed, scale in ((2, 6.0), (3, 1.5), (4, 0.7)):
        rng = np.random.default_rng(seed)
        true = rng.normal(0, 1.5, (400, 5))
        y = (true + rng.gumbel(size=true.shape)).argmax(1)
        z = true * scale
        want, right = _matching(z, y), (z.argmax(1) == y).mean()
        got = as_array(_given(function, z, y), "The temperature")
        if got.shape != ():
            raise Mistake(f"One temperature is asked for. I received an array of shape {got.shape}.")
        if not np.isfinite(got) or got <= 0:
            raise Mistake(f"A temperature is a positive number. I received {got:g}.")
        sure = _confidence(z, float(got))
        if abs(sure - right) <= 0.01:
            continue
        if np.isclose(got, 1 / want, rtol=0.03):
            raise Mistake(f"That is one divided by it: scores are divided by T. I received {got:.3g}.")
        if np.isclose(got, right, atol=5e-3) or np.isclose(got, _confidence(z, 1.0), atol=5e-3):
            raise Mistake("That is a share, not the temperature at which the two shares agree.")
        if got > 99 and got % 1 == 0:
            raise Mistake(f"{got:g} looks like a place in the list of those tried. Return the T that stands there.")
        if np.isclose(got, _by_logarithm(z, y), rtol=0.013):
            raise Mistake("That is the T with the largest mean logarithm. Here the mean confidence is to be matched.")
        if got < 1e-3:
            raise Mistake("That is the smallest difference, it seems. Asked for is the T that it belongs to: `argmin`.")
        far = got > 3 * want or got < want / 3
        ends = " If it is the last you tried, try further; and compare sizes of differences, `abs`." if far else ""
        raise Mistake(
            f"At your temperature, {got:.3g}, the mean confidence is {100 * sure:.0f} %, and {100 * right:.0f} % are "
            f"right. The network is still too {'sure' if sure > right else 'modest'}: T should be "
            f"{'larger' if sure > right else 'smaller'}.{ends}"
        )
    return "On the whole as sure as right. Whether it is so in every bin, only the curve can tell."
