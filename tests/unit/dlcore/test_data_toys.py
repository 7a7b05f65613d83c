"""Toys in the plane: shapes, balance, geometry, reproducibility, errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlcore
from dlcore import data
from dlcore.data._random import random_source

TOYS = {
    "moons": (data.moons, 2),
    "circles": (data.circles, 2),
    "spirals": (data.spirals, 2),
    "xor": (data.xor, 2),
    "blobs": (data.blobs, 3),
    "checkerboard": (data.checkerboard, 2),
}
pytestmark = pytest.mark.filterwarnings("error")
fast = settings(max_examples=30, deadline=None, derandomize=True)


@pytest.mark.parametrize("name", TOYS)
@fast
@given(n=st.integers(1, 200), seed=st.integers(0, 2**32))
def test_every_toy_has_the_promised_shape_dtype_and_balance(name, n, seed):
    make, classes = TOYS[name]
    x, y = make(n, generator=seed)
    assert x.shape == (n, 2) and x.dtype == np.float32
    assert y.shape == (n,) and y.dtype == np.int64
    count = np.bincount(y, minlength=classes)
    assert len(count) == classes and count.max() - count.min() <= 1
    assert np.isfinite(x).all()


@pytest.mark.parametrize("name", TOYS)
def test_same_seed_same_bits_and_another_seed_another_sample(name):
    make, _ = TOYS[name]
    one, same, other = make(50, generator=3), make(50, generator=np.random.default_rng(3)), make(50, generator=4)
    assert np.array_equal(one[0], same[0]) and np.array_equal(one[1], same[1])
    assert not np.array_equal(one[0], other[0])


def test_the_default_generator_is_the_one_that_manual_seed_seeds():
    dlcore.manual_seed(11)
    first = data.moons(20)[0]
    dlcore.manual_seed(11)
    assert np.array_equal(first, data.moons(20)[0])
    assert not np.array_equal(first, data.moons(20)[0])
    assert np.array_equal(first, data.moons(20, generator=dlcore.Generator(11))[0])


def test_a_generator_of_another_kind_is_refused():
    with pytest.raises(TypeError, match="generator"):
        random_source("seed")
    with pytest.raises(TypeError, match="generator"):
        random_source(True)


@pytest.mark.parametrize("name", TOYS)
@pytest.mark.parametrize("n", [0, -3, 2.5, float("nan"), True])
def test_a_wrong_number_of_points_is_named(name, n):
    with pytest.raises(ValueError, match=f"{name}: n must be a whole number, at least 1; got"):
        TOYS[name][0](n)


@pytest.mark.parametrize("name", TOYS)
def test_negative_noise_is_named(name):
    with pytest.raises(ValueError, match=f"{name}: noise must be at least 0; got -0.1"):
        TOYS[name][0](10, noise=-0.1)


def test_moons_without_noise_are_half_circles_centred_on_the_origin():
    x, y = data.moons(2000, noise=0, generator=0)
    for k, centre in ((0, (-0.5, -0.25)), (1, (0.5, 0.25))):
        assert np.allclose(np.hypot(*(x[y == k] - centre).T), 1, atol=1e-6)
    assert np.abs((x.max(axis=0) + x.min(axis=0)) / 2).max() < 0.01


def test_circles_respect_the_factor_and_its_limits():
    x, y = data.circles(100, noise=0, factor=0.3, generator=0)
    assert np.allclose(np.hypot(*x.T), np.where(y == 1, 0.3, 1), atol=1e-6)
    with pytest.raises(ValueError, match="circles: factor must be between 0 and 1; got 1.5"):
        data.circles(10, factor=1.5)


def test_a_spiral_without_noise_lies_on_its_arm():
    x, y = data.spirals(300, noise=0, classes=3, turns=0.75, generator=0)
    r, angle = np.hypot(*x.T), np.arctan2(x[:, 1], x[:, 0])
    expected = 2 * np.pi * (0.75 * r + y / 3)
    assert np.allclose(np.exp(1j * angle), np.exp(1j * expected), atol=1e-5)
    assert 0.1 <= r.min() and r.max() <= 1 + 1e-6


def test_xor_is_not_linearly_separable_but_its_product_feature_is():
    x, y = data.xor(400, noise=0, generator=0)
    assert np.array_equal(np.unique(x, axis=0), [[-1, -1], [-1, 1], [1, -1], [1, 1]])
    design = np.c_[x, np.ones(len(x))]
    weights = np.linalg.lstsq(design, 2.0 * y - 1, rcond=None)[0]
    assert np.abs(weights).max() < 1e-6  # the best line says nothing
    assert np.array_equal(x[:, 0] * x[:, 1] < 0, y == 1)


def test_blobs_have_the_asked_spread_and_radius():
    x, y = data.blobs(8000, noise=0.2, classes=8, radius=2.0, generator=0)
    centres = np.array([x[y == k].mean(axis=0) for k in range(8)])
    assert np.allclose(np.hypot(*centres.T), 2, atol=0.03)
    assert np.allclose([x[y == k].std(axis=0) for k in range(8)], 0.2, atol=0.02)


@fast
@given(squares=st.integers(2, 7), seed=st.integers(0, 1000))
def test_checkerboard_labels_are_the_colours_of_the_squares(squares, seed):
    x, y = data.checkerboard(200, squares=squares, generator=seed)
    inside = np.clip(((x.astype(np.float64) + 1) * squares / 2).astype(int), 0, squares - 1)
    assert np.array_equal(inside.sum(axis=1) % 2, y)
    assert np.abs(x).max() <= 1
