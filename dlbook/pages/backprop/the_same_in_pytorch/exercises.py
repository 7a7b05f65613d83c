"""Checks of the exercises of the page "The same in PyTorch": six broken scripts, each to be mended.

A mended script is held to the broken one, to the sound one, to usual half-mended ones, and then to the page's checks.
"""

from functools import cache, wraps

import numpy as np

import dlcore
from dlbook.page.exercises import Exercises, Mistake, NotYet, as_array, call, same
from dlbook.pages.backprop.the_same_in_pytorch.experiment import alarms, ask, digits, measured
from dlbook.pages.backprop.the_same_in_pytorch.scripts import (
    BACKWARD,
    CLEAR,
    EXERCISES,
    LOOP,
    LOSS,
    NOTHING,
    PAIRS,
    TRAIN,
    changed,
    compiled,
    source,
)
from dlcore import rng

check = Exercises()

#: letter → (changes of the sound script, what to say to one who has come that far)
HALF = {
    "A": [
        ([(CLEAR, ""), (BACKWARD, BACKWARD + CLEAR)],
         "You clear the gradients between backward() and step(): the step finds nothing, and no weight moves."),
        ([(CLEAR, ""), (TRAIN, TRAIN + CLEAR[4:])],
         "You clear the gradients once an epoch. Each batch must begin with none: put the line into the inner loop."),
        ([(CLEAR, ""), (BACKWARD, BACKWARD + "            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n")],
         "Clipping makes the heap shorter, but it is still a heap of all batches. Clear it before each backward()."),
        ([(CLEAR, "            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n")],
         "Clipping makes the heap shorter, but it is still a heap of all batches. Clear it before each backward()."),
        ([(CLEAR, "            if len(losses) % 2 == 0:\n                optimizer.zero_grad()\n")],
         "You clear the gradients before every second batch only. Each batch must begin with none."),
    ],
    "B": [
        ([(LOSS, "loss = torch.nn.functional.nll_loss(scores.softmax(1), labels)")],
         "nll_loss wants *logarithms* of probabilities. cross_entropy takes the bare scores and does all itself."),
        ([("scores = model(images)", "scores = model(images).softmax(0)")],
         "Now softmax runs over the batch, and cross_entropy takes another one. Give it the bare scores."),
        ([("scores = model(images)", "scores = model(images).sigmoid()")],
         "A sigmoid squeezes the scores as softmax did: they differ by 1 at most. cross_entropy wants them bare."),
        ([("scores = model(images)", "scores = model(images).softmax(1) * 10")],
         "Larger probabilities are still squeezed: they differ by 10 at most. cross_entropy wants the bare scores."),
        ([("scores = model(images)", "scores = model(images).relu()")],
         "Scores may be negative, and relu cuts them off. cross_entropy wants them bare."),
    ],
    "C": [
        ([(PAIRS, "    x = x[torch.randperm(len(x))]\n" + PAIRS)],
         "Now only the images are in another order. The labels have to come along, in the same."),
        ([(PAIRS, "    y = y[torch.randperm(len(y))]\n" + PAIRS)],
         "Now only the labels are in another order. The images have to come along, in the same."),
        ([("shuffle=True", "shuffle=False")],
         "The pairs are whole again. But now the digits come in order, all 0s first: let the loader shuffle them."),
    ],
    "D": [
        ([(LOSS, "loss = torch.nn.functional.cross_entropy(scores.log_softmax(0), labels)")],
         "The softmax over the batch is still there, before that of cross_entropy."),
        ([(LOSS, "loss = torch.nn.functional.nll_loss(scores.softmax(1), labels)")],
         "The axis is right. But nll_loss wants *logarithms* of probabilities: log_softmax."),
        ([(LOSS, "loss = torch.nn.functional.nll_loss(scores, labels)")],
         "nll_loss takes the scores as they are for logarithms of probabilities, and can fall for ever."),
        ([(LOSS, "loss = torch.nn.functional.cross_entropy(scores.softmax(0), labels)")],
         "The softmax over the batch is still there, before that of cross_entropy."),
        ([(LOSS, "loss = torch.nn.functional.cross_entropy(scores.softmax(1), labels)")],
         "The axis is right. But cross_entropy takes a softmax itself: give it the bare scores."),
        ([("batch_size=32", "batch_size=10"),
          (LOSS, "loss = torch.nn.functional.nll_loss(scores.log_softmax(0), labels)")],
         "It starts near ln 10 because a batch now holds ten digits. The softmax still runs over the batch."),
    ],
    "E": [
        ([(TRAIN, "        model.eval()\n")],
         "Now there is no dropout in training either. Keep it there; eval() comes after the loop."),
    ],
    "F": [
        ([("SGD(model.parameters()", "SGD(model[1].parameters()")],
         "Now the optimiser knows the hidden layer only. Give it all of model.parameters()."),
        ([("scores = model(images)", "scores = model[4](model[:3](images))")],
         "The gradient gets through. But `model[:3]` ends before dropout: now there is none. Call the whole model."),
        ([("scores = model(images)", "scores = model[4](model[:2](images))")],
         "The gradient gets through. But `model[:2]` leaves out ReLU and dropout. Call the whole model."),
    ],
}  # fmt: skip

STILL = {
    "A": "its gradients still add up from batch to batch. (To clear them once, before the loops, is not enough.)",
    "B": "one batch, repeated, still gets stuck above 1.46.",
    "C": "its labels still do not fit their images.",
    "D": "its first loss is still near ln 32, not ln 10.",
    "E": "the same digit still gets another answer each time. (Has your call its brackets? Does train() follow it?)",
    "F": "the weights of its hidden layer still do not move. (Do they get a gradient? Does the optimiser know them?)",
}

PRAISE = {
    "A": "Gradients add up until they are cleared, in both libraries: once a batch, before backward().",
    "B": "cross_entropy takes bare scores. Its own softmax is the only one that is needed.",
    "C": "A random order is drawn once, for both, or left to the loader.",
    "D": "Over the classes, and now the first loss is near ln 10.",
    "E": "train() before learning, eval() before asking.",
    "F": "Without detach() the gradient gets through to the hidden layer.",
}

#: check, −1 too low or 1 too high → what to say, with the number; what tells most comes first
FOUND = {
    ("start", -1): "The first loss is {:.2f}, less than ln 10 = 2.30: so much can no new network know.",
    ("start", 1): "The first loss is {:.2f}. A network that knows nothing should pay ln 10 = 2.30.",
    ("update", 1): "A step changes a layer by {:.1f} times its weights. That is far too much.",
    ("gradients", -1): "A layer gets no gradient.",
    ("gradients", 1): "A layer’s gradient has grown to a length of {:.0f}: are the gradients cleared in each batch?",
    ("update", -1): "A step changes a layer by {:.0e} of its weights: it hardly moves.",
    ("inputs", -1): "The largest pixel that the network gets is {:.2g}. Between 0 and 1 they should be.",
    ("inputs", 1): "The largest pixel that the network gets is {:.2g}. Between 0 and 1 they should be.",
    ("labels", -1): "Only {:.0%} of the labels in a batch fit their images.",
    ("kinds", -1): "A batch holds {:.0f} of the ten kinds of digits. They should be mixed.",
    ("twice", 1): "The same digit gets two answers: its scores differ by {:.1f}.",
    ("one batch", 1): "One batch, repeated 200 times, is not learned by heart: its loss ends at {:.2f}.",
    ("one batch", -1): "One batch, repeated 200 times, has a loss of {:.2f}. A cross-entropy is never below 0.",
    ("baseline", -1): "Of new digits it reads {:.1%} fewer than a comparison with ten averages does.",
}


def wrapped(function):
    """The reader's function as one of arrays, with the book's library for `torch`."""
    return wraps(function)(lambda x, y, *more: function(dlcore, dlcore.tensor(x), dlcore.tensor(y), *more))


def tried(function, epochs=2):
    """Losses (batches,) of the reader's script from seed 0, and what its network then answers (40, 10)."""
    (x, y), (x_new, _) = digits()
    with rng.fork_rng(), np.errstate(all="ignore"):
        dlcore.manual_seed(0)
        got = call(wrapped(function) if callable(function) else function, x, y, epochs)
        if not isinstance(got, tuple) or len(got) != 4 or not hasattr(got[0], "parameters"):
            raise Mistake("The script should end as it did, with `return model, losses, images, labels`.")
        losses = as_array(got[1], "The losses")
        if losses.ndim != 1 or len(losses) < 2:
            raise Mistake("The losses should be a list with one number for each batch.")
        answers = [ask(got[0], x_new[:40] / 16) for _ in range(2)]
    return losses, np.concatenate(answers)


@cache
def behaviour(*changes, bug=NOTHING):
    """What a script with these changes does."""
    text = source(bug)
    for before, after in changes:
        text = changed(text, before, after)
    return tried(compiled(text))


def agree(one, other):
    """Whether two scripts did the same."""
    return all(a.shape == b.shape and np.allclose(a, b, 1e-3, 1e-4) for a, b in zip(one, other, strict=True))


def mended(letter, function):
    """Say of a script whether it still has its bug, or another one."""
    got = tried(function)
    if agree(got, behaviour(bug=EXERCISES[letter])):
        raise NotYet(f"The script does what it did: {STILL[letter]}")
    if agree(got, behaviour()):
        return PRAISE[letter]
    for changes, words in HALF[letter]:
        if agree(got, behaviour(*changes)):
            raise Mistake(words)
    numbers = measured(function)[0]
    sides = dict(zip(numbers, alarms(numbers), strict=True))
    for name, side in FOUND:
        if sides[name] == side:
            raise Mistake(FOUND[name, side].format(abs(numbers[name]) if name == "baseline" else numbers[name]))
    return PRAISE[letter]


def with_loop(function):
    """The script of a reader's own `prepared`."""
    (x, y), _ = digits()
    with rng.fork_rng():
        got = call(wrapped(function) if callable(function) else function, x, y)
    if not isinstance(got, tuple) or len(got) != 3 or not hasattr(got[1], "parameters"):
        raise Mistake("The function should end as it did, with `return loader, model, optimizer`.")
    return wraps(function)(compiled(LOOP, prepared=function))


def _register(letter):
    @check.exercise(f"3.7{letter.lower()}")
    def judge(function):
        return mended(letter, with_loop(function) if letter == "C" else function)


for _letter in EXERCISES:
    _register(_letter)


def ratios(before, after, squared=False, over_after=False, mean=False, no_size=False, inverse=False, only_size=False,
           signed=False, lengths=False, absolute=False, percent=False):  # fmt: skip
    """Update over weights, layer by layer; the options make the usual mistakes."""
    out = []
    for a, b in zip(before, after, strict=True):
        moved, size = np.linalg.norm(b - a), np.linalg.norm(b if over_after else a)
        if only_size:  # by how much the length grows
            moved = abs(np.linalg.norm(b) - np.linalg.norm(a))
        one = moved**2 / size**2 if squared else np.mean(np.abs(b - a) / np.abs(a)) if mean else moved / size
        one = moved if no_size else size / moved if inverse else np.sum(b - a) / np.sum(a) if signed else one
        one = np.abs(b - a).sum() / np.abs(a).sum() if absolute else 100 * one if percent else one
        out.append(np.linalg.norm(b) / size if lengths else one)
    return out


RATIO_MISTAKES = (
    ({"squared": True}, "That is the square of the ratio. Take the root of each sum of squares first."),
    ({"over_after": True}, "You divide by the weights after the step. Divide by those before it."),
    ({"mean": True}, "You took the mean of single ratios: a weight near 0 counts most. Lengths first, then divide."),
    ({"no_size": True}, "That is the length of the update alone. Divide it by the length of the weights."),
    ({"inverse": True}, "The ratio is the other way up: update over weights."),
    ({"only_size": True}, "That is how much the length grew. A step that only turns would count as none."),
    ({"lengths": True}, "You divided weights after by weights before. The update is their difference, `b - a`."),
    ({"absolute": True}, "You added up absolute values. A length is the root of the sum of the *squares*."),
    ({"percent": True}, "You give per cent. A ratio is wanted: a hundredth is 0.01."),
    ({"signed": True}, "You added up numbers with their signs, and they cancel. Take lengths."),
)  # fmt: skip


@check.exercise("3.7g")
def update_ratio(function):
    """The length of each layer's update over that of its weights."""
    rng_ = np.random.default_rng(0)
    hand = [np.array([3.0, 4.0])], [np.array([2.97, 4.04])]
    two = [rng_.normal(size=(3, 4)), rng_.normal(size=5)]
    cases = [(hand, "For weights (3, 4) that become (2.97, 4.04)"),
             ((two, [w + 0.1 * rng_.normal(size=w.shape) for w in two]), "For two layers")]  # fmt: skip
    answers = [as_array(call(function, *inputs), given) for inputs, given in cases]
    for kind, words in RATIO_MISTAKES:
        wrong = [np.array(ratios(*inputs, **kind)) for inputs, _ in cases]
        if all(a.shape == b.shape and np.allclose(a, b) for a, b in zip(answers, wrong, strict=True)):
            raise Mistake(words)
    for got, (inputs, given) in zip(answers, cases, strict=True):
        if got.shape != (len(inputs[0]),):
            received = f"an array of shape {got.shape}" if got.ndim else "a single number"
            raise Mistake(f"{given}: expected a list, one ratio a layer, {len(inputs[0])} in all; received {received}.")
        same(got, np.array(ratios(*inputs)), given)
    return "For (3, 4) it is a hundredth. Print it for each layer, and for some steps, of every new network."
