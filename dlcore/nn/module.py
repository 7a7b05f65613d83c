"""Modules: trees of layers that know their parameters.

A module is plain data. What it learns it keeps as `Parameter`, what it remembers without learning as `Buffer`, its
parts as other modules; all are ordinary attributes, found again by looking through them. Nothing is registered.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from dlcore.nn.parameter import Buffer, Parameter, sharing
from dlcore.nn.state import LoadedKeys, load_state
from dlcore.nn.tree import Keeper, persistent, tensors
from dlcore.shapes import DtypeError, need
from dlcore.tensor.graph import run_hooks
from dlcore.tensor.protocols import asked_dtype
from dlcore.tensor.tensor import clear_gradients


class Module(Keeper):
    """Base of all layers and networks: write `__init__` with the parts, and `forward` with what they compute.

    Twin: torch.nn.Module.

    >>> from dlcore import nn
    >>> class Twice(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.layer = nn.Linear(2, 2)
    ...
    ...     def forward(self, x):
    ...         return self.layer(self.layer(x))
    >>> model = Twice()
    >>> [(name, tuple(p.shape)) for name, p in model.named_parameters()]
    [('layer.weight', (2, 2)), ('layer.bias', (2,))]
    >>> model
    Twice(
      (layer): Linear(in_features=2, out_features=2, bias=True)
    )
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._hooks:
            return self.forward(*args, **kwargs)
        return run_hooks(self._hooks, self.forward(*args, **kwargs), self, args)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output from the inputs."""
        raise NotImplementedError(f"{type(self).__name__} has no forward(): write what it computes from its inputs.")

    def train(self, mode: bool = True) -> Self:
        """Switch to training: dropout drops, and batch norm uses the batch's statistics (or off again)."""
        need(mode in (True, False), "train", "mode should be True or False, but got {!r}", mode)
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch to evaluation: no dropout, and batch norm uses its running statistics."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Let all parameters be trained, or freeze them."""
        for p in self.parameters():
            p.requires_grad = requires_grad
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters."""
        clear_gradients(self.parameters(), set_to_none)

    def to(self, *asked: Any, dtype: Any = None, device: Any = None) -> Self:
        """Change all floating-point parameters and buffers to a dtype, in place; gradients are forgotten.

        A device must be "cpu", and changes nothing.
        """
        dtype = asked_dtype(*asked, dtype, device)
        need(dtype is None or np.dtype(dtype).kind == "f", "to", "expected floats, but got {}", dtype, DtypeError)
        for _, tensor in tensors(self, (Parameter, Buffer)):
            if dtype is not None and np.issubdtype(tensor.array.dtype, np.floating):
                tensor.array, tensor.grad = tensor.array.astype(dtype, copy=False), None
        return self

    def double(self) -> Self:
        """Change to float64."""
        return self.to(np.float64)

    def float(self) -> Self:
        """Change to float32."""
        return self.to(np.float32)

    def state_dict(self) -> OrderedDict[str, Buffer]:
        """Return {path: values} of all parameters and persistent buffers, sharing their memory.

        PyTorch's modules load it as it is: `theirs.load_state_dict(ours.state_dict())`.
        """
        return OrderedDict((path, sharing(tensor)) for path, tensor in persistent(self))

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> LoadedKeys:
        """Copy values into the parameters and buffers: of `state_dict()`, of PyTorch's, or plain arrays.

        Nothing is changed unless everything fits. Returns the keys that were missing or not expected.

        Raises:
            RuntimeError: naming every key that has another shape, and (if strict) that is missing or not expected.
        """
        return load_state(type(self).__name__, dict(persistent(self)), state_dict, strict)

    def extra_repr(self) -> str:
        """Return the settings that stand between the brackets when the module is printed."""
        return ""

    def __repr__(self) -> str:
        parts = [f"({name}): {part!r}" for name, part in vars(self).items() if isinstance(part, Module)]
        return layout(type(self).__name__, self.extra_repr(), parts)


def layout(name: str, settings: str, parts: list[str]) -> str:
    """Write a module as PyTorch does: on one line if it has no parts, else one line (indented) for each part."""
    if not parts:
        return f"{name}({settings})"
    lines = ([settings] if settings else []) + parts
    return f"{name}(\n  " + "\n".join(lines).replace("\n", "\n  ") + "\n)"
