"""Checks of the exercises of the page "Diffusion"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()

KEPT_MISTAKES = (
    (0.64, "That is the noise: 1 − ᾱ. What is kept is asked for."),
    (0.6, "That is √ᾱ, what the point itself is multiplied by. ᾱ is its square."),
    (0.2, "You took the noise of all steps away from 1. Each step keeps a share of what is left: multiply."),
    (0.8, "That is the noise of all steps added up. Multiply what each step keeps."),
    (0.01, "You multiplied the β. Multiply what each step keeps, 1 − β."),
    (0.99, "You multiplied the β and took that from 1. Multiply what each step keeps, 1 − β."),
    (0.72, "That is after two steps. There is a third."),
    (0.5, "That is what the last step alone keeps. Multiply all three."),
    (2.2, "You added what the steps keep. Each keeps a share of what is left: multiply."),
    (0.1296, "You squared it. ᾱ is 0.9 · 0.8 · 0.5."),
    (0.9 * 0.9 * 0.5, "Look at the second step again: 1 − 0.2 is 0.8."),
    ((0.9 * 0.8 * 0.5) ** (1 / 3), "That is the mean of what a step keeps. Multiply all three, and stop there."),
)  # fmt: skip


@check.exercise("4.9a")
def kept_after_three(kept):
    """0.9 · 0.8 · 0.5."""
    kept = as_array(kept, "What is kept")
    if kept.shape != ():
        raise Mistake(f"One number is asked for. I received an array of shape {kept.shape}.")
    same(kept, 0.36, "After three steps", KEPT_MISTAKES, rtol=1e-3, show=False)
    return "0.9 · 0.8 · 0.5 = 0.36. So the point is multiplied by 0.6 and the noise by 0.8."


def noised(x0, kept, noise, root=True, swap=False, only=None, less=False, plain=False, sign=1):
    """A point after noise; the options make the usual mistakes."""
    signal, rest = (kept, 1 - kept) if not root else (np.sqrt(kept), np.sqrt(1 - kept))
    if less:
        rest = 1 - np.sqrt(kept)
    if only == "signal":
        rest = 1 - kept
    if only == "noise":
        signal = kept
    if swap:
        signal, rest = rest, signal
    if plain:
        return x0 + rest * noise
    return signal * x0 + sign * rest * noise


NOISED_MISTAKES = (
    ({"root": False}, "Both roots are missing: √ᾱ and √(1 − ᾱ). Variances add up to 1, not the factors."),
    ({"swap": True}, "You have exchanged the two: √ᾱ belongs to the point, √(1 − ᾱ) to the noise."),
    ({"only": "signal"}, "The point is right. The noise wants the root of 1 − ᾱ, too."),
    ({"only": "noise"}, "The noise is right. The point wants the root of ᾱ, too."),
    ({"less": True}, "The factor of the noise is √(1 − ᾱ), not 1 − √ᾱ."),
    ({"sign": -1}, "You take the noise away. On the way into the noise it is added."),
    ({"plain": True}, "The point has to shrink, by √ᾱ, or the numbers grow with every step."),
)


@check.exercise("4.9b")
def add_noise(function):
    """√ᾱ x_0 + √(1 − ᾱ) ε."""
    rng = np.random.default_rng(0)
    cases = [(np.array([2.0, 0.0]), 0.36, np.array([0.5, -1.0]))]
    cases += [(rng.normal(size=(4, 2)), 0.81, rng.normal(size=(4, 2)))]
    cases += [(rng.normal(size=(3, 64)), rng.uniform(0.1, 0.9, (3, 1)), rng.normal(size=(3, 64)))]
    _judge(function, cases, noised, NOISED_MISTAKES)
    return "One line instead of a hundred steps. That is why training is cheap: any level is reached at once."


def cleaned(x, kept, noise, root=True, divide=True, factor=True, sign=-1, first=False, last=False, times=False,
            wrong_root=False, swap=False):  # fmt: skip
    """The clean point that a named noise means; the options make the usual mistakes."""
    signal, rest = (np.sqrt(kept), np.sqrt(1 - kept)) if root else (kept, 1 - kept)
    if wrong_root:
        rest = 1 - kept
    if swap:
        signal, rest = rest, signal
    if last:
        return x + sign * rest * noise / signal
    if first:
        return x / signal + sign * rest * noise
    top = x + sign * (rest if factor else 1) * noise
    return top * signal if times else top / signal if divide else top


CLEANED_MISTAKES = (
    ({"divide": False}, "The noise is gone, but the point is still shrunk: divide by √ᾱ."),
    ({"factor": False}, "The noise was multiplied by √(1 − ᾱ) before it was added. Take away as much."),
    ({"sign": 1}, "Noise was added on the way forth. Take it away."),
    ({"root": False}, "The roots are missing: √(1 − ᾱ) above, √ᾱ below."),
    ({"wrong_root": True}, "Below it is right. Above, the noise wants the root of 1 − ᾱ."),
    ({"first": True}, "Only x is divided by √ᾱ. Put x and the noise in brackets, then divide."),
    ({"last": True}, "Only the noise is divided by √ᾱ. Put x and the noise in brackets, then divide."),
    ({"swap": True}, "You have exchanged the two roots: √(1 − ᾱ) belongs to the noise, √ᾱ below."),
    ({"times": True}, "On the way forth the point was multiplied by √ᾱ. Now divide."),
)


@check.exercise("4.9c")
def name_the_point(function):
    """(x − √(1 − ᾱ) ε) / √ᾱ."""
    rng = np.random.default_rng(1)
    cases = [(np.array([0.92]), 0.4096, np.array([-0.4])), (rng.normal(size=(4, 2)), 0.36, rng.normal(size=(4, 2)))]
    cases += [(rng.normal(size=(3, 64)), rng.uniform(0.1, 0.9, (3, 1)), rng.normal(size=(3, 64)))]
    _judge(function, cases, cleaned, CLEANED_MISTAKES)
    return "So a network that names the noise names the clean point as well: the same answer in other words."


def stepped(x, noise, kept, to, z, fresh=True, within=True, variance=False, forth=False, same_level=False, back=False,
            unrooted=False, point_only=False, clean=False, swap=False):  # fmt: skip
    """One step back, from ᾱ = kept to ᾱ = to; the options make the usual mistakes."""
    point = (x - np.sqrt(1 - kept) * noise) / np.sqrt(kept)
    if clean:
        return point
    spread = (1 - to) / (1 - kept) * (1 - kept / to)
    if forth:
        spread = 1 - kept / to
    added = spread if variance else np.sqrt(spread)
    named = np.sqrt(np.maximum(1 - to - (spread if within and not forth else 0 * spread), 0))
    if unrooted:
        named = named**2
    if swap:
        return np.sqrt(to) * point + added * noise + named * z
    if same_level:
        return np.sqrt(kept) * point + named * noise + added * z
    if back:
        return np.sqrt(to) * x + named * noise + added * z
    if point_only:
        return np.sqrt(to) * point + added * z
    return np.sqrt(to) * point + named * noise + (added * z if fresh else 0)


STEPPED_MISTAKES = (
    ({"fresh": False}, "The fresh noise, spread times z, is missing. Without it the points shrink into the middles."),
    ({"within": False}, "Too much noise: what z brings must be taken out of what ε̂ brings, √(1 − ᾱ_s − spread²)."),
    ({"within": False, "fresh": False}, "That is the step of DDIM, without fresh noise. Here `z` has its share."),
    ({"variance": True}, "You multiply z by the variance. Its root is the spread."),
    ({"forth": True}, "Your spread is that of the step forth, √(1 − ᾱ_t / ᾱ_s). The first factor, (1 − ᾱ_s) / "
     "(1 − ᾱ_t), is missing, or what is left for ε̂ ignores it."),
    ({"same_level": True}, "The point is put back at the level where it came from: multiply it by √ᾱ_s, not √ᾱ_t."),
    ({"back": True}, "You shrink x itself. First find the clean point, then multiply that by √ᾱ_s."),
    ({"unrooted": True}, "What multiplies ε̂ wants a root: √(1 − ᾱ_s − spread²)."),
    ({"clean": True}, "That is the clean point. Go back one level only: put noise back, as much as belongs to `to`."),
    ({"swap": True}, "You have exchanged the two noises: the spread belongs to z, what is left to ε̂."),
    ({"point_only": True}, "What is named, ε̂, is missing: most of the noise is put back as it was."),
)  # fmt: skip


@check.exercise("4.9d")
def step_back(function):
    """√ᾱ_s x̂_0 + √(1 − ᾱ_s − spread²) ε̂ + spread z."""
    rng = np.random.default_rng(2)
    cases = [(np.array([0.92]), np.array([-0.4]), 0.4096, 0.64, np.array([1.0]))]
    cases += [(*rng.normal(size=(2, 5, 2)), 0.3, 0.5, rng.normal(size=(5, 2)))]
    cases += [(*rng.normal(size=(2, 3, 64)), 0.9, 1.0, rng.normal(size=(3, 64)))]
    _judge(function, cases, stepped, STEPPED_MISTAKES)
    return "By hand you found 1.85. With to = 1 there is no noise left, and the clean point itself comes out."


def steered(everyone, one, weight, swap=False, sign=1, base="everyone", mean=False, squared=False, blend=False,
            capped=False, only=False):  # fmt: skip
    """Guidance; the options make the usual mistakes."""
    a, b = (one, everyone) if swap else (everyone, one)
    if mean:
        return (a + weight * b) / (1 + weight)
    if blend:
        return a + weight * b
    if only:
        return weight * b
    if capped:
        return a + min(weight, 1) * (b - a)
    start = {"everyone": a, "one": b, "none": 0}[base]
    return start + sign * (weight**2 if squared else weight) * (b - a)


STEERED_MISTAKES = (
    ({"base": "one"}, "You start at `one`, so a weight of 1 goes twice as far. Start at `everyone`: 0 leaves it, 1 "
     "gives `one`."),
    ({"swap": True}, "You have exchanged the two: a weight of 0 must give `everyone`, a weight of 1 `one`."),
    ({"sign": -1}, "You go away from the label. Add the difference one − everyone."),
    ({"base": "none"}, "That is the difference alone. Add it to `everyone`."),
    ({"mean": True}, "That is a mean of the two, and never lies beyond `one`. Guidance goes further than that."),
    ({"blend": True}, "You add all of `one`. Add the difference, one − everyone, times the weight."),
    ({"only": True}, "You multiply `one` by the weight. Only what it has beyond `everyone` is to be multiplied."),
    ({"capped": True}, "Your weight stops at 1. Guidance goes further than `one`."),
    ({"squared": True}, "The weight is squared. Multiply by it once."),
)  # fmt: skip


@check.exercise("4.9e")
def guide(function):
    """everyone + weight (one − everyone)."""
    rng = np.random.default_rng(3)
    cases = [(np.array([1.0, 0.0]), np.array([0.0, 2.0]), weight) for weight in (0.5, 3.0)]
    cases += [(*rng.normal(size=(2, 6, 2)), 2.0), (*rng.normal(size=(2, 4, 64)), 0.0)]
    _judge(function, cases, steered, STEERED_MISTAKES)
    return "A weight of 1 asks for the label; beyond 1, for what is more typical of the label than of everything else."


def _judge(function, cases, reference, mistakes):
    """Hold the answers to the reference; name the mistake that gives all of them."""
    answers = []
    for inputs in cases:
        given = f"For arrays of shape {np.shape(inputs[0])}"
        answer, want = call(function, *inputs), reference(*inputs)
        if isinstance(answer, tuple):
            raise Mistake(f"{given}: your function returns {len(answer)} things. One array is asked for.")
        got = as_array(answer, given)
        if got.shape != want.shape:
            same(got, want, given)
        answers.append(got)

    def agree(**how):
        pairs = zip(answers, cases, strict=True)
        return all(np.allclose(got, reference(*inputs, **how), rtol=1e-4, atol=1e-5) for got, inputs in pairs)

    if agree():
        return
    for how, words in mistakes:
        if agree(**how):
            raise Mistake(words)
    for got, inputs in zip(answers, cases, strict=True):
        same(got, reference(*inputs), f"For arrays of shape {np.shape(inputs[0])}", rtol=1e-4, atol=1e-5)
