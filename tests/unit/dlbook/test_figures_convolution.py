"""The figure and the networks of the page "Convolution"."""

import numpy as np
import pytest

from dlbook.figures.convolution import build, framed, kernels, pictures, sliding_window
from dlcore import rng, tensor


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
