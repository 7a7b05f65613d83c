"""Recurrent layers: one set of weights, used again at every time step (the steps are in dlcore.ops.recurrent)."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore import ops
from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn import init
from dlcore.nn.checks import check_input
from dlcore.nn.module import Module
from dlcore.nn.parameter import Parameter, empty
from dlcore.shapes import ShapeError, expect, need
from dlcore.tensor import Tensor, apply, wrap
from dlcore.tensor.create import cat, stack

States = tuple[Tensor, ...]  # what is carried from step to step: (h,), or (h, c) in an LSTM


class _Recurrent(Module):
    """What RNN, LSTM and GRU have in common: their weights, and the way through layers and directions.

    A subclass says how many rows of weights a hidden unit has (`gates`), which states it carries from step to step,
    and how it goes through x (T, N, D) with the weights of one layer and direction (`scan`): outputs, last states.
    """

    gates: int
    weight_ih_l0: Parameter
    scan: Callable[[Tensor, States, str], tuple[Tensor, States]]
    carries: tuple[str, ...] = ("h_0",)

    def __init__(
        self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False
    ) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout, self.bidirectional = bias, batch_first, dropout, bidirectional
        where, sizes = type(self).__name__, (input_size, hidden_size, num_layers)
        need(min(sizes) > 0, where, "input_size, hidden_size and num_layers should be at least 1, but got {}", sizes)
        need(0 <= dropout <= 1, where, "dropout should be a probability in [0, 1], but got {}", dropout)
        for name, shape in _weights(self):
            setattr(self, name, empty(*shape))
        self.reset_parameters()

    def flatten_parameters(self) -> None:
        """Accepted for PyTorch's sake: a matter of graphics cards."""

    def reset_parameters(self) -> None:
        """Draw all weights and biases anew, from U(±1/√hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size)
        for p in self.parameters():
            init.uniform_(p, -bound, bound)

    def _run(self, x: Tensor, first: Sequence[Any] | None) -> tuple[Tensor, States]:
        pattern = "T D" if getattr(x, "ndim", 3) == 2 else "N T D" if self.batch_first else "T N D"
        weight, hint = self.weight_ih_l0, "D is the layer's input_size."
        check_input(type(self).__name__, "x", x, pattern, weight, hint, D=self.input_size)
        single, swap = x.ndim == 2, x.ndim == 3 and self.batch_first
        steps = x.unsqueeze(1) if single else x.transpose(0, 1) if swap else x  # (T, N, D)
        if not len(steps):
            name = type(self).__name__
            raise ShapeError(f"{name}: x should have at least one time step, but got shape {x.array.shape}.")
        y, last = _through_layers(self, steps, _first_states(self, first, steps, single))
        if single:
            return y.squeeze(1), tuple(s.squeeze(1) for s in last)
        return y.transpose(0, 1) if swap else y, last

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        for name, usual in (("num_layers", 1), ("bias", True), ("batch_first", False), ("dropout", 0.0)):
            text += "" if getattr(self, name) == usual else f", {name}={getattr(self, name)}"
        return text + (", bidirectional=True" if self.bidirectional else "")


def _suffixes(module: _Recurrent) -> list[str]:
    """Return the ends of the names of the weights, in the order of layers and directions."""
    ways = ["", "_reverse"] if module.bidirectional else [""]
    return [f"_l{layer}{way}" for layer in range(module.num_layers) for way in ways]


def _weights(module: _Recurrent) -> list[tuple[str, tuple[int, ...]]]:
    """Return name and shape of every weight, in PyTorch's order."""
    rows, hidden = module.gates * module.hidden_size, module.hidden_size
    found: list[tuple[str, tuple[int, ...]]] = []
    for suffix in _suffixes(module):
        width = module.input_size if suffix.startswith("_l0") else hidden * (2 if module.bidirectional else 1)
        found += [(f"weight_ih{suffix}", (rows, width)), (f"weight_hh{suffix}", (rows, hidden))]
        if module.bias:
            found += [(f"bias_ih{suffix}", (rows,)), (f"bias_hh{suffix}", (rows,))]
    return found


def _first_states(module: _Recurrent, first: Sequence[Any] | None, x: Tensor, single: bool) -> list[States]:
    """Return the states before the first step for each layer and direction: those given, or zeros."""
    count, where = len(_suffixes(module)), type(module).__name__
    if first is None:
        zeros = wrap(np.zeros((x.shape[1], module.hidden_size), x.array.dtype))
        return [(zeros,) * len(module.carries)] * count
    if len(first) != len(module.carries):
        raise ShapeError(f"{where}: expected the states {', '.join(module.carries)}, got {len(first)} of them.")
    sizes = {"layers·directions": count, "N": x.shape[1], "H": module.hidden_size}
    for name, state in zip(module.carries, first, strict=True):
        pattern = "layers·directions H" if single else "layers·directions N H"
        expect(where, name, state, pattern, **{k: v for k, v in sizes.items() if k in pattern.split()})
    parts = [state.unsqueeze(1) if single else state for state in first]
    return list(zip(*[part.unbind(0) for part in parts], strict=True))


def _through_layers(module: _Recurrent, x: Tensor, states: list[States]) -> tuple[Tensor, States]:
    """Go through all layers and directions: outputs (T, N, H or 2H), last states (layers · directions, N, H)."""
    outputs: list[Tensor] = []
    ends: list[States] = []
    for suffix, start in zip(_suffixes(module), states, strict=True):
        back = suffix.endswith("_reverse")
        if not back and outputs:  # the next layer
            x = F.dropout(_join(outputs), module.dropout, module.training)
            outputs = []
        y, end = module.scan(x.flip(0) if back else x, start, suffix)
        outputs.append(y.flip(0) if back else y)
        ends.append(end)
    return _join(outputs), tuple(stack(parts) for parts in zip(*ends, strict=True))


def _join(outputs: list[Tensor]) -> Tensor:
    return outputs[0] if len(outputs) == 1 else cat(outputs, dim=-1)


class RNN(_Recurrent):
    """A layer that reads a sequence and feeds its output back into itself.

        h[t] = tanh(W_ih x[t] + b_ih + W_hh h[t-1] + b_hh)

    Shapes: x (T, N, D), or (N, T, D) with batch_first=True, or (T, D); h_0 (layers · directions, N, H).
    Returns the outputs of the last layer at every step (T, N, directions · H), and the last h of every layer.
    Twin: torch.nn.RNN. Source: Elman (1990), Finding structure in time.

    >>> import dlcore
    >>> y, h = RNN(3, 4, batch_first=True)(dlcore.ones(2, 5, 3))
    >>> y.shape, h.shape
    (torch.Size([2, 5, 4]), torch.Size([1, 2, 4]))
    """

    gates = 1

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh", *args: Any, **kw: Any
    ):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}.")
        super().__init__(input_size, hidden_size, num_layers, *args, **kw)
        self.nonlinearity = nonlinearity

    def scan(self, x: Tensor, states: States, suffix: str) -> tuple[Tensor, States]:
        relu = self.nonlinearity == "relu"
        y = apply(ops.rnn, _from_input(self, x, suffix), *states, getattr(self, f"weight_hh{suffix}"), relu=relu)
        return y, (y[-1],)

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        y, (h,) = self._run(x, None if h_0 is None else (h_0,))
        return y, h


class LSTM(_Recurrent):
    """A recurrent layer with a memory cell c, to which three gates rule what is added, what is kept, what is shown.

        i, f, o = σ(W x[t] + U h[t-1] + b), each with its own weights;   g = tanh(W x[t] + U h[t-1] + b)
        c[t] = f · c[t-1] + i · g,     h[t] = o · tanh(c[t])

    Shapes: x (T, N, D), or (N, T, D) with batch_first=True, or (T, D); h_0 and c_0 (layers · directions, N, H).
    The rows of the weights are in the order i, f, g, o. Returns outputs, (last h, last c).
    Twin: torch.nn.LSTM. Source: Hochreiter & Schmidhuber (1997); the forget gate: Gers, Schmidhuber & Cummins (2000).

    >>> import dlcore
    >>> y, (h, c) = LSTM(3, 4, num_layers=2, bidirectional=True)(dlcore.ones(5, 2, 3))
    >>> y.shape, h.shape, c.shape
    (torch.Size([5, 2, 8]), torch.Size([4, 2, 4]), torch.Size([4, 2, 4]))
    """

    gates = 4
    carries = ("h_0", "c_0")

    def scan(self, x: Tensor, states: States, suffix: str) -> tuple[Tensor, States]:
        y, c = apply(ops.lstm, _from_input(self, x, suffix), *states, getattr(self, f"weight_hh{suffix}"))
        return y, (y[-1], c)

    def forward(self, x: Tensor, states: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        y, (h, c) = self._run(x, states)
        return y, (h, c)


class GRU(_Recurrent):
    """A recurrent layer that mixes its last output with a new candidate n: fewer weights than an LSTM, no cell.

        r, z = σ(W x[t] + b + U h[t-1] + b'), each with its own weights;   n = tanh(W x[t] + b + r · (U h[t-1] + b'))
        h[t] = (1 - z) · n + z · h[t-1]

    Shapes: as in RNN. The rows of the weights are in the order r, z, n.
    Twin: torch.nn.GRU.
    Source: Cho et al. (2014), Learning phrase representations using RNN encoder-decoder, section 2.3.

    >>> import dlcore
    >>> y, h = GRU(3, 4)(dlcore.ones(5, 2, 3))
    >>> y.shape, h.shape
    (torch.Size([5, 2, 4]), torch.Size([1, 2, 4]))
    """

    gates = 3

    def scan(self, x: Tensor, states: States, suffix: str) -> tuple[Tensor, States]:
        weight, bias = getattr(self, f"weight_hh{suffix}"), getattr(self, f"bias_hh{suffix}", None)
        gx = F.linear(x, getattr(self, f"weight_ih{suffix}"), getattr(self, f"bias_ih{suffix}", None))
        y = apply(ops.gru, gx, *states, weight, bias)
        return y, (y[-1],)

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        y, (h,) = self._run(x, None if h_0 is None else (h_0,))
        return y, h


def _from_input(module: Module, x: Tensor, suffix: str) -> Tensor:
    """Return the input's share of the gates at all steps, with both biases: one large product, not T small ones."""
    weight = getattr(module, f"weight_ih{suffix}")
    if not hasattr(module, f"bias_ih{suffix}"):
        return F.linear(x, weight)
    return F.linear(x, weight, getattr(module, f"bias_ih{suffix}") + getattr(module, f"bias_hh{suffix}"))
