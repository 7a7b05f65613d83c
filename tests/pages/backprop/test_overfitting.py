"""The page "Overfitting": its exercises, its figure and drawings, its networks and PyTorch's, and what it found."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from exercise_tests import held

from dlbook.pages.backprop.overfitting import experiment as lab
from dlbook.pages.backprop.overfitting import figures
from dlbook.pages.backprop.overfitting.drawings import CUBIC, KEPT, LINE, NEW, SUMS, H, V
from dlbook.pages.backprop.overfitting.exercises import (
    DROPPED_MISTAKES,
    FACTOR_MISTAKES,
    KEPT_MISTAKES,
    SCALED_MISTAKES,
    check,
    dropped,
    kept,
    scaled,
)

PAGE = Path(__file__).parents[3] / "chapters/3_backprop/6_overfitting.ipynb"


def in_place(h, keep, p, training):
    if training:
        h *= keep / (1 - p)
    return h


def own_coins(h, keep, p, training):
    mask = np.random.default_rng(0).random(h.shape) >= p
    return h * mask / (1 - p) if training else h


def summed(h, keep, p, training):
    return dropped(h, keep, p, training).sum(1)


def by_hand(losses, patience):
    at = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[at]:
            at = epoch
        if epoch - at == patience:
            break
    return at


def rows_scaled(train, new):
    return [(part - part.mean(1, keepdims=True)) / part.std(1, keepdims=True) for part in (train, new)]


def without_care(train, new):
    return (train - train.mean(0)) / train.std(0), (new - train.mean(0)) / train.std(0)


def a_little_more(train, new):
    spread = train.std(0) + 1e-8
    return (train - train.mean(0)) / spread, (new - train.mean(0)) / spread


def at_least_one(train, new):
    spread = np.maximum(train.std(0), 1)
    return (train - train.mean(0)) / spread, (new - train.mean(0)) / spread


def only_stopped(losses, patience):
    return "epoch 3"


def only_within_the_loop(losses, patience):
    at = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[at]:
            at = epoch
        if epoch - at == patience:
            return at


def only_while_training(h, keep, p, training):
    if training:
        return h * keep / (1 - p)


RIGHT = [
    ("3.6a", 5),
    ("3.6a", 1 / (1 - 0.8)),
    ("3.6b", dropped),
    ("3.6b", lambda h, keep, p, training: torch.tensor(dropped(h, keep, p, training))),
    ("3.6b", lambda h, keep, p, training: np.where(keep, h / (1 - p), 0) if training else h),
    ("3.6c", kept),
    ("3.6c", by_hand),
    ("3.6c", lambda losses, patience: np.int64(by_hand(losses, patience))),
    ("3.6d", scaled),
    ("3.6d", lambda train, new: tuple(scaled(train, new))),
]
WRONG = [
    *(("3.6a", value, words) for value, words in FACTOR_MISTAKES),
    ("3.6a", [5.0], "One number is asked for."),
    ("3.6a", 7, "received 7"),
    *(("3.6b", lambda *a, kind=kind: dropped(*a, **kind), words) for kind, words in DROPPED_MISTAKES),
    ("3.6b", lambda h, keep, p, training: h * keep / 1 - p if training else h, "into brackets"),
    ("3.6b", only_while_training, "ends without `return`"),
    ("3.6b", in_place, "changes the array that it is given"),
    ("3.6b", own_coins, "received"),
    ("3.6b", summed, "expected an array of shape (2, 4), received an array of shape (2,)"),
    ("3.6b", lambda h, keep: h, "I could not call your function"),
    *(("3.6c", lambda *a, kind=kind: kept(*a, **kind), words) for kind, words in KEPT_MISTAKES),
    ("3.6c", lambda losses, patience: losses[:3], "one epoch is asked for"),
    ("3.6c", only_within_the_loop, "patience 3 your function ends without `return`"),
    ("3.6c", only_stopped, "expected a number, received str"),
    ("3.6c", lambda losses, patience: 0, "expected 4, received 0"),
    ("3.6c", lambda losses: 0, "I could not call your function"),
    *(("3.6d", lambda *a, kind=kind: scaled(*a, **kind), words) for kind, words in SCALED_MISTAKES),
    ("3.6d", lambda train, new: [part - train.mean(0) / train.std(0) for part in (train, new)], "Only the mean is"),
    ("3.6d", without_care, "its spread is 0, and you divide by it"),
    ("3.6d", a_little_more, "Divided by 1 instead"),
    ("3.6d", at_least_one, "For train of shape (8, 2)"),
    ("3.6d", rows_scaled, "For train of shape (5, 3)"),
    ("3.6d", lambda train, new: scaled(train, new)[0], "Return train, new."),
    ("3.6d", lambda train, new: scaled(train, new)[:1], "expected two tables"),
    ("3.6d", lambda train, new: [part.mean(0) for part in scaled(train, new)], "each table keeps its shape"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def page_code(*ids):
    """The names that cells of the page define."""
    source = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}
    names = {}
    for cell in ids:
        exec(source[cell], names)
    return names


def test_the_hand_calculation_is_that_of_the_page():
    np.testing.assert_allclose(LINE, (0.8, 0.3), atol=1e-12)
    np.testing.assert_allclose(CUBIC, (1, -4.5, 5.5, 0), atol=1e-9)
    assert np.polyval(LINE, NEW) == pytest.approx(3.5) and np.polyval(CUBIC, NEW) == pytest.approx(14)
    assert SUMS.tolist() == [11, 12, 10] and KEPT[1].tolist() == [1, 0, 1, 0]
    masks = np.array(list(product((0, 1), repeat=4)))
    assert (H * masks / 0.5 @ V).mean() == 11


@pytest.mark.parametrize("p", [0.0, 0.5])
def test_the_slopes_are_pytorchs_with_the_same_mask(p):
    rng, weights, page = np.random.default_rng(0), lab.start(12, 2), page_code("points", "slopes")
    x, y = rng.normal(size=(2, 30, 64)).astype(np.float32), rng.integers(0, 10, (2, 30))
    mask = ((rng.random((2, 30, 12)) >= p) / (1 - p)).astype(np.float32)
    ours = lab.slopes(weights, x, y, mask)
    for run in range(2):
        w1, b1, w2, b2 = parts = [torch.tensor(w[run], requires_grad=True) for w in weights]
        h = torch.relu(torch.tensor(x[run]) @ w1 + b1) * torch.tensor(mask[run])
        torch.nn.functional.cross_entropy(h @ w2 + b2, torch.tensor(y[run])).backward()
        for mine, theirs in zip(ours, parts, strict=True):
            np.testing.assert_allclose(mine[run], theirs.grad.numpy(), atol=1e-6)
        own = [w[run] for w in weights]
        own = [own[0].T, own[1][0], own[2].T, own[3][0]]  # as the page lays them out
        for mine, theirs in zip(page["slopes"](own, x[run], y[run], mask[run]), ours, strict=True):
            np.testing.assert_allclose(mine.T if mine.ndim == 2 else mine[None], theirs[run], atol=1e-6)


def test_labels_are_shuffled_and_nothing_else():
    clean, spoiled = lab.lesson(), lab.lesson(share=0.4)
    np.testing.assert_array_equal(clean.x, spoiled.x)
    np.testing.assert_array_equal(clean.y, spoiled.true)
    assert (np.sort(clean.y, 1) == np.sort(spoiled.y, 1)).all(), "as many of each label as before"
    assert 0.3 < (spoiled.y != spoiled.true).mean() < 0.4 and (spoiled.y != spoiled.true).sum(1).max() <= 80
    more = lab.lesson(n=400, share=0.4)
    np.testing.assert_array_equal(more.x[:, :200], clean.x)
    one_more = lab.lesson(share=0.4, how="one more")
    assert ((one_more.y - one_more.true) % 10 <= 1).all() and ((one_more.y != one_more.true).sum(1) == 80).all()


def test_no_digit_to_judge_by_is_learned_from():
    (learn, _), (new, _) = lab.pool()
    book = lab.data.digits(standardise=False).test.x[lab.BOOK].ravel()
    seen = {row.tobytes() for row in learn}
    assert not [row for row in new if row.tobytes() in seen] and book.tobytes() not in {row.tobytes() for row in new}
    one = lab.lesson()
    for seed in lab.SEEDS:
        choose = {row.tobytes() for row in one.choose_x[seed]}
        assert not [row for row in one.x[seed] if row.tobytes() in choose]


def test_a_shift_moves_ink_and_loses_none_inside():
    image = np.zeros((1, 1, 8, 8), np.float32)
    image[0, 0, 3, 4] = 1

    class Ways:
        def uniform(self, low, high, size):
            return np.array([[1.0, 0.0], [-0.25, 0.5]]).reshape(size)

    found = lab.moved(np.repeat(image.reshape(1, 1, 64), 2, 1), 1.0, Ways()).reshape(2, 8, 8)
    assert found[0, 4, 4] == 0.75 and found[0, 4, 3] == 0.25 and found[0].sum() == 1
    assert found[1, 3, 4] == found[1, 3, 5] == 0.5 and found[1].sum() == 1, "each image goes its own way"


def test_early_stopping_takes_the_best_look():
    run = lab.Run(*(np.array([[0.0], [1.0], [2.0], [3.0]]) for _ in range(5)))
    run = run._replace(choose=np.array([[10.0], [30.0], [30.0], [20.0]]), loss=np.array([[1.0], [2.0], [1.5], [1.0]]))
    assert run.stopped().new.tolist() == [[2.0]], "of two that name as many the one of lower loss"


def test_a_training_is_continued_and_not_begun_again():
    at_once = lab.Training(200, 0.4, "shuffled", False, {"drop": 0.5})
    in_parts = lab.Training(200, 0.4, "shuffled", False, {"drop": 0.5})
    in_parts.until(50)
    np.testing.assert_array_equal(at_once.until(150).new, in_parts.until(150).new)


def test_neighbours_vote_as_those_of_scikit_learn():
    from sklearn.neighbors import KNeighborsClassifier

    one, (new_x, new_y) = lab.lesson(share=0.4), lab.pool()[1]
    for row, k in enumerate((1, 3, 5, 9)):
        theirs = KNeighborsClassifier(k).fit(one.x[0], one.y[0]).score(new_x, new_y)
        assert lab.neighbours(200, 0.4)[1][row, 0] == pytest.approx(100 * theirs, abs=0.6)  # ties in distance


def test_a_wide_network_learns_shuffled_labels_and_a_narrow_one_does_not():
    steps, _ = lab.by_heart(width=64)
    sooner, _ = lab.by_heart(width=64, share=0.0)
    assert np.isfinite(steps).all() and (steps > 2 * sooner).all()
    assert lab.by_heart(width=4, most=400)[1].max() < 60


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_early_stopping_alone_does_as_well_as_dropout(rate):
    """Also at less than half the rate: what the contest says does not hang on it."""
    plain = lab.training(share=0.4, rate=rate).until(lab.LONGER)
    drop = max(
        (lab.training(share=0.4, rate=rate, drop=p).until(lab.LONGER) for p in (0.5, 0.8)),
        key=lambda run: run.choose[-1].mean(),
    )
    assert plain.stopped().new.mean() > drop.new[-1].mean() - 2
    assert drop.heart[-1].mean() < 0.7 * plain.heart[-1].mean()
    assert plain.new[-1].mean() < drop.new[-1].mean() - 5


@pytest.mark.parametrize("steps", [lab.STEPS, lab.LONGER])
def test_a_smaller_rate_alone_does_nearly_as_well_as_dropout_at_its_own(steps):
    """So dropout gains much only over a network that takes the rate of another."""

    def chosen(name):
        return lab.best_of(lab.CONTENDERS[name], 0.4, lambda one: one.until(steps))[1].new[-1].mean()

    none = lab.training(share=0.4).until(steps).new[-1].mean()
    alone, both, drop = map(chosen, ("smaller rate", "dropout, smaller rate", "dropout"))
    assert alone > both - 3 and min(alone, both) > drop + 2 and drop > none + 5


def test_errors_that_agree_win_only_as_the_majority():
    few, many = (lab.voting(800, share, "one more")[1] for share in (0.36, 0.54))
    assert few.min() > 80 and many.max() < 50


def test_the_figure_ends_as_its_question_says():
    frame = figures.learned_by_heart(share=100, units=64, remedy="none")
    assert frame.tables["now"]["own"][-1] == "100" and float(frame.tables["now"]["new"][-1]) < 15
    narrow = figures.learned_by_heart(share=100, units=4, remedy="none")
    assert float(narrow.tables["now"]["own"][-1]) < 50


def test_the_figures_digits_are_as_often_wrong_as_all():
    for share in (0.2, 0.4, 0.7, 1.0):
        _, y, true = figures.digits(share)
        rows = figures.shown()
        assert abs((y != true)[rows].mean() - (y != true)[: figures.COUNT].mean()) < 0.1
        assert true[rows[0]] == 7 and y[rows[0]] != 7, "the 7 of the book bears a wrong label"


def test_the_figures_early_stopping_stays_where_it_stopped():
    named, percent = figures.learned(0.4, 64, "early stopping")
    assert (named[-1] == named[-4]).all() and percent[-1, 2] < 20
    assert figures.learned(0.4, 64, "none")[1][-1, 2] == 100


def test_every_frame_of_the_figure_quotes_the_same_columns():
    """The stored frames share a list of what their sentences quote."""
    quoted = {
        tuple(figures.learned_by_heart(share=share, units=16, remedy="none").told()) for share in (0, 20, 40, 70, 100)
    }
    assert quoted == {("now.own", "now.new", "now.heart")}
