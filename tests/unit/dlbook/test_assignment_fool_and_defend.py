# ruff: noqa: N803, N806  (matrices have capital letters)
"""What assignment 8 holds to be right: gradients are PyTorch's, no attack does more than the one that examines."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlbook.grade import notebook, spec, student

ASSIGNMENT = spec.load(Path(__file__).resolve().parents[3] / "assignments" / "8_fool_and_defend")
OURS = ASSIGNMENT.questions["q12"].checks[0].inputs.__globals__
VARIANTS = [spec.Variant(), spec.Variant("jane", "a key"), spec.Variant("李雷", "another")]


@pytest.fixture(scope="module")
def given():
    """What the cells that we give define in the student's notebook."""
    names = {"check": print}
    for cell in student.student_version(ASSIGNMENT)["cells"]:
        if cell["cell_type"] == "code" and cell["id"].startswith("given-"):
            exec(notebook.source_of(cell), names)
    return names


def checks_of(key):
    for variant in VARIANTS:
        for hidden in (False, True):
            yield from (c for c in ASSIGNMENT.prepare(hidden, variant, "grading") if c["question"] == key)


def slope(scores_of, x, t):
    """The gradient of the summed cross-entropy for x, by PyTorch's engine."""
    x = torch.tensor(x, requires_grad=True)
    F.cross_entropy(scores_of(x), torch.tensor(t), reduction="sum").backward()
    return x.grad.numpy()


def two_layers(layers, x):
    return F.linear(F.relu(F.linear(x, *layers[:2])), *layers[2:])


def test_the_slope_for_the_image_is_pytorchs():
    for check in checks_of("q4"):
        x, t, W1, b1, W2, b2 = check["inputs"]
        layers = [torch.tensor(a) for a in (W1, b1, W2, b2)]
        twin = slope(partial(two_layers, layers), x, t)
        np.testing.assert_allclose(check["expected"], twin, rtol=1e-9, atol=1e-12)


def linear_slope(x, t, W, b):
    return slope(lambda x: F.linear(x, torch.tensor(W), torch.tensor(b)), x, t)


def test_the_given_slope_of_the_reader_is_pytorchs(given):
    for check in checks_of("q6"):
        x, t, W, b, *_ = check["inputs"]
        np.testing.assert_allclose(given["reader_gradient"](x, t, W, b), linear_slope(x, t, W, b), atol=1e-12)


@pytest.mark.parametrize(("key", "sign"), [("q6", 1), ("q7", -1)])
def test_many_steps_along_pytorchs_slopes_end_where_ours_do(key, sign):
    for check in checks_of(key):
        x, t, W, b, size, steps, rate = check["inputs"]
        now = x
        for _ in range(steps):
            now = now + sign * rate * np.sign(linear_slope(now, t, W, b))
            now = np.clip(np.clip(now, x - size, x + size), 0, 1)
        np.testing.assert_allclose(check["expected"], now, atol=1e-12)
        assert np.max(np.abs(now - x)) <= size + 1e-12 and now.min() >= 0 and now.max() <= 1


def test_a_step_of_training_is_that_of_pytorchs_optimiser():
    for check in checks_of("q11"):
        W, b, X, T, size, rate = check["inputs"]
        attacked = torch.tensor(np.clip(X + size * np.sign(linear_slope(X, T, W, b)), 0, 1))
        W, b = (torch.tensor(a, requires_grad=True) for a in (W, b))
        F.cross_entropy(F.linear(attacked, W, b), torch.tensor(T)).backward()
        torch.optim.SGD([W, b], rate).step()
        np.testing.assert_allclose(check["expected"][0], W.detach(), atol=1e-12)
        np.testing.assert_allclose(check["expected"][1], b.detach(), atol=1e-12)


def test_the_drawings_that_examine_are_those_that_are_given(given):
    for seed in range(3):
        ours = OURS["Drawings"](50, np.random.default_rng(seed))
        theirs = given["drawings"](50, np.random.default_rng(seed))
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert "0, 0.5, 1, 1.5, 2, 3 and 4 sixteenths" in str(notebook.read(ASSIGNMENT.folder / "8_fool_and_defend.ipynb"))
    assert np.array_equal(16 * OURS["SIZES"], [0, 0.5, 1, 1.5, 2, 3, 4])


def attacked_by_all(x, t, W, b, size):
    """Who is still read rightly after every attack that we know of: steps from many starts, at each wrong class."""
    rng, right = np.random.default_rng(0), (x @ W.T + b).argmax(1) == t
    low, high = np.maximum(x - size, 0), np.minimum(x + size, 1)
    for start in [x, *rng.uniform(low, high, (4, *x.shape))]:
        for loud in (1, 1e-3):
            now = start
            for _ in range(20):
                now = np.clip(now + size / 4 * np.sign(linear_slope(now, t, loud * W, loud * b)), low, high)
            right &= (now @ W.T + b).argmax(1) == t
    for j in range(len(b)):
        now = np.clip(x + size * np.sign(W[j] - W[t]), low, high)
        right &= (now @ W.T + b).argmax(1) == t
    return right.mean()


def test_no_attack_does_more_than_the_one_that_examines(given):
    x, t = OURS["Drawings"](200, np.random.default_rng(5))
    readers = {"plain": (given["W_plain"], given["b_plain"]), "ours": ASSIGNMENT.questions["q12"].answer}
    for name, (W, b) in readers.items():
        for size in OURS["SIZES"]:
            sure = ASSIGNMENT.questions["q10"].answer(x, t, W, b, size)
            assert sure == attacked_by_all(x, t, W, b, size), (name, size)


def test_the_marks_lie_between_the_plain_reader_and_ours(given):
    x, t = OURS["Drawings"](4000, np.random.default_rng(6))

    def reached(W, b):
        kept = [ASSIGNMENT.questions["q10"].answer(x, t, W, b, size) for size in OURS["SIZES"]]
        return ASSIGNMENT.questions["q9"].answer(OURS["SIZES"], kept), kept[0]

    plain, ours = reached(given["W_plain"], given["b_plain"]), reached(*ASSIGNMENT.questions["q12"].answer)
    assert plain[0] < 0.32 and 0.44 < ours[0] and ours[1] < plain[1], (plain, ours)


@pytest.mark.parametrize("loud", [1e-6, 1, 1e6, 1e12])
def test_a_louder_reader_is_no_better(given, loud):
    W, b = given["W_plain"], given["b_plain"]
    for check in checks_of("q12"):
        assert spec.result(check["recipe"], (W, b), check["inputs"]) == spec.result(
            check["recipe"], (loud * W, loud * b), check["inputs"]
        )
