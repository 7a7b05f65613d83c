"""Checks of the exercises of the page "Going downhill"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()

ONE_STEP_MISTAKES = (
    (0.2, "That is the limit, 2/c: it lands at w = −2, exactly as high on the other side. Or did you take 5 for the "
     "curvature? The slope of 5w² is 10w."),
    (0.05, "That goes half of the way: the factor 1 − ηc is 0.5. It has to be 0."),
    (10.0, "That is the curvature itself. The rate that lands at the bottom is 1/c."),
    (20.0, "That is the slope at w = 2. The rate says how far to go for each unit of slope."),
    (0.4, "The factor would be −3: three times as far away, on the other side."),
    (2.0, "That is where you stand. The rate that lands at the bottom is the same from everywhere: 1/c."),
    (5.0, "That is the number before w². The slope of 5w² is 10w, and the rate is 1 over the curvature."),
    (-0.1, "A negative rate walks up. The step goes against the slope already: w − rate · slope."),
)  # fmt: skip


@check.exercise("3.3a")
def one_step_to_the_bottom(rate):
    """1/c for the loss 5 w²."""
    rate = as_array(rate, "The rate")
    if rate.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {rate.shape}.")
    same(rate, 0.1, "For the loss 5w²", ONE_STEP_MISTAKES, show=False)
    return "2 − 0.1 · 20 = 0. From any other start it would be as good."


@check.exercise("3.3b")
def one_epoch(function):
    """Shuffled batches that hold each row once; the first ones are so large that drawing with replacement shows."""
    for n, size in ((60, 40), (12, 4), (10, 3), (5, 8)):
        given = f"For {n} rows in batches of {size}"
        rows = _batches(function, n, size, given)
        _right_sizes([batch.size for batch in rows], n, size, given)
        _each_once(rows, n, given)
    _shuffled(function)
    return "Each row once, the last batch as long as it comes."


def _batches(function, n, size, given, seed=0):
    """The batches that the reader's function returns, each as a flat array of whole numbers."""
    batches = call(function, n, size, np.random.default_rng(seed))
    if not isinstance(batches, (list, tuple)) and not hasattr(batches, "__next__"):
        raise Mistake(f"{given}: expected a list of arrays, received {type(batches).__name__}.")
    batches = list(batches)
    rows = [as_array(batch, given) for batch in batches]
    if any(batch.size and batch.dtype.kind not in "iu" for batch in map(np.asarray, batches)):
        raise Mistake(f"{given}: row numbers are whole numbers, with which an array can be cut; these are not.")
    if any(batch.ndim != 1 for batch in rows):
        shapes = ", ".join(str(batch.shape) for batch in rows[:3])
        raise Mistake(f"{given}: expected a list of arrays of row numbers, received parts of shape {shapes} …")
    return rows


def _right_sizes(sizes, n, size, given):
    """Raise Mistake unless the batches have the lengths that an epoch has."""
    want = [min(size, n - first) for first in range(0, n, size)]
    if sizes == want:
        return
    if sizes == want[:-1]:
        raise Mistake(f"{given}: the last batch, the smaller one, is missing. Its examples would have no turn.")
    if sizes == [*want, 0]:
        raise Mistake(f"{given}: there is an empty batch at the end. Stop as soon as all rows had their turn.")
    if len(want) > 1 and sizes == [size] * len(want):
        raise Mistake(f"{given}: the last batch is full, so it holds rows that had their turn. It may be smaller.")
    if len(sizes) == size:
        raise Mistake(f"{given}: these are {size} batches. `size` says how many rows are in one.")
    if sorted(sizes) == sorted(want):
        raise Mistake(f"{given}: the smaller batch comes last. Yours have the sizes {sizes}.")
    raise Mistake(f"{given}: expected batches of {want}, received {len(sizes)} of {str(sizes[:4])[1:-1]} … rows.")


def _each_once(batches, n, given):
    """Raise Mistake unless the rows are 0 … n - 1 in some order."""
    rows = np.concatenate(batches)
    if np.array_equal(np.sort(rows), np.arange(n)):
        return
    if not np.isin(rows, np.arange(n)).all():
        raise Mistake(f"{given}: the rows run from {rows.min():g} to {rows.max():g}; expected 0 to {n - 1}.")
    twice = len(rows) - len(np.unique(rows))
    if any(len(np.unique(batch)) < len(batch) for batch in batches):
        raise Mistake(
            f"{given}: some batches hold the same row twice, so other rows have no turn. That is drawing *with* "
            "replacement, as `rng.integers` and `rng.choice` do. `rng.permutation(n)` gives each row once."
        )
    raise Mistake(
        f"{given}: {twice} places hold a row that was in an earlier batch, so others have no turn. Shuffle once for "
        "the whole epoch, then cut; do not draw each batch anew."
    )


def _shuffled(function):
    """Raise Mistake if the order is the natural one, in part or whole, or comes from another generator than given."""
    epochs = [_batches(function, 48, 8, "For 48 rows in batches of 8", seed) for seed in (1, 1, 2)]
    orders = [np.concatenate(batches) for batches in epochs]
    if np.array_equal(orders[0], np.arange(48)):
        raise Mistake("The rows come in their old order. Shuffle them, with `rng.permutation(n)`.")
    if not np.array_equal(orders[0], orders[1]) or np.array_equal(orders[0], orders[2]):
        raise Mistake("The order does not come from `rng`: the same `rng` must give the same order, another another.")
    together = [{frozenset(batch.tolist()) for batch in batches} for batches in epochs]
    if together[0] == together[2]:
        raise Mistake("The same rows share a batch in every epoch. Shuffle all rows first, then cut.")


LIMIT_MISTAKES = (
    (lambda c, n: 1 / c[-1], "That is 1/c. The limit is 2/c."),
    (lambda c, n: c[-1], "That is the largest curvature. The limit is 2 divided by it."),
    (lambda c, n: 4 / c[-1], "The slope has a factor 2 in front: the matrix is 2 XᵀX / N."),
    (lambda c, n: 2 / c[-1] / n, "The mean divides by N: the matrix is 2 XᵀX / N."),
    (lambda c, n: 4 / c[-1] / n, "The matrix is 2 XᵀX / N; you took XᵀX."),
    (lambda c, n: 2 / c[0], "You took the smallest curvature. The largest one sets the limit."),
    (lambda c, n: 2 / c.mean(), "You took the mean curvature. The largest one sets the limit."),
    (
        lambda c, n: 2 / np.sqrt((c**2).sum()),
        "`np.linalg.norm` of a matrix takes in all its curvatures. The largest one alone sets the limit.",
    ),
    (lambda c, n: 2 / np.sqrt(c[-1] * n / 2), "You took the largest stretch of X itself. The matrix is 2 XᵀX / N."),
    (lambda c, n: 2 / c.sum(), "You added up the curvatures. The largest one alone sets the limit."),
)


@check.exercise("3.3c")
def limit_of_a_linear_model(function):
    """2 over the largest curvature, the largest eigenvalue of 2 XᵀX / N."""
    rng = np.random.default_rng(3)
    for n, d in ((40, 3), (25, 5), (60, 2)):
        x = rng.normal(size=(n, d)) * rng.uniform(0.5, 3, d)
        curvatures = np.linalg.eigvalsh(2 * x.T @ x / n)
        usual = [(wrong(curvatures, n), words) for wrong, words in LIMIT_MISTAKES]
        usual += [
            (2 / (curvatures[-1] * n / d), "N is the number of rows, `len(X)`; you divided by the number of columns."),
            (
                d / (x.sum(1) ** 2).mean(),
                "That is the curvature in the first direction. Go on in the direction of its bend.",
            ),
            (1 / (x**2).mean(0).max(), "You looked along the axes only. A direction between them bends more."),
        ]
        same(call(function, x), 2 / curvatures[-1], f"For X of shape ({n}, {d})", usual, rtol=1e-3)
    return "Known before the first step, and without looking at a single target."


class EndlessLoop(Exception):  # noqa: N818 - shown to the reader by its name
    """The loss was asked for so often that the loop cannot end."""


def reference(loss, slope, w, rate, count, keep=True, strict=True, again=True, skip=False, factor=2, short=0, sign=1,
              stale=False, halve=True, once=False):  # fmt: skip
    """Descent that halves its rate; the options make the usual mistakes."""
    first, old = rate, slope(w)
    for _ in range(1 if once else count - short):
        g, rate = sign * (old if stale else slope(w)), rate if keep else first
        while halve and ((loss(w - rate * g) >= loss(w)) if strict else (loss(w - rate * g) > loss(w))):
            rate = rate / factor
            if rate < 1e-12:
                return w, rate
            if skip:
                g = 0 * g
            if skip or not again:
                break
        w = w - rate * g
    return w, rate


CAREFUL_MISTAKES = (
    ({"keep": False}, "You begin each step with the first rate again. Keep the one that worked."),
    ({"strict": False}, "A step that leaves the loss as it was does not lower it: halve the rate then, too (`>=`)."),
    ({"again": False}, "You halve once a step. Halve as often as it takes: `while`, not `if`."),
    ({"skip": True}, "Where you halve the rate, you take no step. Halve as often as it takes, then step."),
    ({"factor": 10}, "You divide the rate by 10. Halve it."),
    ({"short": 1}, "You take one step too few."),
    ({"short": -1}, "You take one step too many."),
    ({"once": True}, "You stop after the first step. Is the last `return` inside the loop?"),
    ({"stale": True}, "You use the slope of the first place for all steps. Compute it anew where you stand."),
    ({"halve": False}, "The rate was never halved, though a step did not lower the loss."),
    ({"sign": -1}, "You walk up: the step goes against the slope, `w - rate * g`."),
)


def valley(c):
    """A loss with the given curvatures, which counts its calls, and its slope."""
    calls = []

    def loss(w):
        calls.append(1)
        if len(calls) > 20_000:
            raise EndlessLoop("the loss was computed 20,000 times: your loop does not end")
        return 0.5 * float(np.sum(c * np.asarray(w) ** 2))

    return loss, lambda w: c * np.asarray(w)


@check.exercise("3.3d")
def careful_descent(function):
    """Halve the rate until the step lowers the loss; keep it."""
    possible = CAREFUL_MISTAKES
    for c, rate, count in (([1, 10], 5.0, 12), ([4.0], 0.5, 5), ([3, 7, 0.5], 0.1, 8), ([2.0], 100.0, 3)):
        c, w = np.array(c, dtype=float), np.linspace(1, 2, len(c))
        want = reference(*valley(c), w, rate, count)
        told = f"For curvatures {', '.join(f'{v:g}' for v in c)} and a first rate of {rate:g}"
        got_w, got_rate = _pair(call(function, *valley(c), w, rate, count), told)
        if np.ndim(got_w) == 0 and np.shape(got_rate) == w.shape:
            raise Mistake(f"{told}: these are the rate and then w. Return them the other way round.")
        harmless = []  # the mistakes that change nothing here; after this case only they are possible
        for kind, words in possible:
            wrong_w, wrong_rate = reference(*valley(c), w, rate, count, **kind)
            if _agrees(want[0], wrong_w) and _agrees(want[1], wrong_rate):
                harmless.append((kind, words))
            elif _agrees(got_w, wrong_w) and _agrees(got_rate, wrong_rate):
                raise Mistake(words)
        same(got_rate, want[1], f"{told}, the last rate")
        same(got_w, want[0], f"{told}, the last w")
        possible = harmless
    bottom = _pair(call(function, *valley(np.array([3.0])), np.array([0.0]), 1.0, 4), "At a minimum")[0]
    same(bottom, [0.0], "Started at a minimum, the last w")
    return "No limit was given to it; it found one by stumbling."


def _agrees(got, wrong):
    """Whether an answer is what a mistake would give."""
    got = as_array(got, "The answer")
    return got.shape == np.shape(wrong) and np.allclose(got, wrong, atol=0)


def _pair(answer, given):
    """The last w and the last rate, or a Mistake that says what came instead."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Mistake(f"{given}: return two things, `return w, rate`. I received {type(answer).__name__}.")
    return answer


RATE = 0.1
STEP_MISTAKES = (
    (lambda w, slope, n: w + RATE * slope, "You walk up: the step goes against the slope, `w -= rate * slope`."),
    (lambda w, slope, n: w - slope, "The rate is missing: the step is rate times slope."),
    (lambda w, slope, n: w - RATE, "The slope is missing: the step is rate times slope."),
    (lambda w, slope, n: w - RATE * slope / n, "You divide by the batch once more. The slopes are those of its mean."),
    (lambda w, slope, n: w - RATE * slope * n, "You multiply by the batch. The slopes are those of its mean loss."),
)


def trained(function, n, size, rng):
    """Let the reader's function train on n examples. Returns its weights, and for each call of `slopes_of` the weights
    that it got, the rows of x, the rows of y and the slopes that it gave.
    """
    calls, x = [], np.column_stack([np.arange(n) / n, np.ones(n)])  # (n, 2): which row it is can be read off
    y, start = x[:, 0] * 2 + 1, [np.array([0.5, -0.5]), np.array([0.25])]

    def slopes_of(weights, x, y):
        x, y, w = np.asarray(x, float), np.asarray(y, float), [np.array(one, dtype=float) for one in weights]
        if x.ndim != 2 or y.shape != x.shape[:1]:
            raise ValueError(f"expected x (rows, 2) and y (rows,), but got {x.shape} and {y.shape}")
        off = x @ w[0] + w[1] - y
        slopes = [2 * x.T @ off / len(x), np.array([2 * off.mean()])]
        calls.append((w, np.rint(x[:, 0] * n).astype(int), np.rint((y - 1) / 2 * n).astype(int), slopes))
        return [slope.copy() for slope in slopes]

    return call(function, start, x, y, slopes_of, RATE, size, rng), calls


@check.exercise("3.3e")
def one_epoch_of_steps(function):
    """Each row in one batch, in an order of the generator's; after each batch a step against its slopes."""
    for n, size in ((12, 4), (10, 3)):
        given = f"For {n} rows in batches of {size}"
        weights, calls = trained(function, n, size, np.random.default_rng(0))
        if not calls:
            raise Mistake("You never ask for slopes. Call `slopes_of(weights, …)` once for each batch.")
        if any(not np.array_equal(rows, labels) for _, rows, labels, _ in calls):
            raise Mistake("x and y go separate ways: the labels of a batch are not its own. Cut both by the same rows.")
        rows = [rows for _, rows, _, _ in calls]
        if [len(one) for one in rows] == [n]:
            raise Mistake("You take the slopes of all rows at once, one step. Cut them into batches of `size` rows.")
        if len(rows) == 1:
            raise Mistake(f"You take the slopes of {size} rows only: one batch. Does your `return` stand in the loop?")
        _right_sizes([len(one) for one in rows], n, size, given)
        _each_once(rows, n, given)
        _stepped(_weights(weights), calls)
    _shuffled(lambda n, size, rng: [rows for _, rows, _, _ in trained(function, n, size, rng)[1]])
    return "That is training, all of it. Whatever comes later changes the slopes or the step, not the loop."


def _weights(answer):
    """The arrays that the reader returns, or a Mistake that says what came instead."""
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        raise Mistake(f"Return the weights, a list of two arrays here. I received {type(answer).__name__}.")
    return [as_array(one, "The weights that you return") for one in answer]


def _stepped(end, calls):
    """Raise Mistake unless each batch's slopes are taken where the step before has led, and the last step is taken."""
    places = [w for w, *_ in calls] + [end]
    if all(_together(place, places[0]) for place in places):
        raise Mistake(
            "The weights never move. `w = w - …` only gives the *name* w a new array, and the list keeps the old one. "
            "Write `w -= …`, or build a new list."
        )
    if all(_together(place, places[0]) for place in places[:-1]):
        raise Mistake("All slopes are taken at the first weights. Step after each batch, before you ask for the next.")
    for number, ((before, rows, _, slopes), after) in enumerate(zip(calls, places[1:], strict=True)):
        if _together(after, [w - RATE * slope for w, slope in zip(before, slopes, strict=True)]):
            continue
        for wrong, words in STEP_MISTAKES:
            if _together(after, [wrong(w, slope, len(rows)) for w, slope in zip(before, slopes, strict=True)]):
                raise Mistake(words)
        if number == len(calls) - 1 and _together(after, before):
            raise Mistake("You return the weights from before the last step.")
        raise Mistake(f"After step {number + 1} each array should be `w - rate * slope`. Not every one of yours is.")


def _together(arrays, others):
    """Whether two lists of arrays agree."""
    return all(a.shape == b.shape and np.allclose(a, b, atol=1e-12) for a, b in zip(arrays, others, strict=True))
