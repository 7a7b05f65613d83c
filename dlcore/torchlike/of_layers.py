"""What PyTorch's layers take beside ours: device, dtype, size_average, ceil_mode, settings that are as usual."""

from collections.abc import Callable
from functools import wraps
from inspect import CO_VARARGS
from typing import Any

from dlcore.cuda import device as named_device
from dlcore.nn import functional as F  # noqa: N812 (PyTorch's custom)
from dlcore.nn.losses import _Loss
from dlcore.nn.module import Module
from dlcore.nn.state import LoadedKeys
from dlcore.torchlike import hooks
from dlcore.torchlike.keywords import foreign
from dlcore.torchlike.of_functions import old_reduction

#: Settings of layers that are not there, as they usually are.
USUAL = {"sparse": False, "max_norm": None, "scale_grad_by_freq": False, "padding_mode": "zeros"}


def on_device(begin: Callable[..., None]) -> Callable[..., None]:
    """Let a layer take device= and dtype=, and settings that are as usual."""

    code: Any = begin.__code__
    most = code.co_argcount - 1 if not code.co_flags & CO_VARARGS else 10**9

    @wraps(begin)
    def call(self: Any, *args: Any, **named: Any) -> None:
        if most < len(args) <= most + 2:  # PyTorch's last two, without their names
            named.update(zip(("device", "dtype"), args[most:], strict=False))
            args = args[:most]
        if not named:
            begin(self, *args)
            return
        where, kind = named.pop("device", None), named.pop("dtype", None)
        if where is not None:
            named_device(str(where))
        named = {key: value for key, value in named.items() if key not in USUAL or value != USUAL[key]}
        begin(self, *args, **named)
        if kind is not None:
            self.to(kind)

    return call


def with_ceiling(layer: type[Module]) -> None:
    """Let MaxPool2d take ceil_mode."""
    begin, forward = layer.__init__, layer.forward

    @wraps(begin)
    def call(self: Any, *args: Any, ceil_mode: bool = False, **named: Any) -> None:
        begin(self, *args, **named)
        self.ceil_mode = ceil_mode

    @wraps(forward)
    def go(self: Any, x: Any) -> Any:
        if not self.ceil_mode:
            return forward(self, x)
        pool: Any = F.max_pool2d  # which of_functions.py has taught ceil_mode
        return pool(x, self.kernel_size, self.stride, self.padding, self.dilation, True)

    layer.__init__, layer.forward = call, go  # type: ignore[method-assign]


def without_dim(layer: type[Module]) -> None:
    """Let Softmax be made without dim."""
    begin: Any = layer.__init__

    @wraps(begin)
    def call(self: Any, dim: Any = None) -> None:
        begin(self, dim)

    layer.__init__ = call  # type: ignore[method-assign]


def from_pretrained(cls: Any, embeddings: Any, freeze: bool = True, padding_idx: Any = None) -> Any:
    """An embedding of given vectors."""
    layer = cls(*embeddings.shape, padding_idx=padding_idx)
    layer.weight.data = embeddings
    return layer.requires_grad_(not freeze)


def teach(names: dict[str, Any]) -> None:
    """Wrap what needs it among the layers of nn."""
    for layer in list(names.values()):
        if isinstance(layer, type) and issubclass(layer, Module) and "__init__" in vars(layer):
            wrapper = old_reduction if issubclass(layer, _Loss) else on_device
            layer.__init__ = wrapper(layer.__init__)  # type: ignore[method-assign]
    _Loss.__init__ = old_reduction(_Loss.__init__)  # type: ignore[method-assign]
    with_ceiling(names["MaxPool2d"])
    without_dim(names["Softmax"])
    without_dim(names["LogSoftmax"])
    Module.to = foreign(Module.to)  # type: ignore[method-assign]
    hooks.teach()
    LoadedKeys.__name__ = "_IncompatibleKeys"
    names["Embedding"].from_pretrained = classmethod(from_pretrained)
