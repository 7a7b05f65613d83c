"""Updating several parameters as one vector changes nothing but the time it takes."""

import copy

import numpy as np
import pytest
import torch
from nn_twins import assert_close, pair

import dlcore
from dlcore import optim
from dlcore.optim import memory
from dlcore.optim.memory import Memory, Values

SHAPES = [(3,), (2, 4), (), (5, 2), (1,), (2, 2)]
NAMES = ["SGD", "RMSprop", "Adam", "AdamW"]
SETTINGS = {"SGD": {"momentum": 0.9}, "RMSprop": {"momentum": 0.5, "centered": True}, "Adam": {}, "AdamW": {}}


def both(name, **more):
    rng = np.random.default_rng(0)
    ours, theirs = zip(*[pair(rng.standard_normal(shape), "float64") for shape in SHAPES], strict=True)
    settings = {"lr": 0.05, "weight_decay": 0.1, **SETTINGS[name], **more}
    return ours, theirs, getattr(optim, name)(ours, **settings), getattr(torch.optim, name)(theirs, **settings)


def give_gradients(ours, theirs, step, without=()):
    rng = np.random.default_rng(100 + step)
    for i, (p, q) in enumerate(zip(ours, theirs, strict=True)):
        p.grad, q.grad = pair(rng.standard_normal(p.shape), "float64", grad=False)
        if i in without:
            p.grad = q.grad = None


@pytest.mark.parametrize("large", [0, 4, 100])
@pytest.mark.parametrize("name", NAMES)
def test_sizes_and_missing_gradients_in_any_order(name, large, monkeypatch):
    monkeypatch.setattr(memory, "LARGE", large)
    ours, theirs, mine, twin = both(name)
    for step, without in enumerate([(), (2,), (2, 3), (), (0, 5), range(6), (), (1, 4), ()]):
        give_gradients(ours, theirs, step, without)
        mine.step(), twin.step()
        for p, q in zip(ours, theirs, strict=True):
            assert_close(p, q, 1e-11, f"step {step}")
    for p, q in zip(ours, theirs, strict=True):
        assert mine.state[p]["step"] == int(twin.state[q].get("step", 0) or mine.state[p]["step"])
        for key in mine.state[p].keys() & twin.state[q].keys() - {"step"}:
            assert_close(dlcore.tensor(mine.state[p][key]), twin.state[q][key], 1e-11, key)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_with_their_axes_in_another_order(name):
    ours, theirs, mine, twin = both(name)
    for step in range(3):
        give_gradients(ours, theirs, step)
        for p in ours:
            p.grad = dlcore.from_numpy(np.asfortranarray(p.grad.data))
        mine.step(), twin.step()
    for p, q in zip(ours, theirs, strict=True):
        assert_close(p, q, 1e-11)


def test_values_that_are_views_are_changed_where_they_lie():
    base = np.ones((4, 3))
    p, q = dlcore.from_numpy(base.T), dlcore.from_numpy(np.ones(2))
    p.grad, q.grad = dlcore.ones(3, 4, dtype=dlcore.float64), dlcore.zeros(2, dtype=dlcore.float64)
    optim.Adam([p, q], lr=0.5).step()
    np.testing.assert_allclose(base, 0.5)


def test_a_change_of_dtype_on_the_way():
    ours, theirs, mine, _ = both("Adam")
    for p in ours:
        p.data = p.data.astype(np.float32)
    for step in range(4):
        give_gradients(ours, theirs, step)
        if step == 2:
            for p in ours:
                p.data = p.data.astype(np.float64)
        for p in ours:
            p.grad = p.grad.to(p.dtype)
        mine.step()
    assert {state["exp_avg"].dtype for state in mine.state.values()} == {np.dtype(np.float64)}
    assert all(state["step"] == 4 for state in mine.state.values())


def test_a_copied_optimiser_is_apart():
    ours, theirs, mine, twin = both("Adam")
    give_gradients(ours, theirs, 0)
    mine.step(), twin.step()
    other = copy.deepcopy(mine)
    for step in (1, 2):
        give_gradients(ours, theirs, step)
        mine.step(), twin.step()
    for p, q in zip(ours, theirs, strict=True):
        assert_close(p, q, 1e-11)
    assert all(state["step"] == 1 for state in other.state.values())
    assert not {id(p) for p in other.state} & {id(p) for p in ours}


def test_state_holds_only_what_was_updated():
    ours, theirs, mine, _ = both("Adam")
    assert mine.state == {}
    give_gradients(ours, theirs, 0, without=(1, 2))
    mine.step()
    assert set(mine.state) == {p for i, p in enumerate(ours) if i not in (1, 2)}
    assert sorted(mine.state_dict()["state"]) == [0, 3, 4, 5]
    assert mine.state[ours[3]]["exp_avg"].shape == (5, 2)


def test_neighbours_are_handed_out_together(monkeypatch):
    monkeypatch.setattr(memory, "LARGE", 6)
    ours, theirs, _, _ = both("Adam")
    give_gradients(ours, theirs, 0, without=(4,))
    sizes = [g.size for _, g, _ in Memory(list(ours)).vectors("m")]
    assert sizes == [3, 8, 1, 10, 4]
    monkeypatch.setattr(memory, "LARGE", 10)
    assert [g.size for _, g, _ in Memory(list(ours)).vectors("m")] == [22, 4]


def test_values_behave_like_a_vector():
    parts = [np.ones(2, np.float32), np.full((1, 2), 2, np.float32), np.array(3, np.float32)]
    x = Values(parts)
    x *= 2.0
    x -= np.arange(5, dtype=np.float32)
    for y in (0.5 * x, np.float32(0.5) * x):
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y, [1.0, 0.5, 1.0, 0.5, 1.0])
    assert parts[1].tolist() == [[2.0, 1.0]] and parts[2] == 2
