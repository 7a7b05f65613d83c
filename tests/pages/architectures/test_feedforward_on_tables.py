"""The page "Feedforward on tables": its exercises, its networks and PyTorch's, its hand calculation, its findings."""

import numpy as np
import pytest
import torch
from exercise_tests import Made, held
from notebooks import cells_of, text_of
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import KFold
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from dlbook.pages.architectures.feedforward_on_tables import drawings, figures
from dlbook.pages.architectures.feedforward_on_tables import experiment as lab
from dlbook.pages.architectures.feedforward_on_tables.exercises import (
    COLUMN_MISTAKES,
    FOLD_MISTAKES,
    FORWARD_MISTAKES,
    ONE_HOT_MISTAKES,
    STANDARDISE_MISTAKES,
    answers,
    check,
    cross_validated,
    one_hot,
    standardise,
)
from dlbook.pages.architectures.feedforward_on_tables.networks import Networks, PlainNetworks, softmax

PAGE = "4_architectures/1_feedforward_on_tables"


# Answers -----------------------------------------------------------------------------------------------------------


def by_hand(train, new):
    train_z, new_z = np.zeros(train.shape), np.zeros(new.shape)
    for column in range(train.shape[1]):
        mean = sum(train[:, column]) / len(train)
        spread = (sum((train[:, column] - mean) ** 2) / len(train)) ** 0.5
        if spread == 0:
            spread = 1
        train_z[:, column] = (train[:, column] - mean) / spread
        new_z[:, column] = (new[:, column] - mean) / spread
    return [train_z, new_z]


def by_torch(x, w1, b1, w2, b2, mean, spread):
    x, w1, b1, w2 = map(torch.tensor, (x, w1, b1, w2))
    return mean + spread * (torch.relu(x @ w1.T + b1) @ w2 + b2)


def by_append(x, y, k, fit):
    squares = []
    for judge in np.array_split(range(len(y)), k):
        learn = [row for row in range(len(y)) if row not in judge]
        learn_z, judge_z = standardise(x[learn], x[judge])
        squares += list((fit(learn_z, y[learn])(judge_z) - y[judge]) ** 2)
    return sum(squares) / len(squares)


def by_filling(values, names):
    table = np.zeros((len(values), len(names)))
    for row, value in enumerate(values):
        if value in names:
            table[row, names.index(value)] = 1
    return table


def in_place(train, new):
    train = (train - train.mean(0)) / np.where(train.std(0) > 0, train.std(0), 1)
    return train, (new - train.mean(0)) / np.where(train.std(0) > 0, train.std(0), 1)


def by_scaler(train, new):
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(new)


def by_encoder(values, names):
    encoder = OneHotEncoder(categories=[names], handle_unknown="ignore", sparse_output=False)
    return encoder.fit([[name] for name in names]).transform([[value] for value in values])


def by_row(x, w1, b1, w2, b2, mean, spread):
    hidden = [[max(0, sum(w * v for w, v in zip(unit, row, strict=True)) + b) for unit, b in zip(w1, b1, strict=True)]
              for row in x]  # fmt: skip
    return [mean + spread * (b2 + sum(w * h for w, h in zip(w2, row, strict=True))) for row in hidden]


def by_kfold(x, y, k, fit):
    squares = np.zeros(len(y))
    for learn, judge in KFold(k).split(x):
        learn_z, judge_z = by_scaler(x[learn], x[judge])
        squares[judge] = (fit(learn_z, y[learn])(judge_z) - y[judge]) ** 2
    return squares.mean()


RIGHT = [
    ("4.1a", 2.5000001),
    ("4.1a", Made(lambda: torch.tensor(2.5))),
    ("4.1b", by_scaler),
    ("4.1b", lambda *parts: [part.tolist() for part in standardise(*parts)]),
    ("4.1c", by_encoder),
    ("4.1c", lambda values, names: [[int(value == name) for name in names] for value in values]),
    ("4.1d", by_row),
    ("4.1e", by_kfold),
    ("4.1e", lambda *inputs: torch.tensor(by_append(*inputs))),
    ("4.1a", 2.5),
    ("4.1a", np.float64(2.5)),
    ("4.1a", np.array((9 - 4) / 2)),
    ("4.1b", standardise),
    ("4.1b", by_hand),
    ("4.1b", lambda *parts: tuple(torch.tensor(part) for part in standardise(*parts))),
    ("4.1c", one_hot),
    ("4.1c", by_filling),
    ("4.1c", lambda values, names: (np.array(values)[:, None] == np.array(names)).tolist()),
    ("4.1d", answers),
    ("4.1d", by_torch),
    ("4.1d", lambda *inputs: answers(*inputs).tolist()),
    ("4.1e", cross_validated),
    ("4.1e", by_append),
    ("4.1e", lambda *inputs: np.array(by_append(*inputs))),
]
WRONG = [
    *(("4.1a", value, words) for value, words in COLUMN_MISTAKES),
    ("4.1a", [2.5], "One number is asked for."),
    ("4.1a", (2.5,), "One number is asked for."),
    ("4.1a", "2.5", "expected a number, received str"),
    ("4.1a", 7.77, "received 7.77"),
    *(("4.1b", lambda *a, how=how: standardise(*a, **how), words) for how, words in STANDARDISE_MISTAKES),
    ("4.1b", lambda train, new: standardise(train, new)[0], "expected two arrays"),
    ("4.1b", lambda train, new: (train, new), "For 6 training rows and 4 new ones, the training rows: expected"),
    ("4.1b", in_place, "The new rows came out as they went in."),
    ("4.1b", lambda train, new: (standardise(train, new)[0], new[:1]), "the new rows: expected"),
    *(("4.1c", lambda *a, kind=kind: one_hot(*a, kind), words) for kind, words in ONE_HOT_MISTAKES),
    ("4.1c", lambda values, names: values, "expected a number"),
    ("4.1c", lambda values, names: values == names, "received a single number"),
    ("4.1c", lambda values, names: np.eye(len(names))[[names.index(v) for v in values]], "ValueError"),
    *(("4.1d", lambda *a, how=how: answers(*a, **how), words) for how, words in FORWARD_MISTAKES),
    ("4.1d", lambda *a: answers(*a)[:, None], "received (5, 1)"),
    ("4.1d", lambda x, w1, *more: x @ w1, "matmul"),
    ("4.1d", lambda *a: answers(*a) + 1, "For five rows: expected"),
    *(("4.1e", lambda *a, how=how: cross_validated(*a, **how), words) for how, words in FOLD_MISTAKES),
    ("4.1e", lambda x, y, k, fit: y.mean(), "For 12 rows and 3 blocks: expected"),
    ("4.1e", lambda x, y, k, fit: fit, "received a function"),
    ("4.1e", lambda *inputs: (by_append(*inputs),), "expected a single number"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


# By hand -----------------------------------------------------------------------------------------------------------


def test_the_hand_calculation_is_that_of_the_table_and_the_drawing():
    table, y = lab.whole_table("diabetes")
    _, sex, bmi, pressure = table[1, :4]
    assert [bmi, pressure, sex] == list(drawings.PATIENT.values()) and y[1] == drawings.TRUTH
    np.testing.assert_allclose((np.array([bmi, pressure]) - drawings.MEAN) / drawings.SPREAD, [-1.1, -0.5], atol=0.05)
    np.testing.assert_allclose(drawings.HIDDEN, [2.20, 0.24])
    assert drawings.ANSWER == pytest.approx(-0.684) and round(drawings.TOLD) == 97
    text = text_of(PAGE)
    assert "0.55 + 0.15 + 1.5 = 2.20" in text and "-0.66 - 0.20 + 1.1 = 0.24" in text


def half_of_diabetes():
    table, y = lab.whole_table("diabetes")
    order = np.random.default_rng(0).permutation(len(y))
    return table, y, *np.split(order, [len(y) // 2])


def test_the_rounded_numbers_are_those_of_training_rows_and_the_patient_is_new():
    table, y, own, new = half_of_diabetes()
    np.testing.assert_allclose(table[own][:, [2, 3]].mean(0), drawings.MEAN, rtol=0.005)
    np.testing.assert_allclose(table[own][:, [2, 3]].std(0), drawings.SPREAD, rtol=0.02)
    assert [round(y[own].mean()), round(y[own].std())] == [drawings.TARGET_MEAN, drawings.TARGET_SPREAD]
    assert 1 in new


def test_the_rounded_network_is_a_trained_one():
    """It leaves about as much of the error of new rows as networks of two units do, and nearly all its units are on."""
    table, y, own, new = half_of_diabetes()
    z = (table[:, [2, 3]] - drawings.MEAN) / drawings.SPREAD
    x = np.hstack([z, table[:, 1:2] == [1, 2]])
    hidden = np.maximum(x @ drawings.W1.T + drawings.B1, 0)
    told = drawings.TARGET_MEAN + drawings.TARGET_SPREAD * (hidden @ drawings.W2 + drawings.B2)
    assert np.mean((told - y)[new] ** 2) / np.mean((y[new] - y[own].mean()) ** 2) < 0.65
    assert (hidden > 0).mean() > 0.9


def test_the_heavier_patient_of_the_question():
    x = np.array([(32 - 26.5) / 4.6, -0.5, 1, 0]).round(1)
    hidden = np.maximum(drawings.W1 @ x + drawings.B1, 0)
    np.testing.assert_allclose(hidden, [1.05, 1.62], atol=0.01)
    assert round(150 + 77 * (drawings.W2 @ hidden + drawings.B2)) == 175


# Networks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [0, 3])
def test_the_networks_are_pytorchs(classes):
    rng = np.random.default_rng(0)
    rates, decays = (0.01, 0.003), (0, 3)
    networks = Networks((2, 4, classes or 1), rates, decays, bool(classes), rng)
    networks.weights, networks.biases, networks.memory = (
        [p.astype(float) for p in part] for part in (networks.weights, networks.biases, networks.memory)
    )
    x = rng.normal(size=(2, 8, 4))
    y = np.eye(classes)[rng.integers(0, classes, (2, 8))] if classes else rng.normal(size=(2, 8, 1))
    models, before = [], [p.copy() for p in networks.parameters()]
    for run in range(2):
        w1, w2, b1, b2 = (torch.tensor(p[run], requires_grad=True) for p in before)
        groups = [{"params": [w1, w2], "weight_decay": decays[run]}, {"params": [b1, b2], "weight_decay": 0}]
        optimizer = torch.optim.AdamW(groups, lr=rates[run])
        for _ in range(3):
            scores = torch.relu(torch.tensor(x[run]) @ w1 + b1) @ w2 + b2
            target = torch.tensor(y[run])
            loss = (
                torch.nn.functional.cross_entropy(scores, target)
                if classes
                else 0.5 * ((scores - target) ** 2).sum(1).mean()
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        models.append((w1, w2, b1, b2))
    for _ in range(3):
        networks.step(x, y)
    for k, ours in enumerate(networks.parameters()):
        for run in range(2):
            np.testing.assert_allclose(ours[run], models[run][k].detach().numpy(), atol=1e-6)


def test_plain_networks_step_as_pytorchs_sgd():
    networks = PlainNetworks((1, 4, 1), (0.01,), (2,), False, np.random.default_rng(0))
    networks.weights, networks.biases, networks.memory = (
        [p.astype(float) for p in part] for part in (networks.weights, networks.biases, networks.memory)
    )
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(1, 8, 4)), rng.normal(size=(1, 8, 1))
    w1, w2, b1, b2 = twins = [torch.tensor(p[0], requires_grad=True) for p in networks.parameters()]
    optimizer = torch.optim.SGD(twins, lr=0.01, momentum=0.9)
    for _ in range(3):
        loss = 0.5 * ((torch.relu(torch.tensor(x[0]) @ w1 + b1) @ w2 + b2 - torch.tensor(y[0])) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        with torch.no_grad():  # decay apart from the slope, as in AdamW
            for w in (w1, w2):
                w *= 1 - 0.01 * 2
        optimizer.step()
        networks.step(x, y)
    for ours, theirs in zip(networks.parameters(), twins, strict=True):
        np.testing.assert_allclose(ours[0], theirs.detach().numpy(), atol=1e-6)


def test_sizes_punished_first_weights_become_exactly_zero_and_no_others():
    networks = Networks((2, 4, 1), (0.1, 0.1), (0, 0), False, np.random.default_rng(0), shrinks=(1, 0))
    for _ in range(10):
        networks.step(np.zeros((2, 8, 4), np.float32), np.ones((2, 8, 1), np.float32))
    assert not networks.weights[0][0].any() and networks.weights[0][1].all() and networks.weights[1].all()


def test_answers_are_shares_for_classes():
    networks = Networks((1, 4, 3), (0.01,), (0,), True, np.random.default_rng(0))
    np.testing.assert_allclose(networks.answers(np.ones((1, 5, 4), np.float32)).sum(-1), 1, atol=1e-6)
    np.testing.assert_allclose(softmax(np.array([1000.0, 1000.0])), 0.5)


def test_no_row_is_seen_twice_in_an_epoch():
    networks = Networks((1, 1, 1), (0.0,), (0,), False, np.random.default_rng(0))
    seen = []
    networks.step = lambda x, targets: seen.extend(x.ravel())
    rows = np.arange(70, dtype=np.float32).reshape(1, 70, 1)
    networks.train(rows, rows, np.array([0]), (4,), rows)  # twice two batches; the six rows left over wait
    assert len(set(seen[:64])) == len(set(seen[64:])) == 64


# The contest -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", lab.TABLES)
def test_rows_to_learn_from_and_new_ones_are_apart_and_standardised(name):
    rows = lab.drawn(name, 0)
    assert len(rows.y) + len(rows.y_new) == len(lab.whole_table(name)[1])
    np.testing.assert_allclose(rows.x.mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(rows.x.std(0), 1, atol=1e-9)
    assert abs(rows.x_new.mean(0)).max() > 1e-3


def test_alcohol_is_not_among_its_own_columns():
    x, y = lab.whole_table("alcohol")
    assert x.shape == (178, 12) and not (x == y[:, None]).all(0).any()


def test_folds_judge_every_row_at_most_once_and_never_learn_it():
    rows = lab.Rows(np.arange(20.0)[:, None], np.arange(20), np.zeros((1, 1)), np.zeros(1))
    parts = lab.folded(rows)
    judged = np.concatenate([part.y_new for part in parts])
    assert len(set(judged)) == len(judged) == 18
    assert all(set(part.y) | set(part.y_new) == set(range(20)) and len(part.y) == 14 for part in parts)


def test_mixing_keeps_distances_and_rows():
    plain, mixed = (lab.drawn("wine", 3, columns=columns, noise=5) for columns in ("standardised", "mixed"))
    np.testing.assert_array_equal(plain.y, mixed.y)
    np.testing.assert_allclose(plain.x @ plain.x.T, mixed.x @ mixed.x.T, atol=1e-9)
    assert abs(plain.x - mixed.x).max() > 0.5


def test_a_guess_leaves_all_of_its_error():
    rows = lab.drawn("breast cancer", 0)
    assert lab.guessed(rows, 2) == pytest.approx(np.mean(rows.y_new != round(rows.y.mean())))
    rows = lab.drawn("diabetes", 0)
    assert lab.guessed(rows, 0) == pytest.approx(np.mean((rows.y_new - rows.y.mean()) ** 2))


def test_the_nearest_row_answers_its_own_question():
    rows = lab.drawn("iris", 0)
    same = rows._replace(x_new=rows.x, y_new=rows.y)
    assert lab.error(lab.nearest(same, 3, (1,))[0], rows.y, 3) == 0


def test_settings_are_chosen_without_the_new_rows():
    """Other answers in the new rows change errors, never the choice: the answers given stay the same."""
    seen = []

    def fit(rows, classes, settings):
        told = lab.nearest(rows, classes, settings)
        if len(settings) == 1:
            seen.append(told)
        return told

    rows = lab.drawn("breast cancer", 0, 60)
    lab.SETTINGS[fit] = lab.SETTINGS[lab.nearest]
    try:
        lab.chosen(fit, [rows, rows._replace(y_new=1 - rows.y_new)], 2)
    finally:
        del lab.SETTINGS[fit]
    np.testing.assert_array_equal(*seen)


# What the page says ------------------------------------------------------------------------------------------------


def test_trees_lose_least_to_dice_and_most_to_mixing():
    dice, plain = figures.left(80, 100, "standardised"), figures.left(80, 0, "standardised")
    lost = {one: dice[one].mean() - plain[one].mean() for one in figures.WHO}
    assert min(lost, key=lost.get) == "boosted trees" and max(lost, key=lost.get) == "nearest rows"
    mixed = figures.left(80, 100, "mixed")
    assert mixed["boosted trees"].mean() > dice["boosted trees"].mean() + 10
    assert mixed["network"].mean() < dice["network"].mean() + 5
    for one in ("linear", "nearest rows"):
        np.testing.assert_allclose(mixed[one], dice[one])


def test_scale_matters_to_all_but_trees():
    raw, scaled = (
        lab.contest(
            "breast cancer",
            columns=columns,
            who=("nearest rows", "boosted trees", "network"),
            folds=1,
        )
        for columns in ("raw", "standardised")
    )
    assert raw["network"].mean() > scaled["network"].mean() + 5
    assert raw["nearest rows"].mean() > scaled["nearest rows"].mean() + 4
    assert abs(raw["boosted trees"].mean() - scaled["boosted trees"].mean()) < 2


def test_the_loop_of_the_page_learns_the_same_in_both_libraries():
    source = {cell["id"]: "".join(cell["source"]) for cell in cells_of(PAGE)}
    names = {}
    for cell in ("by-hand-again", "prepare", "loop", "trained", "pytorch"):
        exec(source[cell], names)
    np.testing.assert_allclose(names["ours"], names["theirs"], atol=1e-4)
    left = np.mean((names["ours"] - names["t"][names["new"]]) ** 2) / np.mean(names["t"][names["new"]] ** 2)
    assert left < 0.6


def test_the_figure_says_what_was_measured():
    frame = figures.who_falls_first(rows=160, noise=30, columns="mixed")
    found = figures.left(160, 30, "mixed")
    assert f"trees {found['boosted trees'].mean():.0f} %" in frame.says and "30 of dice" in frame.says
    np.testing.assert_allclose(frame.tables["ranking"]["mean"], [found[one].mean() for one in figures.WHO], atol=0.06)
    assert frame.tables["tiles"]["right"].max() == 30


def test_a_turned_table_takes_a_tree_many_questions():
    plain, mixed = (drawings._grown(points) for points in (drawings.POINTS, drawings.POINTS @ drawings.TURN))
    assert plain.tree_.node_count // 2 == 1 and mixed.tree_.node_count // 2 == 8
    assert "after one question" in text_of(PAGE) and "eight questions" in text_of(PAGE)
    for tree, points in ((plain, drawings.POINTS), (mixed, drawings.POINTS @ drawings.TURN)):
        np.testing.assert_array_equal(tree.predict(points), drawings.NAMES)


def test_sparse_linear_models_withstand_dice_and_not_mixing():
    who = ("linear", "sparse linear")
    found = {
        columns: lab.contest("diabetes", noise=noise, columns=columns, draws=4, folds=1, who=who)
        for noise, columns in ((0, "standardised"), (100, "mixed"))
    }
    dice = lab.contest("diabetes", noise=100, draws=4, folds=1, who=who)
    lost = {one: dice[one].mean() - found["standardised"][one].mean() for one in dice}
    assert lost["sparse linear"] < 5 < lost["linear"]
    assert found["mixed"]["sparse linear"].mean() > dice["sparse linear"].mean() + 10
    np.testing.assert_allclose(found["mixed"]["linear"], dice["linear"])


def test_a_network_with_a_sparse_first_layer_withstands_dice_and_not_mixing():
    who = ("network", "sparse linear", "sparse network")
    for name, more in (("breast cancer", 3), ("diabetes", 10)):
        plain, dice, mixed = (
            lab.contest(name, noise=noise, columns=columns, draws=4, folds=1, who=who)
            for noise, columns in ((0, "standardised"), (100, "standardised"), (100, "mixed"))
        )
        cost = {one: dice[one].mean() - plain[one].mean() for one in who}
        assert cost["sparse network"] < 5 < cost["network"] - 3
        assert abs(dice["sparse network"].mean() - dice["sparse linear"].mean()) < 2
        assert (mixed["sparse network"] - dice["sparse network"]).mean() > more


def test_mixing_moves_adamw_and_not_plain_sgd():
    who = ("network", "SGD network")
    dice, mixed = (
        lab.contest("diabetes", noise=100, columns=columns, draws=4, who=who) for columns in ("standardised", "mixed")
    )
    assert (mixed["network"] < dice["network"] - 2).all()
    assert abs(mixed["SGD network"] - dice["SGD network"]).mean() < 2


def test_discriminants_win_on_iris():
    left = []
    for seed in range(lab.DRAWS):
        rows = lab.drawn("iris", seed)
        told = LinearDiscriminantAnalysis().fit(rows.x, rows.y).predict(rows.x_new)
        left.append(100 * np.mean(told != rows.y_new) / lab.guessed(rows, 3))
    assert np.mean(left) < min(found.mean() for found in lab.contest("iris").values())


def test_what_leaks_is_what_the_guess_says():
    source = next("".join(cell["source"]) for cell in cells_of(PAGE) if cell["id"] == "leak-runs")
    names = {"np": np}
    exec(source.split("for rows, who_chooses")[0], names)
    right = 100 * np.mean([names["by_dice"](100, seed) for seed in range(20)])
    assert f'data-answer="{right:.0f}"' in text_of(PAGE)
    assert abs(np.mean([names["by_dice"](50, seed) for seed in range(20)]) - 0.5) < 0.05
