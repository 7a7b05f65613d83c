"""Checks of the exercises of the page "Adversarial examples"."""

import numpy as np

from dlbook.page.exercises import Exercises, Mistake, as_array, call, same

check = Exercises()


@check.exercise("6.5a")
def smallest_size(size):
    """The weights (1, −2, 3) with a lead of 0.7: the worst change must be 0.7 / 6."""
    mistakes = (
        (
            0.7 / 2,
            "You added the weights with their signs. The second input moves the other way: its weight counts too.",
        ),
        (0.7 / 3, "Only one input has moved. All three may move at once, each by the full size."),
        (
            0.7 / np.sqrt(14),
            "That is the length of the weights, by Pythagoras: a typical shift. The worst adds up sizes.",
        ),
        (0.7 * 6, "Divide the lead by the sum of the sizes instead of multiplying."),
        (0.7, "A size of 0.7 shifts z by 6 times as much: every weight multiplies it."),
        (6 / 0.7, "That is upside down: the shift is the size times 6, and it must be 0.7."),
        (0.7 / 14, "You added the squares of the weights. The worst change adds up their sizes."),
        (-0.7 / 6, "A size has no sign: each input may move up or down by it."),
    )
    same(size, 0.7 / 6, "For the smallest size", mistakes, rtol=6e-3, show=False)
    return "An attack of 0.117 for each input is enough."


WORST_MISTAKES = (
    (lambda w, e: e * np.sign(w), "That *raises* the sum as far as it goes. To lower it, turn every sign round."),
    (
        lambda w, e: -e * w,
        "You change each input in proportion to its weight. Each may use up the whole size: take the sign.",
    ),
    (
        lambda w, e: -e * w / np.abs(w).max(),
        "Only the input with the largest weight uses up the whole size; let all do so.",
    ),
    (
        lambda w, e: -e * w / np.linalg.norm(w),
        "That is the worst change of a given *length*. Here each input has a limit of its own.",
    ),
    (lambda w, e: np.full(len(w), -e), "Lowering every input helps only where the weight is positive."),
    (lambda w, e: -np.sign(w), "The direction is right; multiply it by the size."),
    (lambda w, e: -e * np.abs(w).sum(), "That is the shift of the sum. Asked for is the change of each input, (D,)."),
)


@check.exercise("6.5b")
def change_that_lowers_most(function):
    """−size · sign(w), for units of several widths."""
    for w, size in (([2.0, -1.0, 0.5, -1.5], 0.1), ([-3.0, 0.25], 0.5), ([1.0, 0.0, -4.0], 0.2)):
        w = np.array(w)
        got = call(function, w, size)
        usual = [(wrong(w, size), words) for wrong, words in WORST_MISTAKES]
        want = -size * np.sign(w)
        free = w == 0  # any change within the size will do where the weight is 0
        answer = as_array(got, "Your function")
        if answer.shape == want.shape and (np.abs(answer[free]) <= size + 1e-9).all():
            answer = np.where(free, want, answer)
        same(answer, want, f"For the weights {w.tolist()} and a size of {size:g}", usual)
    return "No other change within the size lowers the sum as far; its shift is the size times the sum of all |w|."


PROJECT_MISTAKES = (
    (lambda n, s, e: np.clip(n, 0, 1), "Pixels stay between 0 and 1 but stray farther than `size` from their start."),
    (lambda n, s, e: np.clip(n, s - e, s + e), "Pixels stay near their start but leave the range from 0 to 1."),
    (
        lambda n, s, e: np.clip(n, -e, e),
        "You clip the pixel itself to ±size. It is the *distance to the start* that has this limit.",
    ),
    (
        lambda n, s, e: np.clip(n - s, -e, e),
        "That is the change. Add it to the start again, then keep it within 0 and 1.",
    ),
    (
        lambda n, s, e: np.clip(s + e * np.sign(n - s), 0, 1),
        "You pushed every pixel to its limit. Those within reach stay where they are.",
    ),
    (
        lambda n, s, e: np.where(np.abs(n - s) > e, s, n).clip(0, 1),
        "A pixel that went too far goes back to the *limit*, not to its start.",
    ),
    (
        lambda n, s, e: s + e * (n - s) / np.linalg.norm(n - s),
        "You shortened the change as a whole. Here each pixel has a limit of its own.",
    ),
)


@check.exercise("6.5c")
def back_within_reach(function):
    """Both limits, with pixels that break none, one and both."""
    cases = (
        ([0.5, 0.9, 0.1, 0.48], [0.5, 0.6, 0.4, 0.5], 0.1),
        ([1.3, -0.2, 0.97, 0.55], [0.95, 0.05, 0.95, 0.3], 0.2),
    )
    for now, start, size in cases:
        now, start = np.array(now), np.array(start)
        usual = [(wrong(now, start, size), words) for wrong, words in PROJECT_MISTAKES]
        want = np.clip(np.clip(now, start - size, start + size), 0, 1)
        given = f"For now = {now.tolist()}, start = {start.tolist()} and a size of {size:g}"
        same(call(function, now, start, size), want, given, usual)
    return "Near the original, and an image that can exist."


def attack(gradient, x, size, steps, rate, up=1, sign=True, near=True, real=True, fresh=True, each=True, far=False):
    """PGD, or what a usual mistake makes of it."""
    now, first, rate = x, gradient(x), size if far else rate
    for step in range(steps):
        g = gradient(now) if fresh else first
        now = now + up * rate * (np.sign(g) if sign else g)
        if each or step == steps - 1:
            now = np.clip(now, x - size, x + size) if near else now
            now = np.clip(now, 0, 1) if real else now
    return now


PGD_MISTAKES = (
    ({"up": -1}, "You go downhill: the loss falls, and the network grows more sure. An attack goes uphill."),
    ({"sign": False}, "You step along the gradient itself. Take its sign, so that every pixel moves by the full rate."),
    ({"far": True}, "Your steps are as long as `size`. Each goes only `rate` far."),
    ({"fresh": False}, "You took the gradient once, at the start. Take it anew before each step, at `now`."),
    (
        {"near": False},
        "Your attack strays farther than `size` from `x`. Project after each step, around `x` and not the last step.",
    ),
    ({"each": False}, "You projected once, at the end. Project after each step: the next slope is asked from there."),
    ({"real": False}, "Your attack leaves the range from 0 to 1. Clip to it after each step."),
    (
        {"near": False, "real": False},
        "You never project. After each step go back within `size` of `x`, and within 0 and 1.",
    ),
    (
        {"steps": 1},
        "You end where a single step of `rate` does. Take `steps` of them, each from `now`, each `rate` long; return "
        "at the end.",
    ),
)


@check.exercise("6.5d")
def projected_gradient_descent(function):
    """Losses whose slope stays, turns round on the way, and points out of the image."""
    hill, w = np.array([0.62, 0.3, 0.9, 0.05]), np.array([1.0, -2.0, 0.3, 0.0])
    losses = {
        "a linear loss": (lambda x: w, np.array([0.95, 0.1, 0.4, 0.5]), 0.15, 5, 0.06),
        "a hill nearby": (lambda x: hill - x, np.array([0.5, 0.5, 0.5, 0.5]), 0.2, 8, 0.05),
        "two pixels, one of which turns the other round": (
            lambda x: np.array([x[1] - 0.72, 1.0]),
            np.array([0.5, 0.5]),
            0.2,
            7,
            0.05,
        ),
    }
    for name, (gradient, x, size, steps, rate) in losses.items():
        arguments = {"gradient": gradient, "x": x, "size": size, "steps": steps, "rate": rate}
        got = as_array(call(function, gradient, x, size, steps, rate), "Your function")
        usual = [(attack(**(arguments | wrong)), words) for wrong, words in PGD_MISTAKES]
        same(got, attack(**arguments), f"On {name}, {steps} steps of {rate:g} within {size:g}", usual)
    if np.ndim(call(function, lambda x: x - 0.5, np.zeros((2, 3)), 0.1, 2, 0.1)) != 2:
        raise Mistake("A batch of images goes in, and something of another shape comes out.")
    return "That is the attack by which defences are measured. Yours works for any loss that has a slope."
