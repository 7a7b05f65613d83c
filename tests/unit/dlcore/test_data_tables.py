"""Splits, standardisation, batches, and the tables that come with scikit-learn."""

import hashlib
import inspect
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import dlcore
from dlcore import data

fast = settings(max_examples=50, deadline=None, derandomize=True)
TABLES = {
    "iris": (data.iris, 150, (4,), 3),
    "wine": (data.wine, 178, (13,), 3),
    "breast_cancer": (data.breast_cancer, 569, (30,), 2),
    "diabetes": (data.diabetes, 442, (10,), 0),
    "digits": (data.digits, 1797, (1, 8, 8), 10),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_hold_every_example_once_in_three_parts(name):
    load, n, shape, classes = TABLES[name]
    table = load(standardise=False)
    parts = (table.train, table.valid, table.test)
    assert sum(len(p.x) for p in parts) == sum(len(p.y) for p in parts) == n
    assert all(p.x.shape[1:] == shape and p.x.dtype == np.float32 for p in parts)
    assert len(table.classes) == classes and len(table.features) == np.prod(shape)
    assert abs(len(table.train.y) / n - 0.6) < 0.01 and abs(len(table.test.y) / n - 0.2) < 0.01
    if classes:
        assert all(p.y.dtype == np.int64 and set(np.unique(p.y)) == set(range(classes)) for p in parts)


@pytest.mark.parametrize("name", TABLES)
def test_the_split_is_the_same_every_time_whatever_the_default_generator_does(name):
    load = TABLES[name][0]
    dlcore.manual_seed(0)
    one = load()
    dlcore.manual_seed(1)
    assert all(np.array_equal(a, b) for p, q in zip(one.test, load().test, strict=True) for a, b in [(p, q)])


def test_the_split_of_the_digits_never_changes():
    y = data.digits().test.y
    assert hashlib.sha256(y.astype("<i8").tobytes()).hexdigest()[:16] == "a75ee678bd045df2"


@pytest.mark.parametrize("name", TABLES)
def test_standardisation_is_fitted_on_the_training_part_alone(name):
    table = TABLES[name][0](standardise=True)
    x = table.train.x.astype(np.float64)
    varies = np.ptp(x, axis=0) > 0
    assert np.allclose(x.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(x.std(axis=0)[varies], 1, atol=1e-5)
    raw = TABLES[name][0](standardise=False)
    assert np.allclose(table.scale.inverse(table.test.x), raw.test.x, atol=1e-2)
    assert not np.allclose(table.test.x.mean(axis=0), 0, atol=1e-5)


def test_iris_keeps_the_proportion_of_classes_and_its_repr_says_what_it_is():
    table = data.iris()
    assert all(np.bincount(p.y).tolist() == [len(p.y) // 3] * 3 for p in (table.train, table.valid, table.test))
    assert repr(table) == "Table(iris: 90 + 30 + 30 examples, x (4,), 3 classes)"


def test_diabetes_keeps_its_target_in_its_own_units():
    y = np.concatenate([p.y for p in (data.diabetes().train, data.diabetes().valid, data.diabetes().test)])
    assert y.dtype == np.float32 and (y.min(), y.max()) == (25, 346)


def test_digits_are_grey_values_from_0_to_1():
    x = data.digits().train.x
    assert (x.min(), x.max()) == (0, 1)


@pytest.mark.parametrize("name", ["china", "flower"])
def test_photographs_are_channels_first(name):
    picture = data.photograph(name)
    assert picture.shape == (3, 427, 640) and picture.dtype == np.float32
    assert 0 <= picture.min() < 0.1 and 0.9 < picture.max() <= 1


def test_another_photograph_is_refused():
    with pytest.raises(ValueError, match='photograph: name must be "china" or "flower"; got \'cat\''):
        data.photograph("cat")


def test_importing_data_does_not_import_scikit_learn():
    code = (
        "import sys, dlcore.data; raise SystemExit(any(m.split('.')[0] in ('sklearn', 'torch') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


@fast
@given(n=st.integers(1, 300), seed=st.integers(0, 99), share=st.floats(0, 1))
def test_split_deals_every_row_exactly_once(n, seed, share):
    groups = data.split(n, (share, 1 - share), generator=seed)
    assert np.array_equal(np.sort(np.concatenate(groups)), np.arange(n))
    assert abs(len(groups[0]) - share * n) <= 0.5 + 1e-9
    assert all((np.diff(g) > 0).all() for g in groups)


@fast
@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=200), seed=st.integers(0, 99))
def test_a_stratified_split_keeps_each_class_within_one_example(labels, seed):
    labels = np.array(labels)
    groups = data.split(len(labels), (0.5, 0.3, 0.2), labels, generator=seed)
    assert np.array_equal(np.sort(np.concatenate(groups)), np.arange(len(labels)))
    for share, group in zip((0.5, 0.3, 0.2), groups, strict=True):
        for k in np.unique(labels):
            assert abs((labels[group] == k).sum() - share * (labels == k).sum()) <= 1


def test_split_refuses_wrong_fractions_and_labels():
    for wrong in [(0.5, 0.4), (1.5, -0.5), [[1.0]]]:
        with pytest.raises(ValueError, match="split: fractions must be at least 0 and add up to 1; got"):
            data.split(10, wrong)
    with pytest.raises(ValueError, match=r"split: labels must have shape \(10,\), one per example; got \(9,\)"):
        data.split(10, labels=np.zeros(9))


@fast
@given(n=st.integers(2, 40), scale=st.floats(1e-3, 1e3), shift=st.floats(-1e3, 1e3), seed=st.integers(0, 99))
def test_standardiser_and_its_inverse_are_inverses(n, scale, shift, seed):
    x = np.random.default_rng(seed).normal(shift, scale, (n, 3))
    fitted = data.Standardiser.fit(x)
    z = fitted(x)
    assert z.dtype == np.float32
    assert np.allclose(z.mean(axis=0), 0, atol=1e-3) and np.allclose(z.std(axis=0), 1, atol=1e-3)
    assert np.allclose(fitted.inverse(z), x, rtol=1e-4, atol=1e-4 * (scale + abs(shift)))


def test_a_constant_feature_becomes_zero_even_where_its_mean_is_not_exact():
    x = np.full((7, 2), 0.1)
    assert np.array_equal(data.Standardiser.fit(x)(x), np.zeros((7, 2)))


def test_standardiser_needs_an_example():
    with pytest.raises(ValueError, match="expected at least one example on the first axis; got shape"):
        data.Standardiser.fit(np.zeros((0, 3)))


@fast
@given(n=st.integers(1, 60), size=st.integers(1, 70), shuffle=st.booleans(), drop=st.booleans(), seed=st.integers(0, 9))
def test_batches_go_through_every_row_once(n, size, shuffle, drop, seed):
    x, y = np.arange(2 * n).reshape(n, 2), np.arange(n)
    loader = data.batches(x, y, batch_size=size, shuffle=shuffle, drop_last=drop, generator=seed)
    seen = list(loader)
    assert len(seen) == len(loader)
    assert all(np.array_equal(xb[:, 0], 2 * yb) for xb, yb in seen)  # rows stay together
    sizes = [len(yb) for _, yb in seen]
    assert all(s == size for s in sizes[:-1]) and (not drop or all(s == size for s in sizes))
    rows = np.concatenate([yb for _, yb in seen]) if seen else np.array([])
    kept = (n // size) * size if drop else n
    assert len(set(rows)) == len(rows) == kept
    if not shuffle:
        assert np.array_equal(rows, np.arange(kept))


def test_every_epoch_has_its_own_order_and_the_same_seed_the_same_orders():
    def orders():
        loader = data.batches(np.arange(30), batch_size=30, generator=5)
        return [next(iter(loader))[0].tolist() for _ in range(2)]

    first, second = orders()
    assert first != second and orders() == [first, second]


@pytest.mark.parametrize("make", [dlcore.tensor, torch.tensor], ids=["dlcore", "torch"])
def test_batches_of_tensors_are_tensors(make):
    x = make(np.arange(12.0, dtype=np.float32).reshape(6, 2))
    (xb,) = next(iter(data.batches(x, batch_size=4, shuffle=False)))
    assert type(xb) is type(x)
    assert xb.numpy().tolist() == np.arange(8.0).reshape(4, 2).tolist()


def test_batches_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="every array needs the same number of examples; got 3, 4"):
        data.batches(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="batches: expected at least one array; got none"):
        data.batches()
    with pytest.raises(ValueError, match="batch_size must be a whole number, at least 1; got 0"):
        data.batches(np.zeros(3), batch_size=0)


DATA_SETS = """autoregressive blobs breast_cancer checkerboard circles copy diabetes digits iris moons notebook_text
order photograph primer recall sentences sines spirals wine xor""".split()


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_data_set_names_its_source_licence_and_size(name):
    text = getattr(data, name).__doc__
    assert all(f"{word}: " in text for word in ("Source", "Licence", "Size"))


def test_the_list_of_data_sets_is_complete():
    """Whatever can be called without data of one's own is a data set."""
    tools = {"batches", "contexts", "handmade", "scatter", "split", "windows"}
    functions = {name for name in data.__all__ if inspect.isfunction(getattr(data, name))}
    assert functions - tools == set(DATA_SETS)
