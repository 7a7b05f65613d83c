"""torch.nn.utils.rnn: sequences of several lengths in one batch; and what else stands in nn.utils."""

from functools import wraps
from typing import Any, NamedTuple

import numpy as np

from dlcore.nn.module import Module
from dlcore.nn.parameter import Parameter
from dlcore.nn.recurrent import GRU, LSTM, RNN
from dlcore.tensor import Tensor, wrap
from dlcore.tensor.create import as_tensor, cat, stack
from dlcore.tensor.protocols import plain


def pad_sequence(sequences: Any, batch_first: bool = False, padding_value: float = 0.0) -> Tensor:
    """Sequences (T_i, …) as one batch (T, N, …) or (N, T, …), the shorter ones filled up at their end."""
    longest = max(len(x) for x in sequences)
    rows = []
    for x in sequences:
        rest = x.new_full((longest - len(x), *x.shape[1:]), padding_value)
        rows.append(cat([x, rest]))
    return stack(rows, 0 if batch_first else 1)


class PackedSequence(NamedTuple):
    """A batch (T, N, D) with the length of each sequence: what pack_padded_sequence gives to a recurrent layer."""

    data: Tensor
    lengths: np.ndarray
    batch_first: bool


def pack_padded_sequence(
    input: Tensor, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Remember the lengths, so that a recurrent layer's last state is that of each sequence's end."""
    return PackedSequence(input, np.asarray(plain(as_tensor(lengths))), batch_first)


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Sequences (T_i, …) as one packed batch."""
    return pack_padded_sequence(pad_sequence(sequences), [len(x) for x in sequences])


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: Any = None
) -> tuple[Tensor, Tensor]:
    """The batch again, what lies beyond the ends filled with a value; and the lengths."""
    x = sequence.data if sequence.batch_first == batch_first else sequence.data.transpose(0, 1)
    steps = np.arange(x.shape[1 if batch_first else 0])
    beyond = steps >= sequence.lengths[:, None]  # (N, T)
    beyond = beyond if batch_first else beyond.T
    x = x.masked_fill(wrap(np.broadcast_to(beyond[..., None], x.shape)), padding_value)
    return x[:, : sequence.lengths.max()] if batch_first else x[: sequence.lengths.max()], wrap(sequence.lengths)


def _each(layer: Any, packed: PackedSequence, states: Any = None) -> Any:
    """Run a recurrent layer on each sequence by itself, up to its end: (outputs, filled up), last states."""
    outputs, ends = [], []
    for n, length in enumerate(packed.lengths):
        x = packed.data[n, :length] if packed.batch_first else packed.data[:length, n]
        mine = None if states is None else _mapped(lambda s, n=n: s[:, n].contiguous(), states)
        y, end = layer(x, mine)
        outputs.append(y)
        ends.append(end)
    y = pad_sequence(outputs, packed.batch_first)
    end = (
        tuple([stack(parts, 1) for parts in zip(*ends, strict=True)]) if isinstance(ends[0], tuple) else stack(ends, 1)
    )
    return PackedSequence(y, packed.lengths, packed.batch_first), end


def _mapped(function: Any, states: Any) -> Any:
    return tuple([function(s) for s in states]) if isinstance(states, tuple) else function(states)


def _taking_packed(forward: Any) -> Any:
    @wraps(forward)
    def call(self: Any, x: Any, *states: Any) -> Any:
        return _each(self, x, *states) if isinstance(x, PackedSequence) else forward(self, x, *states)

    return call


for _layer in (RNN, LSTM, GRU):  # from here on, that is for scripts that pack
    _layer.forward = _taking_packed(_layer.forward)  # type: ignore[method-assign]


def parameters_to_vector(parameters: Any) -> Tensor:
    """All parameters one after another."""
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Any) -> None:
    """The way back."""
    start = 0
    for p in parameters:
        p.data = vec.array[start : start + p.numel()].reshape(p.shape).copy()
        start += p.numel()


def weight_norm(module: Module, name: str = "weight", dim: int = 0) -> Module:
    """A weight by its length and direction, as two parameters. Source: Salimans & Kingma (2016)."""
    weight, inner = getattr(module, name), module.forward
    axes = tuple([d for d in range(weight.ndim) if d != dim])
    g, v = Parameter(weight.detach().norm(2, axes, keepdim=True)), Parameter(weight.detach())
    delattr(module, name)
    setattr(module, f"{name}_g", g)
    setattr(module, f"{name}_v", v)

    def forward(*args: Any, **named: Any) -> Any:
        vars(module)[name] = g * v / v.norm(2, axes, keepdim=True)
        return inner(*args, **named)

    vars(module)["forward"] = forward
    return module


__all__ = [
    "PackedSequence", "pack_padded_sequence", "pack_sequence", "pad_packed_sequence", "pad_sequence",
    "parameters_to_vector", "vector_to_parameters", "weight_norm",
]  # fmt: skip
