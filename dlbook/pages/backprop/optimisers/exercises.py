"""Checks of the exercises of the page "Optimisers"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()

LONGEST_MISTAKES = (
    (10.0, "That is with μ = 0.9. Here each step keeps 0.95 of what is remembered, and loses only 0.05."),
    (0.95, "That is μ itself: how much of m is kept. How large must m be, so that 0.95 m + g is m again?"),
    (0.05, "That is what is lost of m at each step, 1 − μ. m stays the same when this loss equals the slope g."),
    (1.95, "That is m after two steps, 0.95 · 1 + 1. It goes on growing."),
    (19.0, "That is m without the slope that was just added: 0.95 · 20. Divide 1 by 1 − μ."),
    (1 / 0.95, "You divided by μ. Divide by what is lost at each step, 1 − μ."),
    (1.0, "That is the step of plain SGD. m adds the slopes that it remembers."),
    (100.0, "That would need μ = 0.99. Here 1 − μ is 0.05."),
    (2.0, "1 − 0.95 is 0.05, not 0.5."),
    (200.0, "1 − 0.95 is 0.05, not 0.005."),
)


@check.exercise("3.4a")
def longest_step(times):
    """1 / (1 − 0.95)."""
    times = as_array(times, "The number")
    if times.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {times.shape}.")
    same(times, 20.0, "With μ = 0.95", LONGEST_MISTAKES, rtol=2e-3, show=False)
    return "m settles where 0.05 m = g: at twenty slopes. So with μ = 0.95 a rate should be far lower than for SGD."


def rolling(slope, w, rate, mu, count, forget=False, mean=False, sign=1, short=0, twice=False, stale=False,
            keep_all=False, late=False, only_m=False):  # fmt: skip
    """Momentum; the options make the usual mistakes."""
    m, first = np.zeros(np.shape(w)), slope(w)
    for _ in range(count - short):
        g = first if stale else slope(w)
        if late:  # the step is taken before m has taken in the slope
            w, m = w - rate * m, mu * m + g
            continue
        m = (
            g
            if forget
            else mu * m + (1 - mu) * g
            if mean
            else m + g
            if keep_all
            else mu * (m + g)
            if twice
            else mu * m + g
        )
        w = m if only_m else w - sign * rate * m
    return w


ROLLING_MISTAKES = (
    ({"forget": True}, "That is plain SGD: nothing is remembered. Is `m` set anew in each step, or μ not used?"),
    ({"mean": True}, "You took a mean, (1 − μ) g. That is Adam’s m. Momentum adds the whole slope: mu * m + g."),
    ({"sign": -1}, "You walk up: the step goes against m, `w - rate * m`."),
    ({"short": 1}, "You take one step too few."),
    ({"short": -1}, "You take one step too many."),
    ({"stale": True}, "You use the slope of the first place for all steps. Compute it anew where you stand."),
    ({"keep_all": True}, "You add up all slopes and forget nothing: multiply the old m by mu first."),
    (
        {"twice": True},
        "Your steps are mu times too short. Only the old m shrinks, mu * m + g, and the step is `rate * m`.",
    ),
    ({"late": True}, "You step with the old m, and take in the slope afterwards. First m, then w."),
    ({"only_m": True}, "You put m in the place of w. The step is w − rate · m."),
)


def _valleys():
    """Slopes, starts, rates and counts to try a descent on."""
    yield lambda w: np.array([1.0, 10.0]) * w, np.array([4.0, 1.0]), 0.15, 3
    yield lambda w: np.array([2.0, 0.5, 7.0]) * (w - 1), np.array([0.3, -2.0, 2.0]), 0.05, 6
    yield lambda w: w**3 - w, np.array([0.4]), 0.1, 5


@check.exercise("3.4b")
def build_momentum(function):
    """m ← μ m + g, w ← w − η m."""
    cases = []
    for (slope, w, rate, count), mu in zip(_valleys(), (0.5, 0.9, 0.8), strict=True):
        given = f"From {_list(w)} at rate {rate:g} with mu = {mu:g}, after {count} steps"
        cases.append(((slope, w, rate, mu, count), given))
    _judge(function, cases, rolling, ROLLING_MISTAKES)
    return "Three lines in the loop. With (4, 1), 0.15 and 0.5 they are the steps that you took by hand."


def pacing(slope, w, rate, alpha, count, root=True, square=True, add=False, swap=False, forget=False, keep_all=False,
           sign=1, short=0, stale=False, fair=False, lone=False, plain=False, one=False, up=False, ones=False,
           usual=None):  # fmt: skip
    """RMSprop; the options make the usual mistakes."""
    v, first, alpha = np.full(np.shape(w), float(ones)), slope(w), usual or alpha
    old, new = 0 if forget else 1 if keep_all else 1 - alpha if swap else alpha, 1 - alpha
    new = 1 if forget or keep_all or add else alpha if swap else new
    for t in range(1, count + 1 - short):
        g = first if stale else slope(w)
        size = g**2 if square else np.abs(g)
        v = old * v + new * (size.mean() if one else size)
        seen = v / (1 - alpha**t) if fair else v
        below = 1 if plain else (np.sqrt(seen) if root else seen) + 1e-8
        w = w - sign * rate * (1 if lone else g) * (below if up else 1 / below)
    return w


PACING_MISTAKES = (
    ({"root": False}, "You divide by v. Divide by its root, which is as large as a slope."),
    ({"square": False}, "v remembers the squares of the slopes, g², not their sizes."),
    ({"add": True}, "You add the whole g². v is a running mean: its part is (1 − α) g²."),
    ({"swap": True}, "α is the share of v that is kept, and 1 − α that of g². Yours are the other way round."),
    ({"forget": True}, "Your v forgets: it is only the last g². Keep α of the old v. (Is v set anew in each step?)"),
    ({"keep_all": True}, "Your v adds up all squares and forgets none, so the steps only ever shrink. Keep α of it."),
    ({"sign": -1}, "You walk up: the step goes against the slope."),
    ({"short": 1}, "You take one step too few."),
    ({"short": -1}, "You take one step too many."),
    ({"stale": True}, "You use the slope of the first place for all steps. Compute it anew where you stand."),
    ({"fair": True}, "You correct v for its start at 0. That is Adam’s bias correction; RMSprop takes v as it is."),
    ({"lone": True}, "The slope is missing above the line: the step is rate · g / √v."),
    ({"plain": True}, "That is plain SGD. Divide each slope by the root of its v."),
    ({"one": True}, "You keep one v for all weights. Each weight has its own: that is the point of it."),
    ({"up": True}, "You multiply by the root of v. Divide by it: where slopes are large, the pace is short."),
    ({"ones": True}, "Your v starts at 1. It starts at 0."),
    ({"usual": 0.9}, "alpha has no effect: you took 0.9."),
    ({"usual": 0.99}, "alpha has no effect: you took 0.99."),
)


@check.exercise("3.4c")
def build_rmsprop(function):
    """v ← α v + (1 − α) g², w ← w − η g / √v."""
    cases, (slope, w, rate, _) = [], next(_valleys())
    with np.errstate(all="ignore"):
        one_step = as_array(call(function, slope, w, rate, 0.5, 1), "After one step")
    if (np.abs(one_step) > 1e6).any() or not np.isfinite(one_step).all():
        raise Mistake("Your first step divides by a v that is still 0. First v takes in g², then w steps.")
    for (slope, w, rate, count), alpha in zip(_valleys(), (0.5, 0.9, 0.8), strict=True):
        given = f"From {_list(w)} at rate {rate:g} with alpha = {alpha:g}, after {count} steps"
        cases.append(((slope, w, rate, alpha, count), given))
    others = (
        ({"other": rolling}, "That is momentum: it adds up slopes. v remembers their squares, and the step divides."),
        (
            {"other": lambda *a: striding(*a[:3], a[4])},
            "That is Adam. RMSprop steps by g itself, and corrects nothing.",
        ),
    )
    _judge(function, cases, pacing, PACING_MISTAKES + others, rtol=1e-4)  # ε beside the root or under it
    _stands_on_flat_ground(function, 0.9, 2)
    return "Each weight has its own pace. Momentum in place of g, and bias corrections, make Adam of it."


def _stands_on_flat_ground(function, *more):
    start = np.array([1.0, 2.0])
    with np.errstate(all="ignore"):
        flat = call(function, lambda w: 0 * w, start, 0.1, *more)
    if not np.isfinite(as_array(flat, "Where all slopes are 0")).all():
        raise Mistake("Where all slopes are 0 you divide 0 by 0. That is what ε is for: add 1e-8 to the root.")
    same(flat, start, "Where all slopes are 0")


def striding(slope, w, rate, count, beta1=0.9, beta2=0.999, eps=1e-8, raw=False, only=None, root=True, square=True,
             zero=False, sign=1, short=0, swap=False, add=False, once=False, lone=False):  # fmt: skip
    """Adam; the options make the usual mistakes."""
    m, v = np.zeros(np.shape(w)), np.zeros(np.shape(w))
    beta1, beta2 = (beta2, beta1) if swap else (beta1, beta2)
    for t in range(1, count + 1 - short):
        g = slope(w)
        m = beta1 * m + (1 if add else 1 - beta1) * g
        v = beta2 * v + (1 - beta2) * (g**2 if square else np.abs(g))
        k = 1 if once else t + 1 if zero else t
        m_hat = m if raw or only == "v" else m / (1 - beta1**k)
        v_hat = v if raw or only == "m" else v / (1 - beta2**k)
        below = (np.sqrt(v_hat) if root else v_hat) + eps
        w = w - sign * rate * (g if lone else m_hat) / below
    return w


STRIDING_MISTAKES = (
    ({"raw": True}, "The bias correction is missing: divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ."),
    ({"only": "m"}, "v is not corrected: divide it by 1 − β₂ᵗ before the root."),
    ({"only": "v"}, "m is not corrected: divide it by 1 − β₁ᵗ."),
    ({"root": False}, "You divide by v. Divide by its root, which is as large as a slope."),
    ({"square": False}, "v remembers the squares of the slopes, g², not their sizes."),
    ({"zero": True}, "t is one too large: at the first step it is 1."),
    ({"once": True}, "t stays 1: the correction must fade from step to step, with β₁ᵗ and β₂ᵗ."),
    ({"sign": -1}, "You walk up: the step goes against the slope."),
    ({"short": 1}, "You take one step too few."),
    ({"short": -1}, "You take one step too many."),
    ({"swap": True}, "β₁ belongs to m and β₂ to v. Yours are the other way round."),
    ({"add": True}, "You add the whole slope to m, as momentum does. Adam’s m is a mean: (1 − β₁) g."),
    ({"lone": True}, "You step by the slope over √v̂. That is RMSprop with a correction; Adam steps by m̂."),
)


@check.exercise("3.4d")
def build_adam(function):
    """Algorithm 1 of Kingma and Ba, with its usual β₁, β₂ and ε."""
    cases = [((*one,), f"From {_list(one[1])} at rate {one[2]:g}, after {one[3]} steps") for one in _valleys()]
    words = "That is RMSprop. Adam steps by the running mean m̂ in place of the slope, and corrects both means."
    usual = [{"other": lambda *a, alpha=alpha: pacing(*a[:3], alpha, a[3])} for alpha in (0.99, 0.999, 0.9)]
    _judge(function, cases, striding, (*STRIDING_MISTAKES, *((how, words) for how in usual)))
    _stands_on_flat_ground(function, 2)
    return "With bias correction the first step is as long as the rate, in every direction."


def _list(w):
    return f"({', '.join(f'{v:g}' for v in w)})"


def _judge(function, cases, reference, mistakes, rtol=1e-6):
    """Hold the answers to the reference; name the mistake that gives all of them."""
    answers = []
    for inputs, given in cases:
        got, want = as_array(call(function, *inputs), given), reference(*inputs)
        if got.ndim == 2 and got.shape[-1:] == want.shape:
            raise Mistake(f"{given}: I received {len(got)} rows. Return the last w only.")
        if got.shape != want.shape:
            same(got, want, given)
        answers.append(got)

    def agree(other=reference, **kind):
        pairs = zip(answers, cases, strict=True)
        return all(np.allclose(got, other(*inputs, **kind), rtol, atol=1e-9) for got, (inputs, _) in pairs)

    if not agree():
        for kind, words in mistakes:
            if agree(**kind):
                raise Mistake(words)
    for got, (inputs, given) in zip(answers, cases, strict=True):
        same(got, reference(*inputs), given, rtol=rtol)


def cut(gs, longest, each=False, entries=False, always=False, square=False, inverse=False, of_sums=False, mean=False,
        first=False, up=False, keep=False):  # fmt: skip
    """Slopes, shortened together; the options make the usual mistakes."""
    if keep:
        return list(gs)
    if entries:
        return [np.clip(g, -longest, longest) for g in gs]
    norms = [np.sqrt((g**2).sum()) for g in gs]
    if each:
        return [g * min(1, longest / max(n, 1e-12)) for g, n in zip(gs, norms, strict=True)]
    norm = np.sqrt(sum(n**2 for n in norms))
    norm = norm**2 if square else sum(norms) if of_sums else np.mean(norms) if mean else norms[0] if first else norm
    factor = longest / norm if norm else 1.0
    factor = 1 / factor if inverse else factor
    return [g * (factor if always else max(1, factor) if up else min(1, factor)) for g in gs]


CUT_MISTAKES = (
    ({"each": True}, "You shorten each array by itself, which turns the step. All share one length, and one factor."),
    ({"entries": True}, "You cut single numbers, which turns the step. Multiply all by one factor."),
    ({"always": True}, "Slopes that are short enough must stay as they are: the factor is never more than 1."),
    ({"square": True}, "That is the squared length. Take the root of the sum of all squares."),
    ({"inverse": True}, "The factor is the other way up: longest over length."),
    (
        {"of_sums": True},
        "You added up the lengths of the arrays. Add up the squares of all numbers, then take the root.",
    ),
    ({"mean": True}, "You took the mean length of the arrays. One length for all: the root of the sum of all squares."),
    ({"first": True}, "You took the length of the first array only."),
    (
        {"up": True},
        "The factor is at least 1, so long slopes stay long. Take the smaller of 1 and longest over length.",
    ),
)


def _arrays(answer, gs, given):
    """The reader's list of arrays, in the shapes of the slopes."""
    if not isinstance(answer, (list, tuple)) and not hasattr(answer, "__next__"):
        raise Mistake(f"{given}: expected a list of arrays, received {type(answer).__name__}.")
    got = [as_array(part, given) for part in answer]
    if len(got) != len(gs):
        raise Mistake(f"{given}: expected {len(gs)} arrays, received {len(got)}.")
    if [part.shape for part in got] != [g.shape for g in gs]:
        raise Mistake(f"{given}: each array keeps its shape. Yours have the shapes {[part.shape for part in got]}.")
    return got


@check.exercise("3.4e")
def clip(function):
    """Shorten a list of slopes to a common length."""
    cases = (
        ([np.array([3.0, 0.0]), np.array([[0.0, 4.0]])], 1.0),
        ([np.array([0.3, -0.1]), np.array([[0.2, 0.4], [0.1, 0.0]])], 2.0),
        ([np.array([6.0, -2.0, 3.0]), np.array([0.5])], 0.5),
    )
    answers = []
    for gs, longest in cases:
        length = np.sqrt(sum((g**2).sum() for g in gs))
        given = f"For slopes of length {length:.3g} and longest = {longest:g}"
        answers.append((_arrays(call(function, gs, longest), gs, given), gs, longest, given))

    def agree(**kind):
        pairs = ((a, b) for got, gs, longest, _ in answers for a, b in zip(got, cut(gs, longest, **kind), strict=True))
        return all(np.allclose(a, b) for a, b in pairs)

    if not agree():
        for kind, words in CUT_MISTAKES:
            if agree(**kind):
                raise Mistake(words)
    for got, gs, longest, given in answers:
        for a, b in zip(got, cut(gs, longest), strict=True):
            same(a, b, given)
    flat, given = [np.zeros(3)], "Where all slopes are 0"
    same(_arrays(call(function, flat, 1.0), flat, given)[0], flat[0], given)
    return "The direction stays, the length is at most `longest`: PyTorch’s `clip_grad_norm_`."
