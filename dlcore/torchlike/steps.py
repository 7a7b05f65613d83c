"""What PyTorch calls the steps of a graph, where methods and functions are made of other rules here than there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from dlcore.tensor import Node, Tensor
from dlcore.tensor.recording import Mode

#: Of tensors: what their step is called without `dim`, and with it.
METHODS = {
    "squeeze": ("SqueezeBackward0", "SqueezeBackward1"),
    "max": ("MaxBackward1", "MaxBackward0"),
    "min": ("MinBackward1", "MinBackward0"),
    "median": ("MedianBackward0", "MedianBackward1"),
    "__rsub__": ("RsubBackward1",) * 2,
    "__rtruediv__": ("MulBackward0",) * 2,
    **{name: (f"{called}Backward0",) * 2 for name, called in {
        "unsqueeze": "Unsqueeze", "t": "T", "amax": "Amax", "amin": "Amin", "sort": "Sort", "topk": "Topk",
        "kthvalue": "Kthvalue", "masked_fill": "MaskedFill", "index_select": "IndexSelect", "roll": "Roll",
        "repeat": "Repeat", "bmm": "Bmm", "mv": "Mv", "dot": "Dot", "log10": "Log10", "log2": "Log2", "exp2": "Exp2",
        "expm1": "Expm1", "tan": "Tan", "sinh": "Sinh", "cosh": "Cosh", "atan": "Atan", "asin": "Asin", "acos": "Acos",
        "trace": "Trace", "diagonal": "Diagonal", "scatter": "Scatter", "scatter_add": "ScatterAdd", "rsqrt": "Rsqrt",
        "reciprocal": "Reciprocal", "addmm": "Addmm", "addcmul": "Addcmul", "addcdiv": "Addcdiv", "clone": "Clone",
        "lerp": "Lerp", "cumsum": "Cumsum", "masked_select": "MaskedSelect",
    }.items()},
}  # fmt: skip

#: Of nn.functional.
FUNCTIONS = {"cosine_similarity": "SumBackward1", **{name: f"{called}Backward0" for name, called in {
    "nll_loss": "NllLoss", "smooth_l1_loss": "SmoothL1Loss", "binary_cross_entropy": "BinaryCrossEntropy",
    "huber_loss": "HuberLoss", "group_norm": "NativeGroupNorm",
    "conv1d": "Convolution", "softplus": "Softplus", "elu": "Elu", "leaky_relu": "LeakyRelu",
}.items()}}  # fmt: skip


class AccumulateGrad:
    """Where a walk back ends in PyTorch: the step that adds to the `.grad` of a leaf."""

    def __init__(self, variable: Tensor):
        self.variable = variable

    next_functions: tuple = ()


def sources(node: Node) -> tuple:
    """The steps (or leaves) that a step's gradient goes to, as PyTorch's `next_functions` names them."""
    return tuple([(source if type(source) is Node else AccumulateGrad(source), 0) for source in node.inputs])


def _name(made: Any, given: Any, step: str) -> None:
    new = isinstance(made, Tensor) and made is not given and made.grad_fn is not None
    if new and made.grad_fn.rule not in ("maximum", "minimum"):  # x.max(y) is another step than x.max()
        made.grad_fn.step = step


def method_step(name: str) -> Callable[..., Any]:
    """A method of tensors whose step has the name of METHODS."""
    method, (whole, part) = getattr(Tensor, name), METHODS[name]

    @wraps(method)
    def call(self: Any, *args: Any, **named: Any) -> Any:
        made = method(self, *args, **named)
        if Mode.recording and self.requires_grad:
            _name(made[0] if isinstance(made, tuple) else made, self, part if args or named else whole)
        return made

    return call


def called(step: str) -> Callable[..., Any]:
    """A decorator of functions whose step has this name."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            made = function(*args, **named)
            _name(made, args[0] if args else None, step)
            return made

        return call

    return decorate
