"""The tensor: an array that remembers how it was made, so that the chain rule can be run backwards through it.

The arithmetic is in `dlcore.ops`, the walk backwards in graph.py; here the two meet, in `apply`.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from dlcore.dtypes import Default
from dlcore.printing import tensor_text
from dlcore.shapes import DtypeError
from dlcore.tensor.faults import explain
from dlcore.tensor.graph import Node, backpropagate, run_hooks
from dlcore.tensor.methods import Arithmetic, Comparisons, Pointwise, Rounding
from dlcore.tensor.protocols import Conversions, Numbers, Sizes, as_array, plain
from dlcore.tensor.recording import Mode, Quiet
from dlcore.tensor.reducing import Ordering, Reductions
from dlcore.tensor.shaping import InPlace, Selecting, Shaping

quiet = Quiet()
_new = object.__new__


def apply(rule: Any, *inputs: Any, **options: Any) -> Any:
    """Run a rule on tensors (or constants), and record how to run it backwards.

    Only inputs that are tensors with requires_grad get an edge: pullbacks that nobody needs are dropped here, with
    all that they keep in memory.

    >>> from dlcore import ops
    >>> x = Tensor([1.0, 2.0], requires_grad=True)
    >>> y = apply(ops.mul, x, x)
    >>> y.grad_fn, len(y.grad_fn.edges)
    (<MulBackward0>, 2)
    """
    try:
        value, pullbacks = quiet.run(rule, *[x.array if isinstance(x, Tensor) else x for x in inputs], **options)
    except (ValueError, IndexError, TypeError) as error:
        better = explain(rule.__name__, inputs, options, error)
        if better is None:
            raise
        raise better from error
    edges = []
    if Mode.recording:
        for x, pullback in zip(inputs, pullbacks):  # noqa: B905 (a rule may have pullbacks for absent inputs)
            if isinstance(x, Tensor) and x.requires_grad:
                edges.append((x.grad_fn or x, pullback))
    if type(value) is not np.ndarray:
        if type(value) is tuple:
            return _several(rule, value, edges)
        value = np.asarray(value)  # NumPy returns numbers, not arrays, where no axis is left
    return wrap(value, Node(rule.__name__, edges, value.shape, value.dtype) if edges else None)


def _several(rule: Any, values: tuple, edges: Any) -> tuple:
    """The tensors of a rule with several values: one node collects the gradients of all for the one pullback."""
    if not edges:
        return tuple([wrap(value) for value in values])
    source = Node(rule.__name__, edges, None, None, len(values))
    nodes = [Node(rule.__name__, [(source, None)], v.shape, v.dtype, 1, i) for i, v in enumerate(values)]
    return tuple([wrap(value, node) for value, node in zip(values, nodes, strict=True)])


def wrap(array: np.ndarray, node: Node | None = None) -> "Tensor":
    """A tensor around an array, and the node that made it; nothing copied and nothing checked: the fast way in."""
    out: Tensor = _new(Tensor)
    out.array, out.grad_fn, out.requires_grad = array, node, node is not None
    out.grad = out.hooks = None
    return out


def agree(x: Any, y: Any) -> tuple[Any, Any]:
    """Let two operands have one dtype, as in PyTorch: numbers and constants follow the tensor, integers follow floats.

    (NumPy would make float64 of float32 with int64, with np.float64(2) or with a list.)
    """
    if isinstance(x, Tensor) and isinstance(y, Tensor):
        if x.array.dtype != y.array.dtype:
            dtype = common_dtype(x.array, y.array)
            return x.to(dtype), y.to(dtype)
        return x, y
    if isinstance(x, Tensor):
        return _follow(x, y)
    y, x = _follow(y, x)
    return x, y


def _follow(x: "Tensor", constant: Any) -> tuple[Any, Any]:
    kind = x.array.dtype.kind
    if type(constant) is float or type(constant) is int or type(constant) is bool:
        return (x if kind == "f" or type(constant) is not float else x.to(Default.dtype)), constant
    if constant is None or isinstance(constant, str | dict):
        raise TypeError(f"expected a tensor, an array or a number, but got {type(constant).__name__}")
    array = as_array(constant)
    if kind == "f":
        return x, array.astype(x.array.dtype, copy=False)
    return (x.to(Default.dtype), array.astype(Default.dtype)) if array.dtype.kind == "f" else (x, array)


def common_dtype(x: np.ndarray, y: np.ndarray) -> np.dtype:
    """The dtype that two arrays meet in: floats win over integers; within a kind, arrays win over single numbers."""
    kinds = "biuf"
    a, b = x.dtype, y.dtype
    if a.kind != b.kind:
        return a if kinds.index(a.kind) > kinds.index(b.kind) else b
    if bool(x.ndim) != bool(y.ndim):
        return a if x.ndim else b
    return np.promote_types(a, b)


class Engine:
    """How methods reach the rules: apply, and apply after making dtypes agree."""

    __slots__ = ()
    apply = staticmethod(apply)
    wrap = staticmethod(wrap)

    @staticmethod
    def binary(rule: Any, x: Any, y: Any, **options: Any) -> Any:
        return apply(rule, *agree(x, y), **options)

    @staticmethod
    def float_binary(rule: Any, x: Any, y: Any) -> Any:
        x, y = agree(x, y)
        one = x if isinstance(x, Tensor) else y
        if one.array.dtype.kind != "f":  # 3 / 2 is 1.5
            x, y = (v.to(Default.dtype) if isinstance(v, Tensor) else v for v in (x, y))
        return apply(rule, x, y)

    def unary(self, rule: Any, **options: Any) -> Any:
        x: Any = self
        return apply(rule, x if x.array.dtype.kind == "f" else x.to(Default.dtype), **options)

    def floating(self, rule: Any, **options: Any) -> Any:
        self.need_float(rule.__name__)
        return apply(rule, self, **options)

    def constant(self, function: Any, other: Any) -> Any:
        x: Any = self
        try:
            return wrap(as_array(function(x.array, plain(other))))
        except (ValueError, TypeError) as error:
            raise explain(function.__name__, (self, other), {}, error) or error from error

    def need_float(self, where: str) -> None:
        x: Any = self
        if x.array.dtype.kind != "f":
            raise DtypeError(f"{where}: expected a floating dtype, but got {x.array.dtype}. Convert first: x.float()")


@lru_cache
def _one(shape: tuple, dtype: Any) -> np.ndarray:
    """The gradient of a number with respect to itself, made once: no pullback writes into the g that it is given."""
    return np.ones(shape, dtype)


def seed(x: Any, gradient: Any, where: str = "backward", argument: str = "gradient") -> np.ndarray:
    """The gradient that a backward pass starts with, or an error that says why there is none."""
    if not x.requires_grad:
        raise RuntimeError(
            f"{where}: this tensor does not require grad: nothing that it came from has requires_grad=True, "
            "or it was computed under no_grad or detached."
        )
    if gradient is None:
        if x.array.size != 1:
            raise RuntimeError(
                f"{where}: a gradient can only be left out for one number, but this has shape {x.array.shape}. "
                f"Reduce it first, {'x.sum().backward()' if where == 'backward' else 'x.sum()'}, or give {argument}=."
            )
        return _one(x.array.shape, x.array.dtype)
    g = np.asarray(plain(gradient), x.array.dtype)
    if g.shape != x.array.shape:
        raise RuntimeError(f"{where}: {argument} should have shape {x.array.shape}, but got {g.shape}")
    return g


def _backward(x: Any, g: np.ndarray, retain_graph: bool) -> None:
    for found in backpropagate(x.grad_fn, g, retain_graph) if x.grad_fn else [(x, g, True)]:
        deposit(*found)


class Autograd:
    """Gradients: who needs them, the way back, looking at them."""

    __slots__ = ()
    array: Any
    grad: Any
    grad_fn: Any
    hooks: Any
    requires_grad: Any

    @property
    def is_leaf(self) -> bool:
        return self.grad_fn is None

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Ask for a gradient (or not); returns the tensor."""
        if requires_grad and self.array.dtype.kind != "f":
            raise RuntimeError(
                f"requires_grad: only floating tensors have gradients, and this one is {self.array.dtype}"
            )
        if not requires_grad and self.grad_fn is not None:
            raise RuntimeError("requires_grad: a tensor inside a graph always requires grad; use x.detach()")
        x: Any = self
        x.requires_grad = bool(requires_grad)
        return x

    def backward(self, gradient: Any = None, retain_graph: bool = False) -> None:
        """Send the gradient of this tensor back to the leaves, and add it to their .grad.

        Args:
            gradient: of the final quantity with respect to this tensor, in its shape; for one number it is 1.
            retain_graph: keep the graph for another backward, which costs memory.

        Raises:
            RuntimeError: no graph, no gradient given for more than one number, a freed graph, or an array that
                was changed in place after a pullback kept it.
        """
        quiet.run_nested(_backward, self, seed(self, gradient), retain_graph)

    def register_hook(self, hook: Any) -> Any:
        """Call hook(grad) when this tensor's gradient is known; what it returns (if anything) replaces the gradient.

        Returns a handle whose remove() takes the hook away again.

        >>> x = Tensor([1.0], requires_grad=True)
        >>> y = x * 2
        >>> handle = y.register_hook(lambda g: print("seen", g))
        >>> (y * 3).backward()
        seen tensor([3.])
        """
        if not self.requires_grad:
            raise RuntimeError("register_hook: this tensor does not require grad, so no gradient will come")
        return attach(self.grad_fn or self, lambda g: plain(hook(wrap(g))))

    def retain_grad(self) -> None:
        """Keep .grad also on this tensor, which is not a leaf."""
        if self.grad_fn is not None:
            self.register_hook(lambda g: deposit(self, g.array, True))


class Handle:
    """A hook's place among others; what register_hook and register_forward_hook return."""

    __slots__ = ("_hooks",)

    def __init__(self, hooks: dict, hook: Any) -> None:
        self._hooks = hooks
        hooks[self] = hook

    def remove(self) -> None:
        """Take the hook away."""
        self._hooks.pop(self, None)


def attach(owner: Any, hook: Any) -> Handle:
    """Put a hook behind those of a node or leaf."""
    if owner.hooks is None:
        owner.hooks = {}
    return Handle(owner.hooks, hook)


def deposit(leaf: Any, g: Any, borrowed: bool) -> None:
    """Add a gradient to the .grad of its tensor: in place where there is one, and never in borrowed memory."""
    if leaf.hooks:
        g, borrowed = run_hooks(leaf.hooks, g), True
    if leaf.grad is None:
        leaf.grad = wrap(np.array(g) if borrowed or type(g) is not np.ndarray else g)
    else:
        leaf.grad.array += g


def clear_gradients(leaves: Iterable[Any], set_to_none: bool = True) -> None:
    """Drop the gradients, or fill them with zeros."""
    for p in leaves:
        if set_to_none or p.grad is None:
            p.grad = None
        else:
            p.grad.array[...] = 0


class Tensor(
    Engine, Autograd, Sizes, Numbers, Conversions, Arithmetic, Comparisons, Pointwise, Rounding, Reductions, Ordering,
    Shaping, Selecting, InPlace,
):  # fmt: skip
    """An array with a memory of its making.

    array: the NumPy array; requires_grad: whether gradients flow to it; grad: after backward, the gradient of the
    loss with respect to it (leaves only); grad_fn: the node that made it (None for a leaf).

    >>> x = Tensor([3.0], requires_grad=True)
    >>> (x * x).backward()
    >>> x.grad
    tensor([6.])
    """

    __slots__ = ("array", "grad", "requires_grad", "grad_fn", "hooks", "shown", "__dict__", "__weakref__")

    def __init__(self, data: Any = (), *sizes: int, requires_grad: bool = False, dtype: Any = None) -> None:
        array = np.zeros((data, *sizes), Default.dtype) if sizes else np.array(plain(data), dtype)
        if dtype is None and (array.dtype.kind != "f" or not hasattr(data, "dtype")):
            array = array.astype(Default.dtype)
        self.array: Any = array
        self.grad: Any = None
        self.grad_fn: Any = None
        self.hooks: Any = None
        self.requires_grad = False
        self.requires_grad_(requires_grad)

    def __getstate__(self) -> Any:  # the numbers are copied and saved, not their history, nor what a view shows
        slots = {name: getattr(self, name) for name in Tensor.__slots__[:3]}
        return vars(self), {**slots, "grad_fn": None, "hooks": None}

    def __repr__(self) -> str:
        made = [f"grad_fn={self.grad_fn}"] if self.grad_fn else ["requires_grad=True"] if self.requires_grad else []
        return tensor_text(self.array, made)
