"""Every loss module beside its PyTorch twin."""

import numpy as np
import pytest
import torch
from nn_twins import TOLERANCE, assert_close, backward_of, pair

from dlcore import nn

RNG = np.random.default_rng(0)
LOGITS, LABELS = RNG.standard_normal((6, 4)) * 3, np.array([0, 3, 1, 1, 2, 0])
IMAGES, PIXELS = RNG.standard_normal((2, 4, 3, 3)), RNG.integers(0, 4, (2, 3, 3))
X, Y = RNG.standard_normal((5, 3)), RNG.standard_normal((5, 3))
P, Q = RNG.dirichlet(np.ones(3), 5), RNG.dirichlet(np.ones(3), 5)
BITS = (Y > 0) * 1.0
WEIGHT = np.array([0.5, 1.0, 2.0, 3.0])

# name: (class, keywords, input, target)
LOSSES = {
    "mse": ("MSELoss", {}, X, Y),
    "l1": ("L1Loss", {}, X, Y),
    "huber": ("HuberLoss", {"delta": 0.5}, X, Y),
    "smooth_l1": ("SmoothL1Loss", {"beta": 0.5}, X, Y),
    "smooth_l1 without a bend": ("SmoothL1Loss", {"beta": 0.0}, X, Y),
    "bce weighted": ("BCELoss", {"weight": np.array([1.0, 2.0, 0.5])}, P, BITS),
    "bce of certainties": ("BCELoss", {}, np.array([[0.0, 1.0, 0.0], [1.0, 1e-9, 0.5]]), BITS[:2]),
    "bce_with_logits of weighted examples": ("BCEWithLogitsLoss", {"weight": np.array([1.0, 2.0, 0.5])}, X, BITS),
    "cross_entropy": ("CrossEntropyLoss", {}, LOGITS, LABELS),
    "cross_entropy of images": ("CrossEntropyLoss", {}, IMAGES, PIXELS),
    "cross_entropy weighted": ("CrossEntropyLoss", {"weight": WEIGHT}, LOGITS, LABELS),
    "cross_entropy smoothed": ("CrossEntropyLoss", {"label_smoothing": 0.2}, LOGITS, LABELS),
    "cross_entropy ignoring": ("CrossEntropyLoss", {"ignore_index": 1}, LOGITS, LABELS),
    "cross_entropy of all": (
        "CrossEntropyLoss",
        {"weight": WEIGHT, "label_smoothing": 0.1, "ignore_index": 3},
        LOGITS,
        LABELS,
    ),
    "cross_entropy at 1e4": ("CrossEntropyLoss", {}, LOGITS * 1e4, LABELS),
    "nll": ("NLLLoss", {}, LOGITS, LABELS),
    "nll weighted": ("NLLLoss", {"weight": WEIGHT, "ignore_index": 0}, LOGITS, LABELS),
    "bce": ("BCELoss", {}, P, BITS),
    "bce_with_logits": ("BCEWithLogitsLoss", {}, X, BITS),
    "bce_with_logits at 1e4": ("BCEWithLogitsLoss", {}, X * 1e4, BITS),
    "bce_with_logits weighted": ("BCEWithLogitsLoss", {"pos_weight": np.array([1.0, 2.0, 0.5])}, X, BITS),
    "kl_div": ("KLDivLoss", {}, np.log(P), Q),
    "kl_div of logarithms": ("KLDivLoss", {"log_target": True}, np.log(P), np.log(Q)),
    "hinge_embedding": ("HingeEmbeddingLoss", {"margin": 0.7}, abs(X), np.sign(Y)),
}


@pytest.mark.filterwarnings("ignore:reduction")  # PyTorch warns of KLDivLoss(reduction="mean")
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", LOSSES)
def test_twin(case, dtype, reduction):
    name, keywords, x, y = LOSSES[case]
    tensors = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in keywords.items()}
    ours = getattr(nn, name)(**keywords, reduction=reduction).to(np.dtype(dtype))
    theirs = getattr(torch.nn, name)(**tensors, reduction=reduction).to(getattr(torch, dtype))
    assert repr(ours) == repr(theirs)
    (x, u), (y, v) = pair(x, dtype), pair(y, dtype, grad=False)
    loss, twin = ours(x, y), theirs(u, v)
    assert_close(loss, twin, TOLERANCE[dtype], "loss")
    backward_of(loss)
    backward_of(twin)
    assert_close(x.grad, u.grad, TOLERANCE[dtype], "gradient")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_cosine_similarity(dtype):
    (x, u), (y, v) = pair(X, dtype), pair(Y, dtype)
    for options in ({}, {"dim": 0}, {"eps": 10.0}):
        similar, twin = nn.CosineSimilarity(**options)(x, y), torch.nn.CosineSimilarity(**options)(u, v)
        assert_close(similar, twin, TOLERANCE[dtype])
        backward_of(similar)
        backward_of(twin)
    assert_close(x.grad, u.grad, 3 * TOLERANCE[dtype])  # three gradients added


@pytest.mark.filterwarnings("ignore:reduction")
def test_batchmean_is_the_divergence():
    ours, theirs = nn.KLDivLoss(reduction="batchmean"), torch.nn.KLDivLoss(reduction="batchmean")
    (x, u), (y, v) = pair(np.log(P), "float64"), pair(Q, "float64", grad=False)
    assert_close(ours(x, y), theirs(u, v), 1e-10)
    assert abs(ours(x, y).item() - (Q * np.log(Q / P)).sum(1).mean()) < 1e-12


def test_losses_take_plain_arrays_as_targets():
    x, _ = pair(X)
    assert nn.MSELoss()(x, Y.astype(np.float32)).shape == ()


@pytest.mark.parametrize("name", ["MSELoss", "CrossEntropyLoss", "KLDivLoss"])
def test_an_unknown_reduction_is_refused(name):
    with pytest.raises(ValueError) as error:
        getattr(nn, name)(reduction="average")
    assert str(error.value) == f"{name}: reduction must be 'mean', 'sum' or 'none', got 'average'."
