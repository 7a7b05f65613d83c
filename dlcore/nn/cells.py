"""Recurrent cells: one time step, for a loop of one's own. The layers in recurrent.py go through whole sequences."""

import math
from typing import Any

import numpy as np

from dlcore import ops
from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn import init
from dlcore.nn.checks import check_input
from dlcore.nn.module import Module
from dlcore.nn.parameter import Parameter, empty
from dlcore.tensor import Tensor, apply, wrap


class _Cell(Module):
    """What the three cells have in common: their weights, and what they say of input and state."""

    gates: int  #: rows of weights of a hidden unit

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True):
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = self.gates * hidden_size
        self.weight_ih, self.weight_hh = empty(rows, input_size), empty(rows, hidden_size)
        self.bias_ih: Parameter | None = empty(rows) if bias else None
        self.bias_hh: Parameter | None = empty(rows) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights and biases anew, from U(±1/√hidden_size)."""
        bound = 1 / math.sqrt(self.hidden_size)
        for p in self.parameters():
            init.uniform_(p, -bound, bound)

    def _checked(self, x: Tensor, *states: tuple[str, Any]) -> list[Tensor]:
        """Return the states, or zeros where there are none yet, if they and x have the right shapes."""
        where, front = type(self).__name__, "N " if getattr(x, "ndim", 2) == 2 else ""
        check_input(where, "x", x, f"{front}D", self.weight_ih, "D is the cell's input_size.", D=self.input_size)
        sizes = {"N": len(x), "H": self.hidden_size} if front else {"H": self.hidden_size}
        for name, state in states:
            if state is not None:
                check_input(where, name, state, f"{front}H", self.weight_ih, "", **sizes)
        zeros = wrap(np.zeros(tuple(sizes.values()), x.array.dtype))
        return [zeros if state is None else state for _, state in states]

    def _shares(self, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the input and what the state contribute to the pre-activations."""
        return F.linear(x, self.weight_ih, self.bias_ih), F.linear(h, self.weight_hh, self.bias_hh)

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    """One step of a plain RNN: the new state is the output.

        h' = tanh(W_ih x + b_ih + W_hh h + b_hh)        (or ReLU in the place of tanh)

    Shapes: x (N, D) or (D,); hx, the state before, (N, H) or (H,), zeros if left out. Returns h'.
    Twin: torch.nn.RNNCell. Source: Elman (1990), Finding structure in time.

    >>> import dlcore
    >>> cell, h = RNNCell(3, 4), None
    >>> for x in dlcore.ones(5, 2, 3):  # T, N, D
    ...     h = cell(x, h)
    >>> h.shape
    torch.Size([2, 4])
    """

    gates = 1

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh"):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNNCell: nonlinearity must be 'tanh' or 'relu', got {nonlinearity!r}.")
        super().__init__(input_size, hidden_size, bias)
        self.nonlinearity = nonlinearity

    def forward(self, x: Tensor, hx: Tensor | None = None) -> Tensor:
        (h,) = self._checked(x, ("hx", hx))
        from_x, from_h = self._shares(x, h)
        return F.relu(from_x + from_h) if self.nonlinearity == "relu" else F.tanh(from_x + from_h)

    def extra_repr(self) -> str:
        return super().extra_repr() + ("" if self.nonlinearity == "tanh" else f", nonlinearity={self.nonlinearity}")


class LSTMCell(_Cell):
    """One step of an LSTM, whose memory c three gates rule: what is added, what is kept, what is shown.

        i, f, o = σ(W x + b + U h + b'), each with its own weights;   g = tanh(W x + b + U h + b')
        c' = f · c + i · g,     h' = o · tanh(c')

    Shapes: x (N, D) or (D,); hx = (h, c), each (N, H) or (H,), zeros if left out. Returns (h', c').
    The rows of the weights are in the order i, f, g, o.
    Twin: torch.nn.LSTMCell.
    Source: Hochreiter & Schmidhuber (1997); the forget gate: Gers, Schmidhuber & Cummins (2000).

    >>> import dlcore
    >>> h, c = LSTMCell(3, 4)(dlcore.ones(2, 3))
    >>> h.shape, c.shape
    (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    gates = 4

    def forward(self, x: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        if hx is not None and len(hx) != 2:
            raise ValueError(f"LSTMCell: hx should be the pair (h, c), but has {len(hx)} parts.")
        first, second = (None, None) if hx is None else hx
        h, c = self._checked(x, ("h", first), ("c", second))
        from_x, from_h = self._shares(x, h)
        return apply(ops.lstm_cell, from_x + from_h, c)


class GRUCell(_Cell):
    """One step of a GRU, which mixes the state with a new candidate n.

        r, z = σ(W x + b + U h + b'), each with its own weights;   n = tanh(W x + b + r · (U h + b'))
        h' = (1 - z) · n + z · h

    Shapes: as in RNNCell. The rows of the weights are in the order r, z, n.
    Twin: torch.nn.GRUCell.
    Source: Cho et al. (2014), Learning phrase representations using RNN encoder-decoder, section 2.3.

    >>> import dlcore
    >>> GRUCell(3, 4)(dlcore.ones(2, 3)).shape
    torch.Size([2, 4])
    """

    gates = 3

    def forward(self, x: Tensor, hx: Tensor | None = None) -> Tensor:
        (h,) = self._checked(x, ("hx", hx))
        return apply(ops.gru_cell, *self._shares(x, h), h)
