"""The page "Which one when": its exercises, its networks and PyTorch's, its data, its hand calculation, its figure."""

import json

import numpy as np
import pytest
import torch
from exercise_tests import Made, held
from notebooks import text_of

from dlbook.pages.architectures.which_one_when import drawings, figures
from dlbook.pages.architectures.which_one_when import experiment as lab
from dlbook.pages.architectures.which_one_when import networks as nets
from dlbook.pages.architectures.which_one_when.exercises import (
    ALONG_MISTAKES,
    FUNCTIONS,
    SET_MISTAKES,
    WEIGHT_MISTAKES,
    along,
    check,
    read_set,
)

PAGE = "4_architectures/10_which_one_when"


# Answers -----------------------------------------------------------------------------------------------------------


def symmetries(f, n, tries=20, step=None, close=np.allclose, draw=None, invariant=False, back=False, order=None):
    rng, shifts, shuffles = np.random.default_rng(0), True, True
    for _ in range(tries):
        x, p = rng.normal(size=n) if draw is None else draw(n), rng.permutation(n) if order is None else order(n)
        k = step or rng.integers(1, n)
        moved = f(x) if invariant else np.roll(f(x), -k if back else k)
        shifts &= bool(close(f(np.roll(x, k)), moved))
        shuffles &= bool(close(f(x[p]), f(x) if invariant else f(x)[np.argsort(p) if back else p]))
    return shifts, shuffles


def by_lists(f, n):
    rng = np.random.default_rng(1)
    found = [True, True]
    for move in range(2 * n):
        x = rng.uniform(-3, 3, n)
        for k, order in enumerate((np.roll(np.arange(n), move), rng.permutation(n))):
            found[k] = found[k] and bool(abs(f(x[order]) - f(x)[order]).max() < 1e-8)
    return found


def by_loop(x, w1, b1, w2, b2):
    total = np.zeros(len(b1))
    for element in x:
        total += np.maximum(w1 @ element + b1, 0)
    return (w2 @ total + b2).tolist()


def by_torch(x, w1, b1, w2, b2):
    x, w1, b1, w2, b2 = map(torch.tensor, (x, w1, b1, w2, b2))
    return torch.relu(x @ w1.T + b1).sum(0) @ w2.T + b2


RIGHT = [
    ("4.10a", 4096),
    ("4.10a", np.int64(4 * 32 * 32)),
    ("4.10a", Made(lambda: torch.tensor(4096))),
    ("4.10b", along),
    ("4.10b", lambda w, columns: np.stack([row[columns] for row in w])),
    ("4.10b", lambda w, columns: w @ np.eye(w.shape[1])[:, columns]),
    ("4.10c", read_set),
    ("4.10c", by_loop),
    ("4.10c", Made(lambda: by_torch)),
    ("4.10d", symmetries),
    ("4.10d", by_lists),
    ("4.10d", lambda f, n: np.array(symmetries(f, n))),
]
WRONG = [
    *(("4.10a", value, words) for value, words in WEIGHT_MISTAKES),
    ("4.10a", [4096], "One number is asked for."),
    ("4.10a", 7, "received 7"),
    *(("4.10b", lambda *a, kind=kind: along(*a, kind), words) for kind, words in ALONG_MISTAKES),
    ("4.10b", lambda w, columns: w[columns], "IndexError"),
    ("4.10b", lambda w, columns: w[:, columns] * 2, "For 2 units and the order [2, 0, 1]: expected"),
    ("4.10b", lambda w, columns: w[0, columns], "expected an array of shape (2, 3)"),
    ("4.10b", lambda w: w, "I could not call your function"),
    ("4.10b", [[1, 2]], "I expected a function"),
    *(("4.10c", lambda *a, kind=kind: read_set(*a, kind), words) for kind, words in SET_MISTAKES),
    ("4.10c", lambda *a: read_set(*a)[0], "expected an array of shape (3,)"),
    ("4.10d", lambda f, n: True, "Two are asked for"),
    ("4.10d", lambda f, n: symmetries(f, n)[::-1], "The two have changed places"),
    ("4.10d", lambda f, n: tuple(not one for one in symmetries(f, n)), "True and False have changed places"),
    ("4.10d", lambda f, n: symmetries(f, n, draw=np.zeros), "you say yes"),
    ("4.10d", lambda f, n: symmetries(f, n, draw=np.ones), "you say yes"),
    ("4.10d", lambda f, n: symmetries(f, n, invariant=True), "you say no"),
    ("4.10d", lambda f, n: symmetries(f, n, back=True), "you say no"),
    ("4.10d", lambda f, n: symmetries(f, n, step=n), "you say yes"),
    ("4.10d", lambda f, n: symmetries(f, n, step=2), "you say yes"),
    ("4.10d", lambda f, n: symmetries(f, n, order=np.arange), "you say yes"),
    ("4.10d", lambda f, n: symmetries(f, n, close=np.array_equal), "`np.allclose`"),
    ("4.10d", lambda f, n: ("yes", "no"), "True or False is asked for, twice"),
    ("4.10d", lambda f, n: (True, True), "you say yes"),
    ("4.10d", lambda f, n: f(n)[0] > 0, "Your function stopped"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def test_the_functions_have_the_symmetries_that_the_check_says():
    for name, f, want in FUNCTIONS:
        assert symmetries(f, 7) == want, name


# By hand -----------------------------------------------------------------------------------------------------------


def test_the_hand_calculation_is_that_of_the_drawing():
    assert drawings.ANSWERS["layer"] == [-1, 2, 4] and drawings.ANSWERS["filter"] == [2, 2, 1]
    assert drawings.ANSWERS["state"] == [1.75, 3.5, 1.375]
    np.testing.assert_allclose(drawings.ANSWERS["attention"], 2.54, atol=0.005)
    text = text_of(PAGE)
    assert "1 + 2.72 + 20.09 + 1 = 24.8" in text and round(2 + np.exp([1.0, 3]).sum(), 1) == 24.8


def test_the_costs_for_a_hundred_places():
    n, d = 100, 16
    text = text_of(PAGE)
    for number in (n**2 * d**2, 3 * d**2, 2 * d**2, 4 * d**2, 4 * n * d**2 + 2 * n**2 * d):
        assert f"{number:,}" in text


# Networks ----------------------------------------------------------------------------------------------------------


def layout(name):
    return lab.LAYOUTS[name]


def columns_of(name):
    return np.prod(layout(name).grid) * layout(name).channels


@pytest.mark.parametrize("name", lab.DATA)
@pytest.mark.parametrize("kind", lab.KINDS)
def test_budget_is_used_and_kept_and_runs_do_not_mix(kind, name):
    pair = lab.networks(kind, name, (0, 1))
    assert 0.8 * lab.BUDGET < pair.count() <= lab.BUDGET
    x = torch.rand(2, 3, columns_of(name))
    scores = pair(x)
    assert scores.shape == (2, 3, layout(name).answers)
    for run in range(2):
        alone = lab.networks(kind, name, (run,))
        torch.testing.assert_close(alone(x[run : run + 1])[0], scores[run], atol=1e-5, rtol=1e-4)


def test_the_mlp_is_pytorchs():
    ours = nets.MLP(layout("walks"), 7, (3,))
    w = {name: part[0].detach() for name, part in ours.weights.items()}
    x = torch.rand(1, 5, 36)
    theirs = torch.relu(x[0] @ w["hidden"] + w["hidden bias"]) @ w["answer"] + w["answer bias"]
    torch.testing.assert_close(ours(x)[0], theirs)


def test_the_gru_is_pytorchs():
    ours = nets.GRU(layout("pictures"), 7, (3,))
    w = {name: part[0].detach() for name, part in ours.weights.items()}
    gru = torch.nn.GRU(12, 7, batch_first=True)
    gru.load_state_dict({"weight_ih_l0": w["in"].T, "weight_hh_l0": w["state"].T, "bias_ih_l0": w["in bias"][0],
                         "bias_hh_l0": w["state bias"][0]})  # fmt: skip
    x = torch.rand(1, 5, 144)
    theirs = gru(x[0].reshape(5, 12, 12))[0][:, -1] @ w["answer"] + w["answer bias"]
    torch.testing.assert_close(ours(x)[0], theirs)


def test_the_cnn_on_a_line_is_pytorchs():
    ours = nets.CNN(layout("walks"), 4, (3,))
    w = {name: part[0].detach() for name, part in ours.weights.items()}
    maps = torch.rand(1, 5, 36)
    found, x = ours(maps)[0], maps[0].reshape(5, 12, 3).mT
    for name, inside in (("first", 3), ("second", 4)):
        kernel = w[name].reshape(inside, 3, -1).permute(2, 0, 1)
        x = torch.nn.functional.conv1d(x, kernel, w[f"{name} bias"][0], padding=1)
        x = torch.nn.functional.max_pool1d(x.relu(), 2)
    torch.testing.assert_close(found, x.flatten(1) @ w["answer"] + w["answer bias"])


def test_a_cnn_that_looks_anywhere_finds_the_same_after_a_slide_by_two():
    cnn = nets.CNN(nets.Layout((24, 24), 1, 10, anywhere=True), 4, (0,))
    picture = torch.zeros(1, 2, 24, 24)  # far from its edge, beyond which there is nothing
    picture[0, :, 9:13, 9:13] = torch.rand(4, 4)
    slid = picture.roll((2, 2), (2, 3))
    torch.testing.assert_close(cnn(picture.flatten(2)), cnn(slid.flatten(2)))


def test_a_transformer_without_places_knows_no_order_and_with_them_it_does():
    model = nets.Transformer(layout("notes"), 12, (0,))
    x = torch.rand(1, 4, 5, 10)
    mixed = x[:, :, [3, 0, 4, 1, 2]]
    assert not torch.allclose(model(x.flatten(2)), model(mixed.flatten(2)), atol=1e-4)
    model.weights["places"] = torch.zeros_like(model.weights["places"])
    torch.testing.assert_close(model(x.flatten(2)), model(mixed.flatten(2)))


def test_tokens_of_a_picture_are_squares():
    model = nets.Transformer(layout("pictures"), 12, (0,))
    picture = torch.arange(144.0).reshape(1, 1, 12, 12, 1)
    tokens = model.tokens(picture)
    assert tokens.shape == (1, 1, 16, 9)
    assert tokens[0, 0, 1].tolist() == [3, 4, 5, 15, 16, 17, 27, 28, 29]


def test_adam_is_pytorchs_and_goes_on_after_some_runs_are_dropped():
    weights = {"a": torch.rand(3, 2, 2).requires_grad_()}
    twin = weights["a"].detach()[1].clone().requires_grad_()
    ours, theirs = nets.Adam(weights, (0.1, 0.02, 0.3)), torch.optim.Adam([twin], lr=0.02)
    for step in range(6):
        if step == 3:
            ours.keep(weights, [1])
        for optimiser, loss in ((ours, (weights["a"] ** 3).sum()), (theirs, (twin**3).sum())):
            loss.backward()
            optimiser.step()
            if optimiser is theirs:
                twin.grad = None
    torch.testing.assert_close(weights["a"].detach()[0], twin.detach())


def test_an_mlp_on_shuffled_columns_is_the_same_mlp():
    shuffle = np.random.default_rng(0).permutation(36)
    pair = [lab.Runs("MLP", "walks", [(which, 0.01, 0)]) for which in (False, True)]
    for run, columns in zip(pair, (np.arange(36), shuffle), strict=True):
        run.parts = [[x[..., columns].double(), y] for x, y in (lab.Runs("MLP", "walks", [(False, 0.01, 0)]).parts)]
        for name, part in run.nets.weights.items():
            run.nets.weights[name] = (part.detach()[:, columns] if name == "hidden" else part.detach()).double()
            run.nets.weights[name].requires_grad_()
        run.optimiser = nets.Adam(run.nets.weights, (0.01,))
        run.train(20)
    torch.testing.assert_close(pair[0].nets(pair[0].parts[2][0]), pair[1].nets(pair[1].parts[2][0]), atol=1e-9, rtol=0)


# Data --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", lab.DATA)
def test_parts_are_apart_and_shuffling_only_moves_columns(name):
    plain, mixed = lab.dealt(name, 0), lab.dealt(name, 0, True)
    assert [len(y) for _, y in plain] == list(lab.PARTS[name])
    for (x, y), (x_mixed, y_mixed) in zip(plain, mixed, strict=True):
        assert (y == y_mixed).all() and not (x == x_mixed).all()
        np.testing.assert_array_equal(np.sort(x, 1), np.sort(x_mixed, 1))
    orders = {np.lexsort(x_mixed.T[::-1]).tobytes() for x_mixed, _ in mixed}
    assert len(orders) == 3


def test_a_walker_ends_where_her_steps_lead():
    x, y = lab.walks(200, np.random.default_rng(0))
    for row, end in zip(x.reshape(200, 12, 3), y, strict=True):
        at = 2
        for step in row.argmax(1) - 1:
            at = min(max(at + step, 0), 4)
        assert at == end


def test_a_note_answers_its_key():
    x, y = lab.notes(200, np.random.default_rng(0))
    for row, answer in zip(x.reshape(200, 5, 10), y, strict=True):
        asked = row[-1, :6].argmax()
        [beside] = [pair[6:].argmax() for pair in row[:-1] if pair[:6].argmax() == asked]
        assert beside == answer and not row[-1, 6:].any()


def test_more_places_for_each_digit_leave_the_new_ones_apart():
    (x, y), (_, valid), (_, new) = lab.dealt("pictures", 0, copies=3)
    assert len(x) == 3000 and (y[:1000] == y[1000:2000]).all() and (x[:1000] != x[1000:2000]).any()
    assert (valid == lab.dealt("pictures", 0)[1][1]).all() and (new == lab.dealt("pictures", 0)[2][1]).all()


# The figure --------------------------------------------------------------------------------------------------------


def test_who_is_clearly_ahead():
    found = {"a": np.array([0.9, 0.8]), "b": np.array([0.7, 0.79]), "c": np.array([0.1, 0.2])}
    assert figures.winner(found) == "a"
    assert figures.winner(found | {"b": np.array([0.7, 0.81])}) == "nobody"
    assert figures.winner(found | {"c": np.array([0.1, 0.81])}) == "nobody"
    assert figures.winner({"a": np.array([0.8, 0.81]), "b": np.array([0.78, 0.79])}) == "nobody"


def test_the_figure_tells_what_the_contest_found():
    frame = figures.who_fits.frame(figures.who_fits.settings() | {"stage": "columns in order"})
    score = frame.tables["score"]
    assert [score[name][0] for name in lab.DATA] == ["nobody", "CNN", "GRU", "Transformer"]
    frame = figures.who_fits.frame(figures.who_fits.settings() | {"stage": "columns shuffled"})
    assert [frame.tables["score"][name][0] for name in lab.DATA] == ["nobody", "GRU", "MLP", "nobody"]
    hidden = figures.who_fits.frame(figures.who_fits.settings())
    assert not np.any(hidden.tables["cells"]["share"]) and "%" not in json.dumps(
        hidden.tables["cells"]["told"].tolist()
    )


def test_shuffled_shares_of_the_mlp_stay():
    for name in lab.DATA:
        ordered, shuffled = lab.contest("MLP", name)
        assert abs(ordered.mean() - shuffled.mean()) < 0.06, name
