"""What is done to a trained network: a thin adapter beside a frozen layer, and weights in few bits."""

import dlcore
from dlcore import Tensor, nn


class LoRA(nn.Module):
    """A linear layer that stays as it is, and a product of two thin matrices beside it that learns.

        y = x Wᵀ + bias + scale · (x Aᵀ) Bᵀ,     A (rank, in),  B (out, rank)

    B starts at 0, so at first nothing changes. Only A and B are trained: rank · (in + out) numbers.

    Shapes: x (…, in) to (…, out).
    Source: Hu et al. (2021), LoRA: low-rank adaptation of large language models, section 4.1.

    >>> layer = LoRA(nn.Linear(64, 192), rank=4)
    >>> sum(p.numel() for p in layer.parameters() if p.requires_grad)
    1024
    """

    def __init__(self, linear: nn.Linear, rank: int, scale: float = 1.0):
        super().__init__()
        self.linear, self.scale = linear, scale
        for p in linear.parameters():
            p.requires_grad_(False)
        out, dim = linear.weight.shape
        self.a = nn.Parameter(dlcore.randn(rank, dim) / dim**0.5)
        self.b = nn.Parameter(dlcore.zeros(out, rank))

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x) + self.scale * (x @ self.a.T @ self.b.T)


def quantise(weight: Tensor, bits: int) -> tuple[Tensor, Tensor]:
    """Round each row of a matrix to whole numbers of `bits` bits: the numbers, and one scale for each row.

        scale = max |w| / (2^(bits-1) - 1),     numbers = round(w / scale),     w ≈ numbers · scale

    Shapes: weight (out, in) to numbers (out, in) and scales (out, 1). A row of zeros gets the scale 1.
    Source: Jacob et al. (2018), Quantization and training of neural networks, section 2; here without an offset.

    >>> numbers, scale = quantise(dlcore.tensor([[0.7, -0.33, 0.1]]), bits=4)
    >>> numbers.tolist()
    [[7.0, -3.0, 1.0]]
    """
    if bits < 2:
        raise ValueError(f"quantise: bits must be 2 or more, one of them for the sign; got {bits}.")
    scale = weight.abs().amax(dim=1, keepdim=True) / (2 ** (bits - 1) - 1)
    scale = dlcore.where(scale == 0, 1.0, scale)
    return (weight / scale).round(), scale
