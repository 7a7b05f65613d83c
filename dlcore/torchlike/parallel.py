"""Several cards and several processes: the names can be imported, what asks whether there are several is told no."""

from typing import Any

from dlcore.nn.module import Module
from dlcore.torchlike.sentences import sentence


class DataParallel(Module):
    """The module itself: there is one device, which gets the whole batch. Twin: torch.nn.DataParallel."""

    def __init__(self, module: Module, device_ids: Any = None, output_device: Any = None, dim: int = 0):
        super().__init__()
        self.module = module

    def forward(self, *args: Any, **named: Any) -> Any:
        return self.module(*args, **named)


def _refuse(name: str) -> Any:
    def call(*_: Any, **__: Any) -> Any:
        raise RuntimeError(sentence("dlcore.distributed", name))

    return call


init_process_group, all_reduce, broadcast, barrier, spawn = map(
    _refuse, ("init_process_group", "all_reduce", "broadcast", "barrier", "spawn")
)
destroy_process_group = DistributedDataParallel = DistributedSampler = _refuse("launch")


def is_available() -> bool:
    """No."""
    return False


is_initialized = is_torchelastic_launched = is_available


def get_rank() -> int:
    """The first and only."""
    return 0


def get_world_size() -> int:
    """One process."""
    return 1


__all__ = [
    "DataParallel", "DistributedDataParallel", "DistributedSampler", "all_reduce", "barrier", "broadcast",
    "destroy_process_group", "get_rank", "get_world_size", "init_process_group", "is_available", "is_initialized",
    "is_torchelastic_launched", "spawn",
]  # fmt: skip
