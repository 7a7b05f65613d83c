"""Models: from one unit to a Transformer. Assembly only: every part comes from dlcore.nn.

A small GPT that learns a nursery rhyme by heart, then goes on by itself from its first letters:

>>> import dlcore
>>> from dlcore import data, nn, optim
>>> _ = dlcore.manual_seed(0)
>>> text = "row, row, row your boat, gently down the stream. "
>>> letters = data.CharTokenizer.train(text)
>>> x, y = (dlcore.tensor(a) for a in data.contexts(letters.encode(3 * text), length=16, stride=1))
>>> model = GPT(vocabulary=len(letters), context=16, dim=32)
>>> optimizer, loss = optim.AdamW(model.parameters(), lr=0.005), nn.CrossEntropyLoss()
>>> for step in range(200):
...     some = dlcore.randint(0, len(x), (16,))
...     optimizer.zero_grad()
...     logits = model(x[some])  # (N, T, V)
...     loss(logits.flatten(0, 1), y[some].flatten()).backward()
...     optimizer.step()
>>> start = dlcore.tensor([letters.encode(text[:16])])
>>> letters.decode(generate(model, start, count=32, temperature=0)[0].tolist())
'row, row, row your boat, gently down the stream.'
"""

from dlcore.models.adapters import LoRA, quantise
from dlcore.models.generative import GAN, Autoencoder, Diffusion, ddim
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
    "LoRA",
    "ResNet",
    "ResidualBlock",
    "ddim",
    "draw",
    "generate",
    "hide",
    "quantise",
]
