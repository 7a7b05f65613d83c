"""Page "Adversarial examples": right answers pass, usual mistakes are named, the attacks keep their promises."""

import numpy as np
import pytest
from exercise_tests import held

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
WRONG = [
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


def test_training_against_attacks_helps_against_attacks():
    _, _, x, y = digits()
    left = [accuracy(m, pgd(m, x, y, 2 * LEVEL), y) for m in (trained(), trained(0, "noise"), trained(0, "attacks"))]
    assert left[0] < left[1] < left[2]
    assert left[2] > 0.65


def test_patches_of_black_and_white_squares_share_no_pixel():
    """A corner of a patch from the black squares is found in none from the white ones."""
    black, white = patches(0, 40)[0], patches(1, 40)[0]
    corners = {patch[:, :6, :6].tobytes() for patch in black if patch[:, :6, :6].std() > 0.05}
    windows = np.lib.stride_tricks.sliding_window_view(white, (6, 6), axis=(2, 3))  # (80, 3, 27, 27, 6, 6)
    found = {one.tobytes() for one in windows.transpose(0, 2, 3, 1, 4, 5).reshape(-1, 3, 6, 6)}
    assert len(corners) > 20
    assert not corners & found
