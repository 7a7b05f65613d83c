"""Page "Convolution": its exercises, the networks of its experiments, the numbers of its figure."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from exercise_tests import held

from dlbook.pages.architectures.convolution import drawings
from dlbook.pages.architectures.convolution.exercises import (
    GRADIENT_MISTAKES,
    MOVES,
    POOL_MISTAKES,
    SIZE_MISTAKES,
    check,
    one_at,
    weight_gradient,
)
from dlbook.pages.architectures.convolution.experiment import (
    accuracy,
    build,
    by_neighbour,
    framed,
    kernels,
    pictures,
    trained,
)
from dlbook.pages.architectures.convolution.figures import sliding_window
from dlcore import rng, tensor
from dlcore.data import wandering_digits
from dlcore.data.handmade import centred
from dlcore.ops import conv2d


def size(h, k, stride=1, padding=0):
    return (h + 2 * padding - k) // stride + 1


def with_defaults(wrong):
    return lambda h, k, stride=1, padding=0: wrong(h, k, stride, padding)


def pool(x):
    return np.maximum(
        np.maximum(x[0::2, 0::2], x[0::2, 1::2]),
        np.maximum(x[1::2, 0::2], x[1::2, 1::2]),
    )


def gradient(x, g):
    windows = np.lib.stride_tricks.sliding_window_view(x, g.shape)
    return np.einsum("abij,ij->ab", windows, g)


RIGHT = [
    ("4.2a", 3),
    ("4.2a", np.int64(3)),
    ("4.2b", size),
    ("4.2c", one_at(1, 0)),
    ("4.2c", [[0, 0, 0], [1, 0, 0], [0, 0, 0]]),
    ("4.2c", one_at(1, 0)[None, None]),
    ("4.2d", pool),
    ("4.2d", lambda x: x.reshape(x.shape[0] // 2, 2, -1, 2).max((1, 3)).tolist()),
    ("4.2e", weight_gradient),
    ("4.2e", gradient),
]
WRONG = [
    ("4.2a", 6, "*and* 6 below"),
    ("4.2a", 7, "size of the filter"),
    ("4.2a", 2, "gets a map of 26"),
    ("4.2a", 3.5, "one whole number"),
    ("4.2a", (3, 3), "one whole number"),
    *(("4.2b", with_defaults(wrong), words) for wrong, words in SIZE_MISTAKES),
    *(("4.2c", one_at(*place), words) for place, words in MOVES.items()),
    ("4.2c", one_at(1, 0) * 2, "changes the brightness"),
    ("4.2c", np.ones((3, 3)), "mixes several pixels"),
    ("4.2c", np.eye(4), "received an array of shape (4, 4)"),
    ("4.2c", one_at(0, 0), "just to the left of it"),
    *(("4.2d", wrong, words) for wrong, words in POOL_MISTAKES),
    ("4.2d", lambda x: pool(x) + 1, "The window in row 0, column 0 (from 0) of the map holds"),
    ("4.2d", lambda x: pool(x)[:1], "expected an array of shape (2, 2), received one of shape (1, 2)"),
    ("4.2d", lambda x: np.sort(pool(x), axis=1)[:, ::-1], "of the map holds"),
    ("4.2d", lambda x: 1 / 0, "division by zero"),
    *(("4.2e", wrong, words) for wrong, words in GRADIENT_MISTAKES),
    (
        "4.2e",
        lambda x, g: weight_gradient(x, g) + 1,
        "the weight in row 0, column 0 should get `(g * x[0 : 2, 0 : 2]).sum()`",
    ),
    ("4.2e", lambda x, g: weight_gradient(x, np.roll(g, 1)), "Yours differs"),
    (
        "4.2e",
        lambda x, g: weight_gradient(x, g)[:, :-1],
        "expected an array of shape (3, 3), received one of shape (3, 2)",
    ),
    ("4.2e", lambda x, g: x @ g, "matmul"),
]

test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


@pytest.mark.parametrize("picture", ["photograph", "digit"])
@pytest.mark.parametrize("kernel", ["vertical edges", "blur", "learned"])
def test_the_numbers_shown_add_up(picture, kernel):
    """Window times filter, place by place, is the number in the feature map."""
    limit = 0
    for row in range(1, 15):
        for column in range(1, 15):
            window = pictures()[picture][row - 1 : row + 2, column - 1 : column + 2]
            limit = max(limit, abs((window * kernels()[kernel]).sum()))
    tables = sliding_window(picture=picture, kernel=kernel, row=7, column=9).tables
    total = (tables["window"]["value"] * tables["filter"]["value"]).sum()
    shown = tables["map"]["value"].reshape(14, 14)[6, 8]
    assert total == pytest.approx(tables["sum"]["value"][0] * limit, abs=1e-9)
    assert shown == pytest.approx(tables["sum"]["value"][0], abs=1e-9)


def test_digits_are_moved_and_not_cut():
    digit = np.ones((1, 1, 8, 8), np.float32)
    for down, right in ((0, 0), (3, 0), (-3, 2)):
        image = framed(digit, down, right)
        assert image.shape == (1, 1, 16, 16) and image.sum() == 64
        assert image[0, 0, 4 + down, 4 + right] == image[0, 0, 11 + down, 11 + right] == 1


FIVE = [("stride", "places"), ("max", "places"), ("stride", "global"), ("max", "global"), ("none", "global")]


@pytest.mark.parametrize(("shrink", "ending"), FIVE)
def test_networks_have_equal_budgets_and_only_one_is_exactly_invariant(shrink, ending):
    state = rng.default_generator.get_state()
    model = build(shrink, ending)
    rng.default_generator.set_state(state)
    assert 3818 <= sum(p.numel() for p in model.parameters()) <= 3825
    digit = np.random.default_rng(0).random((1, 1, 8, 8)).astype("float32")
    here, there = (model(tensor(framed(digit, move))) for move in (0, 1))
    same = np.allclose(here.detach().numpy(), there.detach().numpy(), atol=1e-5)
    assert same == ((shrink, ending) == ("none", "global"))


# ── the convolution by hand ──

PAGE = Path(__file__).parents[3] / "chapters" / "4_architectures" / "2_convolution.ipynb"
CELLS = {cell["id"]: "".join(cell["source"]) for cell in json.loads(PAGE.read_text(encoding="utf-8"))["cells"]}


def test_the_drawn_numbers_are_those_of_the_table():
    rows = re.findall(r"^\| ((?:upper|lower) \w+) \| (.+?) \| (.+?) \| (\d+) \|$", CELLS["by-hand"], re.MULTILINE)
    assert [place for place, *_ in rows] == list(drawings.PLACES)
    for step, (place, right, left, total) in enumerate(rows, start=2):
        says = drawings.convolution_by_hand.says[step - 1]
        assert place in says and right in says and left in says
        assert int(total) == drawings.MAP[drawings.PLACES[place]]
        words = [text.get_text() for text in drawings.convolution_by_hand(step).axes[0].texts]
        assert f"({right.split(' = ')[0]}) − ({left.split(' = ')[0]}) = {total}" in words


def test_the_drawn_image_and_filter_are_those_of_the_code():
    image = re.search(r"^image = np.array\((.+)\)$", CELLS["by-hand-again"], re.MULTILINE)[1]
    np.testing.assert_array_equal(json.loads(image), drawings.IMAGE)
    np.testing.assert_array_equal(kernels()["vertical edges"], drawings.FILTER)


def test_three_channels_begin_with_the_image_by_hand_and_add_up():
    np.testing.assert_array_equal(drawings.CHANNELS[0], drawings.IMAGE)
    ours, _ = conv2d(drawings.CHANNELS[None].astype(float), drawings.FILTERS.astype(float))
    np.testing.assert_array_equal(ours[0], drawings.MAPS)
    words = [text.get_text() for text in drawings.channels_to_maps().axes[0].texts]
    for sum_ in ("5 + 1 + (−4) = 2", "1 + 0 + 0 = 1"):
        assert sum_ in words
    alt = CELLS["draw-channels"]
    assert "5, 1 and −4" in alt and "which make 2" in alt


def test_the_nearest_neighbour_wins_once_every_digit_is_moved_to_the_middle():
    """As the digits stand it does not: the page says both."""
    (known, names), (new, truth) = wandering_digits()

    def right(known, new):
        known, new = known.reshape(len(known), -1), new.reshape(len(new), -1)
        apart = (known**2).sum(1) - 2 * new @ known.T  # (new, N), but for what is the same
        return (names[apart.argmin(axis=1)] == truth).mean()

    assert right(known, new) < 0.85
    assert right(centred(known[:, 0]), centred(new[:, 0])) > 0.95


def test_the_nearest_neighbour_keeps_more_of_a_small_shift_than_pooling_does():
    """The page says so; and that the pooled network keeps more than the one with a stride."""
    pooled, strided = (
        np.mean([accuracy(trained(kind, "places", seed), 1) for seed in (0, 1)]) for kind in ("max", "stride")
    )
    assert by_neighbour(0) > 0.95
    assert by_neighbour(1) > pooled > strided + 0.05
