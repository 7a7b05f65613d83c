"""Attention: every position looks at every other and takes a weighted mean of what it sees."""

import math

import numpy as np

from dlcore.ops.rows import row_max, row_sums
from dlcore.ops.rule import once, op


@op
def attention(q, k, v, bias=None, scale=None, keep=None, p=0.0):
    """softmax(scale · q kᵀ + bias) v for q (…, T, D), k (…, S, D), v (…, S, E) -> (…, T, E).

    bias (…, T, S) is -inf where nothing may be seen; scale is 1/√D unless given; keep (…, T, S) and p are the dropout
    of the weights. (Vaswani et al. 2017)
    """
    scale = q.dtype.type(1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    scores = q @ k.swapaxes(-1, -2)
    scores *= scale
    if bias is not None:
        scores = scores + bias  # not +=: a bias may have more leading axes than the scores
    scores -= np.maximum(row_max(scores), np.finfo(scores.dtype).min)
    weights = np.exp(scores, out=scores)
    weights /= np.maximum(row_sums(weights), 1)  # at least e^0, unless nothing may be seen: then all are 0
    mask = None if keep is None else keep * q.dtype.type(1 / (1 - p) if p < 1 else 0)
    used = weights if mask is None else weights * mask

    @once
    def to_scores(g):
        gw = g @ v.swapaxes(-1, -2)
        if mask is not None:
            gw *= mask
        gw -= row_sums(gw * weights)
        gw *= weights
        return gw

    return used @ v, (
        lambda g: (to_scores(g) @ k) * scale,
        lambda g: (to_scores(g).swapaxes(-1, -2) @ q) * scale,
        lambda g: used.swapaxes(-1, -2) @ g,
        lambda g: to_scores(g)[...],
    )
