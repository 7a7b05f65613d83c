"""Page "Outputs": its exercises, its drawing, what its figures claim, and what its networks do."""

import math
import warnings

import numpy as np
import pytest
from exercise_tests import held
from notebooks import text_of

from dlbook.pages.activations.outputs import drawings, experiment, figures, rivals
from dlbook.pages.activations.outputs.exercises import (
    GAP_MISTAKES,
    SOFTMAX_MISTAKES,
    check,
    gap,
    matching_temperature,
    shares,
)
from dlcore.train import calibration_error

PAGE = "2_activations/3_outputs"


def page():
    return text_of(PAGE)


# Answers -----------------------------------------------------------------------------------------------------------


def by_hand(z, temperature):
    rows = []
    for row in z:
        powers = [math.exp((v - max(row)) / temperature) for v in row]
        rows.append([p / sum(powers) for p in powers])
    return rows


def unstable(z, temperature):
    return np.exp(z / temperature) / np.exp(z / temperature).sum(1, keepdims=True)


def one_largest_for_all(z, temperature):
    e = np.exp((z - z.max()) / temperature)
    return e / e.sum(1, keepdims=True)


def divided_first(z, temperature):
    e = np.exp(z / temperature - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def divided_first_and_rightly(z, temperature):
    z = z / temperature
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def without_keepdims(z, temperature):
    return np.exp(z / temperature) / np.exp(z / temperature).sum(1)


def cut_off(z, temperature):
    return shares(np.clip(z, -500, 500), temperature)


def as_on_the_page(confidence, right, bins):
    total = 0.0
    for b in range(bins):
        inside = (confidence > b / bins) & (confidence <= (b + 1) / bins)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return total


def with_empty_bins(confidence, right, bins):
    inside = [(confidence > b / bins) & (confidence <= (b + 1) / bins) for b in range(bins)]
    with warnings.catch_warnings(action="ignore"):
        return sum(i.mean() * abs(right[i].mean() - confidence[i].mean()) for i in inside)


def with_signs(confidence, right, bins):
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    groups = [(confidence[place == b], right[place == b]) for b in range(bins) if (place == b).any()]
    return sum(len(c) * (r.mean() - c.mean()) for c, r in groups) / len(confidence)


def powers_of_shares(z, temperature):
    p = shares(z, 1.0) ** (1 / temperature)
    return p / p.sum(axis=1)[:, None]


def by_logarithms(z, temperature):
    z = z / temperature
    return np.exp(z - np.logaddexp.reduce(z, axis=1, keepdims=True))


def changed_in_place(z, temperature):
    z -= z.max(1, keepdims=True)
    return shares(z, temperature)


def digitized(confidence, right, bins):
    place = np.digitize(confidence, np.arange(bins + 1) / bins, right=True)
    return sum(abs(right[place == b].sum() - confidence[place == b].sum()) for b in np.unique(place)) / len(right)


def in_a_dictionary(confidence, right, bins):
    gaps = {}
    for sure, hit in zip(confidence, right, strict=True):
        b = math.ceil(sure * bins)
        gaps[b] = gaps.get(b, 0.0) + float(hit) - sure
    return sum(map(abs, gaps.values())) / len(right)


def with_the_lower_end(confidence, right, bins):
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return sum(abs(right[place == b].sum() - confidence[place == b].sum()) for b in range(bins)) / len(right)


def equally_filled(confidence, right, bins):
    off = (right - confidence)[np.argsort(confidence)]
    return sum(abs(part.sum()) for part in np.array_split(off, bins)) / len(right)


def from_lowest_to_highest(confidence, right, bins):
    edges = np.linspace(confidence.min(), confidence.max(), bins + 1)
    place = np.clip(np.digitize(confidence, edges) - 1, 0, bins - 1)
    return sum(abs((right[place == b] - confidence[place == b]).sum()) for b in range(bins)) / len(right)


def returned_too_soon(confidence, right, bins):
    total = 0.0
    for b in range(bins):
        inside = (confidence > b / bins) & (confidence <= (b + 1) / bins)
        if inside.any():
            total += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
        return total


def by_small_steps(z, y):
    t = 1.0
    for _ in range(2000):
        t *= np.exp(shares(z, t).max(1).mean() - (z.argmax(1) == y).mean())
    return t


def place_in_the_list(z, y):
    tried = np.geomspace(0.1, 20, 1000)
    return np.argmin([abs(shares(z, t).max(1).mean() - (z.argmax(1) == y).mean()) for t in tried])


def without_abs(z, y):
    tried = np.geomspace(0.1, 20, 1000)
    return tried[np.argmin([shares(z, t).max(1).mean() - (z.argmax(1) == y).mean() for t in tried])]


def of_the_right_class(z, y):
    tried = np.geomspace(0.1, 20, 1000)
    named = (z.argmax(1) == y).mean()
    return tried[np.argmin([abs(shares(z, t)[np.arange(len(y)), y].mean() - named) for t in tried])]


def without_the_upper_end(confidence, right, bins):
    inside = [(confidence >= b / bins) & (confidence < (b + 1) / bins) for b in range(bins)]
    return sum(i.mean() * abs(right[i].mean() - confidence[i].mean()) for i in inside if i.any())


def matched(z, y):
    right = (z.argmax(1) == y).mean()
    tried = np.geomspace(0.1, 20, 1000)
    return tried[np.argmin([abs(shares(z, t).max(1).mean() - right) for t in tried])]


def by_halving(z, y):
    low, high, right = 0.05, 50.0, (z.argmax(1) == y).mean()
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if shares(z, middle).max(1).mean() > right else (low, middle)
    return low


RIGHT = [
    ("2.3a", 2),
    ("2.3a", 2.0),
    ("2.3a", np.log(9) / np.log(3)),
    ("2.3a", 2.197 / 1.099),
    ("2.3b", shares),
    ("2.3b", by_hand),
    ("2.3b", divided_first_and_rightly),
    ("2.3b", powers_of_shares),
    ("2.3b", by_logarithms),
    ("2.3c", as_on_the_page),
    ("2.3c", digitized),
    ("2.3c", in_a_dictionary),
    ("2.3c", gap),
    ("2.3d", matched),
    ("2.3d", by_halving),
    ("2.3d", by_small_steps),
    ("2.3d", lambda z, y: np.array(matched(z, y))),
]
WRONG = [
    ("2.3a", 0.5, "one divided by it"),
    ("2.3a", 1, "still says 90 %"),
    ("2.3a", 0.9 / 0.75, "divides the *scores*"),
    ("2.3a", 0.75 / 0.9, "divides the *scores*"),
    ("2.3a", 3, "The *odds*"),
    ("2.3a", 1 / 3, "logarithms of the odds"),
    ("2.3a", 2.197, "before it is divided"),
    ("2.3a", 1.099, "what the score has to become"),
    ("2.3a", np.log(9) / 0.75, "not by 75 %"),
    ("2.3a", -2, "A temperature is positive"),
    ("2.3a", 10, "it says 55 %"),
    ("2.3a", 2.5, "the shares of *no*"),
    ("2.3a", np.log(9) / np.log(4), "it says 80 %"),
    ("2.3a", 4, "it says 63 %"),
    ("2.3a", (2,), "One number is asked for."),
    ("2.3a", [2.0], "One number is asked for."),
    ("2.3a", "2", "expected a number"),
    *(("2.3b", wrong, words) for wrong, words in SOFTMAX_MISTAKES),
    ("2.3b", unstable, "Subtract each row's largest score"),
    ("2.3b", one_largest_for_all, "Each row needs its own"),
    ("2.3b", divided_first, "Subtract first, or take the largest of `z / T`."),
    ("2.3b", without_keepdims, "`keepdims=True`"),
    ("2.3b", cut_off, "For scores as large as 10,000"),
    ("2.3b", changed_in_place, "changes the array"),
    ("2.3b", lambda z, t: np.exp(shares(z, t)), "expected [["),
    ("2.3b", 0.844, "I expected a function"),
    *(("2.3c", wrong, words) for wrong, words in GAP_MISTAKES),
    ("2.3c", with_empty_bins, "an empty bin has no mean"),
    ("2.3c", with_signs, "cancel"),
    ("2.3c", without_the_upper_end, "got lost"),
    ("2.3c", with_the_lower_end, "belongs to the lower one"),
    ("2.3c", equally_filled, "equally wide"),
    ("2.3c", from_lowest_to_highest, "The first begins at 0"),
    ("2.3c", returned_too_soon, "inside the loop"),
    ("2.3c", lambda c, r, bins: as_on_the_page(c, ~r, bins), "what was wrong for what was right"),
    ("2.3c", 0.2, "I expected a function"),
    ("2.3d", lambda z, y: 1.0, "should be larger"),
    ("2.3d", lambda z, y: 20.0, "should be smaller. If it is the last you tried, try further;"),
    ("2.3d", lambda z, y: 1 / matched(z, y), "one divided by it"),
    ("2.3d", lambda z, y: (z.argmax(1) == y).mean(), "That is a share"),
    ("2.3d", lambda z, y: shares(z, 1.0).max(1).mean(), "That is a share"),
    ("2.3d", lambda z, y: shares(z, matched(z, y)), "One temperature is asked for."),
    ("2.3d", lambda z, y: 0.0, "positive number"),
    ("2.3d", lambda z, y: np.nan, "positive number"),
    ("2.3d", lambda z, y: -matched(z, y), "positive number"),
    ("2.3d", lambda z, y: np.geomspace(0.1, 20, 1000)[0], "should be larger"),
    ("2.3d", lambda z, y: 1.5 * matched(z, y), "should be smaller"),
    ("2.3d", experiment.fitted, "the largest mean logarithm"),
    ("2.3d", place_in_the_list, "a place in the list"),
    ("2.3d", without_abs, "`abs`"),
    ("2.3d", of_the_right_class, "should be larger"),
    ("2.3d", lambda z, y: shares(z, 1.0).max(1).mean() / (z.argmax(1) == y).mean(), "should be larger"),
    ("2.3d", 2.4, "I expected a function"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def test_the_gap_is_the_library_s():
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(4), 200)
    y = rng.integers(0, 4, 200)
    confidence, right = p.max(1), p.argmax(1) == y
    for bins in (3, 10, 17):
        assert gap(confidence, right, bins) == pytest.approx(calibration_error(p, y, bins))
        assert as_on_the_page(confidence, right, bins) == pytest.approx(calibration_error(p, y, bins))


# The drawing and the hand calculations -----------------------------------------------------------------------------


def test_the_drawing_has_the_numbers_of_the_hand_calculation():
    text, powers = page(), np.exp(drawings.SCORES)
    assert "$20.09$, $2.72$ and $1$, their sum is $23.80$, the shares are $0.844$, $0.114$ and $0.042$" in text
    assert [f"{v:.2f}" for v in (*powers, powers.sum())] == ["20.09", "2.72", "1.00", "23.80"]
    assert [f"{v:.3f}" for v in drawings.SHARES] == ["0.844", "0.114", "0.042"]
    assert "$1.5$, $0.5$ and $0$; the shares become $0.629$, $0.231$ and $0.140$" in text
    assert [f"{v:.3f}" for v in drawings.WARM_SHARES] == ["0.629", "0.231", "0.140"]
    lowered = np.exp(drawings.LOWERED) / np.exp(drawings.LOWERED).sum()
    np.testing.assert_allclose(lowered, drawings.SHARES)


def test_a_sigmoid_is_a_softmax_with_a_second_score_of_0():
    z = np.linspace(-30, 30, 61)[:, None]
    np.testing.assert_allclose(experiment.softmax(experiment.columns(z))[:, 1], 1 / (1 + np.exp(-z[:, 0])))
    assert experiment.softmax(np.array([2.2, 0.0]))[0] == pytest.approx(0.90, abs=5e-3)


def test_the_ten_answers_by_hand_have_a_gap_of_a_fifth():
    confidence = np.array([0.95, 0.9, 0.9, 0.9, 0.85, 0.75, 0.7, 0.7, 0.7, 0.65])
    right = np.array([1, 1, 0, 1, 0, 1, 1, 0, 1, 1])
    assert gap(confidence, right, 5) == pytest.approx(0.2)


# What the figures claim --------------------------------------------------------------------------------------------


def test_of_the_digits_it_is_90_to_99_per_cent_sure_of_two_in_three_are_right():
    assert "is 90 to 99 % sure of 70 digits" in (said := figures.how_sure(sure="90 to 99 %", passes=40).says)
    assert "right about 48, 69 %" in said
    assert "right about 67, 89 %" in figures.how_sure(sure="90 to 99 %", passes=10).says


def test_every_digit_is_in_one_group():
    for passes in (10, 20, 40):
        says = [figures.how_sure(sure=band, passes=passes).says for band in figures.BANDS]
        assert sum(int(words.split(" digits.")[0].split()[-1]) for words in says) == 359


def test_a_temperature_moves_the_cross_sideways_only():
    for network in figures.NETWORKS:
        crosses = [figures.softmax_temperature(temperature=t, network=network).tables["all"] for t in (0.25, 1.0, 4.0)]
        right, sure = (np.array([float(np.ravel(c[name])[0]) for c in crosses]) for name in ("right", "confidence"))
        assert np.ptp(right) == 0 and (np.diff(sure) < 0).all()


def test_the_figures_use_the_rate_that_the_page_chooses():
    y = experiment.images("ten digits")[1][1]
    good = {
        rate: np.mean([(experiment.learned("ten digits", rate, seed)[0][-1].argmax(1) == y).mean() for seed in (5, 6)])
        for rate in experiment.RATES
    }
    assert max(good, key=good.get) == figures.SETTING["rate"]


# What the networks do, with other seeds than the page's -------------------------------------------------------------


def judged(lesson, seed, **setting):
    """ECE at the end of training, with T = 1 and with a fitted one; that T; and whether each answer stayed."""
    (_, y_valid), (_, y) = experiment.images(lesson)[1:]
    valid, test = (experiment.columns(z)[-1] for z in experiment.learned(lesson, 0.01, seed, **setting))
    t = experiment.fitted(valid, y_valid)
    before, after = (experiment.softmax(test, temperature) for temperature in (1.0, t))
    same = (before.argmax(1) == after.argmax(1)).all()
    return calibration_error(before, y), calibration_error(after, y), t, same


@pytest.mark.parametrize("lesson", experiment.LESSONS)
def test_as_trained_it_is_far_too_sure_and_one_temperature_mends_it(lesson):
    for seed in (11, 12):
        before, after, t, same = judged(lesson, seed)
        assert before > 0.08 > 0.065 > after
        assert t > 2 and same


def test_drawn_anew_places_make_it_honest_and_better():
    y = experiment.images("odd or even")[2][1]
    for seed in (11, 12):
        fixed, anew = (
            experiment.softmax(experiment.columns(experiment.learned("odd or even", 0.01, seed, **setting)[1][-1]))
            for setting in ({}, {"anew": True})
        )
        assert calibration_error(anew, y) < 0.037 < 0.08 < calibration_error(fixed, y)
        assert (anew.argmax(1) == y).mean() > 0.9 > (fixed.argmax(1) == y).mean()


def test_a_softmax_of_two_is_as_far_too_sure_and_softer_targets_are_not():
    y = experiment.images("odd or even")[2][1]
    for seed in (11, 12):
        two, soft = (
            experiment.softmax(experiment.columns(experiment.learned("odd or even", 0.01, seed, **setting)[1][-1]))
            for setting in ({"outputs": 2}, {"smooth": 0.1})
        )
        assert calibration_error(two, y) > 0.08 > 0.065 > calibration_error(soft, y)


def test_in_the_middle_mistakes_are_few_and_still_more_than_announced():
    lesson = "odd or even, in the middle"
    table = experiment.data.digits(standardise=False).test
    x, y = experiment.images(lesson)[2]
    np.testing.assert_array_equal(x.reshape(-1, 12, 12)[:, 2:10, 2:10], table.x[:, 0])
    assert x.sum() == pytest.approx(table.x.sum())
    for seed in (11, 12):
        p = experiment.softmax(experiment.columns(experiment.learned(lesson, 0.01, seed)[1][-1]))
        surest, right = p.max(1), p.argmax(1) == y
        assert calibration_error(p, y) < 0.03 and right.mean() > 0.96
        assert (~right)[surest > 0.9].mean() > 2 * (1 - surest[surest > 0.9]).mean()


def test_of_two_scores_the_difference_counts_and_moves_twice_as_far():
    a, b, target = 5.2, 3.0, 1.0
    two = experiment.softmax(np.array([a, b]))
    one = 1 / (1 + np.exp(-(a - b)))
    assert two[0] == pytest.approx(one)
    slopes, slope = two - [target, 0.0], one - target  # of the loss, for each score
    assert slopes[0] - slopes[1] == pytest.approx(2 * slope)


def test_places_drawn_anew_are_other_places_of_the_same_digits():
    x = experiment.data.digits(standardise=False).train.x[:50]
    one, other = (experiment.placed(x, seed) for seed in (1000, 1001))
    assert (one != other).any(1).mean() > 0.9
    np.testing.assert_allclose(one.sum(1), other.sum(1), rtol=1e-6)


def test_fitted_on_training_digits_the_temperature_is_the_smallest_that_was_tried():
    """As the page says of a network that names them all rightly."""
    z = np.random.default_rng(0).normal(0, 2, (200, 3))
    assert experiment.fitted(z, z.argmax(1)) == pytest.approx(1 / 16)


def test_a_perfect_network_has_a_gap_of_about_three_per_cent():
    _, test = (experiment.columns(z)[-1] for z in experiment.learned("odd or even", 0.01, 11))
    p, luck = experiment.softmax(test, 3.8), np.random.default_rng(1)
    gaps = [calibration_error(p, luck.random(len(p)) < p[:, 1]) for _ in range(100)]
    assert 0.02 < np.mean(gaps) < 0.04
    many = np.concatenate([p] * 10)
    assert np.mean([calibration_error(many, luck.random(len(many)) < many[:, 1]) for _ in range(20)]) < 0.015


def test_tanh_needs_numbers_within_its_reach_and_a_sigmoid_does_as_well():
    mean = {
        output: np.mean([experiment.errors("left edge", output, 0.03, seed)[1] for seed in (11, 12)])
        for output in ("tanh, as they are", "tanh, −1 to 1", "sigmoid, 0 to 1", "identity, −1 to 1")
    }
    assert mean["tanh, as they are"] > 1 > 0.3 > mean["identity, −1 to 1"]
    assert mean["tanh, −1 to 1"] < 1.1 * mean["identity, −1 to 1"]
    assert mean["sigmoid, 0 to 1"] < 1.2 * mean["tanh, −1 to 1"]


def test_without_a_network_the_left_edge_is_found_as_well_and_the_median_is_as_bad_as_tanh():
    edges, diabetes = (rivals.without_a_network(task) for task in ("left edge", "diabetes"))
    assert edges["trees"] < 0.2 < edges["ridge regression"] < 0.3 < 1 < edges["the median"] < 1.3
    assert diabetes["ridge regression"] < 45 < 60 < diabetes["the median"]


def test_the_left_edges_are_where_the_digits_stand():
    table = experiment.data.digits(standardise=False).test
    x, lefts = experiment.quantities("left edge")[2]
    for image, left, digit in zip(x[:60].reshape(-1, 12, 12), lefts, table.x[:, 0], strict=False):
        columns = image[:, int(left) : int(left) + 8]
        assert any(np.array_equal(columns[top : top + 8], digit) for top in range(5))


def test_matching_is_checked_on_networks_that_are_too_sure_and_too_modest():
    assert check.judge("2.3d", matched).passed
    assert matching_temperature(matched).startswith("On the whole")
