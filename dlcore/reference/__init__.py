"""The book's models and loop in idiomatic PyTorch, as one would write them without knowing dlcore.

Each class has the name, the arguments and the state_dict keys of its twin in `dlcore.models`, so weights load both
ways. This is the only part of dlcore that needs PyTorch.

The twin takes over our weights, gives the same output and the same gradients, and trained gives them back:

>>> import dlcore
>>> import torch
>>> from dlcore import models
>>> _ = dlcore.manual_seed(0)
>>> ours, theirs = models.LeNet(), LeNet()
>>> theirs.load_state_dict(ours.state_dict())
<All keys matched successfully>
>>> x = dlcore.randn(4, 1, 28, 28)
>>> y, twin = ours(x), theirs(torch.from_numpy(x.numpy()))
>>> torch.allclose(torch.from_numpy(y.detach().numpy()), twin, atol=1e-5)
True
>>> y.square().sum().backward()
>>> twin.square().sum().backward()
>>> pairs = zip(ours.parameters(), theirs.parameters(), strict=True)
>>> all(torch.allclose(torch.from_numpy(p.grad.numpy()), q.grad, rtol=1e-3, atol=1e-4) for p, q in pairs)
True
>>> torch.optim.SGD(theirs.parameters(), lr=0.01).step()
>>> ours.load_state_dict(theirs.state_dict())
<All keys matched successfully>
>>> torch.allclose(torch.from_numpy(ours(x).detach().numpy()), theirs(torch.from_numpy(x.numpy())), atol=1e-5)
True

Training on one or several processes: `python -m dlcore.reference.train --help`.
"""

from dlcore.reference.adapters import LoRA, quantise
from dlcore.reference.generative import GAN, Autoencoder, Diffusion, ddim
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
    "LoRA",
    "ResNet",
    "ResidualBlock",
    "ddim",
    "draw",
    "generate",
    "hide",
    "quantise",
]
