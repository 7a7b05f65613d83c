"""Attention with several heads: every position asks, all positions answer."""

import math
from typing import Any

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn import init
from dlcore.nn.checks import check_input
from dlcore.nn.functions.attention import additive
from dlcore.nn.linear import Linear
from dlcore.nn.module import Module
from dlcore.nn.parameter import empty
from dlcore.shapes import expect, need
from dlcore.tensor import Tensor


class MultiheadAttention(Module):
    """Each position takes a mean of the values at all positions, weighted by how well keys answer its query; h times.

        head = softmax(q kᵀ / √(D/h) + mask) v,      with q, k, v = x_q W_q, x_k W_k, x_v W_v
        output = concatenated heads · W_o

    Shapes: query (T, N, D), key and value (S, N, D), output (T, N, D), weights (N, T, S) averaged over the heads or
    (N, h, T, S); with batch_first=True (N, T, D) and (N, S, D). T and S are the lengths in positions.
    Masks: True, or -inf, forbids; attn_mask (T, S) or (N·h, T, S), key_padding_mask (N, S). is_causal only says that
    attn_mask is the causal one; it does not take its place.
    Twin: torch.nn.MultiheadAttention with keys and values of the same width as queries.
    Source: Vaswani et al. (2017), Attention is all you need, section 3.2.

    >>> import dlcore
    >>> attention = MultiheadAttention(8, num_heads=2, batch_first=True)
    >>> x = dlcore.ones(5, 3, 8)
    >>> y, weights = attention(x, x, x)
    >>> y.shape, weights.shape, round(weights[0, 0].sum().item(), 4)
    (torch.Size([5, 3, 8]), torch.Size([5, 3, 3]), 1.0)
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, *, batch_first: bool = False
    ):
        super().__init__()
        fits = min(embed_dim, num_heads) > 0 and embed_dim % num_heads == 0
        given = "embed_dim must be a multiple of num_heads, got {} and {}"
        need(fits, "MultiheadAttention", given, embed_dim, num_heads)
        self.embed_dim, self.num_heads, self.dropout, self.batch_first = embed_dim, num_heads, dropout, batch_first
        self.in_proj_weight = empty(3 * embed_dim, embed_dim)
        self.in_proj_bias = empty(3 * embed_dim) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the weights anew."""
        init.xavier_uniform_(self.in_proj_weight)
        self.out_proj.reset_parameters()
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.zeros_(bias)

    def forward(
        self,
        query,
        key,
        value,
        key_padding_mask=None,
        need_weights=True,
        attn_mask=None,
        average_attn_weights=True,
        is_causal=False,
    ) -> tuple[Tensor, Tensor | None]:
        check_causal("MultiheadAttention", "attn_mask", attn_mask, is_causal)
        q, k, v = _to_heads(self, query, key, value)  # (N, h, T, D/h), (N, h, S, D/h) twice
        y, weights = _answer(self, q, k, v, _joined(attn_mask, key_padding_mask, q, k), need_weights)
        return y, weights.mean(dim=1) if weights is not None and average_attn_weights else weights  # (N, T, S)


def _answer(
    module: MultiheadAttention, q: Tensor, k: Tensor, v: Tensor, mask: Any, need_weights: bool
) -> tuple[Tensor, Tensor | None]:
    """Return the output (N, T, D) or (T, N, D), and the weights (N, h, T, S) if they are asked for."""
    p, weights = module.dropout if module.training else 0.0, None
    if need_weights:
        heads, weights = attend(q, k, v, mask, p)
    else:
        heads = F.scaled_dot_product_attention(q, k, v, mask, p)
    y = module.out_proj(heads.transpose(1, 2).flatten(2))
    return y if module.batch_first else y.transpose(0, 1).contiguous(), weights


def check_causal(where: str, name: str, mask: Any, is_causal: Any) -> None:
    """Raise an error if attention is said to be causal and no mask makes it so; as PyTorch does.

    >>> check_causal("MultiheadAttention", "attn_mask", None, True)
    Traceback (most recent call last):
    ValueError: MultiheadAttention: is_causal=True needs the causal mask too: attn_mask=nn.causal_mask(T).
    """
    if is_causal and mask is None:
        raise ValueError(f"{where}: is_causal=True needs the causal mask too: {name}=nn.causal_mask(T).")


def _to_heads(module: MultiheadAttention, query: Tensor, key: Tensor, value: Tensor) -> list[Tensor]:
    """Return queries, keys and values, each (N, h, T or S, D/h)."""
    w, b, pattern = module.in_proj_weight, module.in_proj_bias, "N T D" if module.batch_first else "T N D"
    inputs = {"query": query} if query is key is value else {"query": query, "key": key, "value": value}
    for name, x in inputs.items():
        batch = {"N": query.shape[not module.batch_first]} if x is not query else {}
        check_input("MultiheadAttention", name, x, pattern, w, D=module.embed_dim, **batch)
    xs = [x if module.batch_first else x.transpose(0, 1) for x in inputs.values()]
    if len(xs) == 1:  # one product instead of three
        parts = F.linear(xs[0], w, b).chunk(3, dim=-1)
    else:
        biases = (None, None, None) if b is None else b.chunk(3)
        parts = tuple(F.linear(x, w_x, b_x) for x, w_x, b_x in zip(xs, w.chunk(3), biases, strict=True))
    h, d = module.num_heads, module.embed_dim // module.num_heads
    return [x.reshape(*x.shape[:2], h, d).transpose(1, 2) for x in parts]


def _joined(attn_mask: Any, key_padding_mask: Any, q: Tensor, k: Tensor) -> Any:
    """Return the sum of both masks as it is added to the scores, (T, S) or (N, 1 or h, 1 or T, S), or None."""
    (n, h, t, _), s, mask = q.shape, k.shape[2], None
    if attn_mask is not None:
        mask = additive("MultiheadAttention", attn_mask, q.array.dtype)
        pattern = "N·h T S" if mask.ndim == 3 else "T S"
        sizes = {"N·h": n * h, "T": t, "S": s}
        expect("MultiheadAttention", "attn_mask", mask, pattern, **{c: sizes[c] for c in pattern.split()})
        mask = mask.reshape(n, h, t, s) if mask.ndim == 3 else mask
    if key_padding_mask is not None:
        padding = additive("MultiheadAttention", key_padding_mask, q.array.dtype)
        expect("MultiheadAttention", "key_padding_mask", padding, "N S", N=n, S=s)
        mask = padding[:, None, None, :] + (0 if mask is None else mask)
    return mask


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Any = None, dropout: float = 0.0) -> tuple[Tensor, Tensor]:
    """Return attention's output and its weights: `softmax(q kᵀ / √d + mask)`, then its product with v.

    Shapes: q (…, T, d), k and v (…, S, d); output (…, T, d), weights (…, T, S).
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    weights = (scores if mask is None else scores + mask).softmax(dim=-1)
    weights = F.dropout(weights, dropout) if dropout else weights
    return weights @ v, weights
