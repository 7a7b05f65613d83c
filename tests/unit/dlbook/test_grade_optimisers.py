# ruff: noqa: N803, N806  (matrices have capital letters)
"""Assignment 4 says that its paths are PyTorch's: what is right in it is what torch.optim does, on new inputs."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dlbook.grade import spec

ASSIGNMENT = spec.load(Path(__file__).resolve().parents[3] / "assignments" / "4_optimisers")
CLOSE = {"rtol": 1e-10, "atol": 1e-12}
SEEDS = range(12)


def prepared(seed, key, inputs):
    """The checks of a question with so many inputs, as one student is graded with them."""
    variant = spec.Variant(f"student {seed}", "a secret")
    checks = ASSIGNMENT.prepare(False, variant, "grading") + ASSIGNMENT.prepare(True, variant, "grading")
    return [check for check in checks if check["question"] == key and len(check["inputs"]) == inputs]


def path_of(w, slopes, optimizer):
    """The weights after each step of a torch optimiser that is handed these slopes."""
    p = torch.tensor(w, requires_grad=True)
    stepper, path = optimizer([p]), []
    for g in slopes:
        p.grad = torch.tensor(g)
        stepper.step()
        path.append(p.detach().numpy().copy())
    return np.array(path)


def sgd(rate, decay):
    return lambda p: torch.optim.SGD(p, lr=rate, weight_decay=decay)


def momentum(rate, mu):
    return lambda p: torch.optim.SGD(p, lr=rate, momentum=mu)


def rmsprop(rate, alpha, eps):
    return lambda p: torch.optim.RMSprop(p, lr=rate, alpha=alpha, eps=eps)


def adam(rate, beta1, beta2, eps):
    return lambda p: torch.optim.Adam(p, lr=rate, betas=(beta1, beta2), eps=eps)


def adamw(rate, decay, beta1, beta2, eps):
    return lambda p: torch.optim.AdamW(p, lr=rate, weight_decay=decay, betas=(beta1, beta2), eps=eps)


RULES = [("q4", sgd, 4), ("q5", momentum, 4), ("q6", rmsprop, 5), ("q7", adam, 6), ("q8", adamw, 7)]


@pytest.mark.parametrize(("key", "rule", "inputs"), RULES, ids=[key for key, *_ in RULES])
def test_paths_are_those_of_torch(key, rule, inputs):
    tried = 0
    for seed in SEEDS:
        for check in prepared(seed, key, inputs):
            w, slopes, *settings = check["inputs"]
            if slopes.ndim > w.ndim:
                np.testing.assert_allclose(check["expected"], path_of(w, slopes, rule(*settings)), **CLOSE)
                assert len(slopes) >= 25
                tried += 1
    assert tried >= len(SEEDS)


def test_clipping_is_that_of_torch_but_for_its_millionth():
    for seed in SEEDS:
        for check in prepared(seed, "q9", 2):
            gs, longest = check["inputs"]
            params = [torch.nn.Parameter(torch.zeros(g.shape, dtype=torch.float64)) for g in gs]
            for p, g in zip(params, gs, strict=True):
                p.grad = torch.tensor(g)
            torch.nn.utils.clip_grad_norm_(params, longest)
            for p, ours in zip(params, check["expected"], strict=True):
                np.testing.assert_allclose(ours, p.grad.numpy(), rtol=2e-6, atol=0)


def test_the_schedule_is_that_of_torch():
    for seed in SEEDS:
        for check in prepared(seed, "q10", 4):
            times, steps, rate, lowest = check["inputs"]
            stepper = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
            schedule = torch.optim.lr_scheduler.CosineAnnealingLR(stepper, steps, eta_min=lowest)
            rates = []
            for _ in range(steps + 1):
                rates.append(stepper.param_groups[0]["lr"])
                stepper.step()
                schedule.step()
            np.testing.assert_allclose(check["expected"], np.array(rates)[times], rtol=1e-9, atol=1e-12)


def trained(X, y, w, rate, steps, warmup, longest, decay):
    """The whole recipe as one would write it with torch."""
    X, y, p = torch.tensor(X), torch.tensor(y), torch.tensor(w, requires_grad=True)

    def share(t):
        return (t + 1) / warmup if t < warmup else (1 + np.cos(np.pi * (t - warmup) / (steps - warmup))) / 2

    optimizer = torch.optim.AdamW([p], lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(X @ p, y).backward()
        torch.nn.utils.clip_grad_norm_([p], longest)
        optimizer.step()
        schedule.step()
    return p.detach().numpy()


def test_the_whole_recipe_is_that_of_torch():
    for seed in SEEDS:
        for check in prepared(seed, "q11", 8):
            np.testing.assert_allclose(check["expected"], trained(*check["inputs"]), rtol=1e-6, atol=1e-7)
