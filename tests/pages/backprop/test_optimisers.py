"""The page "Optimisers": its exercises, its race and drawing, its optimisers and PyTorch's, and what it found."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from exercise_tests import held

from dlbook.pages.backprop.optimisers import experiment as lab
from dlbook.pages.backprop.optimisers.drawings import ROLLED, STRODE
from dlbook.pages.backprop.optimisers.exercises import (
    CUT_MISTAKES,
    LONGEST_MISTAKES,
    PACING_MISTAKES,
    ROLLING_MISTAKES,
    STRIDING_MISTAKES,
    check,
    cut,
    pacing,
    rolling,
    striding,
)
from dlbook.pages.backprop.optimisers.figures import race

PAGE = Path(__file__).parents[3] / "chapters/3_backprop/4_optimisers.ipynb"


def without_eps(slope, w, rate, count):
    with np.errstate(all="ignore"):
        return striding(slope, w, rate, count, eps=0)


def every_place(slope, w, rate, count):
    return np.array([striding(slope, w, rate, n) for n in range(count + 1)])


def rms(slope, w, rate, count):
    v = 0
    for _ in range(count):
        v = 0.99 * v + 0.01 * slope(w) ** 2
        w = w - rate * slope(w) / (np.sqrt(v) + 1e-8)
    return w


def under_the_root(slope, w, rate, alpha, count):
    v = np.zeros_like(w)
    for _ in range(count):
        g = slope(w)
        v += (1 - alpha) * (g * g - v)
        w = w - rate * g / np.sqrt(v + 1e-8)
    return w


def weight_by_weight(slope, w, rate, alpha, count):
    w, v = list(w), [0.0] * len(w)
    for _ in range(count):
        for i, g in enumerate(slope(np.array(w))):
            v[i] = alpha * v[i] + (1 - alpha) * g**2
            w[i] -= rate * g / (v[i] ** 0.5 + 1e-8)
    return w


def in_a_while(slope, w, rate, alpha, count):
    left, v = count, 0
    while left > 0:
        g, left = slope(w), left - 1
        v = alpha * v + (1 - alpha) * np.square(g)
        w = w - np.divide(rate, np.sqrt(v) + 1e-8) * g
    return w


def bare_root(slope, w, rate, alpha, count):
    v = 0
    for _ in range(count):
        g = slope(w)
        v = alpha * v + (1 - alpha) * g**2
        w = w - rate * g / np.sqrt(v)
    return w


def with_the_old_v(slope, w, rate, alpha, count):
    v = 0 * w
    for _ in range(count):
        g = slope(w)
        w, v = w - rate * g / (np.sqrt(v) + 1e-8), alpha * v + (1 - alpha) * g**2
    return w


def in_place(slope, w, rate, mu, count):
    m = 0
    for _ in range(count):
        m = mu * m + slope(w)
        w -= rate * m
    return w


def one_number(slope, w, rate, mu, count):
    return float(rolling(slope, w, rate, mu, count)[0])


def in_one_line(gs, longest):
    length = np.linalg.norm(np.concatenate([g.ravel() for g in gs]))
    return [g * min(1, longest / (length + 1e-12)) for g in gs]


RIGHT = [
    ("3.4a", 20),
    ("3.4a", 1 / (1 - 0.95)),
    ("3.4b", rolling),
    ("3.4b", lambda *a: torch.tensor(rolling(*a))),
    ("3.4b", lambda *a: list(rolling(*a))),
    ("3.4c", pacing),
    ("3.4c", under_the_root),
    ("3.4c", weight_by_weight),
    ("3.4c", in_a_while),
    ("3.4d", striding),
    ("3.4e", cut),
    ("3.4e", lambda gs, longest: (part for part in cut(gs, longest))),
    ("3.4e", in_one_line),
]
WRONG = [
    *(("3.4a", value, words) for value, words in LONGEST_MISTAKES),
    ("3.4a", [20.0], "One number is asked for."),
    ("3.4a", 7, "received 7"),
    *(("3.4b", lambda *a, kind=kind: rolling(*a, **kind), words) for kind, words in ROLLING_MISTAKES),
    ("3.4b", in_place, "changes the array that it is given"),
    ("3.4b", one_number, "expected an array of shape (2,)"),
    ("3.4b", lambda slope, w, rate, mu: w, "I could not call your function"),
    ("3.4b", lambda slope, w, rate, mu, count: w, "expected [1.7965, 0.25"),
    *(("3.4c", lambda *a, kind=kind: pacing(*a, **kind), words) for kind, words in PACING_MISTAKES),
    ("3.4c", with_the_old_v, "First v takes in g², then w steps."),
    ("3.4c", bare_root, "That is what ε is for"),
    ("3.4c", lambda slope, w, rate, alpha, count: rolling(slope, w, rate, alpha, count), "That is momentum"),
    ("3.4c", lambda slope, w, rate, alpha, count: striding(slope, w, rate, count), "That is Adam"),
    ("3.4c", lambda *a: [pacing(*a[:-1], n) for n in range(a[-1] + 1)], "Return the last w only"),
    ("3.4c", lambda slope, w, rate, count: w, "I could not call your function"),
    ("3.4c", lambda slope, w, rate, alpha, count: w, "expected ["),
    ("3.4c", 0.99, "I expected a function"),
    *(("3.4d", lambda *a, kind=kind: striding(*a, **kind), words) for kind, words in STRIDING_MISTAKES),
    ("3.4d", without_eps, "That is what ε is for"),
    ("3.4d", every_place, "Return the last w only"),
    ("3.4d", rms, "That is RMSprop."),
    ("3.4d", lambda slope, w, rate, count: rolling(slope, w, rate, 0.9, count), "expected"),
    *(("3.4e", lambda *a, kind=kind: cut(*a, **kind), words) for kind, words in CUT_MISTAKES),
    ("3.4e", lambda gs, longest: np.concatenate([g.ravel() for g in gs]), "expected a list of arrays"),
    ("3.4e", lambda gs, longest: cut(gs, longest)[:1], "expected 2 arrays, received 1"),
    ("3.4e", lambda gs, longest: [g.ravel() for g in cut(gs, longest)], "each array keeps its shape"),
    ("3.4e", lambda gs, longest: [g * 0.5 for g in gs], "expected [0.6"),
    ("3.4e", lambda gs, longest: [g for g in cut(gs, longest) if g.any()], "Where all slopes are 0: expected 1 arrays"),
    ("3.4e", lambda gs, longest: cut(gs, longest) if gs[0].any() else 0.0, "Where all slopes are 0: expected a list"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def page_code(*ids):
    """The names that cells of the page define."""
    source = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}
    names = {}
    for cell in ids:
        exec(source[cell], names)
    return names


@pytest.mark.parametrize(
    ("name", "theirs", "own"),
    [
        ("SGD", torch.optim.SGD, {}),
        ("momentum", torch.optim.SGD, {"momentum": 0.9}),
        ("RMSprop", torch.optim.RMSprop, {}),
        ("Adam", torch.optim.Adam, {}),
    ],
)
def test_the_optimisers_are_the_pages_and_pytorchs(name, theirs, own):
    ours = [lab.RUNNERS[name], *([page_code("optimisers")[name.lower()]] if name != "SGD" else [])]
    for step in ours:
        w, m, v, c = np.array([0.5, -2.0, 3.0]), 0, 0, np.array([1.0, 4.0, 0.1])
        p = torch.tensor(w, requires_grad=True)
        optimiser = theirs([p], lr=0.03, **own)
        for t in range(1, 31):
            optimiser.zero_grad()
            (torch.tensor(c) * p**2 / 2).sum().backward()
            optimiser.step()
            w, m, v = step(w, c * w, m, v, t, 0.03)
        np.testing.assert_allclose(w, p.detach().numpy(), rtol=1e-12)


def test_the_hand_calculation_is_that_of_the_page():
    table = [((3.4, -0.5), (4, 10)), ((2.59, -0.5), (5.4, 0)), ((1.7965, 0.25), (5.29, -5))]
    for (w, _, m, _), (place, memory) in zip(ROLLED[1:], table, strict=True):
        np.testing.assert_allclose(w, place, atol=1e-12)
        np.testing.assert_allclose(m, memory, atol=1e-12)
    np.testing.assert_allclose(STRODE[1][0], (3.5, 0.5))
    np.testing.assert_allclose(STRODE[2][2:], ((2.75, 5), (10.125, 37.5)))
    np.testing.assert_allclose(STRODE[2][0], (3.001, 0.029), atol=5e-4)


@pytest.mark.parametrize("surface", lab.SURFACES)
def test_the_slopes_of_the_surfaces_are_theirs(surface):
    at, (u, v), h = lab.SURFACES[surface], (0.7, -0.4), 1e-6
    measured = (at(u + h, v)[0] - at(u - h, v)[0]) / (2 * h), (at(u, v + h)[0] - at(u, v - h)[0]) / (2 * h)
    np.testing.assert_allclose(at(u, v)[1], measured, rtol=1e-6)


def test_arrival_is_where_the_loss_stays_low():
    losses = np.array([1.0, 0.005, 0.5, 0.005, 0.001])
    still, far = np.zeros((5, 2)), np.full((5, 2), 3.0)
    assert lab.arrival(still, losses) == 3 and lab.arrival(far, losses) == 5
    assert lab.arrival(still, 0 * losses) == 0 and lab.arrival(still, 0 * losses + 1) == 5


def test_the_race_ends_as_its_question_says():
    """RMSprop wins in the valley, from every start; turned, momentum is ahead of it; SGD wins in the bowl."""
    mean = {}
    for surface in lab.SURFACES:
        for name in lab.RUNNERS:
            mean[surface, name] = lab.arrival(*lab.walk(surface, name, lab.STARTS, *lab.own_setting(surface, name)))
    for name in ("SGD", "momentum", "Adam"):
        assert (mean["narrow valley", "RMSprop"] < mean["narrow valley", name]).all()
    assert mean["narrow valley, turned", "momentum"].mean() < mean["narrow valley, turned", "RMSprop"].mean() / 1.5
    assert mean["round bowl", "SGD"].max() == 1
    for surface, first in (("narrow valley", 2), ("narrow valley, turned", 1)):  # from where the figure opens
        assert np.argmin(race(surface=surface).tables["needed"]["steps"]) == first
    assert list(race(surface="round bowl").tables["needed"]["steps"])[0] == 1


def test_turning_the_ground_turns_the_walk_of_momentum_and_not_of_adam():
    turn = lab.HALF * np.array([[1, -1], [1, 1]])  # from along and across to the two weights
    w = np.array([1.5, 0.4])
    for name, same in (("SGD", True), ("momentum", True), ("RMSprop", False), ("Adam", False)):
        straight, _ = lab.walk("narrow valley", name, w, 0.02, count=20)
        turned, _ = lab.walk("narrow valley, turned", name, turn @ w, 0.02, count=20)
        assert np.allclose(straight @ turn.T, turned) == same


def test_the_slopes_of_the_network_are_pytorchs():
    (x, y), _, _ = lab.digits()
    loss, slopes = lab.loss_and_slopes(lab.start(0), x[:40], y[:40])
    w1, b1, w2, b2 = parts = [torch.tensor(part, requires_grad=True) for part in lab.parts_of(lab.start(0))]
    z = torch.relu(torch.tensor(x[:40]) @ w1.T + b1) @ w2.T + b2
    theirs = torch.nn.functional.cross_entropy(z, torch.tensor(y[:40]))
    theirs.backward()
    assert loss == pytest.approx(theirs.item())
    np.testing.assert_allclose(slopes, np.concatenate([part.grad.numpy().ravel() for part in parts]), atol=1e-12)
    assert lab.judge(lab.start(0), x[:40], y[:40])[0] == pytest.approx(loss)


def test_adam_arrives_sooner_than_sgd_at_their_best_rates():
    adam = [lab.trained("Adam", 0.06, seed).steps for seed in (3, 4)]
    sgd = [lab.trained("SGD", 0.7, seed).steps for seed in (3, 4)]
    assert np.mean(sgd) / 3 < np.mean(adam) < 0.9 * np.mean(sgd)


def test_a_shorter_memory_and_standardised_pixels_save_as_much_as_adam():
    def steps(name, rate, **more):
        return np.mean([lab.trained(name, rate, seed, **more).steps for seed in (3, 4)])

    adam = steps("Adam", 0.06)
    assert steps("momentum, μ 0.7", 0.5) < 1.2 * adam < 1.2 * steps("momentum", 0.1)
    assert steps("RMSprop, α 0.9", 0.03) < 0.95 * steps("RMSprop", 0.01)
    assert steps("SGD", 0.7, pixels="standardised") < adam


def test_beginning_again_escapes_better_than_adam():
    assert lab.best_of_restarts()[0] > 0.99 and lab.best_of_restarts()[1] == 0
    assert lab.crossings("Adam", 1.0)[0] < 0.9 and lab.crossings("Adam", 1.0)[1] > 0.2


def test_decay_is_a_penalty_for_plain_sgd_only():
    def left(name, rate, **how):
        return lab.trained(name, rate, 3, epochs=3, **how).w

    np.testing.assert_allclose(left("SGD", 0.5, l2=1e-3), left("SGD", 0.5, decay=1e-3), atol=1e-12)
    assert abs(left("momentum", 0.1, l2=1e-3) - left("momentum", 0.1, decay=1e-3)).max() > 1e-3
    blank = (lab.digits()[0][0] == 0).all(axis=0)
    sizes = [
        abs(lab.parts_of(left("Adam", 0.01, **how))[0][:, blank]).mean() for how in ({"l2": 1e-4}, {"decay": 1e-4})
    ]
    assert blank.sum() == 3 and sizes[0] < 0.1 * sizes[1]


def test_decay_is_pytorchs():
    """AdamW shrinks, then steps; Adam puts the penalty through its memory."""
    for theirs, l2, decay in ((torch.optim.Adam, 0.1, 0), (torch.optim.AdamW, 0, 0.1)):
        w, m, v, c = np.array([0.5, -2.0]), 0, 0, np.array([1.0, 4.0])
        p = torch.tensor(w, requires_grad=True)
        optimiser = theirs([p], lr=0.03, weight_decay=0.1)
        for t in range(1, 11):
            optimiser.zero_grad()
            (torch.tensor(c) * p**2 / 2).sum().backward()
            optimiser.step()
            w, m, v = lab.adam(w * (1 - 0.03 * decay), c * w + l2 * w, m, v, t, 0.03)
        np.testing.assert_allclose(w, p.detach().numpy(), rtol=1e-12)


def test_rmsprop_wins_the_narrow_valley_by_its_uncorrected_start(monkeypatch):
    """With v corrected it is no sooner there than Adam: the long first steps make it win, as the figure says."""

    def corrected(w, g, m, v, t, rate):
        return lab.adam(w, g, m, v, t, rate, beta1=0, beta2=0.99)

    monkeypatch.setitem(lab.RUNNERS, "RMSprop", corrected)
    w = np.repeat(lab.STARTS[:, :, None], len(lab.RATES), axis=2)
    with np.errstate(all="ignore"):
        steps = lab.arrival(*lab.walk("narrow valley", "RMSprop", w, lab.RATES)).mean(axis=0).min()
    adam = lab.arrival(*lab.walk("narrow valley", "Adam", lab.STARTS, *lab.own_setting("narrow valley", "Adam")))
    assert adam.mean() < steps < 1.5 * adam.mean()
