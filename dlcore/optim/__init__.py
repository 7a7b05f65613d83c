"""Optimisers and learning-rate schedules, with PyTorch's names.

A valley a hundred times steeper across than along, where the slope says little about the way out. Four algorithms
walk down from the same place, with a learning rate that falls to zero; plain descent does not get far:

>>> import dlcore
>>> from dlcore import optim
>>> def height_after(algorithm, steps=100, **settings):
...     x = dlcore.tensor([-4.0, 1.0], requires_grad=True)
...     optimizer = algorithm([x], **settings)
...     schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps)
...     for _ in range(steps):
...         optimizer.zero_grad()
...         height = 0.01 * x[0] ** 2 + x[1] ** 2
...         height.backward()
...         optimizer.step()
...         schedule.step()
...     return height.item()
>>> plain = height_after(optim.SGD, lr=0.5)
>>> momentum = height_after(optim.SGD, lr=0.5, momentum=0.9)
>>> rms = height_after(optim.RMSprop, lr=0.1)
>>> adam = height_after(optim.Adam, lr=0.1)
>>> 0.1 > plain > 0.01 > max(momentum, rms, adam)
True
"""

from dlcore.absent import asked
from dlcore.optim import lr_scheduler
from dlcore.optim.algorithms import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop
from dlcore.optim.optimizer import Optimizer

__all__ = ["SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]

__getattr__ = asked(__name__)  # what else PyTorch has here
