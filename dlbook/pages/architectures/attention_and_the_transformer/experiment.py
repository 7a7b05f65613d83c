"""Sentences with clauses, in which pronouns stand for names, and networks that learn to say who is who."""

from functools import cache

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.nn import functional as F
from dlcore.rng import fork_rng

KINDS = {  # each pronoun, its other form, and the names that it can stand for
    "she": ("her", ("Anna", "Mary", "Ruth", "Eve")),
    "he": ("him", ("Ben", "Tom", "Paul", "Adam")),
}
MAIN, OTHER = ("thanked", "praised", "called", "met"), ("helped", "saw", "heard", "liked")
DAYS, OFTEN = ("yesterday", "today"), ("often", "once", "gladly")
NAMES = [name for _, names in KINDS.values() for name in names]
PRONOUNS = [form for pronoun, (other, _) in KINDS.items() for form in (pronoun, other)]
WORDS = ["", *NAMES, *PRONOUNS, *MAIN, *OTHER, "because", "who", "whom", "was", "by", *DAYS, *OFTEN]  # 0 is padding
INDEX = {word: i for i, word in enumerate(WORDS)}
LENGTH = 14  # words in the longest sentence; shorter ones are padded
NOBODY = -100  # the target where nothing is asked; cross_entropy leaves it out


def stories(n, generator=None):
    """Sentences as word numbers (N, T), and for each word the names (N, T, 2) that answer "who?" and "whom?".

    "who?" is asked of pronouns (who is it) and of the main verb (who does it), "whom?" of the main verb only.
    """
    rng = np.random.default_rng(generator)
    words, answers = np.zeros((n, LENGTH), int), np.full((n, LENGTH, 2), NOBODY)
    for row, answer in zip(words, answers, strict=True):
        for place, (word, *names) in enumerate(story(rng)):
            row[place] = INDEX[word]
            answer[place, : len(names)] = [NAMES.index(name) for name in names]
    return words, answers


def story(rng):
    """One sentence: a list of its words, each with the names that answer what it is asked.

    Two people meet in a main clause; three times in four one of them has a relative clause with a third person, of
    the other one's kind. The reason comes before or after, and its pronouns mean the two people of the main clause.
    """
    kinds = rng.permutation(list(KINDS))
    first, second = (rng.choice(KINDS[kind][1]) for kind in kinds)
    passive, (seen, helped) = rng.integers(2), rng.choice(OTHER, 2, replace=False)
    one, two = [(first,)], [(second,)]
    if rng.integers(4):
        of, kind, meant = (one, kinds[1], second) if rng.integers(2) else (two, kinds[0], first)
        third = rng.choice([name for name in KINDS[kind][1] if name != meant])
        of += [("who",), (seen,), (third,)] if rng.integers(2) else [("whom",), (third,), (seen,)]
    verb = (rng.choice(MAIN), *((second, first) if passive else (first, second)))
    main = [*_perhaps(rng, DAYS), *one, *[("was",)] * passive, *_perhaps(rng, OFTEN), verb, *[("by",)] * passive, *two]
    people = list(zip(kinds, (first, second), strict=True))[:: rng.choice([1, -1])]
    (pronoun, subject), (kind, thing) = people
    reason = [("because",), (pronoun, subject), (helped,), (KINDS[kind][0], thing)]
    return main + reason if rng.integers(2) else reason + main


def _perhaps(rng, words):
    """One of these words, or none."""
    return [(rng.choice(words),)] * rng.integers(2)


class Reader(nn.Module):
    """Two Transformer blocks that answer twice about each word: (N, T) to (N, T, 2, K)."""

    def __init__(self, dim=32):
        super().__init__()
        self.word = nn.Embedding(len(WORDS), dim)
        self.place = nn.Embedding(LENGTH, dim)
        options = dict(dropout=0.0, batch_first=True, norm_first=True)
        self.blocks = nn.ModuleList([nn.TransformerEncoderLayer(dim, 2, 64, **options) for _ in range(2)])
        self.answer = nn.Linear(dim, 2 * len(NAMES))

    def forward(self, words, mask=None):  # (N, T)
        x = self.word(words) + self.place.weight[: words.shape[1]]  # (N, T, D)
        for block in self.blocks:
            x = block(x, mask, words == 0)  # (N, T, D)
        return self.answer(x).reshape(*words.shape, 2, -1)  # (N, T, 2, K)


class Filters(nn.Module):
    """The reader's rival: filters over so many words, a layer for each gap between these, in place of attention."""

    def __init__(self, width, gaps, hidden, dim=32):
        super().__init__()
        self.word, self.place = nn.Embedding(len(WORDS), dim), nn.Embedding(LENGTH, dim)
        self.norms = nn.ModuleList([nn.LayerNorm(dim) for _ in gaps])
        self.filters = nn.ModuleList(
            [nn.Conv1d(dim, hidden, width, padding=gap * (width // 2), dilation=gap) for gap in gaps]
        )
        self.mixes = nn.ModuleList([nn.Linear(hidden, dim) for _ in gaps])
        self.answer = nn.Linear(dim, 2 * len(NAMES))

    def forward(self, words, mask=None):
        x = self.word(words) + self.place.weight[: words.shape[1]]  # (N, T, D)
        for norm, slide, mix in zip(self.norms, self.filters, self.mixes, strict=True):
            x = x + mix(slide(norm(x).mT).mT.relu())  # (N, T, D)
        return self.answer(x).reshape(*words.shape, 2, -1)  # (N, T, 2, K)


class BothWays(nn.Module):
    """Another rival: two LSTMs, one reads from the left and one from the right."""

    def __init__(self, dim=32):
        super().__init__()
        self.word = nn.Embedding(len(WORDS), dim)
        self.read = nn.LSTM(dim, 48, batch_first=True, bidirectional=True)
        self.answer = nn.Linear(96, 2 * len(NAMES))

    def forward(self, words, mask=None):
        return self.answer(self.read(self.word(words))[0]).reshape(*words.shape, 2, -1)  # (N, T, 2, K)


def train(model, words, answers, mask=None, epochs=12):
    """Train a reader: words (N, T), answers (N, T, 2)."""
    optimiser = optim.Adam(model.parameters(), lr=0.005)
    batches = data.batches(words, answers, batch_size=64, generator=0)
    for _ in range(epochs):
        for x, y in batches:
            logits = model(x, mask)  # (N, T, 2, K)
            loss = F.cross_entropy(logits.flatten(0, 2), y.flatten())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model


@cache
def trained(kind=Reader, *sizes, causal=False, seed=0, epochs=12):
    """A network after training on 3,000 sentences; it is told the answers, never where to look."""
    words, answers = (dlcore.tensor(part) for part in stories(3000, generator=0))
    with fork_rng():
        dlcore.manual_seed(seed)
        return train(kind(*sizes), words, answers, nn.causal_mask(LENGTH) if causal else None, epochs)


def looks(model, words, mask=None):
    """Where each head of each block looks, for words (N, T): (N, blocks, h, T, T)."""
    seen, padding = [], words == 0
    with dlcore.no_grad():
        x = model.word(words) + model.place.weight[: words.shape[1]]  # (N, T, D)
        for block in model.blocks:
            normed = block.norm1(x)
            options = dict(attn_mask=mask, average_attn_weights=False)
            seen.append(block.self_attn(normed, normed, normed, padding, **options)[1].numpy())
            x = block(x, mask, padding)
    return np.stack(seen, axis=1)


def by_place(words, answers, new):
    """The answers (N, T, 2) to new sentences of one who knows only their length and the places, as word numbers.

    For each length, asking place and question: the place at which the answer stood most often in the sentences known.
    """
    stood = np.zeros((LENGTH + 1, LENGTH, 2, LENGTH))
    said = np.zeros((*new.shape, 2), int)
    for row, answer in zip(words, answers, strict=True):
        for place, question in zip(*np.nonzero(answer != NOBODY), strict=True):
            stood[(row > 0).sum(), place, question, (row == 1 + answer[place, question]).argmax()] += 1
    best = stood.argmax(axis=-1)  # (lengths, T, 2)
    for row, answer in zip(new, said, strict=True):
        answer[:] = row[best[(row > 0).sum()]] - 1
    return said


def by_nearness(new):
    """The answers (N, T, 2) of one who takes the nearest name, as word numbers.

    For a pronoun the nearest that it can stand for; for the main verb the nearest on each side, changed over by "was".
    """
    said = np.zeros((*new.shape, 2), int)
    main, pronouns = ([INDEX[word] for word in words] for words in (MAIN, PRONOUNS))
    for row, answer in zip(new, said, strict=True):
        names = np.flatnonzero((row > 0) & (row <= len(NAMES)))
        for place, word in enumerate(row):
            if word in pronouns:
                fits = [at for at in names if (row[at] - 1) // 4 == pronouns.index(word) // 2]
                answer[place] = row[min(fits, key=lambda at: abs(at - place))] - 1
            elif word in main:
                sides = row[names[names < place][-1]], row[names[names > place][0]]
                answer[place] = np.array(sides[:: -1 if INDEX["was"] in row else 1]) - 1
    return said
