"""Transformer blocks, and the encodings that tell them about positions."""

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn import init
from dlcore.nn.attention import MultiheadAttention, check_causal
from dlcore.nn.containers import ModuleList
from dlcore.nn.dropout import Dropout
from dlcore.nn.linear import Linear
from dlcore.nn.module import Module
from dlcore.nn.normalisation import LayerNorm
from dlcore.nn.parameter import Buffer, empty
from dlcore.shapes import ShapeError
from dlcore.tensor import Tensor


def _function(activation: Any) -> Any:
    """Return the function that "relu" or "gelu" names."""
    if activation in ("relu", "gelu"):
        return getattr(F, activation)
    if not callable(activation):
        raise ValueError(f"Transformer layer: activation must be 'relu', 'gelu' or a function, got {activation!r}.")
    return activation


class _TransformerLayer(Module):
    """What encoder and decoder layers have in common: the settings, and the network at each position."""

    linear1: Linear
    linear2: Linear
    dropout: Dropout
    build: Callable[..., None]  #: makes the parts

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Any = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
    ):
        super().__init__()
        self.norm_first, self.activation = norm_first, _function(activation)
        self.build(d_model, nhead, dim_feedforward, dropout, layer_norm_eps, batch_first, bias)

    def feed_forward(self, x: Tensor) -> Tensor:
        """Go through the network of two layers at each position: (…, D) to (…, D)."""
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_TransformerLayer):
    """Self-attention, then a network of two layers at each position; each is added to its input and normalised.

        x ← norm(x + attention(x, x, x)),  x ← norm(x + W₂ act(W₁ x))             (norm_first: x + f(norm(x)))

    Shapes: (T, N, D), or (N, T, D) with batch_first=True; src_mask (T, T), src_key_padding_mask (N, T): True forbids.
    Twin: torch.nn.TransformerEncoderLayer.
    Source: Vaswani et al. (2017), Attention is all you need, section 3.1; norm_first: Xiong et al. (2020).

    >>> import dlcore
    >>> layer = TransformerEncoderLayer(8, nhead=2, dim_feedforward=16, batch_first=True)
    >>> layer(dlcore.ones(5, 3, 8)).shape
    torch.Size([5, 3, 8])
    """

    def build(self, d_model, nhead, width, dropout, eps, batch_first, bias) -> None:
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        self.linear1 = Linear(d_model, width, bias)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(width, d_model, bias)
        self.norm1 = LayerNorm(d_model, eps, bias=bias)
        self.norm2 = LayerNorm(d_model, eps, bias=bias)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)

    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False) -> Tensor:
        check_causal("TransformerEncoderLayer", "src_mask", src_mask, is_causal)

        def attend(x: Tensor) -> Tensor:
            return self.dropout1(self.self_attn(x, x, x, src_key_padding_mask, False, src_mask)[0])

        def think(x: Tensor) -> Tensor:
            return self.dropout2(self.feed_forward(x))

        if self.norm_first:
            x = src + attend(self.norm1(src))
            return x + think(self.norm2(x))
        x = self.norm1(src + attend(src))
        return self.norm2(x + think(x))


class TransformerDecoderLayer(_TransformerLayer):
    """An encoder layer with a second attention in its middle, which asks the encoder's output, the memory.

        x ← norm(x + attention(x, x, x)),  x ← norm(x + attention(x, memory, memory)),  x ← norm(x + W₂ act(W₁ x))

    Shapes: tgt (T, N, D) and memory (S, N, D), or (N, T, D) and (N, S, D) with batch_first=True.
    Twin: torch.nn.TransformerDecoderLayer. Source: Vaswani et al. (2017), section 3.1.

    >>> import dlcore
    >>> layer = TransformerDecoderLayer(8, nhead=2, dim_feedforward=16, batch_first=True)
    >>> layer(dlcore.ones(5, 3, 8), dlcore.ones(5, 7, 8), tgt_mask=causal_mask(3)).shape
    torch.Size([5, 3, 8])
    """

    def build(self, d_model, nhead, width, dropout, eps, batch_first, bias) -> None:
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        self.linear1 = Linear(d_model, width, bias)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(width, d_model, bias)
        self.norm1, self.norm2, self.norm3 = (LayerNorm(d_model, eps, bias=bias) for _ in range(3))
        self.dropout1, self.dropout2, self.dropout3 = (Dropout(dropout) for _ in range(3))

    def forward(
        self, tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None
    ) -> Tensor:
        def attend(x: Tensor) -> Tensor:
            return self.dropout1(self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask)[0])

        def ask(x: Tensor) -> Tensor:
            y, _ = self.multihead_attn(x, memory, memory, memory_key_padding_mask, False, memory_mask)
            return self.dropout2(y)

        def think(x: Tensor) -> Tensor:
            return self.dropout3(self.feed_forward(x))

        x = tgt
        for part, norm in ((attend, self.norm1), (ask, self.norm2), (think, self.norm3)):
            x = x + part(norm(x)) if self.norm_first else norm(x + part(x))
        return x


class TransformerEncoder(Module):
    """A stack of copies of one encoder layer. Twin: torch.nn.TransformerEncoder.

    >>> import dlcore
    >>> encoder = TransformerEncoder(TransformerEncoderLayer(8, nhead=2, dim_feedforward=16), num_layers=2)
    >>> encoder(dlcore.ones(3, 5, 8)).shape
    torch.Size([3, 5, 8])
    """

    def __init__(self, encoder_layer: Module, num_layers: int, norm: Module | None = None):
        super().__init__()
        self.layers = ModuleList(copy.deepcopy(encoder_layer) for _ in range(num_layers))
        self.norm = norm

    def forward(
        self, src: Tensor, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None
    ) -> Tensor:
        for layer in self.layers:
            src = layer(src, mask, src_key_padding_mask, is_causal)
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """A stack of copies of one decoder layer. Twin: torch.nn.TransformerDecoder.

    >>> import dlcore
    >>> decoder = TransformerDecoder(TransformerDecoderLayer(8, nhead=2, dim_feedforward=16), num_layers=2)
    >>> decoder(dlcore.ones(3, 5, 8), dlcore.ones(7, 5, 8)).shape
    torch.Size([3, 5, 8])
    """

    def __init__(self, decoder_layer: Module, num_layers: int, norm: Module | None = None):
        super().__init__()
        self.layers = ModuleList(copy.deepcopy(decoder_layer) for _ in range(num_layers))
        self.norm = norm

    def forward(self, tgt: Tensor, memory: Tensor, *masks: Any, **named: Any) -> Tensor:
        for layer in self.layers:
            tgt = layer(tgt, memory, *masks, **named)
        return tgt if self.norm is None else self.norm(tgt)


def causal_mask(size: int) -> np.ndarray:
    """Return the Boolean mask (T, T) that forbids each position the later ones.

    Twin: torch.nn.Transformer.generate_square_subsequent_mask, which has -inf in place of True.

    >>> causal_mask(3)
    array([[False,  True,  True],
           [False, False,  True],
           [False, False, False]])
    """
    return np.triu(np.ones((size, size), bool), 1)


def sinusoids(length: int, dim: int) -> np.ndarray:
    """Return waves of `dim` lengths at the positions 0 … length - 1: (length, dim), float32.

        p[t, 2i] = sin(t / 10000^(2i/dim)),     p[t, 2i + 1] = cos(t / 10000^(2i/dim))

    Source: Vaswani et al. (2017), Attention is all you need, section 3.5.

    >>> sinusoids(2, 4).round(3)
    array([[0.   , 1.   , 0.   , 1.   ],
           [0.841, 0.54 , 0.01 , 1.   ]], dtype=float32)
    """
    angles = np.arange(length)[:, None] * np.exp(np.arange(0, dim, 2) * (-math.log(10000.0) / dim))
    waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1)  # (length, ⌈dim/2⌉, 2)
    return waves.reshape(length, -1)[:, :dim].astype(np.float32)


class SinusoidalEncoding(Module):
    """Add waves of many lengths, so that attention can tell positions apart: `x + sinusoids`.

    Shapes: x (N, T, D) with T up to max_len, y the same. Nothing is learned or saved.
    Source: Vaswani et al. (2017), section 3.5. (PyTorch has no such module.)

    >>> import dlcore
    >>> SinusoidalEncoding(4, max_len=2)(dlcore.zeros(1, 2, 4)).tolist()[0][0]
    [0.0, 1.0, 0.0, 1.0]
    """

    def __init__(self, dim: int, max_len: int = 5000, dropout: float = 0.0):
        super().__init__()
        self.dropout = Dropout(dropout)
        self.table = Buffer(sinusoids(max_len, dim), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(x + first_rows("SinusoidalEncoding", self.table, x))


class LearnedEncoding(Module):
    """Add a learned vector for each position: `x + weight[:T]`.

    Shapes: x (N, T, D) with T up to max_len, y the same; weight (max_len, D), which starts as N(0, 0.02²).
    Source: Gehring et al. (2017), Convolutional sequence to sequence learning, section 3.1. (Not in PyTorch.)

    >>> import dlcore
    >>> LearnedEncoding(4, max_len=8)(dlcore.zeros(2, 3, 4)).shape
    torch.Size([2, 3, 4])
    """

    def __init__(self, dim: int, max_len: int, dropout: float = 0.0):
        super().__init__()
        self.dropout = Dropout(dropout)
        self.weight = init.normal_(empty(max_len, dim), std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(x + first_rows("LearnedEncoding", self.weight, x))


def first_rows(where: str, table: Tensor, x: Tensor) -> Tensor:
    """Return the table's rows for the positions of x (N, T, D), or raise an error if it has too few."""
    length, dim = table.shape
    if x.ndim != 3 or x.shape[1] > length or x.shape[2] != dim:
        raise ShapeError(
            f"{where}: x should have shape (N, T, D={dim}) with T up to {length}, "
            f"but got {x.array.shape}; make max_len larger."
        )
    return table[: x.shape[1]]
