"""The book's models and loop in idiomatic PyTorch, as one would write them without knowing dlcore.

Each class has the name, the arguments and the state_dict keys of its twin in `dlcore.models`, so weights load both
ways. This is the only part of dlcore that needs PyTorch.

Training on one or several processes: `python -m dlcore.reference.train --help`.
"""

from dlcore.reference.generative import GAN, Autoencoder, Diffusion
from dlcore.reference.images import LeNet, ResidualBlock, ResNet
from dlcore.reference.mlp import MLP
from dlcore.reference.sequences import CharGRU, CharLSTM, CharRNN
from dlcore.reference.transformers import BERT, GPT, draw, generate, hide

__all__ = [
    "BERT",
    "GAN",
    "GPT",
    "MLP",
    "Autoencoder",
    "CharGRU",
    "CharLSTM",
    "CharRNN",
    "Diffusion",
    "LeNet",
    "ResNet",
    "ResidualBlock",
    "draw",
    "generate",
    "hide",
]
