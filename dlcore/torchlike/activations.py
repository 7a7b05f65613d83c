"""Activations that no page of the book needs, as functions and as layers."""

from collections.abc import Callable
from typing import Any

from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn.module import Module
from dlcore.nn.parameter import Parameter
from dlcore.rng import numpy_generator
from dlcore.tensor import Tensor, wrap
from dlcore.tensor.create import where
from dlcore.torchlike.steps import called


@called("HardtanhBackward0")
def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """x, kept between two bounds; on them the slope is 0."""
    known = input.detach()
    return where((known > min_val) & (known < max_val), input, known.clamp(min_val, max_val))


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """x, kept between 0 and 6."""
    return hardtanh(input, 0.0, 6.0)


@called("HardsigmoidBackward0")
def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """A sigmoid of straight lines: x / 6 + 1/2, kept between 0 and 1."""
    return relu6(input + 3) / 6


@called("HardswishBackward0")
def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · hardsigmoid(x)."""
    return input * hardsigmoid(input)


@called("LogSigmoidBackward0")
def logsigmoid(input: Tensor) -> Tensor:
    """log σ(x), safe for x of any size."""
    return -F.softplus(-input)


def softsign(input: Tensor) -> Tensor:
    """x / (1 + |x|)."""
    return input / (1 + input.abs())


@called("MishBackward0")
def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """x · tanh(softplus(x)). Source: Misra (2019)."""
    return input * F.softplus(input).tanh()


@called("EluBackward0")
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """An elu scaled so that it keeps mean 0 and variance 1. Source: Klambauer et al. (2017)."""
    return 1.0507009873554805 * F.elu(input, 1.6732632423543772)


@called("CeluBackward0")
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """An elu with a slope without a jump: max(x, 0) + min(0, alpha (e^(x/alpha) - 1))."""
    return alpha * F.elu(input / alpha)


@called("GluBackward0")
def glu(input: Tensor, dim: int = -1) -> Tensor:
    """One half gated by the other: a · σ(b). Source: Dauphin et al. (2017)."""
    a, b = input.chunk(2, dim)
    return a * b.sigmoid()


@called("PreluKernelBackward0")
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """A leaky relu whose slope is learned, one or one a channel. Source: He et al. (2015)."""
    slope = weight.reshape(1, -1, *[1] * (input.ndim - 2)) if weight.numel() > 1 else weight
    return where(input.detach() > 0, input, slope * input)


def softmin(input: Tensor, dim: int = -1) -> Tensor:
    """softmax(-x)."""
    return (-input).softmax(dim)


def tanhshrink(input: Tensor) -> Tensor:
    """x - tanh x."""
    return input - input.tanh()


@called("ThresholdBackward0")
def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x above a threshold, a value elsewhere."""
    return where(input.detach() > threshold, input, input.detach() * 0 + value)


def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x, but 0 between -lambd and lambd."""
    return where(input.detach().abs() > lambd, input, 0.0)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x, moved towards 0 by lambd, and not beyond."""
    return (input - lambd).relu() - (-input - lambd).relu()


def gumbel_softmax(logits: Tensor, tau: float = 1.0, hard: bool = False, dim: int = -1) -> Tensor:
    """A draw of a class that has a slope. Source: Jang, Gu & Poole (2017)."""
    noise = wrap(numpy_generator().gumbel(size=logits.shape).astype(logits.array.dtype))
    soft = ((logits + noise) / tau).softmax(dim)
    if not hard:
        return soft
    one = F.one_hot(soft.argmax(dim), soft.shape[dim]).to(soft.dtype).movedim(-1, dim)
    return one - soft.detach() + soft


def _layer(name: str, function: Callable[..., Tensor], **defaults: Any) -> type[Module]:
    """A layer around a function; its settings are the function's arguments, in this order."""

    def begin(self: Any, *given: Any, **named: Any) -> None:
        Module.__init__(self)
        self.settings = {**defaults, **dict(zip(defaults, given, strict=False)), **named}

    def forward(self: Any, input: Tensor) -> Tensor:
        return function(input, **self.settings)

    def extra_repr(self: Any) -> str:
        return ", ".join(f"{key}={value}" for key, value in self.settings.items() if key != "inplace" or value)

    parts = {
        "__init__": begin,
        "forward": forward,
        "extra_repr": extra_repr,
        "__doc__": f"{name.lower()} as a layer.",
    }
    return type(name, (Module,), parts)


ReLU6 = _layer("ReLU6", relu6, inplace=False)
Hardtanh = _layer("Hardtanh", hardtanh, min_val=-1.0, max_val=1.0, inplace=False)
Hardsigmoid = _layer("Hardsigmoid", hardsigmoid, inplace=False)
Hardswish = _layer("Hardswish", hardswish, inplace=False)
LogSigmoid = _layer("LogSigmoid", logsigmoid)
Softsign = _layer("Softsign", softsign)
Mish = _layer("Mish", mish, inplace=False)
SELU = _layer("SELU", selu, inplace=False)
CELU = _layer("CELU", celu, alpha=1.0, inplace=False)
GLU = _layer("GLU", glu, dim=-1)
Softmin = _layer("Softmin", softmin, dim=-1)
Tanhshrink = _layer("Tanhshrink", tanhshrink)
Threshold = _layer("Threshold", threshold, threshold=0.0, value=0.0, inplace=False)
Softmax2d = _layer("Softmax2d", lambda input: F.softmax(input, -3))
Hardshrink, Softshrink = _layer("Hardshrink", hardshrink, lambd=0.5), _layer("Softshrink", softshrink, lambd=0.5)


class PReLU(Module):
    """A leaky relu whose slope is learned. Twin: torch.nn.PReLU."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25):
        super().__init__()
        self.num_parameters = num_parameters
        self.weight = Parameter([init] * num_parameters)

    def forward(self, input: Tensor) -> Tensor:
        return prelu(input, self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


__all__ = [
    "CELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LogSigmoid", "Mish", "PReLU", "ReLU6", "SELU",
    "Softmax2d", "Softmin", "Softshrink", "Softsign", "Tanhshrink", "Threshold", "celu", "glu", "gumbel_softmax",
    "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "logsigmoid", "mish", "prelu", "relu6", "selu", "softmin",
    "softshrink", "softsign", "tanhshrink", "threshold",
]  # fmt: skip
