"""Updating several parameters as one vector changes nothing but the time it takes."""

import copy
import pickle

import numpy as np
import pytest
import torch
from nn_twins import assert_close, pair

import dlcore
from dlcore import nn, optim
from dlcore.optim import memory
from dlcore.optim.memory import Memory

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
            p.grad = dlcore.from_numpy(np.asfortranarray(p.grad.array))
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
        p.array = p.array.astype(np.float32)
    for step in range(4):
        give_gradients(ours, theirs, step)
        if step == 2:
            for p in ours:
                p.array = p.array.astype(np.float64)
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


def net():
    dlcore.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))


X, Y = dlcore.tensor(np.random.default_rng(0).standard_normal((5, 3))).float(), dlcore.tensor([0, 1, 0, 1, 1])


def train(model, optimizer, steps=3):
    for _ in range(steps):
        optimizer.zero_grad()
        nn.CrossEntropyLoss()(model(X), Y).backward()
        optimizer.step()
    return [p.array.copy() for p in model.parameters()]


def same(ours, theirs):
    return all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("hold", [lambda m: m.state_dict(), lambda m: m[0].weight.array, lambda m: m[0].bias.array[:2]])
@pytest.mark.parametrize("name", NAMES)
def test_whoever_holds_values_goes_on_seeing_them(name, hold):
    model, free = net(), net()
    held = hold(model)
    after = train(model, getattr(optim, name)(model.parameters(), lr=0.1))
    again = hold(model)
    if isinstance(held, dict):
        held, again = (np.concatenate([v.array.ravel() for v in d.values()]) for d in (held, again))
    np.testing.assert_array_equal(held, again)
    assert same(after, train(free, getattr(optim, name)(free.parameters(), lr=0.1)))


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda pair: pickle.loads(pickle.dumps(pair))])
@pytest.mark.parametrize("name", NAMES)
def test_a_copy_of_model_and_optimiser_goes_its_own_way(name, copied):
    model = net()
    optimizer = getattr(optim, name)(model.parameters(), lr=0.1, **SETTINGS[name])
    before = train(model, optimizer)
    other, others = copied((model, optimizer))
    after = train(other, others)
    assert same(before, [p.array for p in model.parameters()]) and not same(before, after)
    assert same(after, train(model, optimizer))


@pytest.mark.parametrize("name", NAMES)
def test_a_module_that_changes_its_dtype_is_trained_on(name, monkeypatch):
    model, twin = net(), net()
    optimizer = getattr(optim, name)(model.parameters(), lr=0.1)
    others = getattr(optim, name)(twin.parameters(), lr=0.1)
    for large in (100, 0):  # together, and one by one
        monkeypatch.setattr(memory, "LARGE", large)
        net_, step = (model, optimizer) if large else (twin, others)
        train(net_, step)
        net_.double()
        step.zero_grad()
        nn.CrossEntropyLoss()(net_(X.double()), Y).backward()
        step.step()
    assert model[0].weight.dtype == np.float64
    assert same([p.array for p in model.parameters()], [p.array for p in twin.parameters()])


def test_two_optimisers_take_turns_on_the_same_parameters(monkeypatch):
    model, twin = net(), net()
    first, second = optim.SGD(model.parameters(), lr=0.1), optim.Adam(model.parameters(), lr=0.1)
    one, two = optim.SGD(twin.parameters(), lr=0.1), optim.Adam(twin.parameters(), lr=0.1)
    for mine, theirs in ((first, one), (second, two), (first, one), (second, two)):
        monkeypatch.setattr(memory, "LARGE", 100)
        together = train(model, mine, 1)
        monkeypatch.setattr(memory, "LARGE", 0)
        assert same(together, train(twin, theirs, 1))


@pytest.mark.parametrize("steps_before", [0, 2])
def test_a_graph_that_was_kept_does_not_outlive_a_step(steps_before):
    model = net()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    train(model, optimizer, steps_before)
    loss = nn.CrossEntropyLoss()(model(X), Y)
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(RuntimeError, match="<linear> needs an array that was changed in place after it was used"):
        loss.backward()
