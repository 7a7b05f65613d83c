"""A small GPT learns to repeat what it has read: causal attention, AdamW with two groups, warm-up."""

import math

import numpy as np

import dlcore
import dlcore.nn.functional as F  # noqa: N812
from dlcore import nn, optim

VOCABULARY, HALF = 8, 5


def batch(step, dtype=dlcore.float32):
    first = np.random.default_rng(step).integers(0, VOCABULARY, (16, HALF))
    text = np.concatenate([first, first], axis=1)
    return dlcore.tensor(text[:, :-1]), dlcore.tensor(text[:, 1:])


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = (part.view(n, t, self.heads, d // self.heads).transpose(1, 2) for part in self.qkv(x).split(d, dim=2))
        scores = q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)
        later = dlcore.ones(t, t).triu(1) > 0
        weights = F.softmax(scores.masked_fill(later, -math.inf), dim=-1)
        return self.proj((weights @ v).transpose(1, 2).contiguous().view(n, t, d))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(dim), Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim), nn.Dropout(0.0))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class GPT(nn.Module):
    def __init__(self, vocabulary, context, dim=24, heads=2, layers=2):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, dim)
        self.position = nn.Parameter(dlcore.zeros(1, context, dim))
        self.blocks = nn.ModuleList([Block(dim, heads) for _ in range(layers)])
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, vocabulary, bias=False)
        nn.init.normal_(self.embed.weight, std=0.5)
        nn.init.normal_(self.position, std=0.5)

    def forward(self, tokens):
        x = self.embed(tokens) + self.position[:, : tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def build():
    return GPT(VOCABULARY, 2 * HALF)


def loss_of(model, x, y):
    later = HALF - 1  # what comes before cannot be known
    return F.cross_entropy(model(x)[:, later:].flatten(0, 1), y[:, later:].flatten())


def train(model, steps, dtype=dlcore.float32):
    matrices = [p for p in model.parameters() if p.ndim >= 2]
    others = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]
    optimizer = optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.99))
    schedule = optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, (step + 1) / 5))
    losses = []
    for step in range(steps):
        loss = loss_of(model, *batch(step))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


def score(model):
    x, y = batch(10_000)
    with dlcore.no_grad():
        right = model(x)[:, HALF - 1 :].argmax(dim=-1) == y[:, HALF - 1 :]
    return right.float().mean().item()


if __name__ == "__main__":
    dlcore.manual_seed(0)
    model = build()
    losses = train(model, 250)
    print(f"loss {losses[0]:.3f} to {losses[-1]:.3f}, accuracy {score(model):.2f}")
