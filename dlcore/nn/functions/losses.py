"""Losses: how wrong a prediction is, in one number. reduction is "mean", "sum" or "none" (one per example)."""

from typing import Any

import numpy as np

from dlcore import ops
from dlcore.shapes import ShapeError, expect, expect_alike, need
from dlcore.tensor import Tensor, apply, wrap
from dlcore.tensor.protocols import as_array, plain
from dlcore.tensor.tensor import agree


def _reduce(loss: Tensor, reduction: str, where: str) -> Tensor:
    if reduction == "none":
        return loss
    if reduction == "sum":
        return loss.sum()
    if reduction == "mean":
        return loss.mean()
    raise ValueError(f'{where}: reduction should be "mean", "sum" or "none", but got {reduction!r}')


def _same(where: str, input: Tensor, target: Any) -> None:
    shape, like = np.shape(plain(target)), input.array.shape
    if shape != like:
        raise ShapeError(
            f"{where}: target should have the shape of input {like}, but got {shape}; broadcasting a loss is "
            "nearly always a mistake. Reshape one of them, e.g. input.squeeze(-1)."
        )


def mse_loss(input: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """Mean squared error: the average of (input - target)².

    Minus the log-likelihood of a normal law with fixed variance, up to a constant and a factor.

    Raises:
        ShapeError: if the shapes differ (PyTorch only warns, and broadcasts).

    >>> mse_loss(Tensor([1.0, 2.0]), Tensor([1.0, 4.0]))
    tensor(2.)
    """
    _same("mse_loss", input, target)
    if reduction not in ("mean", "sum", "none"):
        _reduce(input, reduction, "mse_loss")
    return apply(ops.mse, *agree(input, target), reduction=reduction)


def l1_loss(input: Tensor, target: Any, reduction: str = "mean") -> Tensor:
    """Mean absolute error: less moved by outliers than the squared error.

    >>> l1_loss(Tensor([1.0, 2.0]), Tensor([1.0, 4.0]))
    tensor(1.)
    """
    _same("l1_loss", input, target)
    return _reduce((input - target).abs(), reduction, "l1_loss")


def huber_loss(input: Tensor, target: Any, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Squared near the target (½ d²), straight further than delta (delta (|d| - ½ delta)). Source: Huber (1964).

    >>> huber_loss(Tensor([0.0, 0.0]), Tensor([1.0, 3.0]))
    tensor(1.5000)
    """
    _same("huber_loss", input, target)
    need(delta > 0, "huber_loss", "delta should be above 0, but got {}", delta)
    return _reduce(apply(ops.huber, *agree(input, target), delta=delta), reduction, "huber_loss")


def smooth_l1_loss(input: Tensor, target: Any, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """The Huber loss divided by beta. Source: Girshick (2015), Fast R-CNN.

    >>> smooth_l1_loss(Tensor([0.0]), Tensor([3.0]))
    tensor(2.5000)
    """
    need(beta >= 0, "smooth_l1_loss", "beta should be at least 0, but got {}", beta)
    return l1_loss(input, target, reduction) if beta == 0 else huber_loss(input, target, reduction, beta) / beta


def cross_entropy(
    input: Tensor,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Mean negative log-probability, in nats, that softmax(input) gives to the targets.

        loss = -(1/N) Σ_n log softmax(input[n])[target[n]]

    Args:
        input: (N, K), (K) or (N, K, …) unnormalised log-probabilities; any real numbers.
        target: integers in [0, K), in the shape of input without K; or probabilities in the shape of input.
        weight: (K) how much each class counts; the mean is then a weighted one.
        ignore_index: targets with this number do not count.
        label_smoothing: this share of the target's probability is spread evenly over all classes.

    Returns:
        () or, with reduction "none", the shape of integer targets. ln K means "no better than uniform guessing";
        divide by ln 2 for bits.

    Raises:
        ShapeError: if target does not fit input.
        IndexError: if a target lies outside [0, K).

    Numerics: the row maximum is subtracted first, so logits of 1e4 are safe; the gradient is
    (softmax - onehot) / N, never a quotient of small numbers.
    Twin: torch.nn.functional.cross_entropy.
    Source: Goodfellow, Bengio & Courville (2016), Deep Learning, section 6.2.2.3; smoothing: Szegedy et al. (2016).

    >>> cross_entropy(Tensor([[0., 200., 1000.]]), np.array([1])).item()
    800.0
    """
    target = as_array(target)
    input.need_float("cross_entropy")
    need(0 <= label_smoothing <= 1, "cross_entropy", "label_smoothing should be in [0, 1], but got {}", label_smoothing)
    if weight is not None:
        expect("cross_entropy", "weight", weight, "K", "One for each class.", K=input.shape[min(input.ndim - 1, 1)])
    if target.dtype.kind == "f":
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing)
    logits, labels = _as_rows(input, target, "cross_entropy")
    plain_case = weight is None and not label_smoothing and reduction in ("mean", "sum", "none")
    if plain_case and (ignore_index < 0 or not (labels == ignore_index).any()):
        try:
            loss = apply(ops.cross_entropy, logits, target=labels, reduction=reduction)
            return loss.reshape(target.shape) if reduction == "none" else loss
        except IndexError:  # a target that is no class; if it is to be ignored, the rest below does so
            if not (labels == ignore_index).any():
                raise
    log_p = logits.log_softmax(1)
    loss = nll_loss(log_p, labels, weight, ignore_index, reduction)
    if label_smoothing:
        smooth = -(log_p if weight is None else log_p * weight).sum(1)
        kept = labels != ignore_index
        smooth = smooth.masked_fill(wrap(~kept), 0.0)
        counts = kept.sum() if weight is None else plain(weight)[np.where(kept, labels, 0)][kept].sum()
        smooth = smooth.sum() / float(counts) if reduction == "mean" else _reduce(smooth, reduction, "cross_entropy")
        loss = (1 - label_smoothing) * loss + label_smoothing / logits.shape[1] * smooth
    return loss.reshape(target.shape) if reduction == "none" else loss


def _soft_cross_entropy(input: Tensor, target: np.ndarray, weight: Any, reduction: str, smoothing: float) -> Tensor:
    _same("cross_entropy", input, target)
    axis = 1 if input.ndim > 1 else 0
    k = input.shape[axis]
    goal = target * (1 - smoothing) + smoothing / k
    if weight is not None:
        goal = goal * plain(weight).reshape((-1,) + (1,) * (input.ndim - axis - 1))
    loss = -(input.log_softmax(axis) * goal).sum(axis)
    rows = input.numel() // k if k else 0
    return loss.sum() / rows if reduction == "mean" else _reduce(loss, reduction, "cross_entropy")


def _as_rows(input: Tensor, target: np.ndarray, where: str) -> tuple[Tensor, np.ndarray]:
    """Logits (N, K, …) as (rows, K) and targets as (rows)."""
    if input.ndim == 1:
        input, target = input.reshape(1, -1), target.reshape(-1)
    if input.ndim == 2:
        if target.shape != input.array.shape[:1]:
            hint = "Targets are class indices, one per example, not one-hot rows of integers."
            expect(where, "target", target, "N", hint, N=input.shape[0])
        return input, target
    if target.shape != (input.shape[0], *input.shape[2:]):
        wanted = (input.shape[0], *input.shape[2:])
        raise ShapeError(
            f"{where}: target should have shape {wanted}, input's without the classes, but got {target.shape}"
        )
    k = input.shape[1]
    return input.permute(0, *range(2, input.ndim), 1).reshape(-1, k), target.reshape(-1)


def nll_loss(
    input: Tensor, target: Any, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """-input[n, target[n]], averaged: the cross-entropy when input already holds log-probabilities (N, K).

    >>> nll_loss(Tensor([[-0.5, -2.0]]), np.array([1]))
    tensor(2.)
    """
    target = as_array(target)
    rows, labels = _as_rows(input, target, "nll_loss")
    kept, k = labels != ignore_index, rows.shape[1]
    if weight is not None:
        expect("nll_loss", "weight", weight, "K", "One for each class.", K=k)
    if not (((labels >= 0) & (labels < k)) | ~kept).all():
        raise IndexError(f"nll_loss: target should lie in [0, {k}), but has {labels.min()} … {labels.max()}")
    scale = kept.astype(input.dtype) if weight is None else kept * plain(weight)[np.where(kept, labels, 0)]
    scale = scale.astype(input.dtype)
    loss = apply(ops.nll, rows, target=np.where(kept, labels, 0), scale=scale, kept=kept)
    if reduction == "mean":
        return loss.sum() / float(scale.sum())
    loss = _reduce(loss, reduction, "nll_loss")
    return loss.reshape(target.shape) if reduction == "none" else loss


def binary_cross_entropy_with_logits(
    input: Tensor, target: Any, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Tensor:
    """Mean negative log-probability of targets in {0, 1} (or between) under sigmoid(input).

        loss = -[y log σ(x) + (1 - y) log(1 - σ(x))]     pos_weight multiplies the first term

    Numerics: written with max(x, 0) and log(1 + e^-|x|), so logits of ±1e4 are safe.

    >>> binary_cross_entropy_with_logits(Tensor([1e4]), Tensor([0.0]))
    tensor(10000.)
    """
    _same("binary_cross_entropy_with_logits", input, target)
    p = None if pos_weight is None else np.asarray(plain(pos_weight), input.dtype)
    inside = reduction if weight is None and reduction in ("mean", "sum") else "none"
    loss = apply(ops.bce_with_logits, *agree(input, target), pos_weight=p, reduction=inside)
    if inside != "none":
        return loss
    return _reduce(loss if weight is None else loss * weight, reduction, "binary_cross_entropy_with_logits")


def binary_cross_entropy(input: Tensor, target: Any, weight: Any = None, reduction: str = "mean") -> Tensor:
    """The same for probabilities in [0, 1]; prefer the version on logits. Logarithms stay above -100, as in PyTorch.

    >>> binary_cross_entropy(Tensor([0.5]), Tensor([1.0]))
    tensor(0.6931)
    """
    _same("binary_cross_entropy", input, target)
    if not ((input.array >= 0) & (input.array <= 1)).all():
        raise ValueError(
            "binary_cross_entropy: input should hold probabilities in [0, 1]; for logits use "
            "binary_cross_entropy_with_logits"
        )
    inside = as_array(target)
    need(((inside >= 0) & (inside <= 1)).all(), "binary_cross_entropy", "target should hold probabilities in [0, 1]")
    expect_alike("binary_cross_entropy", input=input, target=target)
    loss = apply(ops.bce, *agree(input, target))
    return _reduce(loss if weight is None else loss * weight, reduction, "binary_cross_entropy")


def kl_div(input: Tensor, target: Any, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """KL divergence Σ t (log t - input), where input holds log-probabilities.

    reduction="batchmean" gives the textbook's value: "mean" divides by the number of numbers, not of examples.

    >>> kl_div(Tensor([[0.5, 0.5]]).log(), Tensor([[1.0, 0.0]]), reduction="batchmean")
    tensor(0.6931)
    """
    _same("kl_div", input, target)
    input, target = agree(input, target)
    target = target if isinstance(target, Tensor) else wrap(as_array(target))
    if log_target:
        loss = target.exp() * (target - input)
    else:
        loss = apply(ops.xlogx, target) - target * input
    return loss.sum() / input.shape[0] if reduction == "batchmean" else _reduce(loss, reduction, "kl_div")


def hinge_loss(input: Tensor, target: Any, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """max(0, margin - target · input) for targets -1 and 1: the loss of the support vector machine. (Not in PyTorch.)

    >>> hinge_loss(Tensor([2.0, 0.5]), Tensor([1.0, -1.0]))
    tensor(0.7500)
    """
    _same("hinge_loss", input, target)
    return _reduce((margin - input * target).relu(), reduction, "hinge_loss")


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 · x2 / (|x1| |x2|): 1 for the same direction, 0 for a right angle, -1 for opposite directions.

    >>> cosine_similarity(Tensor([[1.0, 0.0]]), Tensor([[0.0, 2.0]]))
    tensor([0.])
    """
    return (x1 * x2).sum(dim) / (_length(x1, dim, eps) * _length(x2, dim, eps))


def _length(x: Tensor, dim: int, eps: float) -> Tensor:
    """At least eps, but with the slope of the length itself, as in PyTorch."""
    length = x.norm(2, dim)
    known = length.detach()
    return length + (known.clamp(min=eps) - known)
