"""Attacks on inputs keep their promises; the gradient they use is PyTorch's."""

import numpy as np
import pytest

import dlcore
from dlcore import attacks, nn
from dlcore.nn import functional as F

RNG = np.random.default_rng(0)
X, Y = RNG.uniform(size=(20, 6)).astype(np.float32), RNG.integers(0, 3, 20)


@pytest.fixture
def model():
    dlcore.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3))


def loss(model, x):
    with dlcore.no_grad():
        return F.cross_entropy(model(dlcore.tensor(x)), dlcore.tensor(Y)).item()


def test_the_input_gradient_is_the_twins_and_leaves_the_weights_alone(model):
    torch = pytest.importorskip("torch")
    twin = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.Tanh(), torch.nn.Linear(16, 3))
    twin.load_state_dict({name: torch.tensor(part.numpy()) for name, part in model.state_dict().items()})
    x = torch.tensor(X, requires_grad=True)
    torch.nn.functional.cross_entropy(twin(x), torch.tensor(Y)).backward()
    np.testing.assert_allclose(attacks.input_gradient(model, X, Y), x.grad.numpy(), atol=1e-7)
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("attack", [attacks.fgsm, attacks.pgd])
def test_an_attack_stays_within_its_size_and_raises_the_loss_more_than_chance(model, attack):
    changed = attack(model, X, Y, 0.1)
    assert changed.dtype == X.dtype and changed.min() >= 0 and changed.max() <= 1
    assert np.abs(changed - X).max() <= 0.1 + 1e-6
    by_chance = attacks.at_random(X, 0.1, np.random.default_rng(0))
    assert loss(model, changed) - loss(model, X) > 3 * abs(loss(model, by_chance) - loss(model, X))


def test_many_steps_find_at_least_what_one_finds(model):
    one, many = attacks.fgsm(model, X, Y, 0.2), attacks.pgd(model, X, Y, 0.2, steps=40)
    assert loss(model, many) >= loss(model, one) - 1e-4


def test_a_random_start_lies_within_reach(model):
    start = attacks.pgd(model, X, Y, 0.1, steps=0, rng=np.random.default_rng(1))
    assert start.dtype == X.dtype and (start != X).all()
    assert np.abs(start - X).max() <= 0.1 + 1e-6
