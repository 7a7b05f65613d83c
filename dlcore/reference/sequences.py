"""Recurrent networks that read a text symbol by symbol, in PyTorch."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn


class CharRNN(nn.Module):
    """Embedding, recurrent layer, linear layer; tokens (N, T) to logits (N, T, vocabulary), and the state.

    >>> import torch
    >>> logits, state = CharRNN(vocabulary=20)(torch.tensor([[1, 2, 3]]))
    >>> logits.shape, state.shape
    (torch.Size([1, 3, 20]), torch.Size([1, 1, 128]))
    """

    layer: Any = nn.RNN

    def __init__(self, vocabulary: int, embedding: int = 32, hidden: int = 128, layers: int = 1, dropout: float = 0.0):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, embedding)
        self.recurrent = self.layer(embedding, hidden, layers, dropout=dropout, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, tokens: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        hidden, state = self.recurrent(self.embed(tokens), state)
        return self.head(hidden), state


class CharLSTM(CharRNN):
    """CharRNN with an LSTM in its middle."""

    layer = nn.LSTM


class CharGRU(CharRNN):
    """CharRNN with a GRU in its middle."""

    layer = nn.GRU
