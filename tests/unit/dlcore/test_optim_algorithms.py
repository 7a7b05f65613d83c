"""Every optimiser beside its PyTorch twin over ten steps, with all settings; and its errors."""

import copy
import math

import numpy as np
import pytest
import torch
from nn_twins import assert_close, pair

import dlcore
from dlcore import nn, optim

SETTINGS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("RMSprop", {}),
    ("RMSprop", {"lr": 0.02, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1}),
    ("RMSprop", {"momentum": 0.9}),
    ("RMSprop", {"centered": True, "momentum": 0.5}),
    ("Adam", {}),
    ("Adam", {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1}),
    ("Adam", {"amsgrad": True, "betas": (0.5, 0.6)}),
    ("AdamW", {}),
    ("AdamW", {"amsgrad": True, "betas": (0.5, 0.6), "lr": 0.1}),
    ("AdamW", {"lr": 0.1, "betas": (0.8, 0.9), "eps": 1e-3, "weight_decay": 0.2}),
]
NAMES = ["SGD", "RMSprop", "Adam", "AdamW"]
TOLERANCE = {"float32": 1e-6, "float64": 1e-12}
STARTS = [np.array([1.0, -2.0, 0.5]), np.array([[3.0, -0.1], [0.0, 1.0]]), np.array(0.7)]


def problem(dtype, grad=True):
    """Return the same parameters for both, and a function that gives both new gradients."""
    ours, theirs = zip(*[pair(x, dtype) for x in STARTS], strict=True)
    rng = np.random.default_rng(0)

    def gradients():
        for p, q in zip(ours, theirs, strict=True):
            p.grad, q.grad = pair(rng.standard_normal(p.shape) * 10 ** rng.uniform(-3, 2), dtype, grad=False)

    return list(ours), list(theirs), gradients


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_ten_steps(name, settings, dtype):
    ours, theirs, gradients = problem(dtype)
    mine, twin = getattr(optim, name)(ours, **settings), getattr(torch.optim, name)(theirs, **settings)
    memory = [p.array for p in ours]
    for step in range(10):
        gradients()
        mine.step()
        twin.step()
        for p, q in zip(ours, theirs, strict=True):
            assert_close(p, q, TOLERANCE[dtype], f"step {step}")
    assert all(p.array is array for p, array in zip(ours, memory, strict=True)), "the update is made in place"


@pytest.mark.parametrize("lr", [0.0, 1e-35, 1e-310])
@pytest.mark.parametrize("name", NAMES)
def test_a_learning_rate_of_nearly_nothing(name, lr):
    """Nothing moves, but what is remembered goes on as the twin's: the start of a warm-up."""
    ours, theirs, gradients = problem("float32")
    mine, twin = (getattr(o, name)(p, lr=lr) for o, p in ((optim, ours), (torch.optim, theirs)))
    for step in range(4):
        gradients()
        if not step:
            ours[0].grad, theirs[0].grad = pair(np.zeros(3), "float32", grad=False)
        if step == 3:
            for p, start in zip(ours, STARTS, strict=True):
                assert_close(p, dlcore.tensor(start.astype("float32")), 1e-30)
            mine.param_groups[0]["lr"] = twin.param_groups[0]["lr"] = 0.1
        mine.step()
        twin.step()
    for p, q in zip(ours, theirs, strict=True):
        assert_close(p, q, 1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_the_twin_s(name):
    mine = getattr(optim, name)([dlcore.ones(1)]).defaults
    twin = getattr(torch.optim, name)([torch.ones(1)]).defaults
    assert mine == {key: twin[key] for key in mine}


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_gradients_are_left_alone_and_arrays_do_not_share_them(name, settings):
    ours, _, gradients = problem("float32")
    mine = getattr(optim, name)(ours, **settings)
    gradients()
    before = [p.grad.array.copy() for p in ours]
    mine.step()
    for p, g in zip(ours, before, strict=True):
        np.testing.assert_array_equal(p.grad.array, g)
        p.grad.array[...] = np.nan  # must not reach the optimiser's memory
    for state in mine.state.values():
        assert all(np.isfinite(value).all() for value in state.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_without_gradient_is_left_alone(name):
    ours, theirs, gradients = problem("float64")
    mine, twin = (getattr(o, name)(p, lr=0.1) for o, p in ((optim, ours), (torch.optim, theirs)))
    for step in range(6):
        gradients()
        if step % 2:
            ours[1].grad = theirs[1].grad = None
        mine.step()
        twin.step()
    for p, q in zip(ours, theirs, strict=True):
        assert_close(p, q, 1e-12)


def test_zero_grad():
    ours, _, gradients = problem("float32")
    mine = optim.SGD(ours)
    gradients()
    mine.zero_grad(set_to_none=False)
    assert not any(p.grad.array.any() for p in ours)
    mine.zero_grad()
    assert all(p.grad is None for p in ours)
    mine.step()


def test_groups_have_settings_of_their_own():
    ours, theirs, gradients = problem("float64")

    def groups(parameters):
        return [{"params": parameters[:1]}, {"params": parameters[1], "lr": 0.5, "weight_decay": 0.1}]

    mine, twin = optim.Adam(groups(ours), lr=0.01), torch.optim.Adam(groups(theirs), lr=0.01)
    mine.add_param_group({"params": ours[2], "betas": (0.5, 0.6)})
    twin.add_param_group({"params": theirs[2], "betas": (0.5, 0.6)})
    for _ in range(10):
        gradients()
        mine.step()
        twin.step()
    for p, q in zip(ours, theirs, strict=True):
        assert_close(p, q, 1e-12)
    assert [group["lr"] for group in mine.param_groups] == [0.01, 0.5, 0.01]


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_going_on_later_is_going_on(name, settings):
    straight, _, gradients = problem("float32")
    whole = getattr(optim, name)(straight, **settings)
    for step in range(6):
        gradients()
        if step == 3:
            halfway = [nn.Parameter(p.detach()) for p in straight]
            resumed = getattr(optim, name)(halfway, lr=0.999)
            resumed.load_state_dict(copy.deepcopy(whole.state_dict()))
        whole.step()
        if step >= 3:
            for p, q in zip(halfway, straight, strict=True):
                p.grad = q.grad
            resumed.step()
    for p, q in zip(straight, halfway, strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), q.detach().numpy())


def test_loaded_state_is_a_copy_and_is_checked():
    ours, _, gradients = problem("float32")
    first, second = optim.Adam(ours), optim.Adam(ours)
    gradients()
    first.step()
    second.load_state_dict(first.state_dict())
    second.state[ours[0]]["exp_avg"][...] = 7
    assert not (first.state[ours[0]]["exp_avg"] == 7).any()
    with pytest.raises(ValueError) as error:
        optim.Adam(ours[:2]).load_state_dict(first.state_dict())
    assert str(error.value) == "Adam: groups of [2] parameters cannot take the state of groups of [3]."


def test_momentum_may_be_switched_on_later():
    ours, theirs, gradients = problem("float64")
    mine, twin = optim.SGD(ours, lr=0.1), torch.optim.SGD(theirs, lr=0.1)
    for step in range(6):
        mine.param_groups[0]["momentum"] = twin.param_groups[0]["momentum"] = 0.0 if step < 3 else 0.9
        gradients()
        mine.step()
        twin.step()
    for p, q in zip(ours, theirs, strict=True):
        assert_close(p, q, 1e-12)


def test_same_seed_same_bits():
    def train():
        dlcore.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.2), nn.Tanh(), nn.Linear(8, 1))
        optimizer = optim.AdamW(model.parameters(), lr=0.01)
        for _ in range(20):
            optimizer.zero_grad()
            (model(dlcore.randn(16, 3)) ** 2).mean().backward()
            optimizer.step()
        return np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])

    assert (train() == train()).all()


P = dlcore.ones(2, requires_grad=True)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: optim.SGD([]), "SGD: there are no parameters to train; has the model any layers with weights?"),
        (
            lambda: optim.Adam(nn.ReLU().parameters()),
            "Adam: there are no parameters to train; has the model any layers with weights?",
        ),
        (lambda: optim.SGD([P, P]), "SGD: a parameter of shape (2,) comes twice and would be updated twice."),
        (
            lambda: optim.SGD([{"params": [P]}, {"params": [P]}]),
            "SGD: a parameter of shape (2,) comes twice and would be updated twice.",
        ),
        (lambda: optim.SGD([P], lr=-0.1), "SGD: lr must be a number in [0, inf), got -0.1."),
        (lambda: optim.SGD([P], lr=math.nan), "SGD: lr must be a number in [0, inf), got nan."),
        (lambda: optim.SGD([P], momentum=-1), "SGD: momentum must be a number in [0, inf), got -1."),
        (lambda: optim.RMSprop([P], alpha=1), "RMSprop: alpha must be a number in [0, 1), got 1."),
        (lambda: optim.Adam([P], betas=(0.9, 1.0)), "Adam: beta2 must be a number in [0, 1), got 1.0."),
        (lambda: optim.AdamW([P], betas=(-0.9, 0.9)), "AdamW: beta1 must be a number in [0, 1), got -0.9."),
        (lambda: optim.AdamW([P], eps=-1), "AdamW: eps must be a number in [0, inf), got -1."),
        (lambda: optim.AdamW([P], weight_decay=-1), "AdamW: weight_decay must be a number in [0, inf), got -1."),
        (
            lambda: optim.SGD([P], nesterov=True),
            "SGD: nesterov needs momentum > 0 and dampening = 0, got 0 and 0.",
        ),
    ],
)
def test_wrong_values(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("params", "received"),
    [(P, "Tensor"), (nn.Linear(2, 1), "Linear"), (3, "int")],
)
def test_something_else_instead_of_parameters(params, received):
    with pytest.raises(TypeError) as error:
        optim.SGD(params)
    assert str(error.value) == f"SGD: expected parameters such as model.parameters(), got {received}."


def test_something_else_among_the_parameters():
    with pytest.raises(TypeError) as error:
        optim.Adam(nn.Linear(2, 1).named_parameters())
    assert str(error.value) == "Adam: expected parameters (tensors), got tuple."


def test_the_base_has_no_step():
    with pytest.raises(NotImplementedError, match="Optimizer has no step"):
        optim.Optimizer([P], {}).step()


@pytest.mark.parametrize("name", NAMES)
def test_an_old_graph_is_not_used_with_new_weights(name):
    """As in PyTorch: after a step the weights that an older graph kept are no longer what they were."""
    w = dlcore.ones(3, requires_grad=True)
    optimizer = getattr(optim, name)([w], lr=0.1)
    loss = (w * w).sum()
    loss.backward(retain_graph=True)
    optimizer.step()
    with pytest.raises(RuntimeError, match="changed in place"):
        loss.backward()
