"""The engine: tensors that remember how they were made, and the way back (graph.py, then tensor.py)."""

from dlcore.tensor.graph import Node
from dlcore.tensor.recording import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from dlcore.tensor.tensor import Tensor, apply, wrap

__all__ = ["Node", "Tensor", "apply", "enable_grad", "is_grad_enabled", "no_grad", "set_grad_enabled", "wrap"]
