"""Libraries that a page cannot hold: they can be imported and named; whoever uses them is told where they run.

PyTorch is never played by anything else here: a cell that says "equal to PyTorch" must have met PyTorch.
"""

import sys
import types

#: name of the library -> what to say of it
ABSENT = {
    "torch": "PyTorch does not run inside a web page. Run this cell in Colab, or in the notebook on your machine.",
    "altair": "The charts of live figures are drawn when the book is built; the page makes only their numbers.",
    "vl_convert": "Charts are compiled when the book is built, not inside the page.",
    "anywidget": "Widgets need a notebook; the figures of this page answer without them.",
    "ipywidgets": "Widgets need a notebook; the figures of this page answer without them.",
    "traitlets": "Widgets need a notebook; the figures of this page answer without them.",
}


class NotInThePage(ImportError):  # noqa: N818 - it is said to a reader
    """What was used does not run inside a web page."""


class Absent(types.ModuleType):
    """A library, or a part of it, that is not here."""

    def __init__(self, name, why):
        super().__init__(name, why)
        self.__path__, self.why = [], why

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        full = f"{self.__name__}.{name}"
        return absent_class(full, self.why) if name[0].isupper() else Absent(full, self.why)

    def __call__(self, *args, **kwargs):
        raise NotInThePage(f"{self.__name__}: {self.why}")


class AbsentClass(type):
    """The kind of such classes: what they hold is absent too."""

    def __getattr__(cls, name):
        if name.startswith("_"):
            raise AttributeError(name)
        full, why = cls._about
        return Absent(f"{full}.{name}", why)


def absent_class(name, why):
    """A class of a library that is not here: others may ask whether something is of it, or derive from it."""

    def refuse(cls, *args, **kwargs):
        raise NotInThePage(f"{name}: {why}")

    return AbsentClass(name.rpartition(".")[2], (), {"__new__": refuse, "_about": (name, why)})


class Finder:
    """Answers `import torch.nn` and its like."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, Finder, is_package=True) if name.split(".")[0] in ABSENT else None

    @staticmethod
    def create_module(spec):
        return Absent(spec.name, ABSENT[spec.name.split(".")[0]])

    @staticmethod
    def exec_module(module):
        pass


def stand_in():
    """Let what is absent be imported from now on."""
    if Finder not in sys.meta_path:
        sys.meta_path.append(Finder)
