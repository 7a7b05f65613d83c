"""What the reader makes herself: a digit that she draws, a sentence that she types.

Where frames are computed on the spot (a kernel, Python in the page) she may make her own; elsewhere she chooses among
the stored ones, whose frames the built book holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlbook.live.controls import Control, FigureError

SIDE, LEVELS = 8, 16  # pixels each way, and grey levels above empty paper, as the scanner of the stored digits had them


class Own(Control):
    """A control with a few stored positions, and room for one of the reader's own."""

    def asked(self, position) -> Any:
        """The value behind a position: the name of a stored one, or what the reader made."""
        return super().asked(position) if isinstance(position, int) else position

    def checked_start(self, stored: list[str], value: str | None) -> str:
        """The stored one that the figure opens with."""
        where = f"{type(self).__name__} {self.label!r}"
        if len(set(stored)) < 2 or len(set(stored)) < len(stored):
            raise FigureError(f"{where}: give two or more different stored ones, not {stored}")
        if value is not None and value not in stored:
            raise FigureError(f"{where}: value {value!r} is none of {stored}")
        return value or stored[0]

    def text(self, value) -> str:
        return value if isinstance(value, str) else "your own"


@dataclass(frozen=True, init=False)
class Digit(Own):
    """An image of 8 × 8 pixels; the figure's function receives it as an array (8, 8) of brightness from 0 to 1.

    >>> ring = np.pad(np.zeros((4, 4)), 2, constant_values=1.0)
    >>> digit = Digit({"a ring": ring, "paper": np.zeros((8, 8))}, label="digit")
    >>> digit.argument("a ring").sum(), digit.argument([16] * 64).sum()
    (np.float64(48.0), np.float64(64.0))
    """

    stored: dict[str, np.ndarray]
    value: str
    label: str
    kind = "digit"

    def __init__(self, stored: dict[str, Any], value: str | None = None, label: str = "digit"):
        object.__setattr__(self, "label", label)
        images = {name: np.asarray(image, dtype=float) for name, image in stored.items()}
        for name, image in images.items():
            if image.shape != (SIDE, SIDE) or image.min() < 0 or image.max() > 1:
                raise FigureError(f"Digit {label!r}: {name!r} must be (8, 8) with brightness from 0 to 1")
        object.__setattr__(self, "stored", images)
        object.__setattr__(self, "value", self.checked_start(list(images), value))

    def positions(self) -> list:
        return list(self.stored)

    def argument(self, value) -> np.ndarray:
        """A stored image by name; the reader's own from 64 grey levels, 0 to 16, or from an image."""
        if isinstance(value, str):
            if value not in self.stored:
                raise FigureError(f"Digit {self.label!r}: {value!r} is none of {self.positions()}")
            return self.stored[value]
        image = np.asarray(value, dtype=float)
        image = image.reshape(SIDE, SIDE) / LEVELS if image.shape == (SIDE * SIDE,) else image
        if image.shape != (SIDE, SIDE) or image.min() < 0 or image.max() > 1:
            raise FigureError(f"Digit {self.label!r}: expected 64 grey levels from 0 to 16, or (8, 8) from 0 to 1")
        return image

    def declaration(self) -> dict[str, Any]:
        levels = {name: (LEVELS * image).round().astype(int).ravel().tolist() for name, image in self.stored.items()}
        return super().declaration() | {"images": list(levels.values())}


@dataclass(frozen=True, init=False)
class Sentence(Own):
    """A sentence out of a vocabulary, words separated by blanks; the figure's function receives it as text.

    >>> said = Sentence("Anna saw Ben", "Ben saw Anna", vocabulary=["Anna", "Ben", "saw"], words=3, label="sentence")
    >>> said.argument("Ben  saw Ben")
    'Ben saw Ben'
    """

    stored: tuple[str, ...]
    vocabulary: tuple[str, ...]
    words: int | None
    value: str
    label: str
    kind = "sentence"

    def __init__(self, *stored: str, vocabulary, words: int | None = None, value: str | None = None, label="sentence"):
        given = dict(stored=stored, vocabulary=tuple(vocabulary), words=words, label=label)
        for name, one in given.items():
            object.__setattr__(self, name, one)
        object.__setattr__(self, "value", self.checked_start(list(stored), value))
        for sentence in stored:
            self.argument(sentence)

    def positions(self) -> list:
        return list(self.stored)

    def argument(self, value) -> str:
        """The sentence with single blanks.

        Raises:
            FigureError: if a word is not in the vocabulary, or the number of words is not the one that is wanted.
        """
        found = str(value).split()
        foreign = [word for word in found if word not in self.vocabulary]
        if foreign:
            raise FigureError(f"“{foreign[0]}” is not one of the {len(self.vocabulary)} words that are known here")
        if not found or self.words not in (None, len(found)):
            raise FigureError(f"the sentence has {len(found)} words; it needs {self.words or 'at least one'}")
        return " ".join(found)

    def declaration(self) -> dict[str, Any]:
        return super().declaration() | {"vocabulary": list(self.vocabulary), "words": self.words}
