"""How good is it? Metrics on whole sets of outputs: NumPy arrays, dlcore tensors or torch tensors alike.

Classifiers answer with logits (N, K), or one logit (N,) for two classes; integers are taken as classes already chosen.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


def _array(x: Any) -> np.ndarray:
    return np.asarray(x.detach().numpy() if hasattr(x, "detach") else x)


def predictions(output: Any) -> np.ndarray:
    """The class each output stands for.

    Args:
        output: (N, K) or (N, T, K) logits or probabilities: the largest wins, the first of equals; (N,) or (N, 1)
            logits of class 1: positive means 1; integers or booleans of any shape: classes already.

    Returns:
        (N,) or (N, T) int64.

    Raises:
        ValueError: if output has another shape, or holds NaN: no class can be read from it.

    >>> predictions(np.array([[0.1, 2.0], [3.0, 1.0]]))
    array([1, 0])
    """
    output = _array(output)
    if output.dtype.kind in "iub":
        return output.astype(np.int64)
    if output.ndim == 0 or (output.ndim > 1 and output.shape[-1] == 0):
        raise ValueError(f"predictions: expected outputs of shape (N, K), (N, T, K) or (N,); got {output.shape}.")
    if np.isnan(output).any():
        raise ValueError("predictions: the outputs hold NaN, so no class can be read from them.")
    if output.ndim > 1 and output.shape[-1] > 1:
        return output.argmax(axis=-1)
    return ((output[..., 0] if output.ndim > 1 else output) > 0).astype(np.int64)


def _pair(where: str, output: Any, target: Any) -> tuple[np.ndarray, np.ndarray]:
    predicted, truth = predictions(output), _array(target)
    truth = truth[..., 0] if truth.shape == (*predicted.shape, 1) else truth
    if predicted.shape != truth.shape:
        raise ValueError(f"{where}: outputs for {predicted.shape} examples need as many targets; got {truth.shape}.")
    if not truth.size:
        raise ValueError(f"{where}: there are no examples to measure on.")
    return predicted.ravel(), truth.ravel().astype(np.int64)


def accuracy(output: Any, target: Any) -> float:
    """Share of examples whose class is right.

    Args:
        output: see `predictions`.
        target: (N,) classes.

    Returns:
        float from 0 to 1.

    Raises:
        ValueError: if the lengths differ or there are no examples.

    >>> accuracy(np.array([[0.1, 2.0], [3.0, 1.0]]), np.array([1, 1]))
    0.5
    """
    predicted, truth = _pair("accuracy", output, target)
    return float((predicted == truth).mean())


def confusion_matrix(output: Any, target: Any, classes: int | None = None) -> np.ndarray:
    """How often class i (row) was taken for class j (column).

    Args:
        output: see `predictions`.
        target: (N,) classes.
        classes: number of classes K; by default as many as the logits have columns, or as occur.

    Returns:
        (K, K) int64; the diagonal counts what is right.

    Raises:
        ValueError: if a class lies outside [0, K), or the lengths differ.

    Twin: sklearn.metrics.confusion_matrix(target, predictions).

    >>> confusion_matrix(np.array([0, 1, 1]), np.array([0, 0, 1]))
    array([[1, 1],
           [0, 1]])
    """
    predicted, truth = _pair("confusion_matrix", output, target)
    logits = _array(output)
    columns = 0 if logits.dtype.kind != "f" else max(2, logits.shape[-1] if logits.ndim > 1 else 2)
    k = classes or max(columns, int(max(predicted.max(), truth.max())) + 1)
    for name, values in (("predicted", predicted), ("target", truth)):
        if values.min() < 0 or values.max() >= k:
            raise ValueError(
                f"confusion_matrix: {name} classes lie outside [0, {k}): {values.min()} to {values.max()}."
            )
    return np.bincount(truth * k + predicted, minlength=k * k).reshape(k, k)


class Scores(NamedTuple):
    """Per class, (K,) each."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray


def precision_recall_f1(output: Any, target: Any, classes: int | None = None) -> Scores:
    """Per class: which share of the alarms was true, which share of the cases was found, and their harmonic mean.

        precision = TP / (TP + FP),   recall = TP / (TP + FN),   F1 = 2 TP / (2 TP + FP + FN)

    Args:
        output: see `predictions`.
        target: (N,) classes.
        classes: number of classes K.

    Returns:
        Scores of three (K,) float64 arrays; a quotient 0/0 (a class never named, or never there) is 0.

    Twin: sklearn.metrics.precision_recall_fscore_support(target, predictions, zero_division=0).

    >>> precision_recall_f1(np.array([0, 1, 1]), np.array([0, 0, 1])).recall
    array([0.5, 1. ])
    """
    matrix = confusion_matrix(output, target, classes).astype(float)
    right, named, there = np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1)

    def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
        return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)

    return Scores(share(right, named), share(right, there), share(2 * right, named + there))


class Calibration(NamedTuple):
    """Per bin of confidence, (B,) each; empty bins hold NaN and 0 examples."""

    confidence: np.ndarray
    accuracy: np.ndarray
    examples: np.ndarray


def calibration(probabilities: Any, target: Any, bins: int = 10) -> Calibration:
    """Is a network that says 80 % right in 80 % of such cases? Confidence and accuracy, bin by bin.

    Args:
        probabilities: (N, K), rows that add up to 1.
        target: (N,) classes.
        bins: number B of equal bins of the largest probability, (b/B, (b+1)/B].

    Returns:
        Calibration of three (B,) arrays: mean confidence, accuracy, number of examples.

    Raises:
        ValueError: if probabilities is not (N, K) with rows that add up to 1 (logits come without softmax), the lengths
            differ, or bins is below 1.

    Source: Guo, Pleiss, Sun & Weinberger (2017), On Calibration of Modern Neural Networks, section 2.

    >>> calibration(np.array([[0.1, 0.9], [0.7, 0.3]]), np.array([1, 1]), bins=2).accuracy
    array([nan, 0.5])
    """
    p = _array(probabilities)
    if p.ndim != 2 or (p < 0).any() or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
        raise ValueError(
            f"calibration: expected probabilities of shape (N, K) whose rows add up to 1; got shape {p.shape}"
            f"{'' if p.ndim != 2 else ' and other rows: apply softmax to logits first'}."
        )
    if bins < 1:
        raise ValueError(f"calibration: bins must be at least 1; got {bins!r}.")
    predicted, truth = _pair("calibration", p, target)
    top = p.max(axis=1).astype(float)
    place = np.clip(np.ceil(top * bins).astype(int) - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins)
    total = np.where(count, count, np.nan)  # an empty bin has no mean
    return Calibration(
        np.bincount(place, top, bins) / total, np.bincount(place, predicted == truth, bins) / total, count
    )


def calibration_error(probabilities: Any, target: Any, bins: int = 10) -> float:
    """Expected calibration error: the gap between confidence and accuracy, averaged over the examples.

        ECE = sum_b (n_b / N) |accuracy_b - confidence_b|

    Args, errors and source: as for `calibration`.

    >>> round(calibration_error(np.array([[0.1, 0.9], [0.7, 0.3]]), np.array([1, 1]), bins=2), 6)
    0.3
    """
    confidence, right, count = calibration(probabilities, target, bins)
    gap = np.abs(np.nan_to_num(right) - np.nan_to_num(confidence))
    return float((gap * count).sum() / count.sum())


def r2(output: Any, target: Any) -> float:
    """Share of the target's variance that the output explains: 1 is perfect, 0 no better than the mean.

        R² = 1 - sum (y - output)² / sum (y - mean y)²

    Args:
        output: (N,) or (N, 1) numbers.
        target: as many numbers.

    Returns:
        float, at most 1; negative if worse than always naming the mean.

    Raises:
        ValueError: if the lengths differ or the target does not vary, so that there is nothing to explain.

    Twin: sklearn.metrics.r2_score(target, output).

    >>> r2(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0]))
    0.5
    """
    guess, y = (_array(a).astype(np.float64).reshape(-1) for a in (output, target))
    if guess.shape != y.shape:
        raise ValueError(f"r2: {len(guess)} outputs need as many targets; got {len(y)}.")
    if not len(y) or np.ptp(y) == 0:
        raise ValueError("r2: the target does not vary, so there is no variance to explain.")
    return float(1 - ((y - guess) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def perplexity(loss: float) -> float:
    """Among how many equally likely tokens the model seems to choose: exp of the mean loss in nats per token.

    Args:
        loss: mean cross-entropy in nats; a float or a scalar tensor.

    Returns:
        float, at least 1 for a loss of at least 0; V for a uniform guess; infinity above a loss of about 709.

    Source: Jelinek, Mercer, Bahl & Baker (1977), Perplexity: a Measure of the Difficulty of Speech Recognition Tasks.

    >>> round(perplexity(np.log(32)), 6)
    32.0
    """
    with np.errstate(over="ignore"):
        return float(np.exp(float(_array(loss))))
