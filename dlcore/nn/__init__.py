"""Layers, containers and losses, with PyTorch's names, arguments, layouts and defaults."""

from dlcore.nn import functional, init, utils
from dlcore.nn.activations import ELU, GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Softplus, Tanh
from dlcore.nn.attention import MultiheadAttention
from dlcore.nn.containers import ModuleDict, ModuleList, Sequential
from dlcore.nn.conv import Conv1d, Conv2d, ConvTranspose2d
from dlcore.nn.dropout import Dropout
from dlcore.nn.linear import Embedding, Flatten, Identity, Linear, Unflatten
from dlcore.nn.losses import (
    BCELoss,
    BCEWithLogitsLoss,
    CosineSimilarity,
    CrossEntropyLoss,
    HingeEmbeddingLoss,
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

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "MultiheadAttention",
    "LearnedEncoding",
    "SinusoidalEncoding",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "causal_mask",
    "sinusoids",
    "AdaptiveAvgPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "GroupNorm",
    "RMSNorm",
    "HuberLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Buffer",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "Dropout",
    "ELU",
    "Embedding",
    "Flatten",
    "GELU",
    "HingeEmbeddingLoss",
    "Identity",
    "KLDivLoss",
    "L1Loss",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MSELoss",
    "MaxPool1d",
    "MaxPool2d",
    "Module",
    "ModuleDict",
    "ModuleList",
    "NLLLoss",
    "Parameter",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "Softmax",
    "Softplus",
    "Tanh",
    "Unflatten",
    "functional",
    "init",
    "utils",
]
