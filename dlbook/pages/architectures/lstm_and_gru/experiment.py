"""The contests of the page "LSTM and GRU", the network of its figure, and looking back.

All runs of a contest (rates, with and without clipping, seeds) are one batch of networks, side by side.
Shapes: R runs, N sequences, T steps, H units, V symbols.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import torch

import dlcore
from dlbook.pages.architectures.lstm_and_gru.networks import (  # noqa: F401 (the page calls all by this module)
    BLOCKS,
    Adam,
    Kind,
    Networks,
    gradient_over_time,
    weights,
)
from dlcore import data, nn, optim
from dlcore.nn import functional as F
from dlcore.rng import fork_rng

BATCH = 16
RATES = (0.003, 0.01, 0.03, 0.1)  # all contenders may choose among these, by validation


def recall(n, generator, longer=False):
    """Which symbol came first? Then 25 others and a query: x (N, T), y (N,)."""
    return data.recall(n, 50 if longer else 25, 4, generator)


def count(n, generator, longer=False):
    """Were there more of symbol 1 than of symbol 2 (answer 0), as many (1) or fewer (2)? Then a query.

    The difference is -2 to 2 and each answer equally likely, so it takes counting; the rest is symbol 0.
    """
    steps = 60 if longer else 15
    x = np.zeros((n, steps + 1), int)
    over = generator.choice([-2, -1, 0, 0, 1, 2], n)
    pairs = generator.integers(steps // 4, steps // 3 + 1, n)
    ones = (pairs + np.maximum(over, 0))[:, None]
    place = np.arange(steps)
    x[:, :-1] = generator.permuted(np.where(place < ones, 1, 2 * (place < 2 * ones - over[:, None])), axis=1)
    x[:, -1] = 3
    return x, 1 - np.sign(over)


TASKS = {"recall": (recall, 5, 4), "count": (count, 4, 3)}  # symbols, answers


def drawn(task, runs, n, seed, **options):
    """So many sequences of a task for each run: x (R, N, T), y (R, N)."""
    x, y = TASKS[task][0](runs * n, np.random.default_rng(seed), **options)
    return torch.tensor(x).reshape(runs, n, -1), torch.tensor(y).reshape(runs, n)


@dataclass
class Contest:
    """What became of the runs of one kind, laid out as (rates, limits, seeds)."""

    valid: np.ndarray  #: share of validation sequences right
    right: np.ndarray  #: share of new sequences right
    longer: np.ndarray  #: share of longer sequences right than it was trained on

    def best(self, limit=0):
        """At the rate that is best in validation: shares right of each seed, on new sequences and on longer ones."""
        rate = self.valid[:, limit].mean(-1).argmax()
        return self.right[rate, limit], self.longer[rate, limit]


def contest(kinds, task="recall", hidden=16, marks=(250,), rates=RATES, limits=(1.0,), seeds=(0, 1, 2, 3, 4)):
    """Train kinds {name: Kind} of one layer at each rate, limit, seed; return {name: [Contest at each mark]}."""
    grid = list(product(kinds.values(), rates, limits, seeds))
    shape, (_, symbols, answers) = (len(kinds), len(rates), len(limits), len(seeds)), TASKS[task]
    networks = Networks([kind for kind, *_ in grid], symbols, hidden, answers, [seed for *_, seed in grid])
    optimiser = Adam(networks.parameters(), [r for _, r, *_ in grid], [c for *_, c, _ in grid])
    found = {name: [] for name in kinds}
    for step in range(1, max(marks) + 1):
        learn(networks, optimiser, *drawn(task, len(seeds), BATCH, 1000 + step))
        if step in marks:
            shares = [right(networks, task, seed, longer) for seed, longer in ((1, False), (2, False), (2, True))]
            for name, *parts in zip(kinds, *(share.reshape(shape) for share in shares), strict=True):
                found[name].append(Contest(*parts))
    return found


def learn(networks, optimiser, x, y):
    """One step of training; runs of the same seed see the same sequences."""
    times = networks.v.shape[1] // len(x)
    x, y = x.repeat(times, 1, 1), y.repeat(times, 1)
    scores = networks.scores(networks.states(x)[0][-1])
    loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), y.flatten(), reduction="sum") / BATCH
    loss.backward()
    optimiser.step()


def right(networks, task, seed, longer, n=150):
    """The share of new sequences that each run gets right: (R,)."""
    x, y = drawn(task, 1, n, seed, longer=longer)
    with torch.no_grad():
        last = networks.states(x.expand(networks.v.shape[1], -1, -1))[0][-1]
        return (networks.scores(last).argmax(-1) == y).float().mean(1).numpy()


@cache
def letters():
    """The primer as numbers, cut into training, validation and new text; and its alphabet."""
    tokenizer = data.CharTokenizer.train(data.primer())
    tokens = torch.tensor(tokenizer.encode(data.primer()))
    return tokens[:4600], tokens[4600:5200], tokens[5200:], len(tokenizer)


def bits(networks, text):
    """Mean surprise of each run at a text's next letters, in bits: (R,)."""
    runs = networks.v.shape[1]
    with torch.no_grad():
        hs, _ = networks.states(text[:-1].expand(runs, 1, -1))
        scores = networks.scores(torch.cat(hs, 1))
        loss = torch.nn.functional.cross_entropy(scores.mT, text[1:].expand(runs, -1), reduction="none")
    return (loss.mean(1) / np.log(2)).numpy()


@cache
def on_text(kind, hidden, steps=150, rates=(0.01, 0.03), seeds=(0, 1, 2, 3, 4), every=50, length=24):
    """Validation and new bits a letter of each run, every so many steps: two arrays (rates, seeds, times)."""
    train, valid, new, v = letters()
    grid = list(product(rates, seeds))
    networks = Networks(kind, v, hidden, v, [seed for _, seed in grid])
    optimiser = Adam(networks.parameters(), [r for r, _ in grid], [1.0] * len(grid))
    rng, found = np.random.default_rng(0), []
    for step in range(1, steps + 1):
        starts = torch.tensor(rng.integers(0, len(train) - length, (1, BATCH, 1)))
        places = starts + torch.arange(length + 1)
        text = train[places].expand(len(grid), -1, -1)
        hs, _ = networks.states(text[..., :-1])
        scores = networks.scores(torch.cat(hs, 1))
        y = text[..., 1:].mT.flatten(1)
        loss = torch.nn.functional.cross_entropy(scores.flatten(0, 1), y.flatten(), reduction="sum") / y.shape[1]
        loss.backward()
        optimiser.step()
        if step % every == 0:
            found.append((bits(networks, valid), bits(networks, new)))
    return tuple(np.stack(part, 1).reshape(len(rates), len(seeds), -1) for part in zip(*found, strict=True))


# The reader of the figure: who was named last? ---------------------------------------------------------------------

NAMES = ("Anna", "Mary", "Ruth", "Eve", "Ben", "Tom", "Paul", "Adam")
OTHERS = ("who", "whom", "saw", "heard", "thanked", "helped", "because", "he", "she", "her", "him", "often")
WORDS = [*NAMES, *OTHERS, "."]
INDEX = {word: i for i, word in enumerate(WORDS)}
LENGTH, UNITS = 10, 4
NOBODY = len(NAMES)  # the answer before the first name, and after a full stop
GATES = ("input gate", "forget gate", "candidate", "output gate")  # in PyTorch's order i, f, g, o


def notes(n, generator=None):
    """Word numbers (N, T), and after each word who was named last (N, T): a full stop wipes the slate."""
    rng = np.random.default_rng(generator)
    kind = rng.choice(3, (n, LENGTH), p=(0.25, 0.65, 0.1))
    words = np.select([kind == 0, kind == 1], [rng.integers(0, 8, kind.shape), rng.integers(8, 20, kind.shape)], 20)
    answers, last = np.empty_like(words), np.full(n, NOBODY)
    for t in range(LENGTH):
        last = np.where(words[:, t] < 8, words[:, t], np.where(words[:, t] == 20, NOBODY, last))
        answers[:, t] = last
    return words, answers


class Reader(nn.Module):
    """Say after each word who was named last: (N, T) to (N, T, K)."""

    def __init__(self, layer=nn.LSTM, hidden=UNITS):
        super().__init__()
        self.word = nn.Embedding(len(WORDS), 8)
        self.read = layer(8, hidden, batch_first=True)
        self.answer = nn.Linear(hidden, len(NAMES) + 1)

    def forward(self, words):
        h, _ = self.read(self.word(words))  # (N, T, H)
        return self.answer(h)  # (N, T, K)


@cache
def reader(seed=0):
    """The figure's network after training."""
    words, answers = notes(2000, generator=0)
    with fork_rng():
        dlcore.manual_seed(seed)
        model = Reader()
        optimiser = optim.Adam(model.parameters(), lr=0.02)
        for _ in range(15):
            for x, y in data.batches(dlcore.tensor(words), dlcore.tensor(answers), batch_size=64, generator=0):
                loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
    return model


def read(model, words, clamp=None, at=None):
    """Read word numbers (T,) with a gate held: the gates (4, T, H), the memory (T, H), the answers' chances (T, K).

    clamp is None or (which of the four, to what); at is one place, or None for all.
    """
    parts = {name: p.numpy().astype(float) for name, p in model.state_dict().items()}
    h = c = np.zeros(parts["read.weight_hh_l0"].shape[1])
    gates, memory, chances = [], [], []
    for t, word in enumerate(words):
        x = parts["word.weight"][word]
        a = parts["read.weight_ih_l0"] @ x + parts["read.bias_ih_l0"] + parts["read.weight_hh_l0"] @ h
        four = (a + parts["read.bias_hh_l0"]).reshape(4, -1)
        four = np.where([[False], [False], [True], [False]], np.tanh(four), 1 / (1 + np.exp(-four)))
        if clamp and at in (None, t):
            four[clamp[0]] = clamp[1]
        i, f, g, o = four
        c = f * c + i * g
        h = o * np.tanh(c)
        score = np.exp(parts["answer.weight"] @ h + parts["answer.bias"])
        for found, one in ((gates, four), (memory, c), (chances, score / score.sum())):
            found.append(one)
    return np.stack(gates, 1), np.stack(memory), np.stack(chances)


# Looking back ------------------------------------------------------------------------------------------------------

KEYS, VALUES = 8, 4


def notes_and_query(n, length, rng):
    """Pairs of a key and a value, then a key alone: x (N, length + 1, KEYS + VALUES), its value and its place (N,)."""
    keys = np.argsort(rng.random((n, KEYS)), axis=1)[:, :length]
    values, place = rng.integers(0, VALUES, (n, length)), rng.integers(0, length, n)
    rows, steps = np.arange(n), np.arange(length)
    x = np.zeros((n, length + 1, KEYS + VALUES), np.float32)
    x[rows[:, None], steps, keys] = x[rows[:, None], steps, KEYS + values] = 1
    x[rows, -1, keys[rows, place]] = 1
    return torch.tensor(x), torch.tensor(values[rows, place]), place


def counted():
    """Bits a letter on new text of one who counts: letters, pairs and triples blended, shares by validation."""
    train, valid, new, v = letters()
    train = train.numpy()
    one = np.bincount(train, minlength=v) + 1.0
    two, three = np.zeros((v, v)), np.zeros((v, v, v))
    np.add.at(two, (train[:-1], train[1:]), 1)
    np.add.at(three, (train[:-2], train[1:-1], train[2:]), 1)

    def surprise(text, strength):
        a, b, c = text[:-2], text[1:-1], text[2:]
        p = one[c] / one.sum()
        p = (two[b, c] + strength * p) / (two[b].sum(-1) + strength)
        p = (three[a, b, c] + strength * p) / (three[a, b].sum(-1) + strength)
        return -np.log2(p).mean()

    valid, new = valid.numpy(), new.numpy()
    return surprise(new, min((1, 2, 4, 8, 16), key=lambda strength: surprise(valid, strength)))
