"""Every schedule beside its PyTorch twin."""

import math

import numpy as np
import pytest
import torch

import dlcore
from dlcore import optim

SCHEDULES = {
    "step": lambda s, o: s.StepLR(o, step_size=3, gamma=0.5),
    "milestones": lambda s, o: s.MultiStepLR(o, milestones=[7, 2, 7], gamma=0.5),
    "milestone at the start": lambda s, o: s.MultiStepLR(o, milestones=[0]),
    "one cycle": lambda s, o: s.OneCycleLR(o, max_lr=0.5, total_steps=13),
    "one cycle by epochs": lambda s, o: s.OneCycleLR(o, max_lr=[0.5, 2.0], epochs=3, steps_per_epoch=5, pct_start=0.4),
    "one cycle in straight lines": lambda s, o: s.OneCycleLR(
        o, 1.0, 13, pct_start=0.5, anneal_strategy="linear", div_factor=5.0, final_div_factor=10.0
    ),
    "one cycle that only falls": lambda s, o: s.OneCycleLR(o, max_lr=0.5, total_steps=20, pct_start=0.0),
    "exponential": lambda s, o: s.ExponentialLR(o, gamma=0.9),
    "cosine": lambda s, o: s.CosineAnnealingLR(o, T_max=8, eta_min=0.01),
    "lambda": lambda s, o: s.LambdaLR(o, lambda t: 1 / (1 + t)),
    "linear": lambda s, o: s.LinearLR(o, start_factor=0.1, end_factor=0.7, total_iters=4),
    "linear by default": lambda s, o: s.LinearLR(o),
    "warm-up, then cosine": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.25, total_iters=3), s.CosineAnnealingLR(o, T_max=9)], milestones=[3]
    ),
    "three in a row": lambda s, o: s.SequentialLR(
        o, [s.LinearLR(o, 0.5), s.LambdaLR(o, lambda t: 1.0), s.StepLR(o, 2)], milestones=[4, 7]
    ),
}


def optimizers():
    ours, theirs = [dlcore.ones(1), dlcore.ones(2)], [torch.ones(1), torch.ones(2)]
    return (
        optim.SGD([{"params": ours[:1]}, {"params": ours[1:], "lr": 0.2}], lr=1.0),
        torch.optim.SGD([{"params": theirs[:1]}, {"params": theirs[1:], "lr": 0.2}], lr=1.0),
    )


@pytest.mark.filterwarnings("ignore:Detected call", "ignore:The epoch parameter")
@pytest.mark.parametrize("name", SCHEDULES)
def test_twin(name):
    ours, theirs = optimizers()
    mine = SCHEDULES[name](optim.lr_scheduler, ours)
    twin = SCHEDULES[name](torch.optim.lr_scheduler, theirs)
    for _ in range(12):
        assert mine.get_last_lr() == pytest.approx([float(g["lr"]) for g in theirs.param_groups], rel=1e-9)
        ours.step(), theirs.step()
        mine.step(), twin.step()


@pytest.mark.filterwarnings("ignore:Detected call")
@pytest.mark.parametrize(
    ("name", "settings"),
    [("SGD", {"momentum": 0.9}), ("SGD", {}), ("RMSprop", {}), ("Adam", {"betas": (0.7, 0.8)}), ("AdamW", {})],
)
@pytest.mark.parametrize("cycle", [True, False])
def test_one_cycle_of_the_momentum_too(name, settings, cycle):
    ours, theirs = dlcore.tensor([1.0, -2.0], requires_grad=True), torch.tensor([1.0, -2.0], requires_grad=True)
    mine = getattr(optim, name)([ours], lr=0.1, **settings)
    twin = getattr(torch.optim, name)([theirs], lr=0.1, **settings)
    options = {"max_lr": 0.05, "total_steps": 10, "cycle_momentum": cycle, "base_momentum": 0.6, "max_momentum": 0.9}
    schedules = [optim.lr_scheduler.OneCycleLR(mine, **options), torch.optim.lr_scheduler.OneCycleLR(twin, **options)]
    key = "betas" if "Adam" in name else "momentum"
    first = mine.param_groups[0][key]
    for t in range(10):
        assert mine.param_groups[0][key] == pytest.approx(twin.param_groups[0][key]), t
        for x, optimizer, schedule in zip((ours, theirs), (mine, twin), schedules, strict=True):
            optimizer.zero_grad()
            (x**2).sum().backward()
            optimizer.step()
            schedule.step() if t < 9 else None
    assert ours.tolist() == pytest.approx(theirs.tolist(), rel=1e-5)
    assert (mine.param_groups[0][key] == first) and schedules[0].last_epoch == 9  # back where the cycle began


def test_after_the_cycle_the_rate_stays_and_a_further_step_is_refused():
    schedule = optim.lr_scheduler.OneCycleLR(optimizers()[0], max_lr=1.0, total_steps=4, anneal_strategy="linear")
    for _ in range(3):
        schedule.step()
    last = schedule.get_last_lr()
    assert last == pytest.approx([1 / 25e4] * 2)
    schedule.step()  # a loop that steps after each of the four batches
    assert schedule.get_last_lr() == last
    with pytest.raises(ValueError) as error:
        schedule.step()
    assert str(error.value) == "OneCycleLR: the cycle has 4 steps; make a new schedule to go on."


@pytest.mark.parametrize("mode", ["min", "max"])
def test_plateau_twin(mode):
    settings = {"mode": mode, "factor": 0.5, "patience": 2, "threshold": 0.01, "min_lr": 0.15}
    ours, theirs = optimizers()
    mine = optim.lr_scheduler.ReduceLROnPlateau(ours, **settings)
    twin = torch.optim.lr_scheduler.ReduceLROnPlateau(theirs, **settings)
    values = np.random.default_rng(0).uniform(1, 2, 30) + (1 if mode == "min" else -1) / np.arange(1, 31)
    for value in [*values, math.nan]:
        mine.step(value)
        twin.step(value)
        assert mine.get_last_lr() == pytest.approx([g["lr"] for g in theirs.param_groups])
    assert mine.get_last_lr()[0] < 1


def test_the_rate_reaches_the_step():
    w = dlcore.tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=1.0)
    schedule = optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.1)
    steps = []
    for _ in range(3):
        before = w.item()
        w.grad = dlcore.ones(1)
        optimizer.step()
        schedule.step()
        steps.append(before - w.item())
    assert steps == pytest.approx([1.0, 0.1, 0.01], rel=1e-5)


def test_going_on_later():
    def make():
        return optim.lr_scheduler.CosineAnnealingLR(optimizers()[0], T_max=10)

    first, second = make(), make()
    for _ in range(4):
        first.step()
    second.load_state_dict(first.state_dict())
    assert second.get_last_lr() == first.get_last_lr() and second.last_epoch == 4
    first.step(), second.step()
    assert second.get_last_lr() == first.get_last_lr()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda o: optim.lr_scheduler.SequentialLR(o, [], []),
            "SequentialLR: 0 schedules need -1 milestones between them, got 0.",
        ),
        (
            lambda o: optim.lr_scheduler.ReduceLROnPlateau(o, mode="down"),
            "ReduceLROnPlateau: expected mode min or max and factor < 1, got 'down' and 0.1.",
        ),
        (
            lambda o: optim.lr_scheduler.ReduceLROnPlateau(o, factor=1.0),
            "ReduceLROnPlateau: expected mode min or max and factor < 1, got 'min' and 1.0.",
        ),
        (lambda o: optim.lr_scheduler.StepLR(o, 0), "StepLR: step_size must be at least 1, got 0."),
        (lambda o: optim.lr_scheduler.LinearLR(o, total_iters=0), "LinearLR: total_iters must be at least 1, got 0."),
        (
            lambda o: optim.lr_scheduler.OneCycleLR(o, 1.0, 10, anneal_strategy="sine"),
            "OneCycleLR: anneal_strategy must be 'cos' or 'linear', got 'sine'.",
        ),
        (lambda o: optim.lr_scheduler.OneCycleLR(o, 1.0), "OneCycleLR: total_steps must be at least 1, got 0."),
        (
            lambda o: optim.lr_scheduler.OneCycleLR(o, 1.0, 10, pct_start=1.0),
            "OneCycleLR: pct_start must be a number in [0, 1), got 1.0.",
        ),
        (
            lambda o: optim.lr_scheduler.OneCycleLR(o, [1.0, 2.0, 3.0], 10),
            "OneCycleLR: 2 groups of parameters need as many max_lr, got 3.",
        ),
        (
            lambda o: optim.lr_scheduler.OneCycleLR(optim.Optimizer([dlcore.ones(1)], {"lr": 1.0}), 1.0, 10),
            "OneCycleLR: Optimizer has no momentum to cycle; write cycle_momentum=False.",
        ),
        (lambda o: optim.lr_scheduler.CosineAnnealingLR(o, 0), "CosineAnnealingLR: T_max must be at least 1, got 0."),
    ],
)
def test_wrong_values(make, message):
    with pytest.raises(ValueError) as error:
        make(optimizers()[0])
    assert str(error.value) == message


def test_a_model_instead_of_an_optimiser():
    with pytest.raises(TypeError) as error:
        optim.lr_scheduler.StepLR(dlcore.ones(1), 2)
    assert str(error.value) == "StepLR: expected an optimiser, got Tensor."


def test_the_base_has_no_rate():
    with pytest.raises(NotImplementedError, match="LRScheduler has no rate"):
        optim.lr_scheduler.LRScheduler(optimizers()[0])
