"""What PyTorch's modules have beside ours: hooks before forward and on the way back, parts by their path, half."""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from dlcore.nn.containers import Sequential
from dlcore.nn.module import Module
from dlcore.nn.parameter import Buffer, Parameter
from dlcore.tensor import Tensor
from dlcore.tensor.tensor import Handle


def _around(module: Module, name: str, wrap: Callable[..., Any]) -> dict[Any, Any]:
    """The hooks of one kind on a module, whose forward is wrapped when the first is put there."""
    mine: dict[str, Any] = vars(module)
    if name not in mine:
        mine[name], inner = {}, module.forward
        mine["forward"] = lambda *args, **named: wrap(mine[name], inner, args, named)
    hooks: dict[Any, Any] = mine[name]
    return hooks


def register_forward_pre_hook(self: Module, hook: Callable[..., Any], **_: Any) -> Handle:
    """Call hook(module, args) before each forward; what it returns (if anything) takes the place of the arguments."""

    def wrap(hooks: Any, inner: Any, args: tuple, named: dict) -> Any:
        for one in list(hooks.values()):
            new = one(self, args)
            args = args if new is None else new if isinstance(new, tuple) else (new,)
        return inner(*args, **named)

    return Handle(_around(self, "_before", wrap), hook)


def register_full_backward_hook(self: Module, hook: Callable[..., Any], **_: Any) -> Handle:
    """Call hook(module, grad_input, grad_output) on the way back; what it returns replaces the first input's gradient.

    Both are tuples; grad_input has None for what needs no gradient.
    """

    def wrap(hooks: Any, inner: Any, args: tuple, named: dict) -> Any:
        seen: list[Any] = []
        first = args[0].clone() if isinstance(args[0], Tensor) and args[0].requires_grad else None
        y = inner(*(args if first is None else (first, *args[1:])), **named)
        if not isinstance(y, Tensor) or not y.requires_grad:
            return y
        if first is None:
            y.register_hook(lambda g: [one(self, (None,), (g,)) for one in list(hooks.values())] and None)
            return y
        y.register_hook(lambda g: seen.append(g))
        first.register_hook(lambda g: _told(hooks, self, g, seen))
        return y

    return Handle(_around(self, "_back", wrap), hook)


def _told(hooks: dict, module: Module, g: Any, seen: list) -> Any:
    for one in list(hooks.values()):
        new = one(module, (g,), (seen[-1],))
        g = g if new is None else new[0]
    return g


def get_submodule(self: Module, target: str) -> Any:
    """The part with this path."""
    return reduce(getattr, target.split(".") if target else [], self)


def half(self: Module) -> Any:
    """Change to float16."""
    return self.to(np.float16)


def _renumber(row: Any, parts: list[Module]) -> Any:
    for name in dict(row.named_children()):
        delattr(row, name)
    return row.extend(parts)


def insert(self: Any, index: int, module: Module) -> Any:
    """Put a module between others."""
    parts = self._parts()
    parts.insert(index, module)
    return _renumber(self, parts)


def pop(self: Any, index: int) -> Module:
    """Take a module out."""
    parts: list[Module] = self._parts()
    module = parts.pop(index)
    _renumber(self, parts)
    return module


def _kept(kind: Any) -> property:
    """What a module itself keeps of a kind, by name; to be looked at (PyTorch keeps it there)."""
    return property(lambda self: {name: x for name, x in vars(self).items() if isinstance(x, kind)})


def teach() -> None:
    """Put these methods onto modules."""
    Module.register_forward_pre_hook = register_forward_pre_hook  # type: ignore[attr-defined]
    Module.register_full_backward_hook = register_full_backward_hook  # type: ignore[attr-defined]
    Module.register_backward_hook = register_full_backward_hook  # type: ignore[attr-defined]
    Module.get_submodule = Module.get_parameter = get_submodule  # type: ignore[attr-defined]
    Module.half = half  # type: ignore[attr-defined]
    for name, kind in (("_modules", Module), ("_parameters", Parameter), ("_buffers", Buffer)):
        setattr(Module, name, _kept(kind))
    row: Any = Sequential.__base__
    row.insert, row.pop, row.__delitem__ = insert, pop, lambda self, index: pop(self, index) and None
