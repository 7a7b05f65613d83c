"""Checks of the exercises of the page "Overfitting"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, NotYet, as_array, call, same

check = Exercises()

FACTOR_MISTAKES = (
    (0.2, "That is the share that stays, 1 − p. Divide by it, so that the mean stays what it was."),
    (0.8, "That is p, the share that is dropped. What stays is 0.2; divide by that."),
    (1.25, "You divided by p. p is the share that is *dropped*; divide by what stays, 1 − p."),
    (2.0, "That is for p = 0.5. Now only one in five stays."),
    (4.0, "That is p / (1 − p). On average one in five goes on: what must it be multiplied by, to be a whole?"),
    (1.0, "Then the sum would be a fifth of itself while training, and whole afterwards. Divide by 1 − p."),
    (1.8, "You added p. The factor makes up for what is missing: one fifth stays, times what is 1?"),
    (50.0, "1 − 0.8 is 0.2, not 0.02."),
    (0.5, "1 − 0.8 is 0.2; one divided by it is more than 1."),
    (25.0, "You divided by 1 − p twice. Once is enough."),
    (-0.25, "You took p / (1 − p) with a wrong sign, or 1 / (1 − 1/p). The factor is 1 / (1 − p), with p = 0.8."),
)


@check.exercise("3.6a")
def factor(times):
    """1 / (1 − 0.8)."""
    times = as_array(times, "The factor")
    if times.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {times.shape}.")
    same(times, 5.0, "With p = 0.8", FACTOR_MISTAKES, rtol=1e-3, show=False)
    return "One unit in five stays, and counts five times."


# Dropout --------------------------------------------------------------------------------------------------------------


def dropped(h, keep, p, training, scale="1/(1-p)", inverse=False, always=False, at_test=False, rows=False,
            no_mask=False, only_kept=False, first_row=False, turned=False, brackets=False):  # fmt: skip
    """Dropout with a given mask; the options make the usual mistakes."""
    q, training = 1 - p, training != turned
    if not training and not always:
        return h * q if at_test else h / q if at_test is None else h
    if only_kept:
        return h[keep]
    factor = {
        "mean": 1 / keep.mean(),
        "1/(1-p)": 1 / q,
        "1": 1.0,
        "1/p": 1 / p if p else 1.0,
        "1-p": q,
        "p": p,
        "1/(1-p)²": 1 / q**2,
        "2": 2.0,
    }[scale]
    mask = (
        ~keep
        if inverse
        else keep[:, :1]
        if rows
        else keep[:1]
        if first_row
        else np.ones(keep.shape)
        if no_mask
        else keep
    )
    return h * mask - p if brackets else h * mask * factor


DROPPED_MISTAKES = (
    ({"scale": "1"}, "What is kept must be divided by 1 − p while training, or the sums shrink."),
    (
        {"scale": "1", "at_test": True},
        "That is the old recipe: nothing made up for while training, times 1 − p afterwards. Here it is the other way "
        "round: divide by 1 − p while training, and leave h as it is afterwards.",
    ),
    ({"scale": "2"}, "You always double. That is for p = 0.5; divide by 1 − p, whatever p is."),
    ({"brackets": True}, "`h * keep / 1 - p` divides by 1 and then takes p off. Put 1 - p into brackets."),
    ({"turned": True}, "You drop after training, and not while training. It is the other way round."),
    ({"scale": "1/p"}, "You divide by p, the share that is dropped. Divide by 1 − p, the share that stays."),
    ({"scale": "1-p"}, "You multiply by 1 − p. Divide by it: what is left makes up for what is missing."),
    ({"scale": "p"}, "You multiply by p. Divide by 1 − p."),
    ({"scale": "1/(1-p)²"}, "You divide by 1 − p twice."),
    ({"inverse": True}, "You keep what should go. `keep` is True where a unit stays."),
    ({"always": True}, "With training=False nothing is dropped and nothing scaled: return h as it is."),
    ({"at_test": True}, "At the end you multiply by 1 − p. That is the old recipe, for training without a factor."),
    ({"at_test": None}, "With training=False nothing is scaled. The division by 1 − p belongs to training."),
    ({"rows": True}, "You use one coin for all units of an example. Each entry of h has its own in `keep`."),
    ({"first_row": True}, "You use the first example’s coins for all. Each entry of h has its own in `keep`."),
    ({"no_mask": True}, "Nothing is dropped: multiply by `keep` as well."),
    ({"scale": "mean"}, "You divide by the share that these coins happened to keep. Divide by 1 − p: the coins vary."),
    ({"only_kept": True}, "`h[keep]` throws the places away. Dropped answers stay in their place, as 0: h * keep."),
)  # fmt: skip


def _answers():
    """Hidden answers, what is kept of them, p, and whether it is training."""
    rng = np.random.default_rng(1)
    h = np.array([[2.0, 1.0, 4.0, 3.0], [1.0, 5.0, 0.5, 2.0]])
    keep = np.array([[True, False, True, False], [False, True, True, True]])
    yield h, keep, 0.5, True
    yield h, keep, 0.5, False
    yield rng.normal(size=(3, 5)), rng.random((3, 5)) >= 0.8, 0.8, True
    yield rng.normal(size=(3, 5)), rng.random((3, 5)) >= 0.8, 0.8, False


def _returned(function, cases, told):
    """What the reader's function returns for each case; a Mistake where it does so for some only."""
    answers, silent = [], None
    for inputs in cases:
        try:
            answers.append(as_array(call(function, *inputs), told(*inputs)))
        except NotYet as nothing:
            silent = silent or (inputs, nothing)
    if silent and answers:
        raise Mistake(
            f"{told(*silent[0])} your function ends without `return`. Others of my calls got an answer: is there "
            "a way through it that reaches none?"
        )
    if silent:
        raise silent[1]
    return answers


def _named(answers, cases, reference, mistakes, told):
    """Raise the first mistake that explains all answers; then compare them one by one."""

    def agree(**kind):
        wanted = [np.asarray(reference(*inputs, **kind), dtype=float) for inputs in cases]
        return all(a.shape == b.shape and np.allclose(a, b) for a, b in zip(answers, wanted, strict=True))

    if not agree():
        for kind, words in mistakes:
            if agree(**kind):
                raise Mistake(words)
    for got, inputs in zip(answers, cases, strict=True):
        same(got, reference(*inputs), told(*inputs))


@check.exercise("3.6b")
def dropout(function):
    """Dropout, with the mask given."""
    cases = list(_answers())

    def told(h, keep, p, training):
        return f"For h of shape {h.shape}, p = {p:g} and training={training}"

    answers = _returned(function, cases, told)
    _named(answers, cases, dropped, DROPPED_MISTAKES, told)
    return "That is PyTorch’s `nn.Dropout`, given the coins."


# Early stopping -------------------------------------------------------------------------------------------------------


def kept(losses, patience, whole=False, last=False, high=False, one=0, wait=0, equal=False, never=False, value=False,
         first=False, before=False):  # fmt: skip
    """The epoch to keep; the options make the usual mistakes."""
    losses = [-loss for loss in losses] if high else list(losses)
    best, at, waited = float("inf"), 0, 0
    for epoch, loss in enumerate(losses):
        low = losses[epoch - 1] if before and epoch else best
        if loss < low or (equal and loss == best):
            best, at = loss, epoch
            waited = waited if never else 0
        else:
            waited += 1
        if waited >= (1 if first else patience + wait) and not whole:
            break
    at = epoch if last else at
    return losses[at] if value else at + one


KEPT_MISTAKES = (
    ({"whole": True}, "You look at all losses. But training ends after `patience` epochs without a new low."),
    ({"last": True}, "That is the epoch where you notice. Keep the weights of the best one before it."),
    ({"high": True}, "You keep the highest. Of a loss the lowest is best."),
    ({"one": 1}, "You count epochs from 1. The first is epoch 0, as Python counts."),
    ({"wait": 1}, "You wait one epoch too long: stop as soon as `patience` epochs in a row were no better."),
    ({"wait": -1}, "You stop one epoch too soon: `patience` epochs in a row may be no better, then it ends."),
    ({"equal": True}, "You take an equal loss for better. Only a lower one is a new low."),
    ({"never": True}, "You never set the count back. A new low starts the waiting anew."),
    ({"before": True}, "You compare with the epoch before. Compare with the lowest loss so far."),
    ({"value": True}, "That is the loss. Which epoch is it from?"),
    ({"first": True}, "You stop at the first epoch that is no better, whatever `patience` says."),
)  # fmt: skip

VALIDATIONS = (
    ([2.0, 1.5, 1.2, 1.3, 1.1, 1.25, 1.2, 1.3, 0.9, 1.4], 3),
    ([2.0, 1.6, 1.7, 1.4, 1.5, 1.4, 1.45, 1.3, 1.5, 1.6], 2),
    ([1.0, 1.1, 0.8, 0.9, 0.85, 0.7, 0.75, 0.74, 0.72, 0.71], 4),
    ([3.0, 2.0, 2.5, 2.4, 1.0, 1.2, 1.1, 0.9], 2),
    ([0.5, 0.6, 0.4, 0.55, 0.45, 0.3], 3),
    ([0.7, 0.6, 0.65, 0.6, 0.7, 0.72, 0.8], 3),
)


@check.exercise("3.6c")
def early_stopping(function):
    """The epoch whose weights are kept."""
    cases = [(list(losses), patience) for losses, patience in VALIDATIONS]

    def told(losses, patience):
        return f"For losses {losses} and patience {patience}"

    answers = _returned(function, cases, told)
    for got, inputs in zip(answers, cases, strict=True):
        if got.shape != ():
            raise Mistake(f"{told(*inputs)}: one epoch is asked for. I received an array of shape {got.shape}.")
    _named(answers, cases, kept, KEPT_MISTAKES, told)
    return "Kept is the best epoch, and it took `patience` more to know."


# A leak ---------------------------------------------------------------------------------------------------------------


def scaled(train, new, both=False, own=False, std=True, mean=True, whole=False, squared=False, ddof=0, swapped=False,
           new_only=False, as_is=False, own_mean=False, own_spread=False, all_mean=False, times=False,
           brackets=False):  # fmt: skip
    """Both standardised by the training set's numbers; the options make the usual mistakes."""
    source = np.concatenate([train, new]) if both else new if new_only else train
    numbers = [source, new if own else source]
    parts = []
    for part, by in zip((train, new), numbers, strict=True):
        along = None if whole else 0
        centre = np.concatenate([train, new]) if all_mean else part if own_mean else by
        middle = centre.mean(axis=along, keepdims=True) if mean else 0.0
        wide = (part if own_spread else by).std(axis=along, keepdims=True, ddof=ddof) if std else 1.0
        wide = wide**2 if squared else wide
        wide = np.where(wide == 0, 1, wide)
        wide = 1 / wide if times else wide
        part = part * wide if brackets else part
        parts.append(part if as_is and part is new else (part - middle) / wide)
    return parts[::-1] if swapped else parts


SCALED_MISTAKES = (
    ({"both": True}, "A leak: mean and spread come from all data, the new ones included. Use those of `train` alone."),
    ({"own": True}, "You scale `new` by its own mean and spread. Use those of `train` for both."),
    ({"new_only": True}, "You take mean and spread from `new`. They must come from `train`."),
    ({"own_mean": True}, "From `new` you subtract its own mean. Both tables get the mean of `train`."),
    ({"own_spread": True}, "You divide `new` by its own spread. Both tables get the spread of `train`."),
    ({"all_mean": True}, "A leak: the mean comes from all data, the new ones included. Use that of `train` alone."),
    ({"times": True}, "You multiply by the spread. Divide by it."),
    ({"brackets": True}, "Only the mean is divided by the spread. Brackets: first (train - mean), then / spread."),
    ({"std": False}, "You subtract the mean only. Divide by the spread of `train`, too."),
    ({"mean": False}, "You divide by the spread only. Subtract the mean of `train` first."),
    ({"whole": True}, "One mean and one spread for the whole table. Each column has its own: axis=0."),
    ({"squared": True}, "You divide by the variance. Divide by its root, `std`."),
    ({"ddof": 1}, "You divide by N − 1 in the spread. Take NumPy’s `std` as it is, over N."),
    ({"swapped": True}, "Both are right, in the other order. Return `train` first, then `new`."),
    ({"as_is": True}, "You leave `new` as it is. It must go through the same change as `train`, with train’s numbers."),
)  # fmt: skip


def _pairs():
    """Training tables and new ones."""
    rng = np.random.default_rng(2)
    for size, more, columns, wide in ((5, 5, 3, 2.0), (8, 3, 2, 0.3)):
        yield rng.normal(3, wide, (size, columns)), rng.normal(1, 4, (more, columns))


def _both(answer, train, new, given):
    """The reader's two tables as one array."""
    if isinstance(answer, np.ndarray) and answer.ndim == 2:
        raise Mistake(f"{given}: expected two tables, received one of shape {answer.shape}. Return train, new.")
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Mistake(f"{given}: expected two tables, train and new, received {type(answer).__name__}.")
    parts = [as_array(part, given) for part in answer]
    if [p.shape for p in parts] != [train.shape, new.shape] and [p.shape for p in parts] != [new.shape, train.shape]:
        raise Mistake(f"{given}: each table keeps its shape. Yours have the shapes {[p.shape for p in parts]}.")
    return np.concatenate(parts)


@check.exercise("3.6d")
def without_a_leak(function):
    """Standardise by the training set alone."""
    cases = list(_pairs())

    def told(train, new):
        return f"For train of shape {train.shape} and new of shape {new.shape}"

    def reference(train, new, **kind):
        return np.concatenate(scaled(train, new, **kind))

    with np.errstate(all="ignore"):
        answers = [_both(call(function, *inputs), *inputs, told(*inputs)) for inputs in cases]
    _named(answers, cases, reference, SCALED_MISTAKES, told)
    train, new = np.array([[1.0, 5.0], [3.0, 5.0]]), np.array([[2.0, 6.0]])
    given = "Where a column of `train` is the same everywhere, its spread is 0"
    with np.errstate(all="ignore"):
        got = _both(call(function, train, new), train, new, given)
    if not np.isfinite(got).all():
        raise Mistake(f"{given}, and you divide by it. Divide such a column by 1.")
    same(got, reference(train, new), f"{given}. Divided by 1 instead")
    return "New data see the training set’s mean and spread, as they will in use."
