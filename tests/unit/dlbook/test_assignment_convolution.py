"""What assignment 6 holds to be right is what PyTorch computes; for every input that is graded with."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlbook.grade import spec

ASSIGNMENT = spec.load(Path(__file__).resolve().parents[3] / "assignments" / "6_convolution")
VARIANTS = [spec.Variant(), spec.Variant("jane", "a key"), spec.Variant("李雷", "another")]


def one_map(x, w, stride=1, padding=0):
    return F.conv2d(x[None, None], w[None, None], stride=stride, padding=padding)[0, 0]


def back(g, x, w):
    """Gradients of sum(g * conv(x, w)) for x and w, by PyTorch's engine."""
    (g * F.conv2d(x.requires_grad_(), w.requires_grad_())).sum().backward()
    return x.grad, w.grad


def kernel_gradient(g, x):
    k, m = x.shape[2] - g.shape[2] + 1, x.shape[3] - g.shape[3] + 1
    return back(g, x, torch.zeros(g.shape[1], x.shape[1], k, m, dtype=x.dtype))[1]


def image_gradient(g, w):
    rows, cols = g.shape[2] + w.shape[2] - 1, g.shape[3] + w.shape[3] - 1
    return back(g, torch.zeros(len(g), w.shape[1], rows, cols, dtype=g.dtype), w)[0]


TWINS = {
    "q3": one_map,
    "q4": one_map,
    "q5": F.conv2d,
    "q6": lambda x, k: F.unfold(x, k),
    "q7": F.conv2d,
    "q8": lambda x, k: F.max_pool2d(x, k),
    "q9": kernel_gradient,
    "q10": image_gradient,
}


@pytest.mark.parametrize("key", TWINS)
def test_our_answers_are_pytorchs(key):
    for variant in VARIANTS:
        for check in ASSIGNMENT.prepare(False, variant, "grading") + ASSIGNMENT.prepare(True, variant, "grading"):
            if check["question"] == key:
                inputs = [torch.tensor(a) if isinstance(a, np.ndarray) else a for a in check["inputs"]]
                twin = TWINS[key](*inputs).numpy()
                np.testing.assert_allclose(check["expected"], twin, rtol=1e-9, atol=1e-9, err_msg=check["check"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_sizes_by_hand_are_those_of_a_layer(variant):
    n = ASSIGNMENT.constants("q1", variant)
    layer = torch.nn.Conv2d(n["C"], n["O"], n["k"], n["s"], n["p"])
    image = torch.zeros(1, n["C"], n["H"], n["H"])
    image_of_one = torch.zeros(1, 1, n["H"], n["H"], requires_grad=True)
    twice = torch.nn.Sequential(*(torch.nn.Conv2d(1, 1, n["k"]) for _ in range(2)))
    if n["H"] < 2 * n["k"]:
        image_of_one = torch.zeros(1, 1, 2 * n["k"], 2 * n["k"], requires_grad=True)
    twice(image_of_one)[0, 0, 0, 0].backward()
    seen = int((image_of_one.grad[0, 0].abs().sum(1) > 0).sum())
    right = ASSIGNMENT.questions["q1"].answer(**n)
    assert right == [layer(image).shape[2], seen, sum(p.numel() for p in layer.parameters())]


def test_the_numbers_by_hand_are_those_of_pytorch():
    for variant in VARIANTS:
        n = ASSIGNMENT.constants("q2", variant)
        twin = one_map(torch.tensor(n["X"]).double(), torch.tensor(n["K"]).double())
        np.testing.assert_array_equal(ASSIGNMENT.questions["q2"].answer(**n), twin)
