"""Activations as layers, for use in `Sequential`; the formulas are in dlcore.ops.activations."""

from dlcore import ops
from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn.module import Module
from dlcore.tensor import Tensor, apply


class _InPlace(Module):
    """An activation that takes `inplace`, for PyTorch's sake: nothing is overwritten."""

    def __init__(self, inplace: bool = False):
        super().__init__()
        self.inplace = inplace

    def settings(self) -> list[str]:
        """Return what stands between the brackets before `inplace`."""
        return []

    def extra_repr(self) -> str:
        return ", ".join(self.settings() + (["inplace=True"] if self.inplace else []))


class ReLU(_InPlace):
    """`max(x, 0)`. Twin: torch.nn.ReLU. Source: Nair & Hinton (2010), Rectified linear units.

    >>> import dlcore
    >>> ReLU()(dlcore.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """

    def forward(self, x: Tensor) -> Tensor:
        return apply(ops.relu, x)


class LeakyReLU(_InPlace):
    """x where x > 0, `negative_slope · x` elsewhere. Twin: torch.nn.LeakyReLU. Source: Maas, Hannun & Ng (2013).

    >>> import dlcore
    >>> LeakyReLU(0.5)(dlcore.tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False):
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x, self.negative_slope)

    def settings(self) -> list[str]:
        return [f"negative_slope={self.negative_slope}"]


class ELU(_InPlace):
    """x where x > 0, `alpha (eˣ - 1)` elsewhere. Twin: torch.nn.ELU. Source: Clevert et al. (2016).

    >>> import dlcore
    >>> ELU()(dlcore.tensor([-100.0, 2.0])).tolist()
    [-1.0, 2.0]
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False):
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, x: Tensor) -> Tensor:
        return F.elu(x, self.alpha)

    def settings(self) -> list[str]:
        return [f"alpha={self.alpha}"]


class GELU(Module):
    """`x · Φ(x)`, or with approximate="tanh" its approximation by a tanh. Twin: torch.nn.GELU.

    Source: Hendrycks & Gimpel (2016), Gaussian error linear units, arXiv 1606.08415.

    >>> import dlcore
    >>> GELU()(dlcore.tensor([0.0, 100.0])).tolist()
    [0.0, 100.0]
    """

    def __init__(self, approximate: str = "none"):
        super().__init__()
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate must be 'none' or 'tanh', got {approximate!r}.")
        self.approximate = approximate

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(x, approximate=self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class SiLU(_InPlace):
    """`x · σ(x)`, also called swish. Twin: torch.nn.SiLU. Source: Ramachandran, Zoph & Le (2017).

    >>> import dlcore
    >>> SiLU()(dlcore.tensor([0.0, 100.0])).tolist()
    [0.0, 100.0]
    """

    def forward(self, x: Tensor) -> Tensor:
        return F.silu(x)


class Tanh(Module):
    """The hyperbolic tangent, between -1 and 1. Twin: torch.nn.Tanh.

    >>> import dlcore
    >>> Tanh()(dlcore.tensor([0.0, 800.0])).tolist()
    [0.0, 1.0]
    """

    def forward(self, x: Tensor) -> Tensor:
        return F.tanh(x)


class Sigmoid(Module):
    """`1 / (1 + e⁻ˣ)`, between 0 and 1. Twin: torch.nn.Sigmoid.

    >>> import dlcore
    >>> Sigmoid()(dlcore.tensor([0.0, 800.0])).tolist()
    [0.5, 1.0]
    """

    def forward(self, x: Tensor) -> Tensor:
        return F.sigmoid(x)


class Softplus(Module):
    """`log(1 + e^(beta x)) / beta`, a smooth ReLU. Twin: torch.nn.Softplus, whose threshold is not needed here.

    >>> import dlcore
    >>> Softplus()(dlcore.tensor([-1000.0, 1000.0])).tolist()
    [0.0, 1000.0]
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0):
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, x: Tensor) -> Tensor:
        return F.softplus(x, self.beta)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class Softmax(Module):
    """Positive numbers with sum 1 along an axis: `eˣ / Σ eˣ`. Twin: torch.nn.Softmax; here dim must be given.

    >>> import dlcore
    >>> Softmax(dim=-1)(dlcore.tensor([0.0, 1000.0])).tolist()
    [0.0, 1.0]
    """

    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return F.softmax(x, dim=self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """The logarithm of softmax, right also where softmax rounds to 0. Twin: torch.nn.LogSoftmax; dim must be given.

    >>> import dlcore
    >>> LogSoftmax(dim=-1)(dlcore.tensor([0.0, 1000.0])).tolist()
    [-1000.0, 0.0]
    """

    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return F.log_softmax(x, dim=self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
