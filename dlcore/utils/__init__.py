"""Where PyTorch keeps its data loader."""

from dlcore.absent import asked
from dlcore.utils import data

__all__ = ["data"]

__getattr__ = asked(__name__)  # what else PyTorch has here
