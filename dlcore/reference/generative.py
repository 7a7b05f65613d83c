"""Autoencoder, GAN and diffusion in the plane, in PyTorch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (PyTorch's custom)

from dlcore.reference.mlp import MLP

Random = torch.Generator | None


class Autoencoder(nn.Module):
    """Through a narrow middle and back; (N, sizes[0]) to the same shape.

    >>> Autoencoder([64, 32, 2])(torch.zeros(5, 64)).shape
    torch.Size([5, 64])
    """

    def __init__(self, sizes: Sequence[int], activation: type[nn.Module] = nn.ReLU):
        super().__init__()
        self.encoder = MLP(sizes, activation)
        self.decoder = MLP(sizes[::-1], activation)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


class GAN(nn.Module):
    """Generator and discriminator, with the loss of each; examples are (N, dim).

    >>> GAN().sample(5).shape
    torch.Size([5, 2])
    """

    def __init__(self, dim: int = 2, noise: int = 2, hidden: int = 64):
        super().__init__()
        self.noise = noise
        self.generator = MLP([noise, hidden, hidden, dim])
        self.discriminator = MLP([dim, hidden, hidden, 1], nn.LeakyReLU)

    def sample(self, n: int, generator: Random = None) -> Tensor:
        """Make n examples from noise."""
        return self.generator(torch.randn(n, self.noise, generator=generator))

    def discriminator_loss(self, real: Tensor, generator: Random = None) -> Tensor:
        """Binary cross-entropy of the discriminator on real and made examples."""
        with torch.no_grad():
            made = self.sample(len(real), generator)
        return self._entropy(real, 1.0) + self._entropy(made, 0.0)

    def generator_loss(self, n: int, generator: Random = None) -> Tensor:
        """Binary cross-entropy of the discriminator's answer to made examples with "real"."""
        return self._entropy(self.sample(n, generator), 1.0)

    def _entropy(self, x: Tensor, label: float) -> Tensor:
        logits = self.discriminator(x)
        return F.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))


def waves(t: Tensor, dim: int) -> Tensor:
    """Sinusoidal encoding of times: (N,) to (N, dim)."""
    rates = torch.exp(torch.arange(dim // 2) * (-math.log(1e4) / (dim // 2)))
    angles = t[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Diffusion(nn.Module):
    """Denoising diffusion; examples are (N, dim), times (N,) in [0, steps).

    >>> Diffusion(steps=5).sample(3).shape
    torch.Size([3, 2])
    """

    beta: Tensor
    signal: Tensor

    def __init__(self, dim: int = 2, hidden: int = 128, steps: int = 100, low: float = 1e-3, high: float = 0.1):
        super().__init__()
        self.dim, self.hidden, self.steps = dim, hidden, steps
        self.register_buffer("beta", torch.linspace(low, high, steps))
        self.register_buffer("signal", torch.cumprod(1 - self.beta, dim=0))
        self.network = MLP([dim + hidden, hidden, hidden, dim], nn.SiLU)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        return self.network(torch.cat([x, waves(t, self.hidden)], dim=1))

    def noisy(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """x after t + 1 steps of noise."""
        kept = self.signal[t, None]
        return kept.sqrt() * x + (1 - kept).sqrt() * noise

    def loss(self, x: Tensor, generator: Random = None) -> Tensor:
        """Mean squared error of the predicted noise at random times."""
        t = torch.randint(self.steps, (len(x),), generator=generator)
        noise = torch.randn(x.shape, generator=generator)
        return F.mse_loss(self(self.noisy(x, t, noise), t), noise)

    @torch.no_grad()
    def denoise(self, x: Tensor, step: int, generator: Random = None) -> Tensor:
        """One step back: from x after step + 1 steps to x after `step`."""
        beta, kept = self.beta[step], self.signal[step]
        noise = self(x, torch.full((len(x),), step))
        mean = (x - beta * torch.rsqrt(1 - kept) * noise) * torch.rsqrt(1 - beta)
        return mean + beta.sqrt() * torch.randn(x.shape, generator=generator) if step > 0 else mean

    def sample(self, n: int, generator: Random = None) -> Tensor:
        """Make n examples, from pure noise through all steps."""
        x = torch.randn(n, self.dim, generator=generator)
        for step in range(self.steps - 1, -1, -1):
            x = self.denoise(x, step, generator)
        return x


@torch.no_grad()
def jump(model: Diffusion, x: Tensor, step: int, to: int = -1) -> Tensor:
    """DDIM's step without fresh noise, from x after step + 1 steps to x after to + 1; -1 is the clean end."""
    kept, left = model.signal[step], model.signal[to] if to >= 0 else torch.ones(())
    noise = model(x, torch.full((len(x),), step))
    clean = (x - (1 - kept).sqrt() * noise) * kept.rsqrt()
    return left.sqrt() * clean + (1 - left).sqrt() * noise


def ddim(model: Diffusion, n: int, count: int = 10, generator: Random = None) -> Tensor:
    """Make n examples in `count` jumps.

    >>> ddim(Diffusion(steps=5), 3, count=2).shape
    torch.Size([3, 2])
    """
    x, last = torch.randn(n, model.dim, generator=generator), model.steps - 1
    stops = [last - k * last // max(count - 1, 1) for k in range(count)]
    for step, to in zip(stops, [*stops[1:], -1], strict=True):
        x = jump(model, x, step, to)
    return x
