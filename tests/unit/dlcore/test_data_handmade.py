"""Hand-made features of digits, and digits that do not sit still."""

import numpy as np
import pytest

from dlcore import data
from dlcore.data.handmade import GROUPS, centred, handmade, regions, scatter

DIGITS = data.digits(standardise=False).test.x[:60]


def test_every_group_gives_as_many_numbers_as_it_says():
    assert {name: handmade(DIGITS, (name,)).shape[1] for name in GROUPS} == GROUPS
    assert handmade(DIGITS).shape == (60, sum(GROUPS.values())) and handmade(DIGITS).dtype == np.float32
    assert handmade(DIGITS, ()).shape == (60, 0)


def test_features_do_not_depend_on_where_the_digit_stands():
    np.testing.assert_array_equal(handmade(DIGITS), handmade(scatter(DIGITS, 14, generator=3)))


def test_scatter_keeps_the_ink_and_uses_every_place():
    square = np.ones((400, 1, 8, 8), np.float32)
    out = scatter(square, 10, generator=0)
    assert out.shape == (400, 1, 10, 10) and (out.sum((1, 2, 3)) == 64).all()
    corners = {tuple(np.argwhere(image[0])[0]) for image in out}
    assert corners == {(i, j) for i in range(3) for j in range(3)}
    np.testing.assert_array_equal(out, scatter(square, 10, generator=0))


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="images of 8 × 8 do not fit into 7 × 7"):
        scatter(DIGITS, 7)
    with pytest.raises(ValueError, match="no group is called 'loops'; there are ink, place"):
        handmade(DIGITS, ("loops",))


@pytest.mark.parametrize(
    ("rows", "holes"), [(["111", "101", "111"], 1), (["11111", "10101", "11111"], 2), (["110", "101"], 0)]
)
def test_holes_are_counted(rows, holes):
    assert regions(np.array([[c == "1" for c in row] for row in rows])) - 1 == holes


def test_an_empty_image_stays_empty():
    assert not centred(np.zeros((2, 9, 9))).any()
    assert np.isfinite(handmade(np.zeros((2, 9, 9)))).all()


def test_zeros_have_a_hole_and_ones_have_none():
    part = data.digits(standardise=False).train
    holes = handmade(part.x, ("holes",))[:, 0]
    assert np.median(holes[part.y == 0]) == 1 and np.median(holes[part.y == 1]) == 0


def test_wandering_digits_are_the_digits_and_always_the_same():
    (x, y), (x_test, y_test) = data.wandering_digits(14)
    still = data.digits(standardise=False)
    assert x.shape == (1078, 1, 14, 14) and x_test.shape == (359, 1, 14, 14)
    np.testing.assert_allclose(x.sum((1, 2, 3)), still.train.x.sum((1, 2, 3)), rtol=1e-6)
    np.testing.assert_array_equal(y, still.train.y)
    np.testing.assert_array_equal(y_test, still.test.y)
