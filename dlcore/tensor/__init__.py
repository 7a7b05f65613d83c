"""The engine: tensors that remember how they were made, and the way back (graph.py, then tensor.py).

A network that learns a sine, which in dlcore.ops needs the chain rule by hand. The output y goes two ways, to the
error and to a penalty on its size, which meet again in the loss (a diamond): their gradients are added up.

>>> import numpy as np
>>> random = np.random.default_rng(0)
>>> x = Tensor(np.linspace(-3, 3, 64)[:, None])  # (N, 1)
>>> w1, b1, w2 = (Tensor(random.normal(size=s), requires_grad=True) for s in [(1, 16), (16,), (16, 1)])
>>> losses, seen = [], []
>>> for step in range(500):
...     y = (x @ w1 + b1).tanh() @ w2
...     loss = ((y - x.sin()) ** 2).mean() + 1e-4 * (y**2).mean()
...     handle = y.register_hook(lambda g: seen.append(abs(g).max().item()))  # look at the gradient as it passes
...     loss.backward()
...     with no_grad():  # the update is no part of what is differentiated
...         for w in (w1, b1, w2):
...             w -= 0.03 * w.grad
...             w.grad = None  # gradients add up until they are forgotten
...     losses.append(loss.item())
>>> losses[-1] < losses[0] / 50 and seen[-1] < seen[0] / 5
True
"""

from dlcore.tensor.graph import Node
from dlcore.tensor.recording import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from dlcore.tensor.tensor import Tensor, apply, wrap

__all__ = ["Node", "Tensor", "apply", "enable_grad", "is_grad_enabled", "no_grad", "set_grad_enabled", "wrap"]
