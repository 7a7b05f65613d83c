"""Models that read a text symbol by symbol."""

from typing import Any

from dlcore import Tensor, nn


class CharRNN(nn.Module):
    """Predict the next symbol from all before it: embedding, recurrent layer, one linear layer.

    Shapes: tokens (N, T), integers in [0, vocabulary), to logits (N, T, vocabulary); the state can be handed on.
    Source: Sutskever, Martens & Hinton (2011), Generating text with recurrent neural networks.

    >>> import dlcore
    >>> logits, state = CharRNN(vocabulary=20)(dlcore.tensor([[1, 2, 3]]))
    >>> logits.shape, state.shape
    (torch.Size([1, 3, 20]), torch.Size([1, 1, 128]))
    """

    layer: Any = nn.RNN

    def __init__(self, vocabulary: int, embedding: int = 32, hidden: int = 128, layers: int = 1, dropout: float = 0.0):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, embedding)
        self.recurrent = self.layer(embedding, hidden, num_layers=layers, dropout=dropout, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, tokens: Tensor, state: Any = None) -> tuple[Tensor, Any]:
        hidden, state = self.recurrent(self.embed(tokens), state)  # (N, T, H)
        return self.head(hidden), state


class CharLSTM(CharRNN):
    """CharRNN with an LSTM in its middle.

    Source: Graves (2013), Generating sequences with recurrent neural networks, section 2; Karpathy (2015), char-rnn.
    """

    layer = nn.LSTM


class CharGRU(CharRNN):
    """CharRNN with a GRU in its middle."""

    layer = nn.GRU
