"""The primer in pieces and in counts, and a toy grammar whose best possible answers are known."""

import math
from collections import Counter, defaultdict

import numpy as np

import dlcore
from dlcore import data, optim
from dlcore.data.corpus import NOUNS, PLACES, PLURALS, VERBS
from dlcore.nn import functional as F

CONTEXT = 32  # tokens that the model of the primer sees
MERGES = 144  # so the vocabulary has 400 entries


def paragraphs(split=0):
    """Twelve paragraphs of the primer to train on, and three that are held out: two texts."""
    every = data.primer().split("\n\n")
    held = np.random.default_rng(split).permutation(len(every))[:3]
    train = [text for i, text in enumerate(every) if i not in held]
    return "\n\n".join(train), "\n\n".join(every[i] for i in sorted(held))


def train(model, x, y, steps, lr=0.002, batch=16, seed=0):
    """Train a model that turns tokens (N, T) into logits (N, T, V); return its last loss."""
    rng = np.random.default_rng(seed)
    optimiser = optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        some = rng.integers(0, len(x), batch)
        logits = model(x[some])  # (N, T, V)
        loss = F.cross_entropy(logits.flatten(0, 1), y[some].flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return loss.item()


class OnlyLogits(dlcore.nn.Module):
    """A recurrent model without the state that it returns beside its logits, so that `train` can train it."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, tokens):
        return self.model(tokens)[0]


def held_out_bits(model, tokens, context=CONTEXT):
    """Bits that a model needs for each token (T - 1,); all but the first ones see at least half a context."""
    half = context // 2
    x, y = data.contexts(tokens, context, stride=half)
    model.eval()
    with dlcore.no_grad():
        log_p = model(x).log_softmax(dim=-1).numpy()
    model.train()
    bits = -np.take_along_axis(log_p, y[..., None], axis=2)[..., 0] / math.log(2)  # (N, T)
    return np.concatenate([bits[0], bits[1:, half:].ravel()])


class Counts:
    """Say what comes next from how often it did, after the last n - 1 tokens and fewer: Kneser-Ney's n-grams.

    Source: Kneser & Ney (1995), Improved backing-off for M-gram language modeling; interpolated, discount 0.75.
    """

    def __init__(self, tokens, n, vocabulary):
        self.vocabulary = vocabulary
        self.seen = [defaultdict(Counter) for _ in range(n)]
        for i in range(n - 1, len(tokens)):
            self.seen[-1][tuple(tokens[i - n + 1 : i])][tokens[i]] += 1
        for shorter, longer in zip(self.seen[-2::-1], self.seen[:0:-1], strict=True):
            for before, after in longer.items():
                for token in after:
                    shorter[before[1:]][token] += 1  # in how many contexts, not how often

    def shares(self, before):
        """The probability of each token (V,), given those before it."""
        p = np.full(self.vocabulary, 1 / self.vocabulary)
        for k, seen in enumerate(self.seen):
            after = seen.get(tuple(before[len(before) - k :]))
            if after:
                total, less = sum(after.values()), np.zeros(self.vocabulary)
                less[list(after)] = np.array(list(after.values())) - 0.75
                p = np.maximum(less, 0) / total + 0.75 * len(after) / total * p
        return p

    def bits(self, tokens):
        """Bits for each token of a text."""
        return np.array([-math.log2(self.shares(tokens[max(0, i - 9) : i])[t]) for i, t in enumerate(tokens)])


# ── a toy grammar: the sentences of dlcore.data.sentences, as rows of word numbers ──


def _form(noun, many):
    return PLURALS.get(noun, noun + "s") if many else noun


def _every():
    """All sentences of the grammar, and how likely each is."""
    short, long = [], []
    for noun in NOUNS:
        for many in (0, 1):
            for verb in VERBS:
                short.append(f"the {_form(noun, many)} {verb[many]} .")
                for other in NOUNS:
                    for form in (_form(other, 0), _form(other, 1)):
                        long += [f"the {_form(noun, many)} {p.format(form)} {verb[many]} ." for p in PLACES]
    chances = [0.5 / len(short)] * len(short) + [0.5 / len(long)] * len(long)
    return short + long, np.array(chances)


_SENTENCES, CHANCES = _every()
WORDS = sorted({word for sentence in _SENTENCES for word in sentence.split()})  # 31 words and signs
INDEX = {word: i for i, word in enumerate(WORDS)}
HIDDEN = len(WORDS)  # one more entry: a hidden word, or the start
LENGTH = 7


def rows(sentences):
    """Word numbers (N, 7); short sentences are filled up with full stops."""
    cut = [sentence.split() for sentence in sentences]
    return np.array([[INDEX[word] for word in words + ["."] * (LENGTH - len(words))] for words in cut])


EVERY = rows(_SENTENCES)
LEGAL = {tuple(row) for row in EVERY}


def shifted(words):
    """What a model reads: the start, then all words but the last."""
    return np.concatenate([np.full((len(words), 1), HIDDEN), words[:, :-1]], axis=1)


def gaps(words, copies, share=0.15, seed=0):
    """Sentences with a share of their words hidden: what is read, and what is asked (-100 where nothing is)."""
    words = np.tile(words, (copies, 1))
    hidden = np.random.default_rng(seed).random(words.shape) < share
    return shifted(np.where(hidden, HIDDEN, words)), np.where(hidden, words, -100)


def best_possible(words, at, left=False):
    """The probability of each word (N, V) at one place of each sentence, by the rules of the grammar themselves."""
    out = np.zeros((len(words), HIDDEN + 1))
    for row, place, p in zip(words, at, out, strict=True):
        known = np.arange(LENGTH) < place if left else np.arange(LENGTH) != place
        fits = (EVERY[:, known] == row[known]).all(axis=1)
        p += np.bincount(EVERY[fits, place], CHANCES[fits], HIDDEN + 1)
    return out / out.sum(axis=1, keepdims=True)


def log_shares(model, read):
    """The logarithms of a model's probabilities (N, T, V)."""
    with dlcore.no_grad():
        return model(read).log_softmax(dim=-1).numpy()


def fill(model, words, at):
    """The probability of each word at a hidden place, in one pass."""
    hidden = np.where(np.arange(LENGTH) == at[:, None], HIDDEN, words)
    return np.exp(log_shares(model, shifted(hidden))[np.arange(len(at)), at])


def fill_by_trying(score, words, at):
    """The same, by trying every word: each whole sentence is scored, and the scores become shares."""
    tried = np.repeat(words[:, None], HIDDEN, axis=1)  # (N, V - 1, T)
    tried[np.arange(len(at)), :, at] = np.arange(HIDDEN)
    scores = score(tried.reshape(-1, LENGTH)).reshape(len(at), HIDDEN)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sentence_score(model):
    """How a model that looks back scores whole sentences: a function from words (N, T) to logarithms (N,)."""
    return lambda words: np.take_along_axis(log_shares(model, shifted(words)), words[..., None], 2).sum((1, 2))


def word_bits(model, words):
    """Bits for each word of sentences (N, T) that a model which looks back needs."""
    return float(-sentence_score(model)(words).mean() / LENGTH / math.log(2))


def span(values, form=".2f"):
    """The smallest and the largest of some numbers, in words; once where they are written alike."""
    least, most = f"{min(values):{form}}", f"{max(values):{form}}"
    return least if least == most else f"{least} to {most}"


def bits(shares, words, at):
    """Mean bits for the word that stands at each place."""
    rows_ = np.arange(len(at))
    return float(-np.log2(shares[rows_, words[rows_, at]]).mean())


LEFT = [tuple(range(-k, 0)) for k in range(6)]
BOTH = [(), (-1,), (-1, 1), (-2, -1, 1), (-2, -1, 1, 2), (-3, -2, -1, 1, 2), (-3, -2, -1, 1, 2, 3)]


class Neighbours:
    """Fill a gap from counts: what stood between such neighbours, blended with what stood between fewer of them.

    Source: Witten & Bell (1991), The zero-frequency problem; here with neighbours on both sides.
    """

    def __init__(self, words, shapes):
        self.known = {}  # what was asked before
        self.shapes, self.seen = shapes, [defaultdict(Counter) for _ in shapes]
        for row in words:
            for place in range(LENGTH):
                for shape, seen in zip(shapes, self.seen, strict=True):
                    seen[self._around(row, place, shape)][row[place]] += 1

    @staticmethod
    def _around(row, place, shape):
        return tuple(row[place + o] if 0 <= place + o < LENGTH else -1 for o in shape)

    def shares(self, row, place):
        """The probability of each word (V,) at this place."""
        key = self._around(row, place, self.shapes[-1])
        if key not in self.known:
            self.known[key] = self._blend(row, place)
        return self.known[key]

    def _blend(self, row, place):
        p = np.full(HIDDEN + 1, 1 / (HIDDEN + 1))
        for shape, seen in zip(self.shapes, self.seen, strict=True):
            if found := seen.get(self._around(row, place, shape)):
                p = (np.bincount(list(found), list(found.values()), HIDDEN + 1) + len(found) * p) / (
                    sum(found.values()) + len(found)
                )
        return p

    def fill(self, words, at):
        """The probability of each word at each place (N, V)."""
        return np.array([self.shares(row, place) for row, place in zip(words, at, strict=True)])

    def score(self, words):
        """The logarithm of each sentence's probability, place by place."""
        return np.array([sum(math.log(self.shares(row, t)[row[t]]) for t in range(LENGTH)) for row in words])


# ── preferences ──

STARS = [INDEX["star"], INDEX["stars"]]


def sample(model, n):
    """Draw n sentences, word by word (N, 1 + T), after the start."""
    tokens = dlcore.full((n, 1), HIDDEN, dtype=dlcore.int64)
    never = np.where(np.arange(HIDDEN + 1) == HIDDEN, -np.inf, 0).astype("float32")
    with dlcore.no_grad():
        for _ in range(LENGTH):
            shares = (model(tokens)[:, -1] + dlcore.tensor(never)).softmax(dim=-1)
            tokens = dlcore.cat([tokens, dlcore.multinomial(shares, 1)], dim=1)
    return tokens


def log_likelihood(model, tokens):
    """The logarithm of the probability of each sentence (N,)."""
    log_p = model(tokens[:, :-1]).log_softmax(dim=-1)
    return log_p.gather(2, tokens[:, 1:, None])[..., 0].sum(dim=1)


def stars(words):
    """The reward: how many of the words are "star" or "stars"."""
    return np.isin(words, STARS).sum(axis=1)


def legal(words):
    """Whether each row is a sentence of the grammar."""
    return np.array([tuple(row) in LEGAL for row in words])
