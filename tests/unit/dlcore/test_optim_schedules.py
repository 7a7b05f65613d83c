"""Every schedule beside its PyTorch twin."""

import math

import numpy as np
import pytest
import torch

import dlcore
from dlcore import optim

SCHEDULES = {
    "step": lambda s, o: s.StepLR(o, step_size=3, gamma=0.5),
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
