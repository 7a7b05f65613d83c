"""Where PyTorch keeps its data loader."""

from dlcore.utils import data

__all__ = ["data"]
