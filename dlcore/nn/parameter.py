"""The two kinds of tensor that a module holds: what it learns, and what it keeps."""

from typing import Any

import numpy as np

from dlcore.dtypes import Default
from dlcore.shapes import need
from dlcore.tensor import Tensor


class _State(Tensor):
    """A tensor that PyTorch's `load_state_dict` can copy from."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Answer PyTorch when it meets this tensor: as a source to be copied from, and as nothing else.

        PyTorch calls this for any object that has it, so `theirs.load_state_dict(ours.state_dict())` works
        although dlcore does not know PyTorch.
        """
        if getattr(func, "__name__", "") == "copy_":
            theirs, ours = args
            return func(theirs, theirs.new_tensor(ours.numpy()))
        raise TypeError(
            f"PyTorch cannot compute with dlcore's tensors: use torch.from_numpy(x.detach().numpy()) ({func})."
        )


class Parameter(_State):
    """A tensor that a module learns. Twin: torch.nn.Parameter.

    >>> Parameter([1.0, 2.0]).requires_grad
    True
    """

    def __init__(self, data: Any, requires_grad: bool = True):
        dtype = data.dtype if isinstance(data, Tensor) else None  # a tensor of integers is refused, a list of them not
        super().__init__(data, requires_grad=requires_grad, dtype=dtype)

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(_State):
    """A tensor that a module keeps but does not learn, such as a running mean. Twin: torch.nn.Buffer.

    With `persistent=False` it stays out of `state_dict()`: something that can be computed again, such as a mask.

    >>> Buffer([1.0, 2.0]).requires_grad
    False
    """

    def __init__(self, data: Any, persistent: bool = True):
        super().__init__(data, dtype=getattr(data, "dtype", None))  # integers stay integers
        self.persistent = persistent


def empty(*shape: int) -> Parameter:
    """Return a parameter of the default dtype, to be filled by `reset_parameters`."""
    need(min(shape, default=0) >= 0, "Parameter", "sizes should be at least 0, but got {}", shape)
    return Parameter(np.zeros(shape, Default.dtype))


def sharing(tensor: Tensor) -> Buffer:
    """Return a buffer with the same memory as `tensor`, without its history."""
    buffer = Buffer(())
    buffer.array = tensor.array
    return buffer
