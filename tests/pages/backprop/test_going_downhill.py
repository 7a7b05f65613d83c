"""The page "Going downhill": its exercises, its figure and drawing, its loop, and what it found with it."""

import functools
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from exercise_tests import held

from dlbook.pages.backprop.going_downhill.drawings import CURVATURE, RATES, _places
from dlbook.pages.backprop.going_downhill.exercises import (
    CAREFUL_MISTAKES,
    LIMIT_MISTAKES,
    ONE_STEP_MISTAKES,
    STEP_MISTAKES,
    check,
    reference,
)
from dlbook.pages.backprop.going_downhill.experiment import PLACES, digit_ground, height, slope
from dlbook.pages.backprop.going_downhill.figures import step_size
from dlbook.pages.backprop.going_downhill.one_digit import there_and_back, walked

PAGE = Path(__file__).parents[3] / "chapters/3_backprop/3_going_downhill.ipynb"


def sizes(n, size):
    return [min(size, n - first) for first in range(0, n, size)]


def cut(order, size):
    return [order[i : i + size] for i in range(0, len(order), size)]


def by_power_iteration(x):
    v = np.ones(x.shape[1])
    for _ in range(2000):
        v = x.T @ (x @ v)
        v = v / np.linalg.norm(v)
    return 1 / (v @ (x.T @ (x @ v)) / len(x))


def with_curvatures(words):
    """An answer that makes one of the usual mistakes."""
    wrong = next(function for function, text in LIMIT_MISTAKES if text == words)
    return lambda x: wrong(np.linalg.eigvalsh(2 * x.T @ x / len(x)), len(x))


def endless(loss, slope, w, rate, count):
    for _ in range(count):
        g = slope(w)
        while loss(w - rate * g) >= loss(w):
            rate = rate / 2
        w = w - rate * g
    return w, rate


def without_the_slope(loss, slope, w, rate, count):
    for _ in range(count):
        while loss(w - rate) >= loss(w):
            rate = rate / 2
            if rate < 1e-12:
                return w, rate
        w = w - rate
    return w, rate


def against_the_first_loss(loss, slope, w, rate, count):
    first = loss(w)
    for _ in range(count):
        g = slope(w)
        while loss(w - rate * g) >= first:
            rate = rate / 2
            if rate < 1e-12:
                return w, rate
        w = w - rate * g
    return w, rate


def looped(weights, x, y, slopes_of, rate, size, rng, cut=cut, order=None, step=None, labels=None, last=True):
    """One epoch; the options make the usual mistakes."""
    rows_of = rng.permutation(len(x)) if order is None else order(len(x), rng)
    before = weights
    for rows in cut(rows_of, size):
        slopes, before = slopes_of(weights, x[rows], (y if labels is None else labels(y, rng))[rows]), weights
        moved = step or (lambda w, slope, n: w - rate * slope)
        weights = [moved(w, slope, len(rows)) for w, slope in zip(weights, slopes, strict=True)]
    return weights if last else before


def in_place(weights, x, y, slopes_of, rate, size, rng):
    for rows in cut(rng.permutation(len(x)), size):
        for w, steep in zip(weights, slopes_of(weights, x[rows], y[rows]), strict=True):
            w -= rate * steep
    return weights


def only_the_name(weights, x, y, slopes_of, rate, size, rng):
    for rows in cut(rng.permutation(len(x)), size):
        for w, steep in zip(weights, slopes_of(weights, x[rows], y[rows]), strict=True):
            w = w - rate * steep  # noqa: PLW2901 - the mistake
    return weights


def first_weights_only(weights, x, y, slopes_of, rate, size, rng):
    end = weights
    for rows in cut(rng.permutation(len(x)), size):
        slopes = slopes_of(weights, x[rows], y[rows])
        end = [w - rate * slope for w, slope in zip(end, slopes, strict=True)]
    return end


def first_array_only(weights, x, y, slopes_of, rate, size, rng):
    for rows in cut(rng.permutation(len(x)), size):
        weights[0] -= rate * slopes_of(weights, x[rows], y[rows])[0]
    return weights


def returned_in_the_loop(weights, x, y, slopes_of, rate, size, rng):
    for rows in cut(rng.permutation(len(x)), size):
        return [w - rate * s for w, s in zip(weights, slopes_of(weights, x[rows], y[rows]), strict=True)]


def shuffled_apart(weights, x, y, slopes_of, rate, size, rng):
    return looped(weights, rng.permutation(x), rng.permutation(y), slopes_of, rate, size, rng)


def one_of_them(*given):
    return looped(*given)[0]


RIGHT = [
    ("3.3a", 0.1),
    ("3.3a", 1 / 10),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n), size)),
    ("3.3b", lambda n, size, rng: [list(rows) for rows in cut(rng.permutation(n), size)]),
    ("3.3b", lambda n, size, rng: (rows for rows in cut(rng.permutation(n), size))),
    ("3.3c", lambda x: 1 / np.linalg.eigvalsh(x.T @ x / len(x))[-1]),
    ("3.3c", by_power_iteration),
    ("3.3d", reference),
    ("3.3e", looped),
    ("3.3e", in_place),
    ("3.3e", lambda *given: tuple(looped(*given))),
    ("3.3e", lambda w, x, y, *rest: looped(w, x[::-1], y[::-1], *rest)),
]
WRONG = [
    ("3.3a", [0.1], "One number is asked for."),
    ("3.3a", 0.3, "received 0.3"),
    *(("3.3a", value, words) for value, words in ONE_STEP_MISTAKES),
    ("3.3b", lambda n, size, rng: cut(np.arange(n), size), "in their old order"),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n), size)[: n // size], "the last batch"),
    ("3.3b", lambda n, size, rng: cut(rng.integers(0, n, n), size), "drawing *with* replacement"),
    ("3.3b", lambda n, size, rng: cut(rng.choice(n, n), size), "drawing *with* replacement"),
    ("3.3b", lambda n, size, rng: [rng.integers(0, n, k) for k in sizes(n, size)], "drawing *with* replacement"),
    ("3.3b", lambda n, size, rng: [rng.permutation(n)[:k] for k in sizes(n, size)], "in an earlier batch"),
    ("3.3b", lambda n, size, rng: [rng.choice(n, k, replace=False) for k in sizes(n, size)], "in an earlier batch"),
    ("3.3b", lambda n, size, rng: [rng.permutation(n)[:size] for _ in sizes(n, size)], "the last batch is full"),
    ("3.3b", lambda n, size, rng: [rng.permutation(b) for b in cut(np.arange(n), size)], "share a batch in every"),
    ("3.3b", lambda n, size, rng: [*cut(rng.permutation(n), size), np.zeros(0, int)], "an empty batch at the end"),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n)[:, None], size), "parts of shape (40, 1)"),
    ("3.3b", lambda n, size, rng: cut(np.arange(1, n + 1), size), "expected 0 to 59"),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n) + 1, size), "expected 0 to 59"),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n), size + 1), "expected batches of [40, 20]"),
    ("3.3b", lambda n, size, rng: rng.permutation(n), "expected a list of arrays"),
    ("3.3b", lambda n, size, rng: cut(np.random.default_rng(7).permutation(n), size), "does not come from `rng`"),
    ("3.3b", lambda n, size, rng: cut(np.random.default_rng().permutation(n), size), "does not come from `rng`"),
    *(("3.3c", with_curvatures(words), words) for _, words in LIMIT_MISTAKES),
    *(("3.3d", lambda *a, kind=kind: reference(*a, **kind), words) for kind, words in CAREFUL_MISTAKES),
    ("3.3d", lambda loss, slope, w, rate, count: reference(loss, slope, w, rate, count)[0], "return two things"),
    ("3.3c", lambda x: x.shape[1] / np.linalg.eigvalsh(x.T @ x)[-1], "you divided by the number of columns"),
    ("3.3c", lambda x: 1 / (x**2).mean(0).max(), "You looked along the axes only."),
    ("3.3c", lambda x: 2 / np.linalg.eigvalsh(2 * x.T @ x / len(x))[-1:], "expected a single number"),
    ("3.3d", lambda *a: reference(*a)[::-1], "Return them the other way round."),
    ("3.3d", lambda *a: (*reference(*a), 1), "return two things"),
    ("3.3d", endless, "does not end"),
    ("3.3d", without_the_slope, "the last rate: expected 0.1562"),
    ("3.3d", against_the_first_loss, "the last rate: expected 9.095e-13"),
    ("3.3c", lambda x: 2 / np.linalg.norm(x, 2), "stretch of X itself"),
    ("3.3c", lambda x: x.shape[1] / (x.sum(1) ** 2).mean(), "the curvature in the first direction"),
    ("3.3b", lambda n, size, rng: np.array_split(rng.permutation(n), size), "these are 40 batches"),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n), size)[::-1], "the smaller batch comes last"),
    ("3.3b", lambda n, size, rng: cut(rng.permutation(n) * 1.0, size), "row numbers are whole numbers"),
    ("3.3e", only_the_name, "The weights never move"),
    ("3.3e", first_weights_only, "at the first weights"),
    ("3.3e", first_array_only, "Not every one of yours is"),
    ("3.3e", returned_in_the_loop, "You take the slopes of 4 rows only: one batch"),
    ("3.3e", shuffled_apart, "x and y go separate ways"),
    ("3.3e", one_of_them, "a list of two arrays here. I received ndarray"),
    ("3.3e", lambda weights, *rest: weights, "You never ask for slopes"),
    ("3.3e", lambda *given: looped(*given, last=False), "before the last step"),
    ("3.3e", lambda *given: looped(*given, cut=lambda order, size: [order]), "all rows at once"),
    (
        "3.3e",
        lambda *given: looped(*given, cut=lambda order, size: cut(order, size)[: len(order) // size]),
        "is missing",
    ),
    ("3.3e", lambda *given: looped(*given, order=lambda n, rng: np.arange(n)), "in their old order"),
    ("3.3e", lambda *given: looped(*given, order=lambda n, rng: rng.integers(0, n, n)), "drawing *with* replacement"),
    ("3.3e", lambda *given: looped(*given, order=lambda n, rng: np.random.default_rng(7).permutation(n)), "from `rng`"),
    ("3.3e", lambda *given: looped(*given, labels=lambda y, rng: rng.permutation(y)), "x and y go separate ways"),
    *(("3.3e", lambda *given, wrong=wrong: looped(*given, step=wrong), words) for wrong, words in STEP_MISTAKES),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


@pytest.mark.parametrize(("surface", "limit"), [("round bowl", 2.0), ("valley", 0.2)])
def test_step_size_limit_is_exact(surface, limit):
    """Below the limit the loss shrinks, at it the steepest direction swings, beyond it the loss grows."""
    figure = step_size
    rates = figure.controls["rate"].positions()
    at = rates.index(limit)
    losses = [figure(rate=rate, surface=surface).tables["loss"]["loss"] for rate in rates[at - 1 : at + 2]]
    assert losses[0][-1] < losses[0][0] < losses[2][-1]
    assert losses[1][-1] == pytest.approx(losses[1][-2])
    assert figure(surface=surface).tables["limit"]["rate"].item() == limit


def test_the_drawing_takes_the_steps_of_the_table():
    for rate in RATES:
        w, walk = 1.0, [1.0]
        for _ in range(3):
            w = w - rate * CURVATURE * w
            walk.append(w)
        np.testing.assert_allclose(_places(rate), walk)


def test_the_ground_has_its_hollows_where_the_page_says_so():
    for place in PLACES.values():
        np.testing.assert_allclose(slope(np.array(place)), 0, atol=1e-12)
    w, tiny = np.array([0.7, -0.4]), 1e-6 * np.eye(2)
    measured = [(height(w + e) - height(w - e)) / 2e-6 for e in tiny]
    np.testing.assert_allclose(slope(w), measured, rtol=1e-6)
    at, w = digit_ground(0)
    way = np.random.default_rng(1).normal(size=w.size)
    assert (at(w + 1e-6 * way)[0] - at(w - 1e-6 * way)[0]) / 2e-6 == pytest.approx(at(w)[1] @ way, rel=1e-6)


@functools.cache
def page():
    """The code of the page, as far as the loop and what follows it."""
    source = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}
    code = {"np": np}
    loop = source["loop"][: source["loop"].index("weights, rng =")]
    learn = source["b1-runs"][: source["b1-runs"].index("KINDS")]
    right = source["same-loss"][: source["same-loss"].index("theirs =")]
    for part in (source["start"], source["slopes"], loop, right, source["starts"], learn, source["race"]):
        exec(part, code)
    exec(source["sharpest"][: source["sharpest"].index("valley =")], code)
    exec(source["look"] + "\n\n\n" + source["follow"], code)
    return code


def fresh(seed=0):
    return page()["start"](np.random.default_rng(seed)), np.random.default_rng(seed)


def test_the_slopes_of_the_page_are_pytorchs():
    weights, _ = fresh()
    x, y = page()["x"][:50], page()["y"][:50]
    loss, slopes = page()["loss_and_slopes"](weights, x, y)
    w1, b1, w2, b2 = (torch.tensor(w, requires_grad=True) for w in weights)
    z = torch.relu(torch.tensor(x) @ w1.T + b1) @ w2.T + b2
    theirs = torch.nn.functional.cross_entropy(z, torch.tensor(y))
    theirs.backward()
    assert loss == pytest.approx(theirs.item())
    for slope_of, w in zip(slopes, (w1, b1, w2, b2), strict=True):
        np.testing.assert_allclose(slope_of, w.grad.numpy(), atol=1e-12)


def test_the_loop_reads_new_digits_and_equal_weights_do_not():
    code = page()
    score = {
        kind: code["right"](code["learn"](code["begin"](kind), 20), code["new_x"], code["new_y"])
        for kind in ("all zero", "all 0.1", "a wave", "layer 1 only", "layer 2 only", "random")
    }
    assert max(score["all zero"], score["all 0.1"]) < 0.5 < 0.9 < min(list(score.values())[2:])


def test_the_limit_of_a_network_is_two_over_its_largest_curvature():
    at, w = digit_ground(0)
    for _ in range(300):
        w = w - 0.02 * at(w)[1]
    probe = np.random.default_rng(0).normal(size=w.size)
    limit = 2 / page()["sharpest"](lambda w: at(w)[1], w, probe, rounds=30)[0]
    ends = []
    for rate in (0.9 * limit, 1.15 * limit):
        v, losses = w, []
        for _ in range(100):
            loss, g = at(v)
            losses.append(loss)
            v = v - rate * g
        ends.append((np.diff(losses) > 0).any())
    assert ends == [False, True]


def test_the_middle_needs_fewer_examples_than_all_and_fewer_steps_than_one():
    race = page()["race"]
    one, some, all_of_them = race(1, 0.03, 1, 3), race(32, 1.0, 1, 8), race(1078, 1.0, 1, 100)
    assert some < one / 5 and 5 * some * 32 < all_of_them * 1078


def test_steps_raise_the_loss_of_all_and_not_of_their_own_batch():
    track, own = page()["follow"](0.1, 32, 8)
    change = np.diff(track, axis=0)
    assert own.mean() < 0.005 and (change[:, 0] > 0).mean() > 0.05 and (change[:, 1] < 0).mean() > 0.2
    track, own = page()["follow"](0.01, 32, 4)
    change = np.diff(track, axis=0)
    assert (change[:, 0] > 0).mean() < 0.02 and (change[:, 1] < 0).mean() > 0.2


def test_the_gradient_of_a_units_weights_is_the_digit_times_one_number():
    code, (weights, _) = page(), fresh()
    image, kind = code["new_x"][6:7], code["new_y"][6:7]
    way = walked(weights, image, kind, code["loss_and_slopes"])
    truth = np.eye(10)[kind[0]]
    assert way["loss"] == pytest.approx(-np.log(way["shares"][kind[0]]))
    np.testing.assert_allclose(way["scores"], way["shares"] - truth, atol=1e-12)
    np.testing.assert_allclose(way["weights"], np.outer(way["arrives"], image[0]), atol=1e-12)
    assert (way["arrives"][way["hidden"] == 0] == 0).all() and (way["hidden"] > 0).any()


def test_the_picture_of_a_digit_says_its_loss_and_has_a_column_for_each_stage():
    code = page()
    stages = {name: fresh(seed)[0] for seed, name in enumerate(("one start", "another"))}
    picture = there_and_back(stages, code["new_x"][:1], code["new_y"][:1], code["loss_and_slopes"])
    titles = [ax.get_title(loc="left") for ax in picture.axes]
    loss = code["loss_and_slopes"](stages["another"], code["new_x"][:1], code["new_y"][:1])[0]
    assert len(titles) == 12 and titles[:2] == list(stages) and titles[5] == f"shares: loss {loss:.2g}"
    left, right = (ax.get_ylim() for ax in picture.axes[8:10])
    assert left == right  # both columns on one scale
    plt.close(picture)
