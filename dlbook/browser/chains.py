"""Long chains of objects are let go one after the other.

When the last of a chain of objects goes, Python frees those that it held, one inside another; in a page the browser's
stack is at its end after a thousand or two, and Python with it. So objects of classes that build chains, those that a
reader writes among them, hand what they hold to a list before they go, and the list is emptied from outside.
"""

import builtins
from functools import wraps

from dlcore.tensor.graph import Node

#: Modules whose classes build chains: what readers write in cells, and our own engines, loaded later.
CHAINS = {
    "__main__",
    "dlcore.models.scalar_autograd",
    "dlbook.pages.backprop.gradients_on_a_graph.experiment",
}


class Going:
    """What objects that go have held, until it is dropped."""

    held, dropping = [], False

    @classmethod
    def take(cls, held):
        """Drop what an object has held: at once, or when whoever drops already comes to it."""
        cls.held.append(held)
        if cls.dropping:
            return
        cls.dropping = True
        while cls.held:
            cls.held.pop().clear()
        cls.dropping = False


def in_turn(made):
    """Let objects of a class go in turn, unless it says itself what is to be done then.

    >>> class Link:
    ...     def __init__(self, before): self.before = before
    >>> last = in_turn(Link)(in_turn(Link)(None))
    >>> del last
    """
    slots = [name for name in getattr(made, "__slots__", ()) if not name.startswith("__")]

    def let_go(self):
        held = {name: getattr(self, name) for name in slots if hasattr(self, name)}
        for name in held:
            delattr(self, name)
        if hasattr(self, "__dict__"):
            held |= self.__dict__
            self.__dict__.clear()
        Going.take(held)

    if not hasattr(made, "__del__"):
        made.__del__ = let_go
    return made


def watch_classes():
    """From now on every class that such a module makes lets its objects go in turn, and so do the steps of tensors."""
    in_turn(Node)
    build = builtins.__build_class__

    @wraps(build)
    def build_class(function, name, *bases, **options):
        made = build(function, name, *bases, **options)
        return in_turn(made) if type(made) is type and made.__module__ in CHAINS else made

    builtins.__build_class__ = build_class
