"""The first page: its findings hold, right answers pass, each usual mistake is named in its own words."""

import json
from pathlib import Path

import numpy as np
import pytest
from exercise_tests import held

from dlbook.pages.neurons.what_deep_learning_is import experiment
from dlbook.pages.neurons.what_deep_learning_is.drawings import EIGHT, FEATURE, GAPS, SIX, _mistaken
from dlbook.pages.neurons.what_deep_learning_is.exercises import (
    EIGHTS,
    THREES,
    THRESHOLD_MISTAKES,
    TOP_MISTAKES,
    check,
    counts,
    fewest,
    upper,
)
from dlbook.pages.neurons.what_deep_learning_is.figures import STORED, TRUE, called, leads, wrong, your_features

PAGE = Path(__file__).parents[3] / "chapters/1_neurons/1_what_deep_learning_is.ipynb"


def nearest(x, y, new):
    return np.array([y[((x - image) ** 2).sum(1).argmin()] for image in new])


def nearest_at_once(x, y, new):
    square = (x**2).sum(1) - 2 * new @ x.T  # the part of the distance that depends on x
    return y[square.argmin(1)].tolist()


def one_by_one(feature, yes):
    best = None
    for t in sorted(feature):
        count = sum((f > t) != y for f, y in zip(feature, yes, strict=True))
        best = (count, t) if best is None or count < best[0] else best
    return best[1]


RIGHT = [
    ("1.1a", 0.43),
    ("1.1a", np.float32(0.449)),
    ("1.1a", 0.41),
    ("1.1a", [0.42][0]),
    ("1.1b", upper),
    ("1.1b", lambda x: [image[:4].sum() / image.sum() for image in x]),
    ("1.1b", lambda x: x[:, :4].mean((1, 2)) / x.mean((1, 2)) / 2),
    ("1.1b", lambda x: x[:, 0, :4].sum((1, 2)) / x[:, 0].sum((1, 2))),  # as the data set has them: (N, 1, 8, 8)
    ("1.1c", fewest),
    ("1.1c", one_by_one),
    ("1.1d", nearest),
    ("1.1d", nearest_at_once),
    ("1.1d", lambda x, y, new: [y[np.linalg.norm(x - image, axis=1).argmin()] for image in new]),
]
WRONG = [
    ("1.1a", 0.5, "takes the 8 with 0.45 for a 3"),
    ("1.1a", 0.495, "takes the 8 with 0.45 for a 3"),
    ("1.1a", 0.1, "there are 3 mistakes: threes called 8: 0.35, 0.41, 0.47; eights called 3: none."),
    ("1.1a", 0.46, "threes called 8: 0.47; eights called 3: 0.45."),
    ("1.1a", 0.45, "eights called 3: 0.45."),
    ("1.1a", 0.38, "threes called 8: 0.41, 0.47"),
    ("1.1a", 43, "between 0 and 1"),
    ("1.1a", -0.43, "between 0 and 1"),
    ("1.1a", [0.43], "One number is asked for."),
    ("1.1a", "0,43", "expected a number, received str"),
    ("1.1a", float("nan"), "between 0 and 1"),
    *(("1.1b", wrong_one, words) for wrong_one, words in TOP_MISTAKES),
    ("1.1b", lambda x: upper(x)[:, None], "expected an array of shape (5,), received an array of shape (5, 1)"),
    ("1.1b", 0.5, "I expected a function"),
    *(("1.1c", wrong_one, words) for wrong_one, words in THRESHOLD_MISTAKES),
    ("1.1c", counts, "one threshold, and received an array of shape (6,)"),
    ("1.1c", lambda feature, yes: feature.mean(), "is not an entry of `feature`"),
    ("1.1c", lambda feature, yes: np.median(feature), "is not an entry of `feature`"),
    ("1.1c", lambda feature, yes: feature.max(), "makes 3 mistakes. Another entry of `feature` makes 1."),
    ("1.1c", lambda feature, yes: feature[np.argmax(counts(feature, yes))], "Another entry of `feature` makes 1."),
    ("1.1c", lambda feature, yes: (fewest(feature, yes), 1), "one threshold, and received an array of shape (2,)"),
    ("1.1d", lambda x, y, new: ((new[:, None] - x) ** 2).sum(2).argmin(1), "Look up their classes in y."),
    ("1.1d", lambda x, y, new: y[((new[:, None] - x) ** 2).sum(2).argmax(1)], "use argmin"),
    ("1.1d", lambda x, y, new: y[(new[:, None] - x).sum(2).argmin(1)], "Without the square"),
    ("1.1d", lambda x, y, new: y[np.abs((new[:, None] - x).sum(2)).argmin(1)], "square each before"),
    ("1.1d", lambda x, y, new: y[np.abs(new[:, None] - x).sum(2).argmin(1)], "Add up their squares"),
    ("1.1d", lambda x, y, new: ((new[:, None] - x) ** 2).sum(2).min(1), "the smallest distances"),
    ("1.1d", lambda x, y, new: y[((new[:, None] - x) ** 2).sum(2).argmin(0)][:7], "went over the new images"),
    ("1.1d", lambda x, y, new: y[((x - new[0]) ** 2).sum(1).argmin()], "received a single number"),
    ("1.1d", lambda x, y, new: y[((x - new) ** 2).sum(1).argmin()], "Your function stopped at its line"),
    ("1.1d", lambda x, y, new: nearest(x, y, new)[:, None], "received an array of shape (7, 1)"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


def test_the_drawing_the_exercise_and_the_page_have_the_same_six_digits():
    assert tuple(FEATURE[~EIGHT]) == THREES and tuple(FEATURE[EIGHT]) == EIGHTS
    assert [sum(map(len, _mistaken(gap))) for gap in GAPS] == [2, 1, 2, 1, 2]
    source = "".join(line for cell in json.loads(PAGE.read_text())["cells"] for line in cell["source"])
    assert f"six = {list(SIX)}" in source
    assert all(f"{gap:.3g}" in source for gap in GAPS)


def test_the_page_and_the_figure_search_in_the_same_way():
    """The page shows the search in cells of its own; its figure and its room must find the same weights."""
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text())["cells"]}
    here = {"np": np}
    exec(cells["network"] + "\n" + cells["learn"], here)  # noqa: S102 - the page's own code
    x, eight = experiment.few(30)
    flat = x.reshape(-1, 64)
    for one, other in zip(here["learn"](flat, eight), experiment.nudged(30), strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_stored_digit_is_told_as_what_it_is():
    assert all(TRUE[name] in name for name in STORED)
    assert {name for name in STORED if "8" in name} != {name for name in STORED if called(leads_of(name)[0]) == "8"}
    assert called(leads_of("a plain 3")[2]) == "3"


def leads_of(name):
    return leads(STORED[name], ("left", "holes"), 214)


def test_the_figure_asks_what_its_answer_shows():
    """An 8 with filled rings: features say 3, both programs that get pixels say 8."""
    assert [called(lead) for lead in leads_of("an 8 with filled rings")] == ["3", "8", "8"]
    assert "the network 8." in your_features(digit="an 8 with filled rings", holes=True).says
    assert wrong((), 214)[0] == 36


def test_moving_by_hand_beats_features_and_pixels_for_the_nearest_digit():
    """N2, for the simplest of the classical programs: which view is worth how much, at each count."""
    moved, features, pixels = (
        np.array([experiment.classical("nearest", what, n).mean() for n in experiment.COUNTS])
        for what in ("moved", "features", "pixels")
    )
    assert (moved > features + 5).all() and (features > pixels + 5).all()
    assert pixels[-1] > 75  # no features, and far from lost


@pytest.mark.parametrize("what", ["features", "directions", "pixels", "moved"])
def test_what_a_program_gets_to_see(what):
    size = {"features": 17, "directions": 96, "pixels": 144, "moved": 64}[what]
    assert [part.shape for part in experiment.seen(what)] == [(1078, size), (359, size)]


def test_labels_decide_what_is_learned():
    """N1: the same search, with labels that mean something and with labels that mean nothing."""
    x, eight = experiment.pair()
    new, eight_new = experiment.pair("test")
    coin = np.random.default_rng(0).permutation(eight)
    flat, flat_new = x.reshape(-1, 64), new.reshape(-1, 64)
    right = [
        np.mean((experiment.network(flat_new, *experiment.learn(flat, lesson)) > 0) == eight_new)
        for lesson in (eight, coin)
    ]
    assert right[0] > 0.9 and right[1] < 0.75


def test_directions_of_a_stroke():
    """An upright bar has edges in direction 0 only; lying down, in direction 3."""
    bar = np.zeros((1, 1, 12, 12))
    bar[0, 0, 2:10, 5:7] = 1
    for image, direction in ((bar, 0), (bar.swapaxes(2, 3), 3)):
        sums = experiment.directions(image).reshape(6, 16).sum(1)
        assert sums.argmax() == direction and sums[direction] > 0.7 * sums.sum()
