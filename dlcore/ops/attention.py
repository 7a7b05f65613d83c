"""Attention: every position looks at every other and takes a weighted mean of what it sees."""

import math

import numpy as np

from dlcore.ops.rule import once, op


@op
def attention(q, k, v, bias=None, scale=None, keep=None, p=0.0):
    """softmax(scale · q kᵀ + bias) v for q (…, T, D), k (…, S, D), v (…, S, E) -> (…, T, E).

    bias (…, T, S) is -inf where nothing may be seen; scale is 1/√D unless given; keep (…, T, S) and p are the dropout
    of the weights. (Vaswani et al. 2017)
    """
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    small_q = q * q.dtype.type(scale)
    scores = small_q @ k.swapaxes(-1, -2)
    if bias is not None:
        scores = scores + bias  # not +=: a bias may have more leading axes than the scores
    scores -= np.maximum(scores.max(-1, keepdims=True, initial=-np.inf), np.finfo(scores.dtype).min)
    weights = np.exp(scores, out=scores)
    weights /= np.maximum(weights.sum(-1, keepdims=True), 1)  # at least e^0, unless nothing may be seen: then all are 0
    mask = None if keep is None else keep * q.dtype.type(1 / (1 - p) if p < 1 else 0)
    used = weights if mask is None else weights * mask

    @once
    def to_scores(g):
        gw = g @ v.swapaxes(-1, -2)
        if mask is not None:
            gw *= mask
        gw -= (gw * weights).sum(-1, keepdims=True)
        gw *= weights
        return gw

    return used @ v, (
        lambda g: (to_scores(g) @ k) * q.dtype.type(scale),
        lambda g: to_scores(g).swapaxes(-1, -2) @ small_q,
        lambda g: used.swapaxes(-1, -2) @ g,
        lambda g: to_scores(g)[...],
    )
