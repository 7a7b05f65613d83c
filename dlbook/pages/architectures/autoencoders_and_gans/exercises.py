"""Checks of the exercises of the page "Autoencoders and GANs"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()


def _judge(function, cases, reference, mistakes, given):
    """Hold the answers to the reference; name the mistake that gives all of them."""
    answers = []
    for inputs in cases:
        about, want = given(*inputs), np.asarray(reference(*inputs))
        with np.errstate(all="ignore"):
            answer = call(function, *inputs)
        pair = isinstance(answer, tuple | list) and len(answer) == 2 and want.shape == (2,)
        got = as_array([float(np.squeeze(part)) for part in answer] if pair else answer, about)
        if got.shape != want.shape:
            same(got, want, about)
        answers.append(got)

    def agree(**how):
        with np.errstate(all="ignore"):
            wanted = [np.asarray(reference(*inputs, **how)) for inputs in cases]
        return all(
            got.shape == want.shape and np.allclose(got, want, rtol=1e-4, atol=1e-6, equal_nan=True)
            for got, want in zip(answers, wanted, strict=True)
        )

    if agree():
        return
    for how, words in mistakes:
        if agree(**how):
            raise Mistake(words)
    for got, inputs in zip(answers, cases, strict=True):
        same(got, np.asarray(reference(*inputs)), given(*inputs))


# -- 4.8a ------------------------------------------------------------------------------------------------------------


def give_back(x, mean, directions, centre=True, add=True, scale=1, twice=False, own=False, first=False, weigh=False,
              last=False, lost=False):  # fmt: skip
    """What PCA gives back; the options make the usual mistakes."""
    if own:
        mean = x.mean(axis=0)
    if first:
        directions = directions[:1]
    if last:
        directions = directions[-1:]
    codes = (x - mean if centre else x) @ directions.T
    back = codes @ directions * scale
    if weigh:
        back = back / np.linalg.norm(x, axis=1, keepdims=True)
    if lost:
        return (x - mean) - codes @ directions
    return back + (2 * mean if twice else mean if add else 0)


GIVE_MISTAKES = (
    ({"add": False}, "The mean does not come back. Add it at the end."),
    ({"centre": False, "add": False}, "The mean is left out altogether: take it away before, and add it after."),
    ({"centre": False}, "You add the mean without having taken it away before you multiply."),
    ({"own": True}, "You took the mean of the examples that you are given. PCA keeps that of its training: `mean`."),
    ({"twice": True}, "The mean is added twice."),
    ({"lost": True}, "That is what is lost on the way. Asked is what is given back."),
    ({"first": True}, "Only the first direction is used. There are k of them."),
    ({"last": True}, "Only the last direction is used. There are k of them."),
    ({"scale": -1}, "The direction part comes back with the wrong sign."),
    ({"scale": 0.5}, "The direction part comes back halved. The directions have length 1: nothing need be divided."),
    ({"weigh": True}, "You divide by each example's length. The directions have length 1: nothing need be divided."),
)


@check.exercise("4.8a")
def build_give_back(function):
    """mean + (x - mean) Vᵀ V."""
    rng, cases = np.random.default_rng(0), []
    for n, d, k in ((4, 3, 2), (5, 6, 3), (3, 4, 2)):
        directions = np.linalg.qr(rng.normal(size=(d, d)))[0][:k]
        cases.append((rng.normal(size=(n, d)), 1 + rng.normal(size=d), directions))
    for inputs in cases:
        (x, mean, directions), got = inputs, as_array(call(function, *inputs), _about(*inputs))
        if got.shape == (len(x), len(directions)) and np.allclose(got, (x - mean) @ directions.T):
            raise Mistake("These are the codes, (N, k). Multiply them by the directions, and add the mean.")
    _judge(function, cases, give_back, GIVE_MISTAKES, _about)
    return "With directions from the training digits this is the page's PCA."


def _about(x, mean, directions):
    return f"For {len(x)} examples of {x.shape[1]} numbers and {len(directions)} directions"


# -- 4.8b ------------------------------------------------------------------------------------------------------------


def losses(d_real, d_made, saturating=False, total=False, half=False, no_minus=False, turned=False, base=1.0,
           swap=False, real_only=False, made_only=False, one_minus=False, joint=False, judge_minus=False,
           against=False, outside=False, maker_real=False, maker_minus=False):  # fmt: skip
    """The two losses; the options make the usual mistakes."""
    pool = np.sum if total else np.mean
    parts = pool(-np.log(d_real)), pool(-np.log(1 - d_made))
    if turned:
        parts = pool(-np.log(1 - d_real)), pool(-np.log(d_made))
    if one_minus:
        parts = parts[0], pool(-np.log(d_made))
    judge = parts[0] if real_only else parts[1] if made_only else parts[0] + parts[1]
    if joint:
        judge = -np.mean(np.concatenate([np.log(d_real), np.log(1 - d_made)]))
    maker = pool(np.log(1 - d_made)) * (-1 if against else 1) if saturating or against else pool(-np.log(d_made))
    if outside:
        judge, maker = -np.log(d_real.mean()) - np.log(1 - d_made.mean()), -np.log(d_made.mean())
    if maker_real:
        maker = pool(-np.log(d_real))
    judge = judge * (0.5 if half else 1) * (-1 if no_minus or judge_minus else 1)
    maker = maker * (-1 if no_minus or maker_minus else 1)
    return ((maker, judge) if swap else (judge, maker)) / np.array(base)


LOSS_MISTAKES = (
    ({"saturating": True}, "The generator's loss is ln(1 − D): the form that saturates. Take −ln D of the made ones."),
    ({"against": True}, "Your generator is rewarded for being found out. It wants D of the made ones near 1: −ln D."),
    ({"outside": True}, "You took the logarithm of a mean. Take the mean of the logarithms."),
    ({"total": True}, "You took sums. Each part is a mean over its batch."),
    ({"half": True}, "The discriminator's loss is half of what it should be. Its two means are added."),
    ({"joint": True}, "You took one mean over both batches. Each part is a mean of its own; then add the two."),
    ({"no_minus": True}, "Both signs are turned: the logarithm of a probability is negative, a loss is its opposite."),
    ({"judge_minus": True}, "The discriminator's loss has the wrong sign: it is minus both logarithms."),
    ({"maker_minus": True}, "The generator's loss has the wrong sign: it is minus the logarithm of D."),
    ({"maker_real": True}, "The generator's loss is taken over the real examples. It can only change the made ones."),
    ({"turned": True}, "Your discriminator is rewarded for calling real ones made, and made ones real."),
    ({"one_minus": True}, "For made ones the discriminator wants 1 − D near 1: −ln(1 − D)."),
    ({"base": np.log(2)}, "That is in bits. The page's losses are in nats: `np.log`."),
    ({"swap": True}, "The two are exchanged: the discriminator's loss comes first."),
    ({"real_only": True}, "The discriminator's loss has two parts. That of the made ones is missing."),
    ({"made_only": True}, "The discriminator's loss has two parts. That of the real ones is missing."),
)


@check.exercise("4.8b")
def build_losses(function):
    """-mean ln D(real) - mean ln(1 - D(made)), and -mean ln D(made)."""
    cases = [(np.array([0.9]), np.array([0.2])), (np.array([0.9, 0.6, 0.7]), np.array([0.3, 0.1]))]
    cases.append((np.array([0.5, 0.8]), np.array([0.4, 0.9, 0.2, 0.6])))

    def given(d_real, d_made):
        return f"For real {d_real.tolist()} and made {d_made.tolist()}"

    for inputs in cases:
        answer = call(function, *inputs)
        if isinstance(answer, tuple | list):
            if any(np.asarray(part).size != 1 for part in answer):
                raise Mistake(f"{given(*inputs)}: each loss is one number. Take the mean over each batch.")
        elif answer is not None and answer is not ... and np.asarray(answer).size == 1:
            raise Mistake(f"{given(*inputs)}: two losses are asked for, the discriminator's and the generator's.")
    _judge(function, cases, losses, LOSS_MISTAKES, given)
    return "For 0.9 and 0.2: 0.329 and 1.609."


# -- 4.8c ------------------------------------------------------------------------------------------------------------


def best_judge(real, made, empty=0.5, ratio=False, turned=False, normal=False, hard=False, smooth=0, sigmoid=False,
               minus=False, half=False, whole=False):  # fmt: skip
    """The best discriminator on a histogram; the options make the usual mistakes."""
    real, made = np.asarray(real, float) + smooth, np.asarray(made, float) + smooth
    if turned:
        real, made = made, real
    with np.errstate(all="ignore"):
        if ratio:
            out = real / made
        elif normal:
            out = real / real.sum()
        elif whole:
            out = real / (real + made).sum()
        elif sigmoid:
            out = 1 / (1 + np.exp(-(real - made)))
        elif minus:
            out = (real - made) / (real + made)
        elif hard:
            out = (real > made).astype(float)
        else:
            out = real / (real + made) / (2 if half else 1)
    return np.where(real + made > 0, out, empty)


RATIO = "That is the ratio p / q. A probability is the share: p / (p + q)."
OF_REAL = "That is the share of the real points that lie in the bin. Asked is which share of the bin is real."
OF_ALL = "You divide by the number of all points. Divide by those in the same bin."
HARD = "A judge that always says 0 or 1 pays without end where it is wrong. The share is p / (p + q)."
NEGATIVE = "(p − q) / (p + q) lies between −1 and 1. The probability is p / (p + q)."
BEST_MISTAKES = (
    ({"empty": np.nan}, "Where a bin is empty you divide 0 by 0. Say 0.5 there."),
    ({"empty": 0.0}, "Where a bin is empty you say 0. Nobody knows: 0.5."),
    ({"empty": 1.0}, "Where a bin is empty you say 1. Nobody knows: 0.5."),
    *(({"ratio": True, **empty}, RATIO) for empty in ({"empty": np.nan}, {})),
    ({"turned": True}, "That is the probability of being made. Asked is that of being real."),
    *(({"normal": True, **empty}, OF_REAL) for empty in ({}, {"empty": 0.0})),
    *(({"whole": True, **empty}, OF_ALL) for empty in ({"empty": 0.0}, {})),
    ({"smooth": 1}, "You add 1 to every count. Then the answer is no longer p / (p + q)."),
    ({"sigmoid": True}, "That takes the difference of the counts for a logit. The best answer is p / (p + q)."),
    *(({"minus": True, **empty}, NEGATIVE) for empty in ({"empty": np.nan}, {})),
    *(({"hard": True, **empty}, HARD) for empty in ({}, {"empty": 0.0})),
    ({"half": True}, "That is half of the share p / (p + q)."),
)


@check.exercise("4.8c")
def build_best_judge(function):
    """p / (p + q), and 0.5 where there is nothing."""
    cases = [(np.array([3, 1, 0, 0, 4, 2]), np.array([1, 1, 5, 0, 0, 3])), (np.array([0, 7, 2]), np.array([0, 1, 8]))]
    cases.append((np.array([10, 0]), np.array([30, 0])))

    def given(real, made):
        return f"For real {real.tolist()} and made {made.tolist()}"

    _judge(function, cases, best_judge, BEST_MISTAKES, given)
    return "With three real points on each made one it says 0.75; where nobody can tell, 0.5."


# -- 4.8d ------------------------------------------------------------------------------------------------------------


def clouds_found(points, centres, near=0.3, least=0.02, any_point=False, of_good=False, strict=False, square=False,
                 city=False, quality=False, default=False, nearest_only=False, unrooted=False, missed=False,
                 part=False):  # fmt: skip
    """How many clouds are found; the options make the usual mistakes."""
    if default:
        near, least = 0.3, 0.02
    gap = points[:, None] - centres
    away = np.abs(gap).sum(2) if city else np.abs(gap).max(2) if square else np.sqrt((gap**2).sum(2))
    inside = (away**2 if unrooted else away) <= near
    if nearest_only:
        inside = away.argmin(1)[:, None] == np.arange(len(centres))
    shares = inside.mean(0)
    if of_good:
        shares = inside.sum(0) / max(inside.sum(), 1)
    if quality:
        return inside.any(1).mean()
    if missed or part:
        return (shares < least).sum() if missed else (shares >= least).mean()
    return int((shares > 0).sum() if any_point else (shares > least).sum() if strict else (shares >= least).sum())


CLOUD_MISTAKES = (
    ({"any_point": True}, "One stray point does not make a cloud found. A share of `least` of all points does."),
    ({"of_good": True}, "You divide by the number of good points. The share is of all points."),
    ({"strict": True}, "At least `least`: a share of exactly `least` counts, too."),
    ({"unrooted": True}, "You compare the squared distance with `near`. Take the root, or square `near` too."),
    ({"nearest_only": True}, "A point counts for the nearest centre only if it lies within `near` of it."),
    ({"square": True}, "You look at each coordinate for itself. The distance is the root of the sum of squares."),
    ({"city": True}, "You added the differences. The distance is the root of the sum of squares."),
    ({"quality": True}, "That is the share of good points. Asked is how many clouds are found."),
    ({"missed": True}, "That is how many clouds are missed. Asked is how many are found."),
    ({"part": True}, "That is the share of the clouds that are found. Asked is their number."),
    ({"default": True}, "You wrote 0.3 and 0.02 into the function. Use `near` and `least`."),
)


def _places():
    """Five cases, in which every usual mistake gives another number."""
    corners = np.array([[0.0, 0], [4, 0], [0, 4], [4, 4], [8, 0]])

    def at(which, dx, dy, times):
        return np.tile(corners[which] + [dx, dy], (times, 1))

    one = [at(0, 0.1, 0, 40), at(1, 0.25, 0.25, 20), at(2, 0.2, 0.2, 2), at(3, 0, 0, 1), at(4, 1.5, 0, 37)]
    two = [at(0, 0.5, 0, 10), at(1, 0.0, 0.65, 5), at(2, 0.6, 0.6, 5), at(3, 2, 2, 80)]
    four = [at(0, 0.1, 0.1, 97), at(1, 0, 0, 1), at(2, 0, 0.1, 2)]
    three = [at(0, 0, 0, 1), at(1, 0, 0, 1), at(2, 0.1, 0.1, 1), at(3, 1.9, 0, 97)]
    five = [at(0, 0.4, 0.25, 30), at(1, 0.1, 0.0, 70)]
    sets = ((one, 0.3, 0.02), (two, 0.7, 0.1), (three, 0.3, 0.02), (four, 0.3, 0.02), (five, 0.3, 0.02))
    return [(np.concatenate(points), corners, near, least) for points, near, least in sets]


@check.exercise("4.8d")
def build_clouds_found(function):
    """How many clouds have their share."""

    def given(points, centres, near, least):
        return f"For {len(points)} points, {len(centres)} centres, near = {near} and least = {least}"

    _judge(function, _places(), clouds_found, CLOUD_MISTAKES, given)
    return "With the centres of the ring this is the page's `found`."


# -- 4.8e ------------------------------------------------------------------------------------------------------------


def critic_step(w, real, made, rate, bound, up=False, clip=True, before=False, total=False, slope_clip=False,
                real_only=False, made_only=False, norm=False, low=None, weigh=False, no_rate=False,
                everything=False, added=False, step_only=False, upper=False):  # fmt: skip
    """One step of a linear critic; the options make the usual mistakes."""
    pool = np.sum if total else np.mean
    slope = (0 if real_only else pool(made, axis=0)) - (0 if made_only else pool(real, axis=0))
    if everything or added:
        slope = np.mean(made) - np.mean(real) if everything else made.mean(axis=0) + real.mean(axis=0)
    if weigh:
        slope = slope * w
    if slope_clip:
        slope = np.clip(slope, -bound, bound)
    w = np.clip(w, -bound, bound) if before else w
    new = w - (1 if no_rate else rate) * (-slope if up else slope)
    if step_only or upper:
        return np.minimum(new, bound) if upper else w - np.clip(rate * slope, -bound, bound)
    if norm:
        return new * min(1, bound / np.linalg.norm(new))
    if low is not None:
        return np.clip(new, low, bound)
    return new if before or slope_clip or not clip else np.clip(new, -bound, bound)


CRITIC_MISTAKES = (
    ({"up": True}, "You stepped uphill: the weights go against the gradient, or the loss has its sign turned."),
    ({"clip": False}, "The clipping is missing: no weight may leave −bound … bound."),
    ({"up": True, "clip": False}, "You stepped uphill, and did not clip."),
    ({"before": True}, "You clipped before the step. Clip what comes out of it."),
    ({"slope_clip": True}, "You clipped the gradient. Clip the weights."),
    ({"total": True}, "You took sums over the batches. The loss has means."),
    ({"everything": True}, "You took one mean over all numbers. Each weight has a mean of its own: `axis=0`."),
    ({"real_only": True}, "The made examples are missing from the gradient."),
    ({"made_only": True}, "The real examples are missing from the gradient."),
    ({"norm": True}, "You clipped the length of all weights together. Here each weight is clipped for itself."),
    ({"upper": True}, "Only the upper end is clipped. No weight may lie below −bound either."),
    ({"step_only": True}, "You clipped the step. Clip the weights that it leads to."),
    ({"added": True}, "You added the two means. The loss has the mean for made points minus that for real ones."),
    ({"low": 0}, "The weights may be negative: clip from −bound to bound."),
    ({"weigh": True}, "You multiplied the gradient by w. The gradient of x · w by w is x."),
    ({"no_rate": True}, "The rate is missing: w − rate · gradient."),
)


@check.exercise("4.8e")
def build_critic_step(function):
    """clip(w - rate (mean made - mean real))."""
    rng = np.random.default_rng(1)
    cases = [(np.array([0.2, -0.4]), np.array([[2.0, 0.0], [4.0, 2.0]]), np.array([[1.0, 3.0]]), 0.1, 0.5)]
    for d, bound in ((3, 0.3), (5, 5.0)):
        cases.append((rng.normal(size=d), rng.normal(1, 1, (4, d)), rng.normal(-1, 1, (6, d)), 0.3, bound))

    def given(w, real, made, rate, bound):
        return f"For {len(w)} weights, {len(real)} real and {len(made)} made examples, rate {rate} and bound {bound}"

    _judge(function, cases, critic_step, CRITIC_MISTAKES, given)
    return "A linear critic only sees where the two batches have their middles; a network sees more."
