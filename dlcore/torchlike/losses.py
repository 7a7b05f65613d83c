"""Losses that no page of the book needs, as functions and as modules."""

import math
from collections.abc import Callable
from typing import Any

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn.functions.losses import _reduce, _same
from dlcore.nn.module import Module
from dlcore.tensor import Tensor
from dlcore.tensor.create import where
from dlcore.tensor.protocols import plain


def hinge_embedding_loss(input: Tensor, target: Any, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """input where target is 1, max(0, margin - input) where it is -1: pull together, push apart.

    >>> hinge_embedding_loss(Tensor([0.5, 0.5]), Tensor([1.0, -1.0])).item()
    0.5
    """
    _same("hinge_embedding_loss", input, target)
    near = plain(target) == 1
    return _reduce(input.where(near, (margin - input).clamp(min=0)), reduction, "hinge_embedding_loss")


def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The length of x1 - x2 (+ eps) along the last axis."""
    return (x1 - x2 + eps).norm(p, -1, keepdim)


def margin_ranking_loss(x1: Tensor, x2: Tensor, target: Any, margin: float = 0.0, reduction: str = "mean") -> Tensor:
    """max(0, margin - y (x1 - x2)): x1 shall be the larger where y is 1."""
    return _reduce((margin - target * (x1 - x2)).relu(), reduction, "loss")


def triplet_margin_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6,
    swap: bool = False, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """max(0, d(anchor, positive) - d(anchor, negative) + margin). Source: Schroff et al. (2015), FaceNet."""
    near, far = pairwise_distance(anchor, positive, p, eps), pairwise_distance(anchor, negative, p, eps)
    return _reduce((near - far + margin).relu(), reduction, "loss")


def cosine_embedding_loss(x1: Tensor, x2: Tensor, target: Any, margin: float = 0.0, reduction: str = "mean") -> Tensor:
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1."""
    cos = F.cosine_similarity(x1, x2, -1)
    return _reduce(where(target == 1, 1 - cos, (cos - margin).relu()), reduction, "loss")


def soft_margin_loss(input: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """log(1 + e^(-y x))."""
    return _reduce(F.softplus(-target * input), reduction, "loss")


def gaussian_nll_loss(
    input: Tensor, target: Any, var: Tensor, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Tensor:
    """Minus the log-likelihood of a normal law with this mean and variance."""
    var = var + (var.detach().clamp(min=eps) - var.detach())
    loss = 0.5 * (var.log() + (input - target) ** 2 / var)
    return _reduce(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction, "loss")


def poisson_nll_loss(
    input: Tensor, target: Any, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: str = "mean"
) -> Tensor:
    """Minus the log-likelihood of counts, but for a constant."""
    loss = input.exp() - target * input if log_input else input - target * (input + eps).log()
    return _reduce(loss, reduction, "loss")


def multilabel_soft_margin_loss(input: Tensor, target: Any, weight: Any = None, reduction: str = "mean") -> Tensor:
    """The mean over classes of yes-or-no cross-entropies."""
    return _reduce(F.binary_cross_entropy_with_logits(input, target, weight, "none").mean(-1), reduction, "loss")


def _module(name: str, function: Callable[..., Tensor], **defaults: Any) -> type[Module]:
    def begin(self: Any, *given: Any, **named: Any) -> None:
        Module.__init__(self)
        self.settings = {**defaults, **dict(zip(defaults, given, strict=False)), **named}

    def forward(self: Any, *inputs: Any) -> Tensor:
        return function(*inputs, **self.settings)

    return type(
        name, (Module,), {"__init__": begin, "forward": forward, "__doc__": f"{function.__name__} as a module."}
    )


HingeEmbeddingLoss = _module("HingeEmbeddingLoss", hinge_embedding_loss, margin=1.0, reduction="mean")
MarginRankingLoss = _module("MarginRankingLoss", margin_ranking_loss, margin=0.0, reduction="mean")
CosineEmbeddingLoss = _module("CosineEmbeddingLoss", cosine_embedding_loss, margin=0.0, reduction="mean")
TripletMarginLoss = _module(
    "TripletMarginLoss", triplet_margin_loss, margin=1.0, p=2.0, eps=1e-6, swap=False, reduction="mean"
)
SoftMarginLoss = _module("SoftMarginLoss", soft_margin_loss, reduction="mean")
GaussianNLLLoss = _module("GaussianNLLLoss", gaussian_nll_loss, full=False, eps=1e-6, reduction="mean")
PoissonNLLLoss = _module("PoissonNLLLoss", poisson_nll_loss, log_input=True, full=False, eps=1e-8, reduction="mean")
MultiLabelSoftMarginLoss = _module("MultiLabelSoftMarginLoss", multilabel_soft_margin_loss, reduction="mean")
PairwiseDistance = _module("PairwiseDistance", pairwise_distance, p=2.0, eps=1e-6, keepdim=False)

__all__ = [
    "CosineEmbeddingLoss", "GaussianNLLLoss", "HingeEmbeddingLoss", "MarginRankingLoss", "MultiLabelSoftMarginLoss",
    "PairwiseDistance", "PoissonNLLLoss", "SoftMarginLoss", "TripletMarginLoss", "cosine_embedding_loss",
    "gaussian_nll_loss", "hinge_embedding_loss", "margin_ranking_loss", "multilabel_soft_margin_loss",
    "pairwise_distance", "poisson_nll_loss", "soft_margin_loss", "triplet_margin_loss",
]  # fmt: skip
