"""Finding the modules, parameters and buffers inside a module by looking through its attributes."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self, TypeVar

from dlcore.nn.parameter import Buffer, Parameter, sharing
from dlcore.shapes import need
from dlcore.tensor import Tensor
from dlcore.tensor.tensor import Handle

T = TypeVar("T")


class Tree:
    """The half of `Module` that only looks: at its parts, at their parts, at the tensors they hold."""

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """Yield (name, module) of the direct parts, in the order in which they were defined."""
        return _once((name, part) for name, part in vars(self).items() if isinstance(part, Tree))

    def named_modules(self) -> Iterator[tuple[str, Any]]:
        """Yield (path, module) of this module and all within, each once, parents first."""
        return _once(_walk(self, ""))

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Yield (path, parameter) of all within; one that is shared by several layers comes once."""
        return _once(tensors(self, Parameter))

    def named_buffers(self) -> Iterator[tuple[str, Buffer]]:
        """Yield (path, buffer) of all within, each once."""
        return _once(tensors(self, Buffer))

    def children(self) -> Iterator[Any]:
        """Yield the direct parts."""
        return (part for _, part in self.named_children())

    def modules(self) -> Iterator[Any]:
        """Yield this module and all within, each once."""
        return (module for _, module in self.named_modules())

    def parameters(self) -> Iterator[Parameter]:
        """Yield all that is learned, each parameter once: what an optimiser wants."""
        return (p for _, p in self.named_parameters())

    def buffers(self) -> Iterator[Buffer]:
        """Yield all that is kept without being learned, each buffer once."""
        return (b for _, b in self.named_buffers())

    def apply(self, fn: Callable[[Any], Any]) -> Self:
        """Call `fn` on all modules within, parts first, then on this one; for instance to initialise weights."""
        for part in self.children():
            part.apply(fn)
        fn(self)
        return self


class Keeper(Tree):
    """What puts something into a module where `self.name = …` will not do: by its name, or a hook."""

    _hooks: dict[Any, Callable[..., Any]] | None = None  # made with the first; until then a call pays one look-up

    training: bool  #: whether the module is being trained; changed by train() and eval()

    def __init__(self) -> None:
        self.training = True

    def __setattr__(self, name: str, value: Any) -> None:
        old = self.__dict__.get(name)
        if isinstance(value, (Tree, Parameter, Buffer)) and "training" not in self.__dict__:
            where = type(self).__name__
            raise AttributeError(
                f"{where}: write super().__init__() in __init__, before self.{name} = …, its first part."
            )
        if isinstance(old, (Tree, Parameter, Buffer)) and value is not None:
            value = _successor(f"{type(self).__name__}.{name}", old, value)
        super().__setattr__(name, value)

    def add_module(self, name: str, module: Any) -> None:
        """Keep `module` as the part `name`."""
        self._keep(name, module, Tree)

    register_module = add_module

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Keep `param` as the parameter `name`."""
        self._keep(name, param, Parameter)

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Keep `tensor` as the buffer `name`; the same as `self.name = Buffer(tensor)`."""
        self._keep(name, Buffer(tensor, persistent) if hasattr(tensor, "dtype") else tensor, Buffer)

    def _keep(self, name: str, value: Any, kind: type) -> None:
        where = f"{type(self).__name__}: {name!r}"
        need(name and "." not in name, where, "is no name: at least one letter, and no dot", KeyError)
        free = not hasattr(self, name) or isinstance(getattr(self, name), (kind, type(None)))
        need(free, where, "is taken; choose another name", KeyError)
        given = type(value).__name__
        need(isinstance(value, (kind, type(None))), where, "no {}, but {}", kind.__name__, given, TypeError)
        setattr(self, name, value)

    def register_forward_hook(self, hook: Callable[[Any, tuple[Any, ...], Any], Any]) -> Handle:
        """Call `hook(module, args, output)` after each forward; what it returns (if anything) replaces the output.

        `args` are the positional arguments. Returns a handle whose remove() takes the hook away again.
        Twin: torch.nn.Module.register_forward_hook.

        >>> import dlcore
        >>> from dlcore import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        >>> handle = model[0].register_forward_hook(lambda module, args, output: print("seen", output.shape))
        >>> y = model(dlcore.ones(4, 2))
        seen torch.Size([4, 3])
        >>> handle.remove()
        """
        if self._hooks is None:
            self._hooks = {}
        return Handle(self._hooks, hook)

    def cuda(self, device: Any = None) -> Self:
        """Refuse: there is no graphics card to go to."""
        raise RuntimeError("cuda: dlcore computes on the processor only; leave .cuda() out, or write .to(device).")

    def cpu(self) -> Self:
        """Return the module itself: everything is on the processor."""
        return self


def _successor(where: str, old: Any, new: Any) -> Any:
    """Return what takes the place of a parameter, part or buffer: its like, for else it would no longer be found."""
    kind: Any = Parameter if isinstance(old, Parameter) else Tensor if isinstance(old, Buffer) else Tree
    if not isinstance(new, (kind, Parameter)):
        raise TypeError(
            f"{where} is a {type(old).__name__}, so expected one like it or None, but got {type(new).__name__}. "
            "Values are changed in place: with dlcore.no_grad(): p.copy_(x)."
        )
    if kind is not Tensor or isinstance(new, (Buffer, Parameter)):
        return new
    buffer: Any = sharing(new)  # self.mean = 0.9 * self.mean + …: what was saved is still saved
    buffer.persistent, buffer.grad_fn, buffer.requires_grad = old.persistent, new.grad_fn, new.requires_grad
    return buffer


def _walk(tree: Tree, path: str) -> Iterator[tuple[str, Tree]]:
    """Yield (path, module), parents first; a module with two places in the tree comes twice."""
    yield path, tree
    for name, part in vars(tree).items():
        if isinstance(part, Tree):
            yield from _walk(part, f"{path}.{name}" if path else name)


def tensors(tree: Tree, kind: type[T] | tuple[type[T], ...]) -> Iterator[tuple[str, T]]:
    """Yield (path, tensor) of the given kind from all places in the tree."""
    for path, part in _walk(tree, ""):
        for name, value in vars(part).items():
            if isinstance(value, kind):
                yield f"{path}.{name}" if path else name, value


def persistent(tree: Tree) -> Iterator[tuple[str, Tensor]]:
    """Yield (path, tensor) of all that belongs in a saved file; of each module first what it learns."""
    for path, part in _walk(tree, ""):
        own: list[tuple[str, Any]] = [(name, x) for name, x in vars(part).items() if isinstance(x, (Parameter, Buffer))]
        own = [pair for pair in own if getattr(pair[1], "persistent", True)]
        own.sort(key=lambda pair: isinstance(pair[1], Buffer))
        yield from ((f"{path}.{name}" if path else name, x) for name, x in own)


def _once(pairs: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Yield the pairs whose second half is met for the first time."""
    seen: set[int] = set()
    for name, value in pairs:
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value
