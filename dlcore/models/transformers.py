"""GPT and BERT in small: the same blocks, once looking back only, once looking both ways."""

import math
from typing import Any

import dlcore
import dlcore.nn.functional as F  # noqa: N812 (PyTorch's custom)
from dlcore import Tensor, nn


class SelfAttention(nn.Module):
    """Attention with h heads. If causal, a position sees itself and what came before; otherwise it sees all.

    Shapes: x (N, T, D) to (N, T, D).
    Source: Vaswani et al. (2017), Attention is all you need, sections 3.2 and 3.2.3.
    """

    def __init__(self, dim: int, heads: int, dropout: float = 0.0, causal: bool = True):
        super().__init__()
        if dim % heads:
            raise ValueError(f"SelfAttention: dim must be a multiple of heads, got {dim} and {heads}.")
        self.heads, self.dropout, self.causal = heads, dropout, causal
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor, past: list[Tensor] | None = None) -> Tensor:
        n, t, dim = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)  # (N, h, T, D/h)
        if past is not None:
            k, v = remember(past, k, v)  # (N, h, S + T, D/h)
        p = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=p, is_causal=self.causal and t > 1)
        return self.proj(y.transpose(1, 2).reshape(n, t, dim))


def remember(past: list[Tensor], k: Tensor, v: Tensor) -> list[Tensor]:
    """Append keys and values (N, h, T, D/h) to those of the symbols before, in place; return all of them.

    >>> past = []
    >>> _ = remember(past, dlcore.zeros(1, 2, 3, 4), dlcore.zeros(1, 2, 3, 4))
    >>> remember(past, dlcore.ones(1, 2, 1, 4), dlcore.ones(1, 2, 1, 4))[0].shape
    torch.Size([1, 2, 4, 4])
    """
    if past and k.shape[2] > 1:
        raise ValueError(f"A cache that is not empty takes one new symbol at a time, got {k.shape[2]}.")
    past[:] = [dlcore.cat([old, new], dim=2) for old, new in zip(past, (k, v), strict=True)] if past else [k, v]
    return past


class Block(nn.Module):
    """Attention, then a network of two layers at each position; each is added to what comes in.

    Source: Radford et al. (2019), Language models are unsupervised multitask learners, section 2.3.
    """

    def __init__(self, dim: int, heads: int, dropout: float = 0.0):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = SelfAttention(dim, heads, dropout)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(approximate="tanh"), nn.Linear(4 * dim, dim))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, past: list[Tensor] | None = None) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x), past))
        return x + self.dropout(self.mlp(self.norm2(x)))


class GPT(nn.Module):
    """Predict the next symbol from up to `context` symbols before it.

    Shapes: tokens (N, T), integers in [0, vocabulary), T up to context, to logits (N, T, vocabulary).
    The table of symbols is also the last layer's weight (Press & Wolf 2017). Weights start as N(0, 0.02²), those that
    write into the stream of the blocks smaller by √(2 · layers).
    Source: Radford et al. (2018), Improving language understanding by generative pre-training; Radford et al. (2019).

    >>> model = GPT(vocabulary=20, context=8, dim=16)
    >>> model(dlcore.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 20])
    """

    def __init__(
        self, vocabulary: int, context: int, dim: int = 64, heads: int = 2, layers: int = 2, dropout: float = 0.0
    ):
        super().__init__()
        self.context = context
        self.embed, self.position = nn.Embedding(vocabulary, dim), nn.Embedding(context, dim)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList([Block(dim, heads, dropout) for _ in range(layers)])
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, vocabulary, bias=False)
        self.apply(start_small)
        for name, weight in self.named_parameters():
            if name.endswith(("proj.weight", "mlp.2.weight")):
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * layers))
        self.head.weight = self.embed.weight

    def forward(self, tokens: Tensor, cache: list[list[Tensor]] | None = None) -> Tensor:
        start = cache[0][0].shape[2] if cache and cache[0] else 0  # so many symbols were read before
        t = start + tokens.shape[1]
        if t > self.context:
            raise ValueError(
                f"GPT: expected at most {self.context} symbols, got {t}; cut the text: tokens[:, -context:]."
            )
        x = self.dropout(self.embed(tokens) + self.position(dlcore.arange(start, t)))  # (N, T, D)
        for i, block in enumerate(self.blocks):
            x = block(x, None if cache is None else cache[i])
        return self.head(self.norm(x))

    def new_cache(self) -> list[list[Tensor]]:
        """Return an empty key-value cache: for each block a list that attention fills with its keys and values."""
        return [[] for _ in self.blocks]


def start_small(module: nn.Module) -> None:
    """Give linear layers and embeddings weights from N(0, 0.02²), and biases of 0."""
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


def draw(logits: Tensor, temperature: float = 1.0, top_k: int | None = None, generator: Any = None) -> Tensor:
    """Draw a symbol for each row of logits (N, V): (N, 1) integers.

    Args:
        temperature: below 1 the likely becomes likelier, above 1 everything becomes more alike; 0 takes the likeliest.
        top_k: draw among the k likeliest only.

    Source: Ackley, Hinton & Sejnowski (1985) for the temperature; Fan, Lewis & Dauphin (2018) for top_k.

    >>> draw(dlcore.tensor([[0.0, 2.0, 1.0]]), temperature=0).tolist()
    [[1]]
    """
    if temperature == 0:
        return logits.argmax(dim=-1, keepdim=True)
    if top_k is not None:
        least = logits.topk(top_k, dim=-1).values[:, -1:]
        logits = dlcore.where(logits < least, -math.inf, logits)
    return dlcore.multinomial((logits / temperature).softmax(dim=-1), 1, generator=generator)


@dlcore.no_grad()
def generate(
    model: GPT,
    tokens: Tensor,
    count: int,
    temperature: float = 1.0,
    top_k: int | None = None,
    generator: Any = None,
    cached: bool = False,
) -> Tensor:
    """Return tokens (N, T) with `count` more drawn from the model's predictions, each given all before it.

    With `cached`, keys and values of what was read are kept instead of computed again; T + count up to the context.

    >>> model = GPT(vocabulary=20, context=8, dim=16)
    >>> generate(model, dlcore.tensor([[1, 2, 3]]), count=10).shape
    torch.Size([1, 13])
    """
    cache = model.new_cache() if cached else None
    for i in range(count):
        unread = tokens[:, -1:] if cached and i else tokens if cached else tokens[:, -model.context :]
        logits = model(unread, cache)[:, -1]  # (N, V), after the last symbol
        tokens = dlcore.cat([tokens, draw(logits, temperature, top_k, generator)], dim=1)
    return tokens


class BERT(nn.Module):
    """Say which symbols were hidden, from all that is around them.

    Shapes: tokens (N, T), padding (N, T) True where there is nothing to read, to logits (N, T, vocabulary).
    The table of symbols is also the last layer's weight.
    Source: Devlin, Chang, Lee & Toutanova (2019), BERT, section 3; without sentence pairs.

    >>> model = BERT(vocabulary=20, context=8, dim=16)
    >>> model(dlcore.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 20])
    """

    def __init__(
        self, vocabulary: int, context: int, dim: int = 64, heads: int = 2, layers: int = 2, dropout: float = 0.1
    ):
        super().__init__()
        self.embed, self.position = nn.Embedding(vocabulary, dim), nn.Embedding(context, dim)
        self.norm, self.dropout = nn.LayerNorm(dim), nn.Dropout(dropout)
        options: Any = {"activation": "gelu", "batch_first": True}
        self.layers = nn.ModuleList(
            [nn.TransformerEncoderLayer(dim, heads, 4 * dim, dropout, **options) for _ in range(layers)]
        )
        self.transform = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.LayerNorm(dim))
        self.head = nn.Linear(dim, vocabulary)
        self.apply(start_small)
        self.head.weight = self.embed.weight

    def forward(self, tokens: Tensor, padding: Any = None) -> Tensor:
        x = self.embed(tokens) + self.position(dlcore.arange(tokens.shape[1]))
        x = self.dropout(self.norm(x))  # (N, T, D)
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=padding)
        return self.head(self.transform(x))


def hide(
    tokens: Tensor, mask: int, vocabulary: int, share: float = 0.15, generator: Any = None
) -> tuple[Tensor, Tensor]:
    """Hide a random share of the symbols; return what BERT reads, and what it shall say: (N, T) each.

    Of those chosen, 8 in 10 become the symbol `mask`, 1 in 10 becomes any symbol, 1 in 10 stays. The targets are -100,
    which cross_entropy ignores, at all places that were not chosen.
    Source: Devlin et al. (2019), BERT, section 3.1.

    >>> inputs, targets = hide(dlcore.tensor([[1, 2, 3]]), mask=0, vocabulary=4, share=1.0)
    >>> targets.tolist()
    [[1, 2, 3]]
    """
    shape = tuple(tokens.shape)
    chosen = dlcore.rand(*shape, generator=generator) < share
    fate = dlcore.rand(*shape, generator=generator)
    other = dlcore.randint(0, vocabulary, shape, generator=generator)
    inputs = dlcore.where(chosen & (fate < 0.8), mask, tokens)
    inputs = dlcore.where(chosen & (fate >= 0.9), other, inputs)
    return inputs, dlcore.where(chosen, tokens, -100)
