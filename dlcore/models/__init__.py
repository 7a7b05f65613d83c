"""Models: from one unit to a Transformer. Assembly only: every part comes from dlcore.nn."""

from dlcore.models.generative import GAN, Autoencoder, Diffusion
from dlcore.models.images import LeNet, ResidualBlock, ResNet
from dlcore.models.mlp import MLP
from dlcore.models.sequences import CharGRU, CharLSTM, CharRNN
from dlcore.models.transformers import BERT, GPT, draw, generate, hide

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
