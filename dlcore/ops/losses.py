"""Losses, as one number or one per example. Fusing them is what keeps them right at logits of 1e4."""

import numpy as np

from dlcore.ops.activations import logistic
from dlcore.ops.rows import row_max, row_sums
from dlcore.ops.rule import op


@op
def cross_entropy(logits, target, reduction="mean"):
    """-log softmax(logits)[target] for logits (N, K) and integer target (N,).

    The gradient is (softmax - onehot) / N: no logarithm and no quotient of small numbers is left in it.
    Two to three times faster than log_softmax, pick and mean as separate rules, and right at logits of 1e4.
    """
    n, k = logits.shape
    if n and not 0 <= target.min() <= target.max() < k:
        raise IndexError(f"cross_entropy: target should lie in [0, {k}), but has {target.min()} … {target.max()}")
    right = np.arange(n), target  # the places of what belongs to the targets
    z = logits - row_max(logits)  # (N, K): the largest is 0, so that no exponential can overflow
    p = np.exp(z)
    total = row_sums(p)  # (N, 1)
    p /= total
    loss = np.log(total[:, 0]) - z[right]
    share = 1 if reduction != "mean" else 1 / n if n else np.nan

    def pullback(g):
        grad = p.copy()
        grad[right] -= 1  # probability minus truth
        grad *= np.reshape(g * share, (-1, 1))  # g: one number, or (N) with reduction "none"
        return grad

    return loss if reduction == "none" else loss.sum() * share, (pullback,)


@op
def nll(log_p, target, scale, kept=True):
    """-log_p[n, target[n]] · scale[n] for log-probabilities (N, K); where not kept, an example is left out."""
    places = np.arange(len(target)), target

    def pullback(g):
        whole = np.zeros(log_p.shape, log_p.dtype)
        whole[places] = np.where(kept, -g * scale, 0)
        return whole

    return np.where(kept, -log_p[places] * scale, 0).astype(log_p.dtype), (pullback,)


@op
def xlogx(x):
    """x log x, which is 0 at 0; the slope is 1 + log x."""
    logarithm = np.log(x)
    y = np.where(x == 0, 0, x * logarithm).astype(x.dtype)
    return y, (lambda g: g * (1 + logarithm),)


@op
def bce_with_logits(x, y, pos_weight=None, reduction="none"):
    """-[y log σ(x) + (1 - y) log(1 - σ(x))], as (1 - y) x - log σ(x) with -log σ(x) = log(1 + e^-|x|) - min(x, 0).

    With pos_weight p the first term counts p times.
    """
    soft = np.log1p(np.exp(-np.abs(x))) - np.minimum(x, 0)  # -log σ(x)
    value = (1 - y) * x + (soft if pos_weight is None else (1 + (pos_weight - 1) * y) * soft)
    share = 1 if reduction != "mean" else 1 / value.size if value.size else np.nan

    def to_logits(g):
        s = logistic(x)
        return g * share * (s - y if pos_weight is None else (1 - y) * s - pos_weight * y * (1 - s))

    def to_target(g):
        return g * share * (-x if pos_weight is None else (pos_weight - 1) * soft - x)

    return value if reduction == "none" else value.sum() * share, (to_logits, to_target)


@op
def bce(p, y):
    """-[y log p + (1 - y) log(1 - p)] for probabilities p. Logarithms stay above -100 and p (1 - p), by which the
    gradient is divided, above 1e-12, as in PyTorch: a p of exactly 0 or 1 gives neither an infinity nor NaN."""
    yes, no = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)

    def to_p(g):
        return g * ((p - y) / np.maximum((1 - p) * p, np.float32(1e-12)))

    return (y - 1) * no - y * yes, (to_p, lambda g: g * (no - yes))


@op
def huber(x, y, delta=1.0):
    """½ d² where d = |x - y| is below delta, delta (d - ½ delta) elsewhere. The gradient never exceeds delta."""
    d = x - y
    far = np.abs(d)
    value = np.where(far < delta, 0.5 * d * d, delta * (far - 0.5 * delta)).astype(d.dtype)
    return value, (lambda g: g * np.clip(d, -delta, delta), lambda g: g * np.clip(-d, -delta, delta))


@op
def mse(x, y, reduction="mean"):
    """(x - y)², averaged, summed or for each place."""
    d = x - y
    value = d * d
    share = 1 if reduction != "mean" else 1 / value.size if value.size else np.nan
    return value if reduction == "none" else value.sum() * share, (
        lambda g: 2 * share * g * d,
        lambda g: -2 * share * g * d,
    )
