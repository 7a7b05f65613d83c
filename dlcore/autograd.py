"""Gradients as values, with every `.grad` left alone; and rules of one's own, written with tensors."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from dlcore.absent import asked
from dlcore.gradcheck import gradcheck
from dlcore.tensor import Node, Tensor, apply, enable_grad, no_grad, set_grad_enabled, wrap
from dlcore.tensor.graph import backpropagate, run_hooks
from dlcore.tensor.protocols import plain
from dlcore.tensor.tensor import attach, quiet, seed

__all__ = ["Function", "enable_grad", "grad", "gradcheck", "no_grad", "set_grad_enabled"]

__getattr__ = asked(__name__)  # what else PyTorch has here


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool = False,
    create_graph: bool = False,
    *,
    allow_unused: bool = False,
    only_inputs: bool = True,
) -> tuple[Tensor | None, ...]:
    """Return how fast the outputs change with each input, and add nothing to any `.grad`.

        (Σ_k g_k · ∂y_k/∂x_i) for each input x_i

    Args:
        outputs: one tensor y, or several.
        inputs: one tensor x, or several: leaves, or tensors inside the graph.
        grad_outputs: g, one for each output, in its shape; None stands for 1, where the output is one number.
        retain_graph: keep the graph for another pass, which costs memory.
        create_graph: must be False: pullbacks are plain NumPy and leave no graph, so there are no second derivatives.
        allow_unused: None, instead of an error, for an input that the outputs were not computed from.
        only_inputs: accepted for PyTorch's sake; nothing is ever added to a `.grad`.

    Returns:
        One gradient for each input, in its shape.

    Raises:
        NotImplementedError: if create_graph is True.
        RuntimeError: if an input does not require a gradient or was not used, and for all that stops a backward().
        TypeError: if an input or an output is no tensor.
        ValueError: if there are no inputs, or not as many grad_outputs as outputs.

    Twin: torch.autograd.grad. The walk goes back to all leaves, also those that were not asked for.

    >>> x, w = Tensor([3.0], requires_grad=True), Tensor([2.0], requires_grad=True)
    >>> grad(w * x * x, [x, w])
    (tensor([12.]), tensor([9.]))
    >>> print(x.grad)
    None
    """
    if create_graph:
        raise NotImplementedError(
            "grad: create_graph=True is not possible: dlcore's pullbacks are plain NumPy and leave no graph, so there "
            "are no second derivatives. Take differences of first ones, or the twin in PyTorch."
        )
    ys, xs = _several("output", outputs), _several("input", inputs)
    root = _root(ys, [None] * len(ys) if grad_outputs is None else _listed(grad_outputs))
    found = quiet.run_nested(_gradients, root, xs, retain_graph)
    unused = [i for i, g in enumerate(found) if g is None]
    if unused and not allow_unused:
        raise RuntimeError(
            f"grad: the outputs were not computed from input {unused[0]}. Leave it out, or write "
            "allow_unused=True to get None for it."
        )
    return tuple([None if g is None else wrap(g) for g in found])


def _listed(given: Any) -> list:
    return list(given) if isinstance(given, list | tuple) else [given]


def _several(name: str, given: Any) -> list[Tensor]:
    """One tensor or several as a list, or an error that says which of them will not do."""
    tensors = _listed(given)
    if not tensors:
        raise ValueError(f"grad: expected at least one {name}, got none.")
    for i, x in enumerate(tensors):
        if not isinstance(x, Tensor):
            raise TypeError(f"grad: {name} {i} should be a tensor, but got {type(x).__name__}.")
        if name == "input" and not x.requires_grad:
            raise RuntimeError(f"grad: input {i} does not require grad: x.requires_grad_() before it is used.")
    return tensors


def _root(ys: list[Tensor], gradients: list) -> Node:
    """A node above all outputs, so that one walk back serves them all; its pullbacks hand out their gradients."""
    if len(gradients) != len(ys):
        raise ValueError(f"grad: {len(ys)} outputs need as many grad_outputs, got {len(gradients)}.")
    seeds = [seed(y, g, "grad", "grad_outputs") for y, g in zip(ys, gradients, strict=True)]
    edges = [(y.grad_fn or y, lambda _, g=g: g[...]) for y, g in zip(ys, seeds, strict=True)]
    return Node("grad", edges, (), None)


def _gradients(root: Node, xs: list[Tensor], retain_graph: bool) -> list[np.ndarray | None]:
    """Walk back; take an inner gradient where it passes (the last hook sees it), a leaf's where it arrives."""
    seen: dict[Any, np.ndarray] = {}
    inner = [x.grad_fn for x in xs if x.grad_fn]
    handles = [attach(node, lambda g, node=node: seen.update({node: g})) for node in inner]
    try:
        for leaf, g, _ in backpropagate(root, np.ones(()), retain_graph):
            seen[leaf] = run_hooks(leaf.hooks, g) if leaf.hooks else g
    finally:
        for handle in handles:
            handle.remove()
    places = [x.grad_fn or x for x in xs]
    return [np.array(seen[place]) if place in seen else None for place in places]


class Context:
    """What a Function's forward leaves for its backward; anything may be kept on it: `ctx.scale = 3`."""

    saved_tensors: tuple = ()
    needs_input_grad: tuple = ()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors for the way back."""
        self.saved_tensors = tensors

    def mark_non_differentiable(self, *outputs: Any) -> None:
        """Accepted for PyTorch's sake: outputs of integers or truth values have no gradient anyway."""

    def set_materialize_grads(self, value: bool) -> None:
        """Accepted for PyTorch's sake: an output that was not used gets zeros."""


class Function:
    """A rule of one's own: `forward(ctx, …)` with the value, `backward(ctx, g, …)` with a gradient for each input.

    `apply` runs forward without recording; on the way back it asks backward once for all gradients (None where there
    is none). Twin: torch.autograd.Function. (dlcore's own rules are plain NumPy: see dlcore/ops/rule.py.)

    >>> class Cube(Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x * x
    ...
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return 3 * x * x * g
    >>> x = Tensor([2.0], requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor([12.])
    """

    setup_context: Any = None  # the newer way: forward(…) without ctx, then setup_context(ctx, inputs, output)

    @classmethod
    def apply(cls, *inputs: Any) -> Any:
        """Compute the value, and record how to come back."""
        ctx = Context()
        ctx.needs_input_grad = tuple([isinstance(x, Tensor) and x.requires_grad for x in inputs])
        with no_grad():
            value = cls.forward(ctx, *inputs) if cls.setup_context is None else cls.forward(*inputs)
            if cls.setup_context is not None:
                cls.setup_context(ctx, inputs, value)
        return _recorded(cls, ctx, plain(value), inputs)

    @staticmethod
    def forward(*args: Any) -> Any:
        """Compute the value."""
        raise NotImplementedError("Function: write forward(ctx, …), which computes the value from the inputs.")

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """Compute the gradient of each input from those of the outputs."""
        raise NotImplementedError("Function: write backward(ctx, g), which returns a gradient for each input.")


def _recorded(function: type[Function], ctx: Context, value: Any, inputs: tuple) -> Any:
    """Put a Function's value into the graph, as `apply` does with that of a rule."""
    shapes = [(v.shape, v.dtype) for v in (value if isinstance(value, tuple) else (value,))]
    asked: list = [None, None]  # the gradient that came last, and what backward answered

    def pull(i: int, g: Any) -> Any:
        if asked[0] is not g:
            gs = g if isinstance(g, list) else [g]
            gs = [wrap(np.zeros(*like) if g is None else g) for g, like in zip(gs, shapes, strict=True)]
            with no_grad():
                asked[:] = g, _listed(function.backward(ctx, *gs))
        part = asked[1][i]
        return np.zeros(inputs[i].shape, inputs[i].dtype) if part is None else np.array(plain(part))

    def rule(*_: Any) -> Any:
        return value, [partial(pull, i) for i in range(len(inputs))]

    rule.__name__ = function.__name__
    return apply(rule, *inputs)
