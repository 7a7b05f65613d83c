"""einops knows PyTorch's tensors and NumPy's arrays, not dlcore's tensors: it is taught the sentence that says so."""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

from dlcore.tensor import Tensor

INSIDE = "einops._backends"


def acquaint(backends: Any) -> None:
    """Add a backend that refuses our tensors; einops asks all of them, this one last."""

    class Refusing(backends.AbstractBackend):  # type: ignore[misc]
        framework_name = "dlcore"

        def is_appropriate_type(self, tensor: Any) -> bool:
            if isinstance(tensor, Tensor):
                raise TypeError(
                    "einops does not know dlcore's tensors; write reshape, permute and expand, as in "
                    "x.reshape(b, n, h, d).permute(0, 2, 1, 3) for 'b n (h d) -> b h n d'. "
                    "(Or run this script with PyTorch.)"
                )
            return False

    backends.Refusing = Refusing  # einops itself keeps no hold of it


class Watcher(MetaPathFinder):
    """Finds nothing but einops' backends, to acquaint them as soon as they are loaded."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Python's own answer, with a loader that does this one thing more."""
        spec = PathFinder.find_spec(fullname, path) if fullname == INSIDE else None
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module: Any) -> None:
                run(module)
                acquaint(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def watch() -> None:
    """Acquaint einops now if it is there, else when it comes."""
    if INSIDE in sys.modules:
        acquaint(sys.modules[INSIDE])
    else:
        sys.meta_path.insert(0, Watcher())
