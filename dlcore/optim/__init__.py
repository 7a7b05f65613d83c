"""Optimisers and learning-rate schedules, with PyTorch's names."""

from dlcore.optim import lr_scheduler
from dlcore.optim.algorithms import SGD, Adam, AdamW, RMSprop
from dlcore.optim.optimizer import Optimizer

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]
