"""The methods that PyTorch's tensors have beside dlcore's, put onto Tensor in one place: `attach`, at the end."""

from functools import wraps
from typing import Any

from dlcore.tensor import Node, Tensor
from dlcore.tensor.reducing import Extremes
from dlcore.torchlike.asking import Asking, Making, Moving, Random
from dlcore.torchlike.keywords import foreign
from dlcore.torchlike.picking import Counting, Ordering, Picking, Scattering, Turning
from dlcore.torchlike.sentences import ABSENT, sentence
from dlcore.torchlike.several import Several, answers
from dlcore.torchlike.special import Products, Special
from dlcore.torchlike.steps import METHODS as STEPS
from dlcore.torchlike.steps import method_step, sources
from dlcore.torchlike.words import Angles, Blends, Functions, Questions, Words

#: Functions that PyTorch has as methods in place too: x.sqrt_() is x.copy_(x.sqrt()).
IN_PLACE = """
scatter masked_fill abs addcdiv addcmul addmm ceil clamp_max clamp_min clip cos cumsum div exp floor index_add
index_copy index_fill lerp log log10 log1p logical_not masked_scatter mul neg pow put reciprocal relu remainder round
rsqrt scatter_add sigmoid sign sin softmax sqrt square tanh tril triu trunc true_divide nan_to_num floor_divide fmod
logical_and logical_or multiply subtract
""".split()
#: The same for what changes the shape: the tensor takes over the new one.
RESHAPED = ("squeeze", "t", "transpose", "unsqueeze", "swapaxes")
#: Methods that PyTorch lets be called with `axis` and `keepdims`, or with where and how numbers lie in memory.
ALONG = """
all amax amin any argmax argmin argsort cumprod cumsum flatten gather index_select log_softmax logsumexp max mean
median min norm prod sort split squeeze std sum topk unbind unsqueeze var chunk roll nansum quantile unflatten select
contiguous clone
""".split()

#: Methods that return values and indices.
SEVERAL = ("kthvalue", "max", "median", "min", "sort", "topk")


def _in_place(name: str) -> Any:
    def method(self, *args, **named):
        return self._become(getattr(self, name)(*args, **named))

    return method


def _reshaped(name: str) -> Any:
    def method(self, *args):
        new = getattr(self, name)(*args)
        self.array, self.grad_fn, self.requires_grad = new.array, new.grad_fn, new.requires_grad
        return self

    return method


def _several(name: str) -> Any:
    """A method whose two answers, values and indices, are printed as PyTorch prints them."""
    method = getattr(Tensor, name)
    kind = answers(name, "values", "indices")

    @wraps(method)
    def call(self, *args, **named):
        found = method(self, *args, **named)
        return kind(*found) if isinstance(found, Extremes) else found

    return call


def _missing(self: Tensor, name: str) -> Any:
    """Say what to do where PyTorch's tensors have an attribute that ours have not."""
    said = sentence("dlcore.Tensor", name) if name in ABSENT else f"'Tensor' object has no attribute {name!r}"
    raise AttributeError(said, name=name, obj=None if name.startswith("_") else self)


def _backward(method: Any) -> Any:
    """backward that knows PyTorch's last two arguments, and refuses them."""

    @wraps(method)
    def call(self, gradient=None, retain_graph=None, create_graph=False, inputs=None):
        if create_graph or inputs is not None:
            raise NotImplementedError(sentence("dlcore.Tensor.backward", "create_graph" if create_graph else "inputs"))
        method(self, gradient, bool(retain_graph))

    return call


GROUPS: tuple[type, ...] = (
    *(Words, Questions, Functions, Angles, Blends, Asking, Making, Picking, Turning, Scattering, Counting, Ordering),
    *(Random, Moving, Several, Special, Products),
)
METHODS: dict[str, Any] = {
    name: method for group in GROUPS for name, method in vars(group).items() if not name.startswith("__")
}
METHODS.update({f"{name}_": _in_place(name) for name in IN_PLACE})
METHODS.update({f"{name}_": _reshaped(name) for name in RESHAPED})


def attach() -> None:
    """Put the methods of this file onto Tensor; let those that go along an axis understand `axis` and `keepdims`."""
    for name, method in {**METHODS, "__contains__": Products.__contains__, "__complex__": Products.__complex__}.items():
        setattr(Tensor, name, method)
    for name in SEVERAL:
        setattr(Tensor, name, _several(name))
    for name in ALONG:
        setattr(Tensor, name, foreign(getattr(Tensor, name)))
    if not hasattr(Tensor.backward, "__wrapped__"):
        Tensor.backward = _backward(Tensor.backward)  # type: ignore[method-assign]
    Tensor.__getattr__ = _missing  # type: ignore[attr-defined]
    for name in STEPS:
        setattr(Tensor, name, method_step(name))
    Node.next_functions = property(sources)  # type: ignore[attr-defined]
