"""The network of the page "Recurrent networks" that reads letters, and what moves its guesses."""

from functools import cache

import numpy as np

import dlcore
from dlbook.pages.architectures.attention_and_the_transformer.experiment import WORDS, stories
from dlcore import data, nn, optim
from dlcore.nn import functional as F
from dlcore.rng import fork_rng


@cache
def text(sentences=300):
    """The book's own text, in small letters: the primer, and sentences about Anna, Ben and the others."""
    words, _ = stories(sentences, generator=0)
    lines = [" ".join(WORDS[word] for word in row if word).lower() + "." for row in words]
    return data.primer() + "\n" + "\n".join(lines) + "\n"


class Letters(nn.Module):
    """Read letters, and give scores for the next one."""

    def __init__(self, letters, dim=32, hidden=96):
        super().__init__()
        self.embed = nn.Embedding(letters, dim)
        self.rnn = nn.RNN(dim, hidden, batch_first=True)
        self.head = nn.Linear(hidden, letters)

    def forward(self, x, h=None):  # (N, T) letters, and the state before
        states, h = self.rnn(self.embed(x), h)  # (N, T, H), the last state
        return self.head(states), h  # (N, T, V)


def learn(model, tokens, steps=900):
    """Train on windows of 50 letters, drawn at random."""
    optimiser = optim.Adam(model.parameters(), lr=0.005)
    x, y = data.contexts(tokens, 50, stride=5)  # y: x, one letter on
    rng = np.random.default_rng(0)
    for _ in range(steps):
        rows = rng.integers(0, len(x), 32)
        scores, _ = model(dlcore.tensor(x[rows]))
        target = dlcore.tensor(y[rows]).flatten()
        loss = F.cross_entropy(scores.flatten(0, 1), target)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
    return model


@cache
def reader():
    """The network of the page, trained as the page trains it, and what turns letters into numbers."""
    letters = data.CharTokenizer.train(text())
    with fork_rng():
        dlcore.manual_seed(0)
        return learn(Letters(len(letters)), letters.encode(text())), letters


def log_odds(model, embedded, letter):
    """(N, T): log p / (1 - p) of a letter as the next one after each place, from embedded letters (N, T, D)."""
    states, _ = model.rnn(embedded)
    logs = model.head(states).log_softmax(dim=-1)  # (N, T, V)
    others = dlcore.tensor(np.where(np.arange(logs.shape[-1]) == letter, -np.inf, 0).astype(np.float32))
    return logs[..., letter] - (logs + others).logsumexp(dim=-1)


def over_the_past(model, tokens):
    """(T - 1, T - 1): how far a small nudge of each letter moves the log-odds of the letter that follows each place.

    Row t: the prediction of letter t + 1 from letters 0 to t. It is the length of the gradient for the embedding.
    """
    lengths = np.zeros((len(tokens) - 1,) * 2)
    for t, following in enumerate(tokens[1:]):
        x = dlcore.tensor(model.embed(dlcore.tensor(tokens[None, : t + 1])).detach().numpy(), requires_grad=True)
        log_odds(model, x, int(following))[0, -1].backward()
        lengths[t, : t + 1] = np.sqrt(np.square(x.grad.numpy()[0]).sum(-1))
    return lengths


def replaced(model, tokens, letters):
    """(T - 1, T - 1): the same, where each letter in turn is replaced by others: the mean move, up or down."""
    moves, others = np.zeros((len(tokens) - 1,) * 2), np.array(letters)
    with dlcore.no_grad():
        for place in range(len(tokens) - 1):
            x = np.repeat(tokens[None, :-1], len(others) + 1, axis=0)  # (N, T): as it is, then with each other letter
            x[1:, place] = others
            states, _ = model.rnn(model.embed(dlcore.tensor(x)))
            p = model.head(states).log_softmax(dim=-1).numpy()[:, np.arange(len(tokens) - 1), tokens[1:]].astype(float)
            odds = p - np.log1p(-np.exp(np.minimum(p, -1e-12)))
            changed = others != tokens[place]
            moves[place:, place] = np.abs(odds[1:][changed] - odds[0]).mean(0)[place:]
    return moves
