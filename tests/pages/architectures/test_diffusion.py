"""The page "Diffusion": its exercises, its noise, its walks, its judges, its hand calculation."""

import numpy as np
import pytest
import torch
from exercise_tests import Made, held
from notebooks import cells_of, text_of

from dlbook.pages.architectures.diffusion import drawings, figures
from dlbook.pages.architectures.diffusion import experiment as lab
from dlbook.pages.architectures.diffusion.exercises import (
    CLEANED_MISTAKES,
    KEPT_MISTAKES,
    NOISED_MISTAKES,
    STEERED_MISTAKES,
    STEPPED_MISTAKES,
    check,
    cleaned,
    noised,
    steered,
    stepped,
)
from dlbook.pages.ring import CENTRES, found, good

PAGE = "4_architectures/9_diffusion"


# Answers -----------------------------------------------------------------------------------------------------------


def by_pytorch(x0, kept, noise):
    x0, kept, noise = (torch.as_tensor(a) for a in (x0, kept, noise))
    return kept.sqrt() * x0 + (1 - kept).sqrt() * noise


def in_place(x0, kept, noise):
    x0 *= np.sqrt(kept)
    return x0 + np.sqrt(1 - kept) * noise


def as_the_paper(x, noise, kept, to, z):
    """Ho, Jain & Abbeel's equations 6 and 7."""
    point, beta = (x - np.sqrt(1 - kept) * noise) / np.sqrt(kept), 1 - kept / to
    mean = np.sqrt(to) * beta / (1 - kept) * point + np.sqrt(1 - beta) * (1 - to) / (1 - kept) * x
    return mean + np.sqrt((1 - to) / (1 - kept) * beta) * z


RIGHT = [
    *(("4.9a", answer) for answer in (0.36, 0.9 * 0.8 * 0.5, np.array(0.36))),
    ("4.9a", Made(lambda: torch.tensor(0.36))),
    ("4.9b", noised),
    ("4.9b", by_pytorch),
    ("4.9b", lambda x0, kept, noise: x0 * kept**0.5 + noise * (1 - kept) ** 0.5),
    ("4.9b", lambda x0, kept, noise: np.add(np.sqrt(kept) * x0, np.sqrt(1 - kept) * noise)),
    ("4.9c", cleaned),
    ("4.9c", lambda x, kept, noise: x / kept**0.5 - (1 / kept - 1) ** 0.5 * noise),
    ("4.9c", lambda *a: cleaned(*a).tolist()),
    ("4.9d", stepped),
    ("4.9d", as_the_paper),
    ("4.9d", lambda *a: stepped(*a).tolist()),
    ("4.9e", steered),
    ("4.9e", lambda everyone, one, weight: (1 - weight) * everyone + weight * one),
    ("4.9e", lambda *a: steered(*a).astype("float32")),
    ("4.9e", lambda everyone, one, weight: one + (weight - 1) * (one - everyone)),
    ("4.9e", lambda everyone, one, weight: np.add(everyone, np.multiply(weight, np.subtract(one, everyone)))),
]
WRONG = [
    *(("4.9a", value, words) for value, words in KEPT_MISTAKES),
    ("4.9a", [0.9, 0.72, 0.36], "One number is asked for."),
    ("4.9a", 7, "received 7"),
    *(("4.9b", lambda *a, how=how: noised(*a, **how), words) for how, words in NOISED_MISTAKES),
    ("4.9b", in_place, "changes the array that it is given"),
    ("4.9b", lambda x0, kept, noise: x0, "expected [ 1.6"),
    ("4.9b", lambda x0, kept, noise: (x0, noise), "returns 2 things"),
    ("4.9b", lambda x0, kept, noise: noised(x0, kept, noise)[0], "expected an array of shape"),
    ("4.9b", lambda x0, kept: x0, "I could not call your function"),
    ("4.9b", 0.9, "I expected a function"),
    *(("4.9c", lambda *a, how=how: cleaned(*a, **how), words) for how, words in CLEANED_MISTAKES),
    ("4.9c", noised, "expected"),
    ("4.9c", lambda x, kept, noise: x - noise, "expected [1.9177]"),
    ("4.9c", lambda x, kept, noise: (x - np.sqrt(1 - kept) * noise) / kept, "expected [1.9177]"),
    ("4.9c", lambda x, kept, noise: x, "expected"),
    ("4.9c", lambda x, kept, noise: cleaned(x, kept, noise).sum(), "expected an array of shape (1,)"),
    *(("4.9d", lambda *a, how=how: stepped(*a, **how), words) for how, words in STEPPED_MISTAKES),
    ("4.9d", lambda *a: a[0], "expected"),
    ("4.9d", lambda x, noise, kept, to, z: stepped(x, noise, kept, to, np.ones_like(z) * 0.5), "expected [1.8528"),
    ("4.9d", lambda *a: stepped(*a)[None], "expected an array of shape (1,)"),
    *(("4.9e", lambda *a, how=how: steered(*a, **how), words) for how, words in STEERED_MISTAKES),
    ("4.9e", lambda everyone, one, weight: one, "expected"),
    ("4.9e", lambda everyone, one, weight: (everyone + one) / 2, "expected"),
    ("4.9e", lambda everyone, one, weight: steered(everyone, one, weight).mean(), "expected an array of shape (2,)"),
    ("4.9e", lambda everyone, one, weight: np.nan * one, "division by zero or an overflow"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


# By hand -----------------------------------------------------------------------------------------------------------


def test_the_hand_calculation_is_that_of_the_drawing():
    text = text_of(PAGE)
    np.testing.assert_allclose(drawings.PLACES, [2, 1.9, 0.92])
    assert drawings.TOGETHER == pytest.approx(-0.36 / 0.5904**0.5) and drawings.KEPT[2] == pytest.approx(0.4096)
    assert drawings.POINT == pytest.approx(1.9177, abs=1e-3) and drawings.BACK == pytest.approx(1.8527, abs=1e-3)
    for number in ("1.9", "0.92", "0.4096", "0.768", "1.92", "1.85"):
        assert number in text
    for row in (stepped, as_the_paper):
        back = row(np.array([0.92]), np.array([drawings.NAMED]), 0.4096, 0.64, np.array([drawings.FRESH]))
        assert back == pytest.approx(drawings.BACK)


# Noise and walks ---------------------------------------------------------------------------------------------------


def test_steps_of_noise_and_one_jump_agree():
    """A thousand points through all levels have the mean and spread that √ᾱ and √(1 - ᾱ) promise."""
    rng, x = np.random.default_rng(0), np.full(20_000, 2.0)
    for t, beta in enumerate(lab.BETA):
        x = np.sqrt(1 - beta) * x + np.sqrt(beta) * rng.normal(size=x.shape)
        if t in (0, 30, 99):
            assert x.mean() == pytest.approx(2 * lab.KEPT[t] ** 0.5, abs=0.03)
            assert x.var() == pytest.approx(1 - lab.KEPT[t], abs=0.03)


def test_the_exact_guesser_is_the_slope_of_the_log_density():
    """ε̂ = -√(1 - ᾱ) ∇ log p, by differences."""
    t, h, x = 40, 1e-4, np.random.default_rng(0).normal(size=(6, 2))
    kept = lab.KEPT[t]
    width = kept * lab.SPREAD**2 + 1 - kept

    def log_density(x):
        far = ((x[:, None] - np.sqrt(kept) * lab.CENTRES) ** 2).sum(-1)
        return np.log(np.exp(-far / (2 * width)).sum(1))

    slope = np.stack([(log_density(x + h * e) - log_density(x - h * e)) / (2 * h) for e in np.eye(2)], axis=1)
    np.testing.assert_allclose(lab.exact(x, t), -np.sqrt(1 - kept) * slope, atol=1e-5)


def test_the_exact_guesser_names_the_mean_of_the_noise():
    """Among many noisy points near a place, the noise that is in them is on average what the guesser says."""
    rng, t = np.random.default_rng(1), 50
    noise, kept = rng.normal(size=(400_000, 2)), lab.KEPT[t]
    x = np.sqrt(kept) * lab.ring(len(noise), 5) + np.sqrt(1 - kept) * noise
    place = np.array([[0.9, 0.4]])
    near = np.linalg.norm(x - place, axis=1) < 0.1
    np.testing.assert_allclose(noise[near].mean(0), lab.exact(place, t)[0], atol=0.06)


@pytest.mark.parametrize("how", ["fresh", "none", "all"])
def test_with_exact_arrows_the_walk_makes_the_ring(how):
    made = lab.sample(lab.exact, n=1000, how=how)
    assert good(made) > 0.96 and found(made) == 8


def test_without_fresh_noise_the_start_decides_the_cloud_and_with_it_the_last_levels_do():
    z, times = np.random.default_rng(0).normal(size=(400, 2)), lab.levels(100)
    same = {}
    for how in ("fresh", "none"):
        cloud = (lab.walk(lab.exact, z, times, how) @ CENTRES.T).argmax(axis=2)
        same[how] = [(cloud[i] == cloud[-1]).mean() for i in (0, 80)]
    assert same["none"][0] > 0.97 and same["fresh"][0] < 0.25 and same["fresh"][1] > 0.75


def test_exact_arrows_for_few_points_lead_to_these_points():
    points = figures.twelve()
    made = lab.sample(lab.mixture(points, 0.0), n=300)
    far = lab.nearest(made, points)[0]  # where two of them lie close together, some walks end between these
    assert np.median(far) < 0.02 and far.max() < 0.1


def test_the_walk_is_the_exercise_s():
    z, t, s = np.random.default_rng(3).normal(size=(4, 2)), 60, 40
    path = lab.walk(lab.exact, z, [t, s], "fresh", seed=9)
    fresh = np.random.default_rng(9).normal(size=z.shape)
    np.testing.assert_allclose(path[1], stepped(z, lab.exact(z, t), lab.KEPT[t], lab.KEPT[s], fresh))
    path = lab.walk(lab.exact, z, [t, s], "none")
    np.testing.assert_allclose(path[1], np.sqrt(lab.KEPT[s]) * cleaned(z, lab.KEPT[t], lab.exact(z, t))
                               + np.sqrt(1 - lab.KEPT[s]) * lab.exact(z, t))  # fmt: skip


def test_levels_go_down_to_the_clean_point():
    for steps in (2, 5, 20, 100):
        times = lab.levels(steps)
        assert times[0] == 99 and times[-2:] == [0, -1] and len(times) == steps + 1
        shown, level = figures.seen_at(steps)
        assert shown[0] == 0 and shown[-1] == steps and (np.diff(level) <= 0).all()


# Judges ------------------------------------------------------------------------------------------------------------


def test_judges_know_real_from_made():
    a, b = lab.ring(800, 1), lab.ring(800, 2)
    assert abs(lab.told_apart(a, b) - 0.5) < 0.05 and abs(lab.told_by_svm(a, b) - 0.5) < 0.06
    assert lab.told_apart(a + 5, b) == 1 and lab.told_by_svm(a + 5, b) == 1
    assert lab.near_training(a + 1e-6, a, b) > 0.99 and abs(lab.near_training(lab.ring(800, 3), a, b) - 0.5) < 0.05


def test_kernel_density_is_scikit_learn_s():
    from sklearn.neighbors import KernelDensity

    train, valid, widths = lab.ring(200, 1), lab.ring(80, 2), (0.03, 0.06, 0.2)
    theirs = max(widths, key=lambda w: KernelDensity(bandwidth=w).fit(train).score(valid))
    assert lab.kernel_density(train, valid, widths) == theirs
    wide = np.hstack([train, train])
    assert lab.kernel_density(wide, np.hstack([valid, valid]), widths) in widths


def test_a_network_that_names_the_image_names_the_noise():
    """Whatever it is trained to say, the guesser answers with noise: on points all one, nearly the right."""
    x = np.full((64, 2), 0.5)
    for image in (False, True):
        guess = lab.train(x, steps=300, hidden=(32,), image=image)
        noise = np.random.default_rng(0).normal(size=(64, 2))
        for t in (30, 90):
            noisy = np.sqrt(lab.KEPT[t]) * x + np.sqrt(1 - lab.KEPT[t]) * noise
            assert np.mean((guess(noisy, t) - noise) ** 2) < 0.25


# The page's code ---------------------------------------------------------------------------------------------------


def page_code(*ids, **names):
    """The names that cells of the page define."""
    source = {cell["id"]: "".join(cell["source"]) for cell in cells_of(PAGE)}
    for cell in ids:
        exec(source[cell], names)
    return names


def test_the_page_s_walk_is_the_experiment_s():
    names = page_code("schedule", "walk")
    z = np.random.default_rng(0).normal(size=(6, 2))
    assert np.allclose(names["kept"], lab.KEPT)
    for fresh, how in ((1, "fresh"), (0, "none")):
        ours = names["walk"](lambda x, level: lab.exact(x, int(np.abs(lab.KEPT - level).argmin())), z, lab.levels(20),
                             np.random.default_rng(5), fresh)  # fmt: skip
        np.testing.assert_allclose(ours, lab.walk(lab.exact, z, lab.levels(20), how, seed=5)[-1])
