"""A toy translation task, and two networks for it: a Transformer, and LSTMs with attention."""

import numpy as np

import dlcore
from dlcore import nn, optim
from dlcore.nn import functional as F

NOUNS = ("cat", "dog", "bird", "child", "key", "book", "boat", "star")
ADJECTIVES = ("red", "old", "small", "wild", "warm", "slow")
PLACES, VERBS = ("near", "behind", "with"), ("sleep", "wait", "sing", "fall", "shine")
LENGTH = 11
SOURCE = ["", "the", "s", *NOUNS, *ADJECTIVES, *PLACES, *VERBS]
TARGET = ["", "GO", "END", "MANY", *(word.upper() for word in NOUNS + ADJECTIVES + PLACES + VERBS)]
_SOURCE, _TARGET = ({word: i for i, word in enumerate(words)} for words in (SOURCE, TARGET))
#: A quarter of all pairs of noun and adjective: never seen in training.
NEW = {(noun, adjective) for i, noun in enumerate(NOUNS) for j, adjective in enumerate(ADJECTIVES) if (i + j) % 4 == 0}
#: The learning rate: of 0.0015, 0.004, 0.01 and 0.025 the best on validation sentences after 120 steps, or as good.
RATES = {"Transformer": 0.004, "LSTM with attention": 0.01}


def pairs(n, new, seed):
    """Sentences (N, 11) and their translations (N, 11), with noun-adjective pairs that are all new, or none."""
    rng = np.random.default_rng(seed)
    x, y = np.zeros((n, LENGTH), int), np.zeros((n, LENGTH), int)
    for row, out in zip(x, y, strict=True):
        said, meant = _sentence(rng, new)
        row[: len(said)] = [_SOURCE[word] for word in said]
        out[: len(meant) + 1] = [*(_TARGET[word] for word in meant), _TARGET["END"]]
    return x, y


def _sentence(rng, new):
    """Verbs come first; what is near comes before who is; adjectives follow nouns; a word says if they are many."""
    said, meant, many = _phrase(rng, new)
    verb = VERBS[rng.integers(5)]
    if rng.integers(2):
        place, (other, theirs, _) = PLACES[rng.integers(3)], _phrase(rng, new)
        said, meant = [*said, place, *other], [*theirs, place.upper(), *meant]
    return [*said, verb, *([] if many else ["s"])], [verb.upper(), *(["MANY"] if many else []), *meant]


def _phrase(rng, new):
    noun, adjective = NOUNS[rng.integers(8)], ADJECTIVES[rng.integers(6)] if new or rng.integers(2) else None
    if ((noun, adjective) in NEW) != new:
        return _phrase(rng, new)
    many, which = bool(rng.integers(2)), [adjective] if adjective else []
    said = ["the", *which, noun, *(["s"] if many else [])]
    return said, [noun.upper(), *(word.upper() for word in which), *(["MANY"] if many else [])], many


class Transformer(nn.Module):
    """One encoder layer and one decoder layer, with the norm first."""

    def __init__(self, dim=32):
        super().__init__()
        self.source, self.target = nn.Embedding(len(SOURCE), dim), nn.Embedding(len(TARGET), dim)
        self.place, options = nn.SinusoidalEncoding(dim, LENGTH), {"batch_first": True, "norm_first": True}
        self.encoder = nn.TransformerEncoderLayer(dim, 4, 2 * dim, 0.0, **options)
        self.decoder = nn.TransformerDecoderLayer(dim, 4, 2 * dim, 0.0, **options)
        self.norm1, self.norm2, self.head = nn.LayerNorm(dim), nn.LayerNorm(dim), nn.Linear(dim, len(TARGET))

    def forward(self, x, y):
        empty = x == 0
        memory = self.norm1(self.encoder(self.place(self.source(x)), None, empty))
        mask = nn.causal_mask(y.shape[1])
        h = self.decoder(self.place(self.target(y)), memory, mask, memory_key_padding_mask=empty)
        return self.head(self.norm2(h))


class Recurrent(nn.Module):
    """An LSTM that reads both ways, one that writes, and attention from the second to the first."""

    def __init__(self, dim=32, hidden=36):
        super().__init__()
        self.source, self.target = nn.Embedding(len(SOURCE), dim), nn.Embedding(len(TARGET), dim)
        self.encoder = nn.LSTM(dim, hidden // 2, batch_first=True, bidirectional=True)
        self.decoder = nn.LSTM(dim, hidden, batch_first=True)
        self.ask, self.mix = nn.Linear(hidden, hidden, bias=False), nn.Linear(2 * hidden, hidden)
        self.head = nn.Linear(hidden, len(TARGET))

    def forward(self, x, y):
        memory, _ = self.encoder(self.source(x))  # (N, S, H)
        h, _ = self.decoder(self.target(y))  # (N, T, H)
        empty = np.where(x == 0, -1e9, 0).astype("float32")[:, None]
        shares = (self.ask(h) @ memory.transpose(1, 2) + dlcore.tensor(empty)).softmax(dim=-1)
        return self.head(self.mix(dlcore.cat([h, shares @ memory], dim=-1)).tanh())


def _begun(y):
    """What the decoder reads: GO, then all words but the last."""
    return np.concatenate([np.full((len(y), 1), _TARGET["GO"]), y[:, :-1]], axis=1)


def training(kind, x, y, lr, stops, seed=0):
    """Train a network of this kind on batches of 32 sentences; hand it out after each number of steps in `stops`."""
    dlcore.manual_seed(seed)
    model, rng = kind(), np.random.default_rng(seed)
    optimiser = optim.Adam(model.parameters(), lr=lr)
    for step in range(1, max(stops) + 1):
        some = rng.integers(0, len(x), 32)
        logits = model(x[some], _begun(y[some]))
        loss = F.cross_entropy(logits.flatten(0, 1), y[some].flatten(), ignore_index=0)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        if step in stops:
            yield step, model


def right(model, x, y):
    """The share of sentences that are translated without a mistake.

    The likeliest word is right at each place, given the right words before it: then taking the likeliest word each
    time writes this very translation, and otherwise it does not.
    """
    with dlcore.no_grad():
        said = model(x, _begun(y)).numpy().argmax(axis=-1)
    return float(((said == y) | (y == 0)).all(axis=1).mean())


def by_nearest(known, x, y):
    """The rival without a network: the translation of the known sentence that has most words in the same places."""
    best = (known[0][None] == x[:, None]).sum(axis=2).argmax(axis=1)
    return float((known[1][best] == y).all(axis=1).mean())
