"""torch.distributions, the few that scripts use: draws, log-probabilities, entropies, and KL divergences of a kind."""

import math
from typing import Any

import numpy as np

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.rng import numpy_generator
from dlcore.tensor import Tensor, no_grad, wrap
from dlcore.tensor.create import as_tensor, randn, where


def _numbers(*parameters: Any) -> list[Tensor]:
    """Parameters as tensors in the shape that they have together."""
    tensors = [x if isinstance(x, Tensor) else as_tensor(float(x)) for x in parameters]
    shape = np.broadcast_shapes(*[x.shape for x in tensors])
    return [x if x.shape == shape else x.expand(*shape) for x in tensors]


class Distribution:
    """Base: `rsample` draws with a slope, `sample` without; batch_shape is that of the parameters."""

    batch_shape: tuple = ()
    event_shape: tuple = ()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw, without a slope."""
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Draw such that the slope with respect to the parameters is known."""
        raise NotImplementedError(f"{type(self).__name__}: a draw has no slope here; use sample and log_prob.")

    def log_prob(self, value: Any) -> Tensor:
        """The logarithm of the probability or density."""
        raise NotImplementedError(f"{type(self).__name__} has no log_prob(value): write it.")

    def __repr__(self) -> str:
        def short(x: Any) -> Any:
            return x.item() if x.numel() == 1 else x.shape

        given = {name: x for name, x in vars(self).items() if isinstance(x, Tensor)}
        return f"{type(self).__name__}({', '.join(f'{name}: {short(x)}' for name, x in given.items())})"

    def sample_n(self, n: int) -> Tensor:
        """Draw n times."""
        return self.sample((n,))


class Normal(Distribution):
    """The normal law. Twin: torch.distributions.Normal."""

    def __init__(self, loc: Any, scale: Any, validate_args: Any = None):
        self.loc, self.scale = _numbers(loc, scale)
        self.batch_shape = self.loc.shape

    mean = property(lambda self: self.loc)
    stddev = property(lambda self: self.scale)
    variance = property(lambda self: self.scale**2)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """loc + scale · ε."""
        return self.loc + self.scale * randn(*sample_shape, *self.batch_shape, dtype=self.loc.array.dtype)

    def log_prob(self, value: Any) -> Tensor:
        """-½ z² - log scale - ½ log 2π."""
        z = (value - self.loc) / self.scale
        return -0.5 * z * z - self.scale.log() - 0.5 * math.log(2 * math.pi)

    def entropy(self) -> Tensor:
        """½ + ½ log 2π + log scale."""
        return self.scale.log() + 0.5 + 0.5 * math.log(2 * math.pi)

    def cdf(self, value: Any) -> Tensor:
        """The probability of smaller values; its slope is the density."""
        z = (value - self.loc) / self.scale
        known = z.detach()
        below = 0.5 * (1 + np.vectorize(math.erf)(known.array / math.sqrt(2)))
        density = (-0.5 * known * known).exp() / math.sqrt(2 * math.pi)
        return wrap(below.astype(known.array.dtype)) + (z - known) * density


class Uniform(Distribution):
    """The same density from low to high."""

    def __init__(self, low: Any, high: Any, validate_args: Any = None):
        self.low, self.high = _numbers(low, high)
        self.batch_shape = self.low.shape

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """low + (high - low) · u."""
        u = numpy_generator().random((*sample_shape, *self.batch_shape), np.float32)
        return self.low + (self.high - self.low) * wrap(np.asarray(u, self.low.array.dtype))

    def log_prob(self, value: Any) -> Tensor:
        """-log(high - low) inside, -inf outside."""
        inside = (value >= self.low) & (value < self.high)
        return where(inside, -(self.high - self.low).log(), as_tensor(-math.inf))

    def entropy(self) -> Tensor:
        """log(high - low)."""
        return (self.high - self.low).log()


class Exponential(Distribution):
    """Waiting times."""

    def __init__(self, rate: Any, validate_args: Any = None):
        (self.rate,) = _numbers(rate)
        self.batch_shape = self.rate.shape

    mean = property(lambda self: 1 / self.rate)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """A draw of rate 1, divided by the rate."""
        draw = numpy_generator().standard_exponential((*sample_shape, *self.batch_shape), np.float32)
        return wrap(np.asarray(draw, self.rate.array.dtype)) / self.rate

    def log_prob(self, value: Any) -> Tensor:
        """log rate - rate · x."""
        return self.rate.log() - self.rate * value

    def entropy(self) -> Tensor:
        """1 - log rate."""
        return 1 - self.rate.log()


class Categorical(Distribution):
    """One of K classes, by probabilities or logits (…, K)."""

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: Any = None):
        if (probs is None) == (logits is None):
            raise ValueError("Categorical: give either probs or logits.")
        self.probs = logits.softmax(-1) if probs is None else probs / probs.sum(-1, keepdim=True)
        self.logits = (
            logits.log_softmax(-1) if probs is None else self.probs.clamp(_tiny(probs), 1 - _tiny(probs)).log()
        )
        self.batch_shape = self.probs.shape[:-1]

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw class numbers."""
        cumulated = np.cumsum(self.probs.array, -1)
        u = numpy_generator().random((*sample_shape, *self.batch_shape, 1)) * cumulated[..., -1:]
        return wrap((cumulated < u).sum(-1))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the class's probability."""
        chosen = F.one_hot(value.long(), self.probs.shape[-1]).to(self.logits.array.dtype)
        return (self.logits * chosen).sum(-1)

    def entropy(self) -> Tensor:
        """-Σ p log p."""
        return -(self.probs * self.logits).sum(-1)


def _tiny(x: Tensor) -> float:
    return float(np.finfo(x.array.dtype).eps)


class Bernoulli(Distribution):
    """1 with probability p, else 0; by probability or logit."""

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: Any = None):
        if (probs is None) == (logits is None):
            raise ValueError("Bernoulli: give either probs or logits.")
        (given,) = _numbers(logits if probs is None else probs)
        self.probs = given.sigmoid() if probs is None else given
        p = self.probs.clamp(_tiny(given), 1 - _tiny(given))
        self.logits = given if probs is None else p.log() - (1 - p).log()
        self.batch_shape = given.shape

    mean = property(lambda self: self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw zeros and ones."""
        u = numpy_generator().random((*sample_shape, *self.batch_shape))
        return wrap((u < self.probs.array).astype(self.probs.array.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        """Minus the cross-entropy."""
        logits, value = _numbers(self.logits, value)
        return -F.binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self) -> Tensor:
        """The cross-entropy with itself."""
        return F.binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")


class Independent(Distribution):
    """A law whose last axes count as one event."""

    def __init__(self, base_distribution: Any, reinterpreted_batch_ndims: int, validate_args: Any = None):
        self.base_dist, n = base_distribution, reinterpreted_batch_ndims
        self.axes = tuple(range(-n, 0))
        shape = base_distribution.batch_shape
        self.batch_shape, self.event_shape = shape[: len(shape) - n], shape[len(shape) - n :]

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """That of the law inside."""
        return self.base_dist.rsample(sample_shape)

    def log_prob(self, value: Any) -> Tensor:
        """Summed over the event's axes."""
        return self.base_dist.log_prob(value).sum(self.axes)

    def entropy(self) -> Tensor:
        """Summed over the event's axes."""
        return self.base_dist.entropy().sum(self.axes)


def MultivariateNormal(loc: Tensor, covariance_matrix: Any) -> Independent:  # noqa: N802
    """The normal law of a vector; here the covariance must be diagonal."""
    variance = covariance_matrix.diagonal(0, -2, -1) if covariance_matrix.ndim > 2 else covariance_matrix.diagonal()
    if np.count_nonzero(covariance_matrix.array) > np.count_nonzero(variance.array):
        raise ValueError(
            "MultivariateNormal: the covariance must be diagonal here; rotate the data first, by linalg.eigh."
        )
    return Independent(Normal(loc, variance.sqrt()), 1)


def kl_divergence(p: Any, q: Any) -> Tensor:
    """KL(p ‖ q) of two laws of one kind: Normal, Categorical, Bernoulli, or Independent ones."""
    if isinstance(p, Independent) and isinstance(q, Independent):
        return kl_divergence(p.base_dist, q.base_dist).sum(p.axes)
    if isinstance(p, Normal) and isinstance(q, Normal):
        ratio, shift = (p.scale / q.scale) ** 2, ((p.loc - q.loc) / q.scale) ** 2
        return 0.5 * (ratio + shift - 1 - ratio.log())
    if isinstance(p, Categorical) and isinstance(q, Categorical):
        return (p.probs * (p.logits - q.logits)).sum(-1)
    if isinstance(p, Bernoulli) and isinstance(q, Bernoulli):
        return F.binary_cross_entropy_with_logits(q.logits, p.probs, reduction="none") - p.entropy()
    raise NotImplementedError(f"kl_divergence: no formula for {type(p).__name__} and {type(q).__name__}.")


__all__ = [
    "Bernoulli", "Categorical", "Distribution", "Exponential", "Independent", "MultivariateNormal", "Normal", "Uniform",
    "kl_divergence",
]  # fmt: skip
