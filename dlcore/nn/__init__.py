"""Layers, containers and losses, with PyTorch's names, arguments, layouts and defaults.

A module of one's own is a class with its parts and what they compute; it is trained, looked into, saved and loaded:

>>> import dlcore
>>> from dlcore import nn, optim
>>> class Classifier(nn.Module):
...     def __init__(self, hidden=16):
...         super().__init__()
...         self.body = nn.Sequential(nn.Linear(2, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Dropout(0.1))
...         self.head = nn.Linear(hidden, 2)
...
...     def forward(self, x):
...         return self.head(self.body(x))  # (N, 2) to (N, 2)
>>> _ = dlcore.manual_seed(0)
>>> x = dlcore.randn(256, 2)
>>> target = (x[:, 0] * x[:, 1] > 0).long()  # exclusive or: no straight line parts the two
>>> model, loss = Classifier(), nn.CrossEntropyLoss()
>>> optimizer = optim.Adam(model.parameters(), lr=0.02)
>>> for step in range(200):
...     optimizer.zero_grad()
...     loss(model(x), target).backward()
...     optimizer.step()
>>> _ = model.eval()  # no dropout, and batch norm by what it has seen in training
>>> (model(x).argmax(dim=1) == target).float().mean().item() > 0.9
True
>>> other = Classifier().eval()
>>> other.load_state_dict(model.state_dict())
<All keys matched successfully>
>>> bool((other(x) == model(x)).all())
True
>>> handle = model.body[2].register_forward_hook(lambda module, args, y: print((y > 0).any(dim=0).all().item()))
>>> _ = model(x)  # is every hidden unit in use?
True
>>> handle.remove()
"""

from dlcore.absent import asked
from dlcore.nn import functional, init, utils
from dlcore.nn.activations import ELU, GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from dlcore.nn.attention import MultiheadAttention
from dlcore.nn.cells import GRUCell, LSTMCell, RNNCell
from dlcore.nn.containers import ModuleDict, ModuleList, Sequential
from dlcore.nn.conv import Conv1d, Conv2d, ConvTranspose2d
from dlcore.nn.dropout import Dropout, Dropout1d, Dropout2d
from dlcore.nn.linear import Embedding, Flatten, Identity, Linear, Unflatten
from dlcore.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineSimilarity,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    MSELoss,
    NLLLoss,
    SmoothL1Loss,
)
from dlcore.nn.module import Module
from dlcore.nn.normalisation import BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm, RMSNorm
from dlcore.nn.parameter import Buffer, Parameter
from dlcore.nn.pooling import AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from dlcore.nn.recurrent import GRU, LSTM, RNN
from dlcore.nn.transformer import (
    LearnedEncoding,
    SinusoidalEncoding,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
    causal_mask,
    sinusoids,
)

__getattr__ = asked(__name__)  # what else PyTorch has here
