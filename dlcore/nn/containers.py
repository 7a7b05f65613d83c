"""Modules that hold others: in a row, in a list, by name."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Self

from dlcore.nn.module import Module, layout


class _Row(Module):
    """A row of modules, kept as the attributes "0", "1", "2" …, which become the first part of their keys."""

    def __init__(self, modules: Iterable[Module] = ()):
        super().__init__()
        self.extend(modules)

    def append(self, module: Module) -> Self:
        """Add a module at the end."""
        if not isinstance(module, Module):
            raise TypeError(
                f"{type(self).__name__}: expected dlcore's modules, got {type(module)} at {len(self)}. What is "
                "built on PyTorch, as einops' layers are, does not know dlcore's tensors: write a Module of your own."
            )
        setattr(self, str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Add several modules at the end."""
        for module in modules:
            self.append(module)
        return self

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, [name for name, part in vars(self).items() if isinstance(part, Module)][index], module)

    def __len__(self) -> int:
        return len(self._parts())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parts())

    def _parts(self) -> list[Any]:
        return [part for part in vars(self).values() if isinstance(part, Module)]


class Sequential(_Row):
    """Modules one after the other: each takes what the one before returns.

    Twin: torch.nn.Sequential; it also takes one dictionary of named modules.

    >>> from dlcore import nn
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    >>> model[0]
    Linear(in_features=2, out_features=3, bias=True)
    >>> len(model)
    2
    """

    def __init__(self, *modules: Any):
        named = modules[0] if len(modules) == 1 and isinstance(modules[0], Mapping) else {}
        super().__init__(() if named else modules)
        for name, module in named.items():
            setattr(self, name, module)

    def __getitem__(self, index: int | slice) -> Any:
        parts = self._parts()[index]
        return Sequential(*parts) if isinstance(index, slice) else parts

    def forward(self, x: Any) -> Any:
        for part in vars(self).values():
            if isinstance(part, Module):
                x = part(x)
        return x


class ModuleList(_Row):
    """A list of modules that a module looks into, which it does not do with an ordinary list.

    Twin: torch.nn.ModuleList.

    >>> from dlcore import nn
    >>> nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])
    ModuleList(
      (0-2): 3 x Linear(in_features=2, out_features=2, bias=True)
    )
    """

    def __getitem__(self, index: int | slice) -> Any:
        parts = self._parts()[index]
        return ModuleList(parts) if isinstance(index, slice) else parts

    def __repr__(self) -> str:
        lines, first = [], 0
        for text, same in groupby(map(repr, self)):
            n = len(list(same))
            lines.append(f"({first}): {text}" if n == 1 else f"({first}-{first + n - 1}): {n} x {text}")
            first += n
        return layout("ModuleList", "", lines)


class ModuleDict(Module):
    """Modules by name, for a module to look into.

    Twin: torch.nn.ModuleDict.

    >>> from dlcore import nn
    >>> heads = nn.ModuleDict({"mean": nn.Linear(4, 2), "spread": nn.Linear(4, 2)})
    >>> list(heads)
    ['mean', 'spread']
    >>> heads["mean"]
    Linear(in_features=4, out_features=2, bias=True)
    """

    def __init__(self, modules: Mapping[str, Module] | None = None):
        super().__init__()
        for name, module in (modules or {}).items():
            self[name] = module

    def __setitem__(self, name: str, module: Module) -> None:
        if hasattr(type(self), name):
            raise KeyError(f"ModuleDict: the name {name!r} is taken by a method; choose another.")
        self.add_module(name, module)

    def __getitem__(self, name: str) -> Any:
        return dict(self.named_children())[name]

    def __len__(self) -> int:
        return len(list(self.children()))

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.named_children())

    def keys(self) -> Iterable[str]:
        """Return the names."""
        return dict(self.named_children()).keys()

    def values(self) -> Iterable[Any]:
        """Return the modules."""
        return dict(self.named_children()).values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return pairs of a name and a module."""
        return dict(self.named_children()).items()
