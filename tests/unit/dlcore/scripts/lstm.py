"""An LSTM learns a text by heart: embedding, two layers, clipped gradients, Adam."""

import numpy as np

import dlcore
from dlcore import nn, optim

TEXT = "every good network learns by going down, step by step, and looks back to see how far it came. " * 4
SYMBOLS = sorted(set(TEXT))
IDS = np.array([SYMBOLS.index(c) for c in TEXT])


def batch(step, dtype=dlcore.float32, length=12):
    starts = np.random.default_rng(step).integers(0, len(IDS) - length - 1, 8)
    text = IDS[starts[:, None] + np.arange(length + 1)]
    return dlcore.tensor(text[:, :-1]), dlcore.tensor(text[:, 1:])


class CharModel(nn.Module):
    def __init__(self, vocabulary, embedding=8, hidden=32):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, embedding)
        self.lstm = nn.LSTM(embedding, hidden, num_layers=2, batch_first=True)
        self.head = nn.Linear(hidden, vocabulary)

    def forward(self, tokens, state=None):
        y, state = self.lstm(self.embed(tokens), state)
        return self.head(y), state


def build():
    return CharModel(len(SYMBOLS))


def loss_of(model, x, y):
    logits, _ = model(x)
    return nn.CrossEntropyLoss()(logits.reshape(-1, len(SYMBOLS)), y.reshape(-1))


def train(model, steps, dtype=dlcore.float32):
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for step in range(steps):
        optimizer.zero_grad()
        loss = loss_of(model, *batch(step))
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
        optimizer.step()
        losses.append(loss.item())
    return losses


def score(model):
    tokens, state, right = dlcore.tensor(IDS[:1].reshape(1, 1)), None, 0
    with dlcore.no_grad():
        for target in IDS[1:101]:
            logits, state = model(tokens, state)
            right += int(logits[0, -1].argmax().item() == target)
            tokens = dlcore.tensor([[int(target)]])
    return right / 100


if __name__ == "__main__":
    dlcore.manual_seed(0)
    model = build()
    losses = train(model, 150)
    print(f"loss {losses[0]:.3f} to {losses[-1]:.3f}, accuracy {score(model):.2f}")
