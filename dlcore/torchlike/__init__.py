"""One room for what exists only so that PyTorch's scripts run here: old names, second names, answers about devices.

Nothing in dlcore imports it but the front door, and no page quotes it. What the rest of dlcore has not is looked up
here, at the moment when a script asks for it; and what is not here either is refused with a sentence that helps.
"""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

from dlcore.absent import Absent
from dlcore.torchlike.einops import watch
from dlcore.torchlike.keywords import MAKING, number_first, on_cpu
from dlcore.torchlike.methods import attach
from dlcore.torchlike.sentences import sentence

#: In which rooms the names are looked for that a module has not.
ROOMS = {
    "dlcore": ("functions", "types", "settings", "devices", "pth", "amp", "of_linalg"),
    "dlcore.autograd": ("types", "settings", "gradients"),
    "dlcore.cuda": ("devices", "types"),
    "dlcore.nn": ("layers", "activations", "losses", "sequences", "parallel"),
    "dlcore.nn.functional": ("functional", "activations", "losses"),
    "dlcore.nn.init": ("functional",),
    "dlcore.nn.utils": ("sequences",),
    "dlcore.optim": ("optimisers",),
    "dlcore.optim.lr_scheduler": ("optimisers",),
    "dlcore.utils": ("settings",),
    "dlcore.utils.data": ("samplers",),
}

#: Modules that PyTorch has and dlcore has not: each shows the names of another.
SUBMODULES = {
    **dict.fromkeys(("dlcore.amp", "dlcore.cuda.amp", "dlcore.amp.grad_scaler"), "dlcore.torchlike.amp"),
    **dict.fromkeys(("dlcore.accelerator", "dlcore.mps", "dlcore.xpu"), "dlcore.torchlike.devices"),
    **dict.fromkeys(
        [f"dlcore.backends{part}" for part in ("", ".cudnn", ".mps", ".cuda", ".mkldnn", ".openmp")],
        "dlcore.torchlike.backends",
    ),
    **dict.fromkeys(
        ("dlcore.distributed", "dlcore.nn.parallel", "dlcore.utils.data.distributed"), "dlcore.torchlike.parallel"
    ),
    **dict.fromkeys(("dlcore.autograd.variable", "dlcore.autograd.function"), "dlcore.autograd"),
    **dict.fromkeys(
        [f"dlcore.utils.data.{part}" for part in ("dataloader", "dataset", "sampler")], "dlcore.utils.data"
    ),
    **dict.fromkeys(
        [
            f"dlcore.nn.modules{part}"
            for part in ("", ".module", ".linear", ".conv", ".activation", ".loss", ".container")
        ],
        "dlcore.nn",
    ),
    **dict.fromkeys(
        [
            f"dlcore.nn.modules.{part}"
            for part in ("batchnorm", "dropout", "normalization", "pooling", "rnn", "transformer")
        ],
        "dlcore.nn",
    ),
    "dlcore.nn.modules.utils": "dlcore.torchlike.layers",
    **dict.fromkeys(
        [f"dlcore.distributions{part}" for part in ("", ".normal", ".categorical", ".bernoulli", ".uniform", ".kl")],
        "dlcore.torchlike.distributions",
    ),
    "dlcore.autograd.functional": "dlcore.torchlike.gradients",
    "dlcore.linalg": "dlcore.torchlike.linalg",
    "dlcore.special": "dlcore.torchlike.functions",
    "dlcore.optim.swa_utils": "dlcore.torchlike.averages",
    "dlcore.utils.checkpoint": "dlcore.torchlike.gradients",
    "dlcore.nn.utils.clip_grad": "dlcore.nn.utils",
    "dlcore.nn.utils.rnn": "dlcore.torchlike.sequences",
    "dlcore.onnx": "dlcore.torchlike.onnx",
    "dlcore.random": "dlcore.torchlike.random",
    "dlcore.serialization": "dlcore.torchlike.pth",
    "dlcore.version": "dlcore.torchlike.devices",
}


def find(module: str, name: str) -> Any:
    """Return what a script means by this name of a module, or raise an AttributeError that says what to do."""
    if f"{module}.{name}" in SUBMODULES:
        return import_module(f"{module}.{name}")
    for room in ROOMS.get(module, ()):
        names = import_module(f"dlcore.torchlike.{room}")
        if name in names.__all__:
            return getattr(names, name)
    raise AttributeError(sentence(module, name), name=name, obj=sys.modules[module])


#: Modules whose functions and classes are taught PyTorch's other arguments as soon as they are loaded, and where.
TAUGHT = {
    "dlcore.nn.functional": "of_functions",
    "dlcore.nn": "of_layers",
    "dlcore.optim": "of_optimisers",
    "dlcore.optim.lr_scheduler": "of_schedules",
}


def adapt(module: str) -> None:
    """Teach a module that has just been loaded, if its name stands in TAUGHT; let `from … import` ask here too."""
    if module in sys.modules:  # without a path Python would say no more of an absent name than that it is absent
        vars(sys.modules[module]).setdefault("__path__", [])
    if module in TAUGHT:
        import_module(f"dlcore.torchlike.{TAUGHT[module]}").teach(vars(sys.modules[module]))


class Submodules(MetaPathFinder, Loader):
    """Imports of modules that PyTorch has and dlcore has not. (Python asks here when it has found none.)"""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Answer for the modules of SUBMODULES, and refuse others of dlcore with a sentence."""
        if fullname in SUBMODULES:
            return ModuleSpec(fullname, self, is_package=True)
        if fullname.startswith("dlcore."):
            raise ModuleNotFoundError(sentence(*fullname.rsplit(".", 1)))
        return None

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the making of the module to Python."""

    def exec_module(self, module: Any) -> None:
        """Let the module show the names of the one that it stands for."""
        shown = import_module(SUBMODULES[module.__name__])
        public = getattr(shown, "__all__", [name for name in vars(shown) if not name.startswith("_")])
        names = {name: getattr(shown, name) for name in public}
        module.__dict__.update({"__all__": list(names), "__getattr__": shown_by(module.__name__, shown), **names})


def shown_by(module: str, shown: Any) -> Any:
    """Return a `__getattr__` that looks into another module, and then for submodules."""

    def look(name: str) -> Any:
        inner = f"{module}.{name}" in SUBMODULES or name.startswith("__") or not hasattr(shown, name)
        return find(module, name) if inner else getattr(shown, name)

    return look


def move_in(door: dict[str, Any]) -> None:
    """Let dlcore's modules, tensors and imports answer to the names of this room, its front door to more keywords."""
    door.update({name: on_cpu(door[name], sized) for name, sized in MAKING.items()})
    door["pow"] = number_first(door["pow"])
    Absent.find, Absent.arrived = staticmethod(find), staticmethod(adapt)
    attach()
    if not any(isinstance(finder, Submodules) for finder in sys.meta_path):
        sys.meta_path.append(Submodules())
        watch()
