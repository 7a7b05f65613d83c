"""GPT and BERT in small, in PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (PyTorch's custom)


class SelfAttention(nn.Module):
    """Multi-head attention, (N, T, D) to (N, T, D). If causal, a position sees itself and what came before."""

    def __init__(self, dim: int, heads: int, dropout: float = 0.0, causal: bool = True):
        super().__init__()
        self.heads, self.dropout, self.causal = heads, dropout, causal
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor, past: list[Tensor] | None = None) -> Tensor:
        q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1))
        if past is not None:
            past[:] = [torch.cat(pair, dim=2) for pair in zip(past, (k, v), strict=True)] if past else [k, v]
            k, v = past
        causal = self.causal and q.shape[2] > 1
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout * self.training, is_causal=causal)
        return self.proj(y.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """A pre-norm Transformer block; (N, T, D) to (N, T, D)."""

    def __init__(self, dim: int, heads: int, dropout: float = 0.0):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.attention = SelfAttention(dim, heads, dropout)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU("tanh"), nn.Linear(4 * dim, dim))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, past: list[Tensor] | None = None) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x), past))
        return x + self.dropout(self.mlp(self.norm2(x)))


def initialise(module: nn.Module) -> None:
    """GPT-2's start: weights from N(0, 0.02²), biases 0."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


class GPT(nn.Module):
    """A decoder-only Transformer; tokens (N, T), T up to context, to logits (N, T, vocabulary).

    >>> GPT(vocabulary=20, context=8, dim=16)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 20])
    """

    def __init__(
        self, vocabulary: int, context: int, dim: int = 64, heads: int = 2, layers: int = 2, dropout: float = 0.0
    ):
        super().__init__()
        self.context = context
        self.embed, self.position = nn.Embedding(vocabulary, dim), nn.Embedding(context, dim)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(dim, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, vocabulary, bias=False)
        self.apply(initialise)
        for name, p in self.named_parameters():
            if name.endswith(("proj.weight", "mlp.2.weight")):
                nn.init.normal_(p, std=0.02 / (2 * layers) ** 0.5)
        self.head.weight = self.embed.weight  # tied

    def forward(self, tokens: Tensor, cache: list[list[Tensor]] | None = None) -> Tensor:
        start = cache[0][0].shape[2] if cache and cache[0] else 0
        places = torch.arange(start, start + tokens.shape[1], device=tokens.device)
        x = self.dropout(self.embed(tokens) + self.position(places))
        for i, block in enumerate(self.blocks):
            x = block(x, None if cache is None else cache[i])
        return self.head(self.norm(x))

    def new_cache(self) -> list[list[Tensor]]:
        """An empty key-value cache, a list for each block."""
        return [[] for _ in self.blocks]


def draw(
    logits: Tensor, temperature: float = 1.0, top_k: int | None = None, generator: torch.Generator | None = None
) -> Tensor:
    """Sample a token for each row of logits (N, V): (N, 1); temperature 0 takes the likeliest.

    >>> draw(torch.tensor([[0.0, 2.0, 1.0]]), temperature=0)
    tensor([[1]])
    """
    if temperature == 0:
        return logits.argmax(-1, keepdim=True)
    if top_k is not None:
        logits = logits.masked_fill(logits < logits.topk(top_k).values[:, -1:], -torch.inf)
    return torch.multinomial(F.softmax(logits / temperature, -1), 1, generator=generator)


@torch.no_grad()
def generate(
    model: GPT,
    tokens: Tensor,
    count: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: torch.Generator | None = None,
    cached: bool = False,
) -> Tensor:
    """Append `count` tokens to (N, T), each drawn from the model's prediction; if cached, T + count up to the context.

    >>> model = GPT(vocabulary=20, context=8, dim=16)
    >>> generate(model, torch.tensor([[1, 2, 3]]), count=10, top_k=5).shape
    torch.Size([1, 13])
    """
    cache = model.new_cache() if cached else None
    for i in range(count):
        unread = tokens[:, -1:] if cached and i else tokens if cached else tokens[:, -model.context :]
        logits = model(unread, cache)[:, -1]
        tokens = torch.cat([tokens, draw(logits, temperature, top_k, generator)], dim=1)
    return tokens


class BERT(nn.Module):
    """An encoder-only Transformer; tokens (N, T) and padding (N, T, True is empty) to logits (N, T, vocabulary).

    >>> BERT(vocabulary=20, context=8, dim=16)(torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 20])
    """

    def __init__(
        self, vocabulary: int, context: int, dim: int = 64, heads: int = 2, layers: int = 2, dropout: float = 0.1
    ):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.position = nn.Embedding(context, dim)
        self.norm = nn.LayerNorm(dim)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(dim, heads, 4 * dim, dropout, F.gelu, batch_first=True) for _ in range(layers)
        )
        self.transform = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.LayerNorm(dim))
        self.head = nn.Linear(dim, vocabulary)
        self.apply(initialise)
        self.head.weight = self.embed.weight  # tied

    def forward(self, tokens: Tensor, padding: Tensor | None = None) -> Tensor:
        places = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.dropout(self.norm(self.embed(tokens) + self.position(places)))
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=padding)
        return self.head(self.transform(x))


def hide(
    tokens: Tensor, mask: int, vocabulary: int, share: float = 0.15, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Hide a share of the tokens: 8 in 10 become `mask`, 1 in 10 any token, 1 in 10 stays; targets are -100 elsewhere.

    >>> hide(torch.tensor([[1, 2, 3]]), mask=0, vocabulary=4, share=1.0)[1]
    tensor([[1, 2, 3]])
    """
    chosen = torch.rand(tokens.shape, generator=generator) < share
    fate = torch.rand(tokens.shape, generator=generator)
    inputs = tokens.clone()
    inputs[chosen & (fate < 0.8)] = mask
    other = chosen & (fate >= 0.9)
    inputs[other] = torch.randint(vocabulary, (int(other.sum()),), generator=generator)
    return inputs, tokens.masked_fill(~chosen, -100)
