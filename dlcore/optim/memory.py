"""What an optimiser remembers of its parameters, laid out so that many small ones are updated as one long vector."""

from collections.abc import Iterator
from itertools import accumulate, groupby
from typing import Any

import numpy as np

from dlcore.tensor import Tensor
from dlcore.tensor.graph import Writes

#: A parameter with more numbers than this is updated by itself: there the copying would cost more than the calls.
LARGE = 32_768


class Memory:
    """For each name that an algorithm remembers one long array, with the parameters of a group one after another.

    Small neighbours that all have a gradient are handed out together, as one long vector: a small network's update
    costs calls of NumPy, not arithmetic. Adam on an MLP 64-128-64-10 or a small GPT takes half of the time that it
    takes one by one, copying included.
    """

    def __init__(self, params: list[Tensor]):
        self.params, self.steps = params, [0] * len(params)  # steps: how many each parameter has behind it
        self.ends = list(accumulate((p.array.size for p in params), initial=0))
        self.arrays: dict[str, np.ndarray] = {}

    def vectors(self, *names: str) -> Iterator[tuple[np.ndarray, np.ndarray, dict[str, Any]]]:
        """Yield (values, gradient, state) of all parameters that have a gradient; what is remembered starts at zero.

        Values and what is remembered are to be changed in place. `state["step"]` counts from 1.
        """
        for run in self.runs():
            params, t = self.params[run], self.steps[run.start] + 1
            self.steps[run] = [t] * len(params)
            x, g = joined([p.array for p in params]), joined([p.grad.array for p in params])
            yield x, g, {"step": t, **{name: self.part(name, run, x.dtype) for name in names}}
            if len(params) > 1:
                write_back(x, params)
            Writes.note(*[p.array for p in params])  # an older graph that kept these values must not be used again

    def runs(self) -> list[slice]:
        """Return the neighbours to be updated together: with a gradient, one dtype, as many steps behind them."""

        def key(i: int) -> tuple[Any, int, int]:
            p = self.params[i]
            return p.grad is not None and p.array.dtype, self.steps[i], i if p.array.size > LARGE else -1

        runs = [list(run) for (dtype, *_), run in groupby(range(len(self.params)), key) if dtype]
        return [slice(run[0], run[-1] + 1) for run in runs]

    def part(self, name: str, run: slice, dtype: np.dtype) -> np.ndarray:
        """Return what is remembered under `name` of a run of parameters: a view, in the shape of a single one."""
        whole = self.arrays.get(name)
        if whole is None or whole.dtype != dtype:  # the beginning, or the module changed its dtype
            whole = np.zeros(self.ends[-1], dtype) if whole is None else whole.astype(dtype)
            self.arrays[name] = whole
        view = whole[self.ends[run.start] : self.ends[run.stop]]
        return view.reshape(self.params[run.start].shape) if run.stop == run.start + 1 else view


def joined(arrays: list[np.ndarray]) -> np.ndarray:
    """Return arrays one after another as one vector, a copy; a single one as it is."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=None)


def write_back(vector: np.ndarray, params: list[Tensor]) -> None:
    """Give parameters the values that their vector has now.

    >>> w, b = Tensor([[1.0, 2.0]]), Tensor([3.0])
    >>> write_back(10 * joined([w.array, b.array]), [w, b])
    >>> w, b
    (tensor([[10., 20.]]), tensor([30.]))
    """
    start = 0
    for p in params:
        end = start + p.array.size
        p.array[...] = vector[start:end].reshape(p.array.shape)
        start = end


def recall(memory: Memory, i: int) -> dict[str, Any]:
    """Return what is remembered of the parameter i: the number of steps, and arrays in its shape (views)."""
    one, dtype = slice(i, i + 1), memory.params[i].array.dtype
    return {"step": memory.steps[i], **{name: memory.part(name, one, dtype) for name in memory.arrays}}


def remember(memory: Memory, i: int, state: dict[str, Any]) -> None:
    """Copy in what was recalled of the parameter i."""
    memory.steps[i] = int(state["step"])
    for name in state.keys() - {"step"}:
        memory.part(name, slice(i, i + 1), memory.params[i].array.dtype)[...] = state[name]
