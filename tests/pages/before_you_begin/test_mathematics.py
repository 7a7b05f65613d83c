"""Page "The mathematics you need": its exercises, its figures and its drawing."""

import numpy as np
import pytest
from exercise_tests import held

from dlbook.pages.before_you_begin.mathematics import drawings
from dlbook.pages.before_you_begin.mathematics.exercises import (
    COSINE_MISTAKES,
    GRADIENT_MISTAKES,
    SLOPE_MISTAKES,
    check,
    cosine,
    gradient,
)
from dlbook.pages.before_you_begin.mathematics.figures import STEPS, measured_slope, two_arrows


def one_by_one(x, y, w):
    errors = [sum(a * b for a, b in zip(row, w, strict=True)) - t for row, t in zip(x, y, strict=True)]
    return [2 * sum(e * row[d] for e, row in zip(errors, x, strict=True)) / len(y) for d in range(len(w))]


RIGHT = [
    ("0.1a", cosine),
    ("0.1a", lambda a, b: np.dot(a / np.linalg.norm(a), b / np.linalg.norm(b))),
    ("0.1b", [(5, 2), (3, 4), (6, 6), (7, 2)]),
    ("0.1b", ([5, 2], [3, 4], np.array([6, 6]), (7, 2))),
    ("0.1c", lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h)),
    ("0.1c", lambda f, x, h: ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2),
    ("0.1d", gradient),
    ("0.1d", one_by_one),
    ("0.1d", lambda x, y, w: np.mean(2 * (x @ w - y)[:, None] * x, axis=0)),
]
SHAPES = [(5, 2), (3, 4), (6, 6), (7, 2)]
WRONG = [
    *(("0.1a", wrong, words) for wrong, words in COSINE_MISTAKES),
    ("0.1a", lambda a, b: [cosine(a, b)], "expected a single number"),
    ("0.1b", [(5, 3), *SHAPES[1:]], "the inner number goes"),
    ("0.1b", [(2, 5), *SHAPES[1:]], "The rows come from the left table"),
    ("0.1b", [SHAPES[0], (4,), *SHAPES[2:]], "so there are three"),
    ("0.1b", [SHAPES[0], (7, 4), *SHAPES[2:]], "does not put tables below each other"),
    ("0.1b", [*SHAPES[:2], (6,), SHAPES[3]], "each row of the column meets each number"),
    ("0.1b", [*SHAPES[:2], (6, 1), SHAPES[3]], "each row of the column meets each number"),
    ("0.1b", [*SHAPES[:3], (2, 7)], "Transposing turns rows into columns"),
    ("0.1b", [*SHAPES[:3], (9,)], "it is not (9,). Transposing turns"),
    ("0.1b", [(3, 3), *SHAPES[1:]], "and there are five, meets each"),
    ("0.1b", [SHAPES[0], (4, 3, 4), *SHAPES[2:]], "one behind the other"),
    ("0.1b", [SHAPES[0], (12,), *SHAPES[2:]], "Write the shapes below each other"),
    ("0.1b", [*SHAPES[:2], (36,), SHAPES[3]], "36 numbers, yes"),
    ("0.1b", SHAPES[:3], "I received 3 shapes"),
    ("0.1b", 5, "Give four shapes in a list"),
    ("0.1b", ["(5, 2)", "(3, 4)", "(6, 6)", "(7, 2)"], "Give four shapes in a list"),
    *(("0.1c", wrong, words) for wrong, words in SLOPE_MISTAKES),
    *(("0.1d", wrong, words) for wrong, words in GRADIENT_MISTAKES),
    ("0.1d", lambda x, y, w: 2 * x @ (x @ w - y) / len(y), "x transposed is (D, N)"),
]
test_right_answers_pass, test_usual_mistakes_are_named, test_nothing_written_is_not_wrong = held(check, RIGHT, WRONG)


@pytest.mark.parametrize("b", [(1, 2.5), (-1, 3), (-3, -1), (0, 0)])
def test_the_arrow_s_shadow_and_its_angle(b):
    frame = two_arrows(b_1=b[0], b_2=b[1])
    shadow = np.array([frame.tables["shadow"]["x"][1], frame.tables["shadow"]["y"][1]])
    np.testing.assert_allclose((np.array(b) - shadow) @ [3, 1], 0, atol=1e-9)
    assert frame.tables["parts"]["value"][2] == pytest.approx(3 * b[0] + b[1])


def test_said_angles():
    assert "is 90°, its cosine 0." in two_arrows(b_1=-1, b_2=3).says
    assert "is 180°, its cosine −1." in two_arrows(b_1=-3, b_2=-1).says
    assert "points nowhere" in two_arrows(b_1=0, b_2=0).says


def test_two_steps_are_exact_for_a_square_and_nearer_with_smaller_steps_for_the_power():
    assert all(measured_slope(curve="x²", x=1, h=h).says.endswith("is exact.") for h in STEPS)
    chords = [measured_slope(curve="eˣ", x=1, h=h).tables["chord"] for h in STEPS]
    off = [(chord["y"][1] - chord["y"][0]) / (chord["x"][1] - chord["x"][0]) - np.e for chord in chords]
    assert 0 < off[0] < 1e-4 and off == sorted(off)
    assert "there is no slope" in measured_slope(curve="|x|", x=0, h=1).says


def test_the_drawing_has_the_numbers_of_the_code():
    assert (drawings.W @ drawings.X).tolist() == [1, 4]
    assert drawings._in_words(1) == "−1 · 1 + 3 · 2 + 1 · (−1) = 4"


@pytest.mark.parametrize(("step", "known"), [(1, []), (2, ["1"]), (3, ["1", "4"]), (4, ["1", "4"])])
def test_a_row_s_number_appears_when_the_row_has_met_the_list(step, known):
    shown = [text.get_text() for text in drawings.rows_meet_the_list(step).axes[0].texts]
    assert shown[9:][: len(known)] == known and len(shown) == 9 + len(known) + 5
