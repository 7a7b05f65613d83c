"""Losses as modules; the formulas, units and numerics are in dlcore.nn.functional."""

from typing import Any

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn.module import Module
from dlcore.nn.parameter import Buffer
from dlcore.tensor import Tensor


class _Loss(Module):
    """A loss, averaged over the batch (reduction "mean"), added up ("sum") or for each example ("none")."""

    def __init__(self, reduction: str = "mean"):
        super().__init__()
        if reduction not in ("mean", "sum", "none", "batchmean"):
            raise ValueError(f"{type(self).__name__}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}.")
        self.reduction = reduction


def _buffer(values: Any) -> Buffer | None:
    return None if values is None else Buffer(values)


class MSELoss(_Loss):
    """Mean squared error: `mean (x - y)²`. Twin: torch.nn.MSELoss.

    >>> import dlcore
    >>> MSELoss()(dlcore.tensor([1.0, 2.0]), dlcore.tensor([1.0, 4.0])).item()
    2.0
    """

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.mse_loss(input, target, reduction=self.reduction)


class L1Loss(_Loss):
    """Mean absolute error: `mean |x - y|`. Twin: torch.nn.L1Loss.

    >>> import dlcore
    >>> L1Loss()(dlcore.tensor([1.0, 2.0]), dlcore.tensor([1.0, 4.0])).item()
    1.0
    """

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.l1_loss(input, target, reduction=self.reduction)


class SmoothL1Loss(_Loss):
    """The Huber loss divided by beta. Twin: torch.nn.SmoothL1Loss. Source: Girshick (2015), Fast R-CNN, equation 3.

    >>> import dlcore
    >>> SmoothL1Loss()(dlcore.tensor([0.0, 0.0]), dlcore.tensor([1.0, 3.0])).item()
    1.5
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0):
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """Squared for small errors, absolute for those above delta: outliers pull less. Twin: torch.nn.HuberLoss.

    Source: Huber (1964), Robust estimation of a location parameter.

    >>> import dlcore
    >>> HuberLoss()(dlcore.tensor([0.0, 0.0]), dlcore.tensor([1.0, 3.0])).item()
    1.5
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0):
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class CrossEntropyLoss(_Loss):
    """Mean negative log-probability, in nats, that softmax(logits) gives to the targets.

    Args:
        weight: (K,) how much each class counts.
        ignore_index: a target that does not count.
        label_smoothing: the share of the target spread evenly over the classes. (Szegedy et al. 2016)

    Shapes: logits (N, K) or (N, K, …), targets (N) or (N, …), integers in [0, K).
    Twin: torch.nn.CrossEntropyLoss.

    >>> import dlcore, numpy as np
    >>> CrossEntropyLoss()(dlcore.tensor([[0.0, 200.0, 1000.0]]), np.array([1])).item()
    800.0
    """

    def __init__(
        self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0
    ):
        super().__init__(reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing
        self.weight = _buffer(weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.cross_entropy(
            input,
            target,
            weight=self.weight,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
            label_smoothing=self.label_smoothing,
        )


class NLLLoss(_Loss):
    """Mean of `-log p[target]` for log-probabilities (N, K): cross-entropy's second half. Twin: torch.nn.NLLLoss.

    >>> import dlcore, numpy as np
    >>> NLLLoss()(dlcore.tensor([[-0.5, -2.0]]), np.array([1])).item()
    2.0
    """

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"):
        super().__init__(reduction)
        self.ignore_index = ignore_index
        self.weight = _buffer(weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.nll_loss(input, target, weight=self.weight, ignore_index=self.ignore_index, reduction=self.reduction)


class BCELoss(_Loss):
    """`-mean [y log p + (1 - y) log(1 - p)]` for probabilities p. Twin: torch.nn.BCELoss. Prefer BCEWithLogitsLoss.

    Args:
        weight: how much each example counts.

    >>> import dlcore
    >>> round(BCELoss()(dlcore.tensor([0.5]), dlcore.tensor([1.0])).item(), 4)
    0.6931
    """

    def __init__(self, weight: Any = None, reduction: str = "mean"):
        super().__init__(reduction)
        self.weight = _buffer(weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Cross-entropy of yes and no, from the logits: right also where the sigmoid rounds to 0 or 1.

    Args:
        weight: how much each example counts.
        pos_weight: how much more a positive target counts.

    Twin: torch.nn.BCEWithLogitsLoss.

    >>> import dlcore
    >>> BCEWithLogitsLoss()(dlcore.tensor([1000.0]), dlcore.tensor([0.0])).item()
    1000.0
    """

    def __init__(self, weight: Any = None, reduction: str = "mean", pos_weight: Any = None):
        super().__init__(reduction)
        self.weight, self.pos_weight = _buffer(weight), _buffer(pos_weight)

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.binary_cross_entropy_with_logits(input, target, self.weight, self.reduction, self.pos_weight)


class KLDivLoss(_Loss):
    """Kullback and Leibler's divergence `Σ q (log q - log p)` from log-probabilities log p and probabilities q.

    reduction="batchmean" (the sum over everything divided by N) is the divergence; "mean" is not.
    Twin: torch.nn.KLDivLoss. Source: Kullback & Leibler (1951), On information and sufficiency.

    >>> import dlcore
    >>> p, q = dlcore.tensor([[0.5, 0.5]]), dlcore.tensor([[1.0, 0.0]])
    >>> round(KLDivLoss(reduction="batchmean")(p.log(), q).item(), 4)
    0.6931
    """

    def __init__(self, reduction: str = "mean", log_target: bool = False):
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Tensor:
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class CosineSimilarity(Module):
    """x1 · x2 / (|x1| |x2|) along an axis, from -1 to 1. Twin: torch.nn.CosineSimilarity.

    >>> import dlcore
    >>> CosineSimilarity()(dlcore.tensor([[1.0, 0.0]]), dlcore.tensor([[3.0, 4.0]])).item() == dlcore.tensor(0.6).item()
    True
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8):
        super().__init__()
        self.dim, self.eps = dim, eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return F.cosine_similarity(x1, x2, self.dim, self.eps)
