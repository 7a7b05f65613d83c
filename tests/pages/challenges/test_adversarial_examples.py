"""Page "Adversarial examples": right answers pass, usual mistakes are named, the attacks keep their promises."""

import numpy as np
import pytest
from exercise_tests import held

from dlbook.pages.challenges.adversarial_examples import experiment as lab
from dlbook.pages.challenges.adversarial_examples.drawings import AFTER, BEFORE, SHIFTS, worst_change
from dlbook.pages.challenges.adversarial_examples.exercises import (
    PGD_MISTAKES,
    PROJECT_MISTAKES,
    WORST_MISTAKES,
    attack,
    check,
)
from dlbook.pages.challenges.adversarial_examples.experiment import LEVEL, accuracy, digits, patches, trained
from dlcore.attacks import at_random, fgsm, input_gradient, pgd


def project(now, start, size):
    return np.clip(np.clip(now, start - size, start + size), 0, 1)


RIGHT = [
    ("6.5a", 0.7 / 6),
    ("6.5a", 0.1167),
    ("6.5a", 0.117),  # as the page prints it
    ("6.5a", 0.12 - 0.003),
    ("6.5b", lambda w, size: -size * np.sign(w)),
    ("6.5b", lambda w, size: np.where(w > 0, -size, size)),  # where a weight is 0, any change will do
    ("6.5c", project),
    ("6.5c", lambda now, start, size: np.clip(now, np.maximum(start - size, 0), np.minimum(start + size, 1))),
    ("6.5d", attack),
]
NAMED = [  # the words are the whole message
    *(("6.5b", wrong, words) for wrong, words in WORST_MISTAKES),
    *(("6.5c", wrong, words) for wrong, words in PROJECT_MISTAKES),
    *(("6.5d", lambda *args, kind=kind: attack(*args, **kind), words) for kind, words in PGD_MISTAKES[:-1]),
    ("6.5d", lambda g, x, size, steps, rate: attack(g, x, size, 1, rate), PGD_MISTAKES[-1][1]),
]


def in_place(gradient, x, size, steps, rate):
    now = x
    for _ in range(steps):
        now += rate * np.sign(gradient(now))
        now = np.clip(np.clip(now, x - size, x + size), 0, 1)
    return now


def around_the_last_step(gradient, x, size, steps, rate):
    now = x
    for _ in range(steps):
        new = now + rate * np.sign(gradient(now))
        now = np.clip(np.clip(new, now - size, now + size), 0, 1)
    return now


def projected_at_the_end(gradient, x, size, steps, rate):
    now = x
    for _ in range(steps):
        now = now + rate * np.sign(gradient(now))
    return np.clip(np.clip(now, x - size, x + size), 0, 1)


def each_step_from_the_start(gradient, x, size, steps, rate):
    for _ in range(steps):
        now = project(x + rate * np.sign(gradient(x)), x, size)
    return now


def returned_too_early(gradient, x, size, steps, rate):
    for _ in range(steps):
        return project(x + rate * np.sign(gradient(x)), x, size)


WRONG = [
    ("6.5a", 6 / 0.7, "upside down"),
    ("6.5a", 0.05, "squares"),
    ("6.5d", each_step_from_the_start, "each from `now`"),
    ("6.5d", returned_too_early, "return at the end"),
    ("6.5d", lambda g, x, size, steps, rate: attack(g, x, size, steps, rate / steps), "each `rate` long"),
    ("6.5a", 0.12, "received"),
    ("6.5a", (0.117, 0.117), ""),
    ("6.5d", projected_at_the_end, "once, at the end"),
    ("6.5d", around_the_last_step, "not the last step"),
    ("6.5d", in_place, ""),
    ("6.5d", lambda g, x, size, steps, rate: attack(g, x, size, steps - 1, rate), "expected"),
    ("6.5d", lambda g, x, size, steps, rate: attack(g, x, size, steps, size), "as long as `size`"),
    ("6.5d", lambda g, x, size, steps, rate: attack(g, x, size, steps, rate) - x, "expected"),
    ("6.5a", 0.35, "with their signs"),
    ("6.5a", 0.7 / 3, "Only one input"),
    ("6.5a", 0.7 / np.sqrt(14), "Pythagoras"),
    ("6.5a", 4.2, "Divide"),
    ("6.5a", 0.7, "6 times as much"),
    ("6.5a", -0.7 / 6, "no sign"),
    ("6.5b", lambda w, size: -size, "expected an array of shape (4,), received a single number"),
    ("6.5b", lambda w, size: 2 * -size * np.sign(w), "expected"),
    *NAMED,
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


@pytest.mark.parametrize(("exercise", "answer", "words"), NAMED)
def test_nothing_else_is_said(exercise, answer, words):
    assert check.judge(exercise, answer).message == words


def test_the_input_gradient_is_the_slope_of_the_loss():
    """Against finite differences of the loss, in the direction of the gradient's own signs."""
    _, _, x, y = digits()
    model = trained()

    def loss(x):
        import dlcore
        from dlcore.nn import functional as F  # noqa: N812

        return F.cross_entropy(model(dlcore.tensor(x)), dlcore.tensor(y)).item()

    g = input_gradient(model, x, y)
    step = 0.01 * np.sign(g)
    measured = (loss(x + step) - loss(x - step)) / 2
    assert measured == pytest.approx((g * step).sum(), rel=0.1)


@pytest.mark.parametrize("make", [fgsm, pgd])
def test_attacks_stay_within_reach_and_beat_chance(make):
    _, _, x, y = digits()
    size, model = 2 * LEVEL, trained()
    changed = make(model, x, y, size)
    assert changed.dtype == np.float32
    assert changed.min() >= 0 and changed.max() <= 1
    assert np.abs(changed - x).max() <= size + 1e-6
    noise = at_random(x, size, np.random.default_rng(0))
    assert accuracy(model, changed, y) < 0.4 < 0.9 < accuracy(model, noise, y)


def test_training_against_attacks_helps_more_than_noise_three_times_as_large():
    for levels in (8, 12):
        louder = trained(0, against="noise", size=levels * LEVEL)
        assert lab.exam(louder, 2) < lab.exam(trained(against="attacks"), 2) - 10
    kinds = {}, {"against": "noise"}, {"against": "noise", "size": 6 * LEVEL}, {"against": "attacks"}
    left = [lab.exam(trained(0, **kind), 2) for kind in kinds]
    assert sorted(left) == left
    assert left[3] > left[2] + 10
    assert lab.exam(trained(against="attacks"), 4) < left[3] / 2


def test_nearest_neighbour_comes_close_to_it():
    kept = [lab.neighbour_under_attack(levels) for levels in (0, 1, 2, 4)]
    assert sorted(kept, reverse=True) == kept
    assert kept[0] > 97
    assert 60 < kept[2] < lab.exam(trained(against="attacks"), 2) + 10


def test_multiplying_scores_hides_the_slope_of_the_loss_and_not_that_of_the_lead():
    _, _, x, y = digits()
    model = trained()
    loud = lambda x: 1000 * model(x)  # noqa: E731
    assert accuracy(loud, pgd(loud, x, y, 2 * LEVEL), y) > 0.9
    margins = [lab.margin_attack(net, x, y, 2 * LEVEL) for net in (model, loud)]
    assert [accuracy(model, images, y) < 0.4 for images in margins] == [True, True]
    assert np.abs(margins[0] - x).max() <= 2 * LEVEL + 1e-6


def test_what_is_proved_no_attack_breaks():
    _, _, x, y = digits()
    model, size = trained(), 0.2 * LEVEL
    sure = lab.proved(model, x, y, size)
    assert 0.2 < sure.mean() < 1
    for attacked in (pgd(model, x, y, size, steps=40), lab.margin_attack(model, x, y, size)):
        assert accuracy(model, attacked[sure], y[sure]) == 1
    right = lab.probabilities(model, x).argmax(1) == y
    assert (lab.proved(model, x, y, 0) == right).all()


def test_centring_leaves_the_contrast_and_suffices_for_sure_answers_to_flip():
    x, y = patches(1, 40)
    centred = lab.Centre()(lab.dlcore.tensor(x)).numpy()
    assert np.allclose(centred.mean((2, 3)), 0, atol=1e-5)
    assert np.allclose(centred.std((2, 3)), x.std((2, 3)), atol=1e-5)
    _, net = lab.trained_on_photographs("centred", 0)
    turned, sure = lab.flipped(net, x, y, pgd(net, x, y, 4 / 255))
    assert sure > 0.5
    assert turned > 0.2
    assert lab.flipped(net, x, y, at_random(x, 4 / 255, np.random.default_rng(0)))[0] < 0.05


def test_patches_as_they_are_flip_too_after_three_times_the_long_training():
    x, y = patches(1, 40)
    _, net = lab.trained_on_photographs("as they are", 0, epochs=3 * lab.LONG)
    turned, sure = lab.flipped(net, x, y, pgd(net, x, y, 4 / 255))
    assert sure > 0.8
    assert turned > 0.03


def test_the_drawing_counts_as_the_page_does():
    assert BEFORE == pytest.approx(0.4)
    assert AFTER == pytest.approx(-0.1)
    assert SHIFTS.sum() == pytest.approx(-0.5)
    assert "0.4 becomes −0.1" in worst_change.says[2]


def test_patches_of_black_and_white_squares_share_no_pixel():
    """A corner of a patch from the black squares is found in none from the white ones."""
    black, white = patches(0, 40)[0], patches(1, 40)[0]
    corners = {patch[:, :6, :6].tobytes() for patch in black if patch[:, :6, :6].std() > 0.05}
    windows = np.lib.stride_tricks.sliding_window_view(white, (6, 6), axis=(2, 3))  # (80, 3, 27, 27, 6, 6)
    found = {one.tobytes() for one in windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, 3, 6, 6)}
    assert len(corners) > 20
    assert not corners & found
