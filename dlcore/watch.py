"""What a function can see beside its arguments: attributes of modules, globals, what outer functions hold.

`dlcore.compile` keeps a tape only as long as the very same stands in all these places (see compiler.py).
"""

import builtins
from collections.abc import Iterator
from functools import partial
from types import BuiltinFunctionType, FunctionType, GetSetDescriptorType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

from dlcore.cuda import device
from dlcore.dtypes import dtype
from dlcore.rng import Generator
from dlcore.tensor.tensor import Tensor

#: Whose functions and classes change nothing behind our back; and those of Python's own that do.
TRUSTED = set("dlcore numpy math builtins functools itertools operator _operator collections typing contextlib".split())
WORLD = {id(getattr(builtins, name)) for name in "print input open exec eval globals locals breakpoint id".split()}
SIMPLE = (bool, int, float, complex, str, bytes, type(None), type(...), range, slice, np.generic, np.dtype, np.ufunc)
SIMPLE += (dtype, device, GetSetDescriptorType, MemberDescriptorType)


class Names(dict):
    """The words of a program: names, and what they stand for."""

    def __init__(self, *words: Any) -> None:
        super().__init__({x.__name__: x for x in words})
        self.found = {id(x): x.__name__ for x in words}

    def of(self, x: Any, hint: str = "c") -> str:
        """The name of x."""
        if id(x) not in self.found:
            taken = hint == "c" or hint in self or hasattr(builtins, hint) or not hint.isidentifier()
            self.found[id(x)] = name = f"{hint.strip('<>')}_{len(self)}" if taken else hint
            self[name] = x
        return self.found[id(x)]


def trusted(x: Any) -> bool:
    """Whether x is a function, class or module that changes nothing behind our back.

    >>> import time
    >>> trusted(np.sqrt), trusted(len), trusted(print), trusted(time.time)
    (True, True, False, False)
    """
    known = isinstance(x, FunctionType | type | ModuleType | BuiltinFunctionType | np.ufunc | type(np.dot))
    named = x.__name__ if isinstance(x, ModuleType) else getattr(x, "__module__", None) or "numpy"
    return known and id(x) not in WORLD and named.split(".")[0] in TRUSTED and not named.startswith("numpy.random")


class Watch:
    """All that functions can reach by name: the places to look at, the tensors that are there, the code that was read.

    `ran` is the code of other people that has run so far: of a class only the methods that ran are read.
    """

    def __init__(self, ran: Any, names: Names) -> None:
        self.ran, self.names, self.why = ran, names, ""
        self.places: list[str] = []
        self.tensors: list[Tensor] = []
        self.seen: dict[int, Any] = {}
        self.read: set = set()

    def look(self, *todo: Any) -> None:
        """Look at all of these, at what they hold, and so on."""
        left = list(todo)
        while left and not self.why:
            x = left.pop()
            if not isinstance(x, SIMPLE) and id(x) not in self.seen and not (trusted(x) and not cells(x)):
                self.seen[id(x)] = x
                hold = next((hold for kind, hold in HOLD if isinstance(x, kind)), Watch.thing)
                left += hold(self, x, self.names.of(x))

    def thing(self, x: Any, name: str) -> list:
        """A module, or another plain object, holds its attributes."""
        plain = type(x).__reduce_ex__ is object.__reduce_ex__ and type(x).__reduce__ is object.__reduce__
        if plain and hasattr(x, "__dict__") and not hasattr(type(x), "__slots__"):
            return [vars(x), *type(x).__mro__]
        self.why = f"it can reach {getattr(x, '__name__', None) or 'a ' + type(x).__name__}, which cannot be watched"
        return []

    def tensor(self, x: Any, name: str) -> list:
        """A tensor's numbers may change; but not whether it is trained."""
        self.tensors.append(x)
        self.places += [f"{name}.requires_grad", f"{name}.grad_fn is None"]
        return [vars(x)]

    def array(self, x: Any, name: str) -> list:
        """An array outside of tensors is compared, number by number."""
        self.places.append(f"same({name}, {self.names.of(x.copy())})")
        return []

    def container(self, x: Any, name: str) -> list:
        """A list or dictionary holds its parts."""
        self.places.append(f"*{name}, *{name}.values()" if isinstance(x, dict) else f"*{name}")
        return [*x, *x.values()] if isinstance(x, dict) else list(x)

    def kind(self, x: Any, name: str) -> list:
        """A class holds its methods, and values that all its objects share."""
        self.places.append(f"*vars({name}).values()")
        return [y for key, y in vars(x).items() if callable(y) or not key.startswith("__")]

    def function(self, x: Any, name: str) -> list:
        """A function holds what its cells and defaults do, and what its code names, if it ran."""
        self.places.append(f"{name}.__code__, {name}.__defaults__")
        self.places += [f"{self.names.of(cell)}.cell_contents" for cell in cells(x)]
        held = [cell.cell_contents for cell in cells(x)] + [x.__defaults__, x.__kwdefaults__]
        if x.__code__ not in self.ran:
            return held
        codes = list(within(x.__code__))
        self.read.update(codes)
        return held + self.named(vars(builtins) | x.__globals__, x.__globals__, {n for c in codes for n in c.co_names})

    def named(self, space: dict, real: dict, names: set, *above: Any) -> list:
        """What these names stand for in a module, and in the modules among them."""
        held = []
        for word in sorted(names & space.keys()):
            x = space[word]
            if word in real:
                self.places.append(f"{self.names.of(real)}[{word!r}]")
            if not isinstance(x, ModuleType) or x is np.random:
                held.append(x)
            elif x not in above:
                held += self.named(vars(x), {} if trusted(x) else vars(x), names, x, *above)
        return held


def cells(x: Any) -> tuple:
    """The variables of outer functions that a function sees."""
    return getattr(x, "__closure__", None) or ()


def within(code: Any) -> Iterator[Any]:
    """A function's code and that of the functions in it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, type(code)):
            yield from within(inner)


#: What holds others, and how it is looked at.
HOLD: list = [
    (Generator, lambda watch, x, name: []),
    (Tensor, Watch.tensor),
    (np.ndarray, Watch.array),
    (FunctionType, Watch.function),
    (MethodType, lambda watch, x, name: [x.__func__, x.__self__]),
    (partial, lambda watch, x, name: [x.func, x.args, x.keywords]),
    (tuple | frozenset, lambda watch, x, name: list(x)),
    (list | set | dict, Watch.container),
    (staticmethod | classmethod, lambda watch, x, name: [x.__func__]),
    (property, lambda watch, x, name: [x.fget]),
    (type, Watch.kind),
]
