"""Page "The family": its exercises, its drawings, what its figures claim, and what its networks do."""

import re

import numpy as np
import pytest
from exercise_tests import held
from notebooks import text_of

from dlbook.pages.activations.the_family import drawings, experiment, figures, rereading
from dlbook.pages.activations.the_family.exercises import (
    DEAD_MISTAKES,
    GATED_MISTAKES,
    LEAKY_MISTAKES,
    STEEP_MISTAKES,
    check,
    dead,
    gated,
    leaky,
    steep,
)
from dlcore import optim

PAGE = "2_activations/2_the_family"


def page():
    return text_of(PAGE)


# Answers -----------------------------------------------------------------------------------------------------------


def leaky_by_maximum(z, leak):
    return np.maximum(z, leak * z), (z > 0) + leak * (z <= 0)


def leaky_one_by_one(z, leak):
    answer = np.array([one if one > 0 else leak * one for one in z.ravel()]).reshape(z.shape)
    return answer, np.array([1.0 if one > 0 else leak for one in z.ravel()]).reshape(z.shape)


def leaky_with_if(z, leak):
    return (z, 1.0) if z > 0 else (leak * z, leak)


def leaky_in_place(z, leak):
    z[z < 0] *= leak
    return z, np.where(z > 0, 1.0, leak)


def steep_as_on_the_page(z, k):
    a = 1 / (1 + np.exp(-k * z))
    return a, k * a * (1 - a)


def steep_that_overflows(z, k):
    a = np.exp(k * z) / (1 + np.exp(k * z))
    return a, k * a * (1 - a)


def gated_as_on_the_page(z, gate, slope):
    return z * gate(z), gate(z) + z * slope(z)


def dead_after_bending(z):
    a = np.maximum(z, 0)
    return (a.max(0) == 0).mean()


def dead_one_by_one(z):
    return sum(all(v <= 0 for v in column) for column in z.T) / z.shape[1]


RIGHT = [
    ("2.2a", 0.25**10),
    ("2.2a", 9.5e-7),
    ("2.2a", 1e-6),
    ("2.2a", 1 / 4**10),
    ("2.2b", leaky),
    ("2.2b", leaky_by_maximum),
    ("2.2b", leaky_one_by_one),
    ("2.2b", lambda z, leak: list(leaky(z, leak))),
    ("2.2c", steep),
    ("2.2c", steep_as_on_the_page),
    ("2.2d", gated),
    ("2.2d", gated_as_on_the_page),
    ("2.2e", dead),
    ("2.2e", dead_after_bending),
    ("2.2e", dead_one_by_one),
    ("2.2e", lambda z: 1 - (z > 0).any(0).mean()),
]
WRONG = [
    ("2.2a", 0.25, "a single sigmoid"),
    ("2.2a", 2.5, "multiply"),
    ("2.2a", 0.025, "multiply"),
    ("2.2a", 100 * 0.25**10, "in per cent"),
    ("2.2a", 0.25**9, "nine in a row"),
    ("2.2a", 0.25**11, "eleven in a row"),
    ("2.2a", 0.5**10, "with a half each time"),
    ("2.2a", 0.1**10, "of the largest slope"),
    ("2.2a", 10**0.25, "the other way round"),
    ("2.2a", 10**-0.25, "the other way round"),
    ("2.2a", 4**10, "*shrinks*"),
    ("2.2a", 1, "a ReLU that is on"),
    ("2.2a", 0, "not 0"),
    ("2.2a", 0.1966**10, "slope at the sum 1"),
    ("2.2a", 10 * 0.25**10, "multiplied by ten as well"),
    ("2.2a", 0.21**10, "the typical slope"),
    ("2.2a", 0.731**10, "answers multiplied"),
    ("2.2a", [0.25] * 10, "One number is asked for."),
    ("2.2a", "1/4", "expected a number"),
    *(("2.2b", wrong, words) for wrong, words in LEAKY_MISTAKES),
    ("2.2b", leaky_with_if, "`np.where(z > 0, …, …)`"),
    ("2.2b", lambda z, leak: (max(z, leak * z), leaky(z, leak)[1]), "`if` and `max`"),
    ("2.2b", leaky_in_place, "changes the array"),
    ("2.2b", lambda z, leak: leaky(z, leak)[0], "Return two things"),
    ("2.2b", lambda z, leak: leaky(z, leak)[::-1], "the other way round"),
    ("2.2b", lambda z, leak: (leaky(z, leak)[0], 1.0), "The slope has shape ()"),
    ("2.2b", lambda z, leak: (max(0.0, z.max()), leaky(z, leak)[1]), "`max`"),
    ("2.2b", 0.1, "I expected a function"),
    *(("2.2c", wrong, words) for wrong, words in STEEP_MISTAKES),
    ("2.2c", steep_that_overflows, "infinity divided by itself"),
    ("2.2c", lambda z, k: steep(z, k)[0], "Return two things"),
    ("2.2c", lambda z, k: steep(z, k)[::-1], "the other way round"),
    ("2.2c", lambda z: steep(z, 1.0), "I could not call your function"),
    ("2.2c", 0.731, "I expected a function"),
    *(("2.2d", wrong, words) for wrong, words in GATED_MISTAKES),
    ("2.2d", lambda z, f, d: z * f, "Your function stopped"),
    ("2.2d", lambda z, f, d: z * f(z), "Return two things"),
    ("2.2d", lambda z, f, d: gated(z, f, d)[::-1], "the other way round"),
    ("2.2d", "SiLU", "I expected a function"),
    *(("2.2e", wrong, words) for wrong, words in DEAD_MISTAKES),
    ("2.2e", lambda z: (z <= 0).all(0), "a list, one entry a unit"),
    ("2.2e", lambda z: (z == 0).all(0).mean(), "*before* the ReLU"),
    ("2.2e", lambda z: float((z <= 0).all()), "each column is asked by itself"),
    ("2.2e", lambda z: (z.min(0) <= 0).mean(), "to *some* example"),
    ("2.2e", lambda z: 0.25 + 0.5 * dead(z), "expected"),
    ("2.2e", 0.1, "I expected a function"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


# The drawings and the hand calculation -----------------------------------------------------------------------------


def numbers_in(text):
    return [float(word.replace("−", "-")) for word in re.findall(r"−?\d+(?:\.\d+)?", text)]


def test_the_hand_calculation_is_right_and_in_the_drawing():
    text, at = page(), {name: experiment.bent(name, [1.0]) for name in experiment.BENDS}
    assert "$a = 1 / 1.368 = 0.731$; the slope is $0.731 \\cdot 0.269 = 0.197$" in text
    assert "$0.731 + 1 \\cdot 0.197 = 0.928$" in text and "$1 - 0.762^2 = 0.420$" in text and "slope $1.083$" in text
    for name, answer, slope in (
        ("sigmoid", 0.731, 0.197),
        ("tanh", 0.762, 0.420),
        ("GELU", 0.841, 1.083),
        ("SiLU", 0.731, 0.928),
        ("ReLU", 1, 1),
        ("leaky ReLU", 1, 1),
    ):
        assert np.ravel(at[name]) == pytest.approx([answer, slope], abs=6e-4)
        step = drawings.six_bends.says[list(experiment.BENDS).index(name)]
        assert answer in numbers_in(step) and slope in numbers_in(step)


def test_each_slope_is_what_a_small_step_measures():
    z, h = np.linspace(-5, 5, 200), 1e-5  # 0 is not among them
    for name in experiment.BENDS:
        measured = (experiment.bent(name, z + h)[0] - experiment.bent(name, z - h)[0]) / (2 * h)
        np.testing.assert_allclose(experiment.bent(name, z)[1], measured, atol=1e-8)


def test_its_own_size_is_one_over_the_typical_slope():
    """As the page says: He's for ReLU, 4.7 for the sigmoid."""
    assert 1 / experiment.usual("ReLU")[1] == pytest.approx(2**0.5, rel=1e-3)
    assert experiment.usual("sigmoid")[1] == pytest.approx(0.21, abs=5e-3)
    assert 1 / experiment.usual("sigmoid")[1] == pytest.approx(4.7, abs=0.05)


def test_at_its_own_start_units_answer_around_their_mean():
    layers = experiment.begin("ReLU", "its own", (3,))
    _, z = experiment.sums_of(layers, "ReLU", experiment.digits()[0][0])
    plain, leaning = (
        abs(experiment.sums_of(experiment.begin("ReLU", start, (3,)), "ReLU", experiment.digits()[0][0])[1][1].mean(1))
        for start in ("He’s", "its own")
    )
    assert z.shape == (10, 1, 1078, 32) and leaning.mean() < 0.5 * plain.mean()


# What the figures claim --------------------------------------------------------------------------------------------


def test_ten_sigmoids_of_he_s_size_make_all_digits_one():
    frames = [
        figures.ten_layers(activation="sigmoid", start="He’s", training="as it starts", digit=d) for d in ("a 7", "a 3")
    ]
    rows = [np.asarray(frame.tables["answers"]["value"])[-32:] for frame in frames]  # the tenth layer
    assert rows[0].shape == (32,) and np.abs(rows[0] - rows[1]).max() < 1e-4
    own = [
        np.asarray(figures.ten_layers(activation="sigmoid", start="its own", digit=d).tables["answers"]["value"])[-32:]
        for d in ("a 7", "a 3")
    ]
    assert np.abs(own[0] - own[1]).max() > 0.2


def test_the_figure_counts_the_crosses_that_it_draws():
    frame = figures.ten_layers(activation="ReLU", start="He’s", training="8 passes, rate 0.03")
    assert f"{len(np.ravel(frame.tables['stuck']['unit']))} of 320 units are stuck" in frame.says


def test_sums_times_ten_leave_less_than_a_tenth_of_the_slope_to_sigmoid_and_tanh():
    for activation in ("sigmoid", "tanh"):
        slopes = [
            np.mean(figures.activation_and_slope(activation=activation, stretch=s).tables["slopes"]["value"])
            for s in (1.0, 10.0)
        ]
        assert slopes[1] < 0.1 * slopes[0]


# What the networks do, with other seeds than the page's -------------------------------------------------------------

SEEDS = (21, 22, 23)
STARTED = ("weights only", "bias only", "its own")


def test_sigmoids_fail_at_he_s_start_and_not_at_their_own():
    assert experiment.trained("sigmoid", "He’s", 0.003, SEEDS)[:, 1].mean() < 40
    for rate in (0.003, 0.01):
        assert experiment.trained("sigmoid", "its own", rate, SEEDS)[:, 1].mean() > 85


def test_with_two_layers_he_s_weights_teach_sigmoids_too_and_with_twenty_relus_fall_behind_them():
    def named(name, start, depth):
        rate = experiment.best_rate(name, start, (0.003, 0.01), depth=depth)
        return experiment.trained(name, start, rate, (11, 12, 13), depth=depth)[:, 1].mean()

    assert named("sigmoid", "He’s", 2) > 90 > 40 > named("sigmoid", "He’s", 20)
    assert named("sigmoid", "its own", 20) > named("ReLU", "its own", 20)


def test_the_gain_that_pytorch_names_for_sigmoids_is_one_and_teaches_ten_layers_nothing():
    import torch

    assert torch.nn.init.calculate_gain("sigmoid") == 1
    assert experiment.trained("sigmoid", "gain 1", 0.003, (11, 12))[:, 1].mean() < 40


def test_of_a_sigmoid_s_start_the_weights_bring_most_and_only_both_bring_all():
    weights, bias, both = (
        experiment.trained("sigmoid", start, 0.003, SEEDS)[:, 1].mean()
        for start in ("weights only", "bias only", "its own")
    )
    assert bias < 30 < 50 < weights < both - 5
    assert experiment.trained("sigmoid", "weights only", 0.003, SEEDS, 24)[:, 1].mean() > 85
    plain = [experiment.trained("sigmoid", s, 0.3, SEEDS, optimiser=optim.SGD)[:, 1].mean() for s in STARTED]
    assert max(plain[:2]) < 40 < 80 < plain[2]


@pytest.mark.parametrize("bend", ["tanh", "ReLU", "GELU"])
def test_the_others_do_not_mind_how_they_start(bend):
    for start in ("He’s", *STARTED):
        assert experiment.trained(bend, start, 0.003, SEEDS)[:, 1].mean() > 88


@pytest.mark.parametrize(("sizes", "least"), [((64, *[32] * 20, 10), 75), ((64, *[64] * 10, 10), 90)])
def test_so_do_they_in_deeper_and_in_wider_networks(sizes, least):
    for start in ("He’s", "its own"):
        layers = experiment.learn(experiment.begin("sigmoid", start, SEEDS, sizes), "sigmoid", 0.003)
        scores, _ = experiment.sums_of(layers, "sigmoid", experiment.digits()[2][0])
        right = 100 * (scores.argmax(-1) == experiment.digits()[2][1]).mean()
        assert right > least if start == "its own" else right < 40


@pytest.mark.parametrize("bend", list(experiment.BENDS))
def test_at_its_own_start_each_names_most_digits(bend):
    best = max(experiment.trained(bend, "its own", rate, SEEDS)[:, 1].mean() for rate in (0.003, 0.01))
    assert best > 88


def test_the_chosen_rates_are_none_of_the_ends():
    """Or a better one might lie beyond."""
    for bend in experiment.BENDS:
        assert experiment.RATES[0] < experiment.best_rate(bend, "its own") < experiment.RATES[-1]


def test_relus_die_of_high_rates_and_small_weights_and_less_if_they_lean_back():
    stuck = {
        (start, rate): experiment.trained("ReLU", start, rate, SEEDS)[:, 3].mean()
        for start in ("small", "He’s", "its own")
        for rate in (0.003, 0.03)
    }
    for rate in (0.003, 0.03):
        assert stuck["small", rate] > stuck["He’s", rate] > stuck["its own", rate]
    assert all(stuck[start, 0.03] > stuck[start, 0.003] for start in ("small", "He’s", "its own"))


def test_with_sgd_fewer_die_and_the_dead_do_not_say_who_names_more():
    adam, plain = (
        experiment.trained("ReLU", "small", rate, SEEDS, optimiser=how)
        for rate, how in ((0.03, optim.Adam), (0.3, optim.SGD))
    )
    assert adam[:, 3].mean() > 2 * plain[:, 3].mean()
    assert adam[:, 1].mean() > 60 > 20 > plain[:, 1].mean()
    none = experiment.trained("ReLU", "twice its own", 0.03, SEEDS, optimiser=optim.SGD)
    assert none[:, 3].mean() < 1 and none[:, 1].mean() < 30


def test_narrow_networks_are_born_dead_more_often_the_deeper():
    assert experiment.born_dead(10, 32, 50) < 0.05 < experiment.born_dead(10, 4, 50)
    assert experiment.born_dead(10, 4, 50) < experiment.born_dead(30, 4, 50)


def test_a_flat_answer_is_where_the_curve_is_flat():
    flat, stuck = experiment.flatness("ReLU", np.array([[-1.0, 2.0, -1.0], [-3.0, -1.0, 0.5]]))
    assert flat.tolist() == [[True, False, True], [True, True, False]] and stuck.tolist() == [True, False, False]
    assert experiment.flatness("sigmoid", np.array([[9.0, 0.0]]))[0].tolist() == [[True, False]]


def test_two_levels_miss_the_answers_least():
    a = np.array([[0.0, 1.0], [0.2, 1.0], [4.0, 1.0], [4.2, 1.0]])
    low, high, border = experiment.two_levels(a)
    np.testing.assert_allclose([low, high, border], [[0.1, 1], [4.1, 1], [2.1, 1]])


def test_relus_need_another_border_than_zero():
    for k in range(3):
        full, zero, best = (rereading.right_when_cut("ReLU", k, cut)[0] for cut in ("no", "at 0", "best"))
        assert full > 95 and zero < 75 and best > 88
        assert rereading.right_when_cut("tanh", k, "at 0")[0] > 92


# Cost, and noise ---------------------------------------------------------------------------------------------------


def test_every_function_is_timed_in_every_round():
    calls = {"one": 0, "two": 0}

    def count(name):
        calls[name] += 1

    taken = experiment.times({name: lambda name=name: count(name) for name in calls}, rounds=5)
    assert calls == {"one": 8, "two": 8} and all(seconds.shape == (5,) for seconds in taken.values())


def test_clearness_does_not_mind_gain_and_offset():
    rng = np.random.default_rng(0)
    clean = rng.normal(size=5000)
    heard = clean + rng.normal(size=5000)
    assert experiment.clearness(heard, clean) == pytest.approx(1, rel=0.1)
    assert experiment.clearness(3 * heard + 7, clean) == pytest.approx(experiment.clearness(heard, clean))


def test_a_relu_clears_what_rests_and_jumps_up_and_nothing_else():
    gained = {kind: experiment.decibels(kind, "ReLU", seeds=range(10, 14)).mean() for kind in experiment.KINDS}
    assert gained["up 10 %"] > 1.5 and gained["up 50 %"] < 1 and gained["up 90 %"] < 0
    assert gained["up, down"] < -2 and gained["wave"] < -1 and abs(gained["lifted"]) < 0.5
    assert experiment.decibels("up 10 %", "moving mean", seeds=range(10, 14)).mean() > gained["up 10 %"]


def test_a_moving_mean_is_the_mean_of_its_window():
    x = np.array([0.0, 3.0, 6.0, 0.0, 0.0])
    np.testing.assert_allclose(experiment.moving(x, 3, np.mean), [1, 3, 3, 2, 0])
    np.testing.assert_allclose(experiment.moving(x, 3, np.median), [0, 3, 3, 0, 0])
