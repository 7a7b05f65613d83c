"""Models that make things up: autoencoder, GAN, diffusion in the plane."""

import math
from collections.abc import Sequence
from typing import Any

import dlcore
import dlcore.nn.functional as F  # noqa: N812 (PyTorch's custom)
from dlcore import Tensor, nn
from dlcore.models.mlp import MLP


class Autoencoder(nn.Module):
    """Squeeze x through a few numbers, the code, and unfold it again.

    Args:
        sizes: widths from x to the code, such as [64, 32, 2]; the way back has them in reverse.

    Shapes: x (N, sizes[0]), code (N, sizes[-1]).
    Source: Hinton & Salakhutdinov (2006), Reducing the dimensionality of data with neural networks.

    >>> model = Autoencoder([64, 32, 2])
    >>> x = dlcore.zeros(5, 64)
    >>> model.encoder(x).shape, model(x).shape
    (torch.Size([5, 2]), torch.Size([5, 64]))
    """

    def __init__(self, sizes: Sequence[int], activation: type[nn.Module] = nn.ReLU):
        super().__init__()
        self.encoder = MLP(sizes, activation)
        self.decoder = MLP(sizes[::-1], activation)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x))


class GAN(nn.Module):
    """A generator that turns noise into examples, and a discriminator that tells them from real ones.

    Train the two in turn, each with an optimiser of its own:

        discriminator_loss = -mean log D(x) - mean log(1 - D(G(z)))
        generator_loss     = -mean log D(G(z))          (the form that does not saturate)

    Shapes: noise z (N, noise), examples (N, dim).
    Source: Goodfellow et al. (2014), Generative adversarial nets, section 3.

    >>> model = GAN()
    >>> model.sample(5).shape
    torch.Size([5, 2])
    >>> loss = model.discriminator_loss(dlcore.zeros(5, 2))
    >>> loss.shape
    torch.Size([])
    """

    def __init__(self, dim: int = 2, noise: int = 2, hidden: int = 64):
        super().__init__()
        self.noise = noise
        self.generator = MLP([noise, hidden, hidden, dim])
        self.discriminator = MLP([dim, hidden, hidden, 1], nn.LeakyReLU)

    def sample(self, n: int, generator: Any = None) -> Tensor:
        """Return n examples, made from fresh noise."""
        return self.generator(dlcore.randn(n, self.noise, generator=generator))

    def discriminator_loss(self, real: Tensor, generator: Any = None) -> Tensor:
        """Return how badly the discriminator tells real from made; no gradient reaches the generator."""
        made = self.sample(len(real), generator).detach()
        # -log D = softplus(-logit) and -log(1 - D) = softplus(logit)
        return F.softplus(-self.discriminator(real)).mean() + F.softplus(self.discriminator(made)).mean()

    def generator_loss(self, n: int, generator: Any = None) -> Tensor:
        """Return how seldom the discriminator is fooled by n examples."""
        return F.softplus(-self.discriminator(self.sample(n, generator))).mean()


def waves(t: Tensor, dim: int) -> Tensor:
    """Write times t (N) as sines and cosines of `dim` / 2 wave lengths each: (N, dim).

    Source: Vaswani et al. (2017), section 3.5; for times: Ho, Jain & Abbeel (2020), appendix B.
    """
    if dim < 2 or dim % 2:
        raise ValueError(f"waves: dim (or hidden of Diffusion) must be even, a sine and a cosine each, but got {dim}.")
    rates = (dlcore.arange(dim // 2) * (-math.log(10000.0) / (dim // 2))).exp()
    angles = t[:, None] * rates  # (N, dim/2)
    return dlcore.cat([angles.sin(), angles.cos()], dim=1)


class Diffusion(nn.Module):
    """Learn to take noise away, and make examples out of pure noise by taking it away step by step.

        x_t = √ᾱ_t x_0 + √(1 - ᾱ_t) ε,     loss = mean ‖ε - ε_θ(x_t, t)‖²

    with ᾱ_t = Π (1 - β), β rising in a straight line from `low` to `high` over the steps.
    Shapes: x (N, dim), t (N) integers in [0, steps).
    Source: Ho, Jain & Abbeel (2020), Denoising diffusion probabilistic models, algorithms 1 and 2.

    >>> model = Diffusion(steps=5)
    >>> model.loss(dlcore.zeros(7, 2)).shape, model.sample(3).shape
    (torch.Size([]), torch.Size([3, 2]))
    """

    def __init__(self, dim: int = 2, hidden: int = 128, steps: int = 100, low: float = 1e-3, high: float = 0.1):
        super().__init__()
        waves(dlcore.arange(1), hidden)  # is the width possible?
        self.dim, self.hidden, self.steps = dim, hidden, steps
        self.beta = nn.Buffer(dlcore.linspace(low, high, steps))
        self.signal = nn.Buffer((1 - self.beta).log().cumsum(0).exp())  # ᾱ
        self.network = MLP([dim + hidden, hidden, hidden, dim], nn.SiLU)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Return the noise that x holds at the times t, as the network sees it."""
        return self.network(dlcore.cat([x, waves(t, self.hidden)], dim=1))

    def noisy(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Return x as it is after t + 1 steps of noise."""
        kept = self.signal[t][:, None]
        return kept.sqrt() * x + (1 - kept).sqrt() * noise

    def loss(self, x: Tensor, generator: Any = None) -> Tensor:
        """Return how wrong the network is about noise of random strength."""
        t = dlcore.randint(0, self.steps, (len(x),), generator=generator)
        noise = dlcore.randn(*x.shape, generator=generator)
        return F.mse_loss(self(self.noisy(x, t, noise), t), noise)

    def denoise(self, x: Tensor, step: int, generator: Any = None) -> Tensor:
        """Take one step of noise away: from x after step + 1 steps to x after `step`."""
        beta, kept = self.beta[step], self.signal[step]
        with dlcore.no_grad():
            noise = self(x, dlcore.full((len(x),), step))
        mean = (x - beta / (1 - kept).sqrt() * noise) / (1 - beta).sqrt()
        return mean + beta.sqrt() * dlcore.randn(*x.shape, generator=generator) if step else mean

    def sample(self, n: int, generator: Any = None) -> Tensor:
        """Return n examples, from pure noise through all steps."""
        x = dlcore.randn(n, self.dim, generator=generator)
        for step in reversed(range(self.steps)):
            x = self.denoise(x, step, generator)
        return x


def jump(model: Diffusion, x: Tensor, step: int, to: int = -1) -> Tensor:
    """Take noise away without adding any: from x after step + 1 steps to x after to + 1; -1 leaves none."""
    kept, left = model.signal[step], model.signal[to] if to >= 0 else dlcore.ones(())
    with dlcore.no_grad():
        noise = model(x, dlcore.full((len(x),), step))
    return left.sqrt() * (x - (1 - kept).sqrt() * noise) / kept.sqrt() + (1 - left).sqrt() * noise


def ddim(model: Diffusion, n: int, count: int = 10, generator: Any = None) -> Tensor:
    """Return n examples of a trained Diffusion in `count` jumps: all that is random is the noise they begin with.

    Raises:
        ValueError: if count is not from 1 to model.steps.

    Source: Song, Meng & Ermon (2021), Denoising diffusion implicit models, equation 12 with σ = 0.

    >>> ddim(Diffusion(), 3, count=10).shape
    torch.Size([3, 2])
    """
    if not 1 <= count <= model.steps:
        raise ValueError(f"ddim: count must be a whole number from 1 to {model.steps}, but got {count}.")
    x, last = dlcore.randn(n, model.dim, generator=generator), model.steps - 1
    stops = [last - k * last // max(count - 1, 1) for k in range(count)]
    for step, to in zip(stops, [*stops[1:], -1], strict=True):
        x = jump(model, x, step, to)
    return x
