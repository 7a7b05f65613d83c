"""A low-rank adapter and rounded weights, in PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class LoRA(nn.Module):
    """A frozen linear layer with a trained product of two thin matrices beside it; (…, in) to (…, out)."""

    def __init__(self, linear: nn.Linear, rank: int, scale: float = 1.0):
        super().__init__()
        self.linear, self.scale = linear.requires_grad_(False), scale
        self.a = nn.Parameter(torch.randn(rank, linear.in_features) / linear.in_features**0.5)
        self.b = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) + self.scale * (x @ self.a.T @ self.b.T)


def quantise(weight: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Round each row of (out, in) to whole numbers of `bits` bits; the numbers, and a scale for each row."""
    scale = weight.abs().amax(dim=1, keepdim=True) / (2 ** (bits - 1) - 1)
    scale = torch.where(scale == 0, 1.0, scale)
    return (weight / scale).round(), scale
