"""Sentences in which pronouns stand for names, and one Transformer block that learns to read them."""

from functools import cache

import numpy as np

import dlcore
from dlcore import data, nn, optim
from dlcore.nn import functional as F
from dlcore.rng import fork_rng
from dlcore.train import fit, steps

KINDS = {  # each pronoun, its other form, and the names that it can stand for
    "she": ("her", ("Anna", "Mary", "Ruth", "Eve")),
    "he": ("him", ("Ben", "Tom", "Paul", "Adam")),
    "they": ("them", ("twins", "guests", "friends", "parents")),
}

MAIN, OTHER = ("thanked", "praised", "called", "met"), ("helped", "saw", "heard", "liked")
NAMES = [name for _, names in KINDS.values() for name in names]
PRONOUNS = [form for pronoun, (other, _) in KINDS.items() for form in (pronoun, other)]
WORDS = [*NAMES, *PRONOUNS, *MAIN, *OTHER, "because"]
INDEX = {word: i for i, word in enumerate(WORDS)}
LENGTH = 7  # words in a sentence
NOBODY = -100  # the target where nothing is asked; cross_entropy leaves it out


def stories(n, new=False, generator=None):
    """Sentences as word numbers (N, 7), and for each word the names (N, 7, 2) that answer "who?" and "whom?".

    "who?" is asked of pronouns (who is it) and of the main verb (who does it), "whom?" of the main verb only. The pairs
    of names of new sentences never stand together in the others.
    """
    rng = np.random.default_rng(generator)
    made = [story(rng, new) for _ in range(n)]
    return np.array([words for words, _ in made]), np.array([names for _, names in made])


def story(rng, new):
    """One sentence, in one of its two orders."""
    kinds = rng.permutation(list(KINDS))[:2]
    i, j = rng.choice([(i, j) for i in range(4) for j in range(4) if (i == j) == new])
    (her, ladies), (him, lords) = (KINDS[kind] for kind in kinds)
    pair = INDEX[ladies[i]], INDEX[lords[j]]
    pronouns = [(kinds[0], him), (kinds[1], her)]
    turn = int(rng.integers(2))  # does the first name come back first?
    main = [(pair[0], NOBODY, NOBODY), (INDEX[rng.choice(MAIN)], *pair), (pair[1], NOBODY, NOBODY)]
    subject, thing = (INDEX[word] for word in pronouns[turn])
    verb = INDEX[rng.choice(OTHER)]
    clause = [(INDEX["because"], NOBODY, NOBODY), (subject, pair[turn], NOBODY), (verb, NOBODY, NOBODY)]
    rows = np.array([main, [*clause, (thing, pair[1 - turn], NOBODY)]][:: rng.choice([1, -1])], dtype=object)
    rows = np.array([row for part in rows for row in part])
    return rows[:, 0], rows[:, 1:]


class Reader(nn.Module):
    """One Transformer block that answers twice about each word: (N, T) to (N, T, 2, names)."""

    def __init__(self, heads=2, dim=48):
        super().__init__()
        self.embed = nn.Embedding(len(WORDS), dim)
        self.position = nn.LearnedEncoding(dim, LENGTH)
        options = {"dropout": 0.0, "batch_first": True, "norm_first": True}
        self.block = nn.TransformerEncoderLayer(dim, heads, 32, **options)
        self.norm = nn.LayerNorm(dim)
        self.answer = nn.Linear(dim, 2 * len(NAMES))

    def forward(self, tokens, mask=None):
        x = self.position(self.embed(tokens))  # (N, T, D)
        x = self.norm(self.block(x, mask))  # (N, T, D)
        return self.answer(x).reshape(*tokens.shape, 2, len(NAMES))

    def weights(self, tokens, mask=None):
        """Where each head of each word looks: (N, h, T, T)."""
        x = self.block.norm1(self.position(self.embed(tokens)))
        look = self.block.self_attn
        return look(x, x, x, attn_mask=mask, average_attn_weights=False)[1]


def both_answers(logits, target):
    """Mean cross-entropy over whatever is asked: logits (N, T, 2, K), target (N, T, 2)."""
    return F.cross_entropy(logits.reshape(-1, len(NAMES)), target.reshape(-1))


@cache
def trained(heads=2, seed=0, sentences=3000, epochs=30):
    """A reader after training; it is told the answers, never where to look."""
    x, y = stories(sentences, generator=0)
    with fork_rng():
        dlcore.manual_seed(seed)
        model = Reader(heads)
    pieces = data.batches(x, y, batch_size=64, generator=seed)
    fit(steps(model, both_answers, optim.Adam(model.parameters(), lr=0.003), pieces, epochs=epochs))
    return model


def division(model):
    """How differently two heads look from a verb to its doer and its object: 0 (alike) to 2 (one head each)."""
    tokens = stories(200, generator=1)[0]  # (N, T)
    row, at = np.nonzero(np.isin(tokens, [INDEX[word] for word in MAIN]))
    with dlcore.no_grad():
        weights = model.weights(dlcore.tensor(tokens)).numpy()  # (N, 2, T, T)
    looks = np.stack([weights[row, :, at, at + side].mean(axis=0) for side in (-1, 1)])  # (doer and object, heads)
    return float(np.abs(looks[:, 0] - looks[:, 1]).sum())


@cache
def divided(starts=8):
    """The first start whose two heads divide their labour; not all do, and which ones depends on the last bits."""
    readers = (trained(seed=seed) for seed in range(starts))
    return next((model for model in readers if division(model) > 1), trained())
