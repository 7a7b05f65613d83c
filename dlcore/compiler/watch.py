"""What a function can see beside its arguments: attributes of modules, globals, what outer functions hold."""

import builtins
from collections.abc import Iterator
from functools import partial
from types import BuiltinFunctionType, FunctionType, GetSetDescriptorType, MemberDescriptorType, MethodType, ModuleType
from typing import Any

import numpy as np

from dlcore.cuda import device
from dlcore.dtypes import dtype
from dlcore.rng import Generator
from dlcore.tensor import Tensor

#: Whose functions and classes change nothing behind our back; and those of Python's own that do.
TRUSTED = set(
    "dlcore numpy math builtins functools itertools operator _operator collections typing contextlib importlib".split()
)
WORLD = {id(getattr(builtins, name)) for name in "print input open exec eval globals locals breakpoint id".split()}
#: What holds nothing that could change.
SIMPLE = (
    *(bool, int, float, complex, str, bytes, range, slice, type(None), type(...), np.generic, np.dtype, np.ufunc),
    *(dtype, device, Generator, GetSetDescriptorType, MemberDescriptorType),
)


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


def at_home(module: str) -> bool:
    """Whether the code of a module changes nothing behind our back."""
    return module.split(".")[0] in TRUSTED and not module.startswith("numpy.random") or module.startswith("namedtuple_")


def trusted(x: Any) -> bool:
    """Whether x is a function, class or module that changes nothing behind our back.

    >>> import time
    >>> trusted(np.sum), trusted(len), trusted(print), trusted(time.time)
    (True, True, False, False)
    """
    kinds = (FunctionType, type, ModuleType, BuiltinFunctionType, type(np.dot))
    home = x.__name__ if isinstance(x, ModuleType) else getattr(x, "__module__", None) or ""
    if not isinstance(x, kinds) or id(x) in WORLD or not at_home(home):
        return False
    return home != "builtins" or getattr(builtins, x.__name__, None) is x  # so Python calls what has no home, too


class Watch:
    """All that functions can reach by name: the places to look at, the tensors that are there, the code that was read.

    `ran` is the code that has run so far: only its names are looked up; methods that nobody calls do not matter.
    """

    def __init__(self, ran: Any, names: Names) -> None:
        self.ran, self.known, self.names, self.why = ran, set(ran), names, ""
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
                hold = next((hold for kind, hold in HOLD if isinstance(x, kind)), thing)
                left += hold(self, x, self.names.of(x))


def thing(watch: Watch, x: Any, name: str) -> list:
    """A module, or another plain object, holds its attributes."""
    plain = type(x).__reduce_ex__ is object.__reduce_ex__ and type(x).__reduce__ is object.__reduce__
    if plain and hasattr(x, "__dict__") and not isinstance(object.__reduce_ex__(x, 2)[2], tuple):  # (it has no slots)
        return [vars(x), *type(x).__mro__]
    watch.why = f"it can reach {getattr(x, '__name__', None) or 'a ' + type(x).__name__}, which cannot be watched"
    return []


def tensor(watch: Watch, x: Any, name: str) -> list:
    """A tensor's numbers may change, but not whether it is trained."""
    watch.tensors.append(x)
    watch.places += [f"{name}.requires_grad", f"{name}.grad_fn is None"]
    return [vars(x), *type(x).__mro__]


def array(watch: Watch, x: Any, name: str) -> list:
    """An array outside of tensors is compared, number by number."""
    watch.places.append(f"same({name}, {watch.names.of(x.copy())})")
    return []


def container(watch: Watch, x: Any, name: str) -> list:
    """A list or dictionary holds its parts."""
    parts = f"*{name}, *{name}.values()" if isinstance(x, dict) else f"*{name}"
    watch.places.append(parts if x else f"not {name}")
    held = [*x, *x.values()] if isinstance(x, dict) else list(x)
    return held + [getattr(x, "__dict__", None), *type(x).__mro__]


def kind(watch: Watch, x: Any, name: str) -> list:
    """A class holds its methods, and values that all its objects share."""
    watch.places.append(f"*vars({name}).values()")
    return [y for key, y in vars(x).items() if callable(y) or not key.startswith("__")]


def function(watch: Watch, x: Any, name: str) -> list:
    """A function holds what its cells and defaults do, and, if it ran, what its code names."""
    watch.places.append(f"{name}.__code__, {name}.__defaults__")
    watch.places += [f"{watch.names.of(cell)}.cell_contents" for cell in cells(x)]
    held = [cell.cell_contents for cell in cells(x)] + [x.__defaults__, x.__kwdefaults__]
    if x.__code__ not in watch.ran or trusted(x):
        return held
    codes = list(inside(x.__code__))
    watch.read.update(codes)
    names = {name for code in codes for name in code.co_names}
    return held + named(watch, vars(builtins) | x.__globals__, x.__globals__, names)


def named(watch: Watch, space: dict, home: dict, names: set, *above: Any) -> list:
    """What these names stand for in a module, and in the modules among them."""
    held = []
    for word in sorted(names & space.keys()):
        x = space[word]
        if home:  # (a word of Python's own may get another meaning later)
            watch.places.append(f"{watch.names.of(home)}.get({word!r})")
        if not isinstance(x, ModuleType) or x is np.random:
            held.append(x)
        elif x not in above:
            held += named(watch, vars(x), {} if trusted(x) else vars(x), names, x, *above)
    return held


def cells(x: Any) -> tuple:
    """The variables of outer functions that a function sees."""
    return getattr(x, "__closure__", None) or ()


def inside(code: Any) -> Iterator[Any]:
    """A function's code and that of the functions in it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, type(code)):
            yield from inside(inner)


#: What holds others, and how it is looked at; everything else is a thing.
HOLD: list = [
    (Tensor, tensor),
    (np.ndarray, array),
    (FunctionType, function),
    (MethodType, lambda watch, x, name: [x.__func__, x.__self__]),
    (partial, lambda watch, x, name: [x.func, x.args, x.keywords]),
    (tuple | frozenset, lambda watch, x, name: [*x, *type(x).__mro__]),
    (list | set | dict, container),
    (staticmethod | classmethod, lambda watch, x, name: [x.__func__]),
    (property, lambda watch, x, name: [x.fget]),
    (type, kind),
]
