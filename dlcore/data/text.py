"""Tokenisers: text to numbers and back, one character or one learnt piece at a time."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.data._checks import whole


class CharTokenizer:
    """One number per character, in the order of their code points.

    Special tokens such as "[MASK]" get the numbers after the characters; encoding a text never produces them.

    Args:
        characters: the vocabulary, each character once.
        specials: names of the special tokens.

    >>> tokenizer = CharTokenizer.train("hello", specials=["[MASK]"])
    >>> tokenizer.encode("hole")
    array([1, 3, 2, 0])
    >>> tokenizer.decode([1, 0, 4])
    'he[MASK]'
    >>> len(tokenizer), tokenizer.special["[MASK]"]
    (5, 4)
    """

    def __init__(self, characters: Sequence[str], specials: Sequence[str] = ()) -> None:
        self.pieces = [*characters, *specials]
        self.number = {c: i for i, c in enumerate(characters)}
        self.special = {name: len(characters) + i for i, name in enumerate(specials)}
        if len(self.number) != len(characters) or len(self.special) != len(specials):
            raise ValueError("CharTokenizer: each character and each special token may occur only once.")

    @classmethod
    def train(cls, text: str, specials: Sequence[str] = ()) -> CharTokenizer:
        """Collect the characters of `text`."""
        return cls(sorted(set(text)), specials)

    def __len__(self) -> int:
        """Size of the vocabulary V, special tokens included."""
        return len(self.pieces)

    def encode(self, text: str) -> np.ndarray:
        """Text to (T,) int64; ValueError names the characters that are not in the vocabulary."""
        if unknown := sorted(set(text) - self.number.keys()):
            raise ValueError(
                f"CharTokenizer.encode: {unknown!r} are not among the {len(self.number)} characters seen in training. "
                "Train on a text that has them, or replace them first."
            )
        return np.array([self.number[c] for c in text], dtype=np.int64)

    def decode(self, tokens: Iterable[Any]) -> str:
        """Token numbers back to text; IndexError if one lies outside the vocabulary."""
        return "".join(self.pieces[i] for i in _checked("CharTokenizer", tokens, len(self)))

    def save(self, path: str | Path) -> None:
        """Write the vocabulary as JSON."""
        _write(path, {"kind": "characters", "characters": list(self.number), "specials": list(self.special)})

    @classmethod
    def load(cls, path: str | Path) -> CharTokenizer:
        """Read what `save` wrote."""
        saved = _read(path, "characters")
        return cls(saved["characters"], saved["specials"])


# A chunk is a word with the space before it, a run of signs with the space before it, or white space:
# pairs are never merged across chunks, so no piece holds parts of two words.
CHUNK = re.compile(r" ?\w+| ?[^\w\s]+|\s+(?!\S)|\s")

Pair = tuple[int, int]


def merge(tokens: tuple[int, ...], pair: Pair, new: int) -> tuple[int, ...]:
    """Replace each occurrence of `pair`, from the left, by the token `new`.

    >>> merge((1, 1, 1, 2), (1, 1), 9)
    (9, 1, 2)
    """
    out: list[int] = []
    i = 0
    while i < len(tokens):
        hit = tokens[i : i + 2] == pair
        out.append(new if hit else tokens[i])
        i += 2 if hit else 1
    return tuple(out)


def learn_merges(text: str, count: int) -> list[Pair]:
    """Find up to `count` merges, one after the other; stop when no pair occurs twice.

    >>> learn_merges("abab abab", 2)
    [(97, 98), (256, 256)]
    """
    words = Counter(tuple(chunk.encode()) for chunk in CHUNK.findall(text))  # words repeat: count each once
    merges: list[Pair] = []
    while len(merges) < count:
        pairs: Counter[Pair] = Counter()
        for word, times in words.items():
            for pair in zip(word, word[1:], strict=False):
                pairs[pair] += times
        best = max(pairs, key=lambda p: (pairs[p], -p[0], -p[1]), default=(0, 0))  # of equals, the smallest numbers
        if pairs[best] < 2:
            break
        fresh: Counter[tuple[int, ...]] = Counter()
        for word, times in words.items():
            fresh[merge(word, best, 256 + len(merges))] += times
        words = fresh
        merges.append(best)
    return merges


class BPETokenizer:
    """Byte-pair encoding: start from the 256 bytes, then merge the most frequent pair of neighbours, again and again.

    Any text can be encoded, in any script, and decodes to itself. Numbers 0 … 255 are the bytes, 256 + m is what the
    m-th merge made; special tokens come last, and encoding a text never produces them.

    Args:
        merges: pairs of token numbers in the order in which they were learnt.
        specials: names of the special tokens.

    Source: Gage (1994), A New Algorithm for Data Compression; Sennrich, Haddow & Birch (2016), Neural Machine
    Translation of Rare Words with Subword Units; on bytes as in Radford et al. (2019), GPT-2, section 2.2.

    >>> tokenizer = BPETokenizer.train("low lower lowest", size=259)
    >>> [tokenizer.decode([i]) for i in tokenizer.encode("slow lowest")]
    ['s', 'low', ' low', 'e', 's', 't']
    """

    def __init__(self, merges: Sequence[Sequence[int]], specials: Sequence[str] = ()) -> None:
        self.merges: list[Pair] = [(int(a), int(b)) for a, b in merges]
        self.pieces = [bytes([i]) for i in range(256)]
        for a, b in self.merges:
            self.pieces.append(self.pieces[a] + self.pieces[b])
        self.rank = {pair: 256 + m for m, pair in enumerate(self.merges)}
        self.special = {name: len(self.pieces) + i for i, name in enumerate(specials)}
        self.pieces += [name.encode() for name in specials]
        self._known: dict[str, tuple[int, ...]] = {}  # words repeat: each chunk is merged once

    @classmethod
    def train(cls, text: str, size: int, specials: Sequence[str] = ()) -> BPETokenizer:
        """Learn merges from `text` until the vocabulary has `size` entries, or no pair occurs twice."""
        whole("BPETokenizer.train", "size", size, least=256 + len(specials))
        return cls(learn_merges(text, size - 256 - len(specials)), specials)

    def __len__(self) -> int:
        """Size of the vocabulary V, special tokens included."""
        return len(self.pieces)

    def encode(self, text: str) -> np.ndarray:
        """Text to (T,) int64: in each chunk the earliest learnt merge is applied first."""
        return np.array([i for chunk in CHUNK.findall(text) for i in self._chunk(chunk)], dtype=np.int64)

    def decode(self, tokens: Iterable[Any]) -> str:
        """Token numbers back to text; bytes that are no valid UTF-8 become �; IndexError outside the vocabulary."""
        data = b"".join(self.pieces[i] for i in _checked("BPETokenizer", tokens, len(self)))
        return data.decode(errors="replace")

    def save(self, path: str | Path) -> None:
        """Write the merges as JSON."""
        _write(path, {"kind": "byte pairs", "merges": self.merges, "specials": list(self.special)})

    @classmethod
    def load(cls, path: str | Path) -> BPETokenizer:
        """Read what `save` wrote."""
        saved = _read(path, "byte pairs")
        return cls(saved["merges"], saved["specials"])

    def _chunk(self, chunk: str) -> tuple[int, ...]:
        if chunk not in self._known:
            word = tuple(chunk.encode())
            while ranks := [self.rank[p] for p in zip(word, word[1:], strict=False) if p in self.rank]:
                first = min(ranks)
                word = merge(word, self.merges[first - 256], first)
            self._known[chunk] = word
        return self._known[chunk]


def _checked(where: str, tokens: Iterable[Any], size: int) -> list[int]:
    numbers = [int(i) for i in tokens]
    for i in numbers:
        if not 0 <= i < size:
            raise IndexError(f"{where}.decode: token {i} lies outside the vocabulary, 0 to {size - 1}.")
    return numbers


def _write(path: str | Path, content: dict[str, Any]) -> None:
    Path(path).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _read(path: str | Path, kind: str) -> dict[str, Any]:
    saved: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    if saved.get("kind") != kind:
        raise ValueError(f"{path} holds a tokeniser of kind {saved.get('kind')!r}; expected {kind!r}.")
    return saved
