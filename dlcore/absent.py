"""What a module answers when it is asked for a name that it has not.

dlcore's modules have PEP 562's `__getattr__` from here. Who knows more names than they do, as dlcore.torchlike does for
foreign scripts, puts a function into `Absent.find`; so nothing down here needs to know of it.
"""

from collections.abc import Callable
from typing import Any


def nowhere(module: str, name: str) -> Any:
    """Raise the error that Python raises."""
    raise AttributeError(f"module {module!r} has no attribute {name!r}")


class Absent:
    """Who is asked: a function of the module's name and the name that is missing in it."""

    find: Callable[[str, str], Any] = staticmethod(nowhere)
    arrived: Callable[[str], None] = staticmethod(lambda module: None)  #: told of each module that is complete


def asked(module: str) -> Callable[[str], Any]:
    """Return the `__getattr__` of a module, whose last line it is: `__getattr__ = asked(__name__)`.

    >>> asked("house")("__door__")
    Traceback (most recent call last):
    AttributeError: module 'house' has no attribute '__door__'
    """
    Absent.arrived(module)
    return lambda name: (
        nowhere(module, name) if name.startswith("__") and name != "__version__" else Absent.find(module, name)
    )
