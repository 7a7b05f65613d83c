"""How weights start: so that signals neither die nor blow up on their way through the layers.

Each function fills a tensor in place and returns it, as in torch.nn.init. The draws come from `generator`, or from the
default generator that `dlcore.manual_seed` seeds.
"""

import math
from typing import Any, TypeVar

import numpy as np

from dlcore.absent import asked
from dlcore.rng import numpy_generator
from dlcore.shapes import ShapeError
from dlcore.tensor import Tensor
from dlcore.tensor.graph import Writes

T = TypeVar("T", bound=Tensor)

_GAINS = {
    "linear": 1.0,
    "conv1d": 1.0,
    "conv2d": 1.0,
    "conv_transpose2d": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "selu": 3 / 4,
}


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return by how much the weights before an activation must grow so that the signal keeps its spread.

    Args:
        param: the slope of leaky_relu, 0.01 if None.

    Twin: torch.nn.init.calculate_gain.

    >>> round(calculate_gain("relu"), 4)
    1.4142
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in _GAINS:
        raise ValueError(f"calculate_gain: expected one of {', '.join(_GAINS)}, leaky_relu, got {nonlinearity!r}.")
    return _GAINS[nonlinearity]


def fans(tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs feed one output, and how many outputs one input feeds: (fan_in, fan_out).

    >>> from dlcore import nn
    >>> fans(nn.Conv2d(3, 16, kernel_size=5).weight)
    (75, 400)
    """
    if len(tensor.shape) < 2:
        raise ShapeError(
            f"init: a tensor of shape {tuple(tensor.shape)} has no fan in and fan out, which needs (out, in, …); "
            "for biases use zeros_ or uniform_."
        )
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def _fill(tensor: T, values: Any) -> T:
    tensor.array[...] = values
    Writes.note(tensor.array)
    return tensor


def zeros_(tensor: T) -> T:
    """Fill with 0."""
    return _fill(tensor, 0)


def ones_(tensor: T) -> T:
    """Fill with 1."""
    return _fill(tensor, 1)


def constant_(tensor: T, val: float) -> T:
    """Fill with one value."""
    return _fill(tensor, val)


def uniform_(tensor: T, a: float = 0.0, b: float = 1.0, generator: Any = None) -> T:
    """Draw from U(a, b)."""
    return _fill(tensor, numpy_generator(generator).uniform(a, b, tensor.shape))


def normal_(tensor: T, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> T:
    """Draw from N(mean, std²)."""
    return _fill(tensor, numpy_generator(generator).normal(mean, std, tensor.shape))


def trunc_normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, generator: Any = None
) -> T:
    """Draw from N(mean, std²), again and again until every value lies in [a, b]."""
    draw = numpy_generator(generator).normal
    values = draw(mean, std, tensor.shape)
    while (outside := (values < a) | (values > b)).any():
        values[outside] = draw(mean, std, int(outside.sum()))
    return _fill(tensor, values)


def xavier_uniform_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Draw from U(-a, a) with a = gain · √(6 / (fan_in + fan_out)): variance kept forwards and backwards.

    Twin: torch.nn.init.xavier_uniform_.
    Source: Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward networks, equation 16.
    """
    bound = gain * math.sqrt(6 / sum(fans(tensor)))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Draw from N(0, std²) with std = gain · √(2 / (fan_in + fan_out)); see xavier_uniform_."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / sum(fans(tensor))), generator)


def kaiming_uniform_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> T:
    """Draw from U(-b, b) with b = gain · √(3 / fan): variance kept through rectified layers.

    Args:
        a: the slope of the leaky ReLU that follows; √5 gives U(±1/√fan_in), the default of Linear and Conv.
        mode: "fan_in" keeps the variance forwards, "fan_out" backwards.

    Twin: torch.nn.init.kaiming_uniform_.
    Source: He, Zhang, Ren & Sun (2015), Delving deep into rectifiers, section 2.2.

    >>> from dlcore import nn
    >>> weight = kaiming_uniform_(nn.Linear(100, 10).weight, a=5**0.5).detach()
    >>> bool(abs(weight.numpy()).max() <= 0.1)
    True
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: T, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu", generator: Any = None
) -> T:
    """Draw from N(0, std²) with std = gain / √fan; see kaiming_uniform_."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def _kaiming_std(tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"init: mode must be 'fan_in' or 'fan_out', got {mode!r}.")
    fan = fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(fan)


def orthogonal_(tensor: T, gain: float = 1.0, generator: Any = None) -> T:
    """Fill with an orthogonal matrix, drawn evenly: it turns vectors and leaves their lengths alone.

    The axes from the second on count as one. Twin: torch.nn.init.orthogonal_.
    Source: Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning, section 3.

    >>> from dlcore import nn
    >>> q = orthogonal_(nn.Linear(3, 3).weight).detach().numpy()
    >>> bool(np.allclose(q @ q.T, np.eye(3), atol=1e-6))
    True
    """
    if len(tensor.shape) < 2:
        raise ShapeError(f"init.orthogonal_: expected at least 2 axes, got shape {tuple(tensor.shape)}.")
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    draw = numpy_generator(generator).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(draw)
    q *= np.sign(np.diag(r))  # makes the draw even over all orthogonal matrices
    return _fill(tensor, gain * (q if rows >= columns else q.T).reshape(tensor.shape))


__getattr__ = asked(__name__)  # what else PyTorch has here
