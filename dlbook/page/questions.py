"""The questions under "Check yourself" on every page, as their author writes them; exports read nothing else.

    ## Check yourself

    **1.** All keys of a sentence are equal. What does attention return?

    <details><summary>A. Nothing.</summary>

    The softmax never does: its weights sum to 1.

    </details>
    <details><summary>B. The mean of all values.</summary>

    Right. Equal keys give equal scores.

    </details>

Options look like those of a guess (dlbook.page.guesses): lettered, one of them right, each with an explanation of its
own. A question with a single fold that is not lettered is an open one, and the fold holds a model answer.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from dlbook.page.guesses import FOLD, RIGHT, Fold, choice_faults, page_name, reading_order

SECTION = re.compile(r"^## Check yourself\n(?P<text>.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
QUESTION = re.compile(r"^\*\*(?P<number>\d+)\.\*\* ", re.MULTILINE)
LETTER = re.compile(r"(?P<letter>[A-Z])\. (?P<text>.+)", re.DOTALL)


@dataclass(frozen=True)
class Option:
    """What can be chosen: its letter and words, whether it is right, and what is said to whoever chooses it."""

    letter: str
    text: str
    right: bool
    said: str


@dataclass(frozen=True)
class Question:
    """One question of a page; all texts are Markdown."""

    page: str  # the notebook's path below chapters, without its ending
    title: str
    number: int
    text: str
    folds: tuple[Fold, ...]

    @property
    def place(self) -> str:
        """The number of the page, such as 4.6."""
        return ".".join(re.findall(r"(?:^|/)(\d+)_", self.page))

    @property
    def ident(self) -> str:
        """A name that stays when pages move."""
        return re.sub(r"[^a-z0-9]+", "-", f"{page_name(self.page)}-{self.number}")

    @property
    def kind(self) -> str:
        """choice or open."""
        return "open" if len(self.folds) == 1 and not LETTER.match(self.folds[0].title) else "choice"

    @property
    def options(self) -> list[Option]:
        """The options of a choice; none for an open question."""
        found = [] if self.kind == "open" else [(LETTER.match(fold.title), fold.text.strip()) for fold in self.folds]
        return [Option(m["letter"], m["text"], bool(RIGHT.match(said)), said) for m, said in found]

    @property
    def model_answer(self) -> str:
        """What an open question is answered with; "" for a choice."""
        return self.folds[0].text.strip() if self.kind == "open" else ""

    def faults(self) -> list[str]:
        """What its author has to mend, as sentences."""
        found = [] if self.text else ["it asks nothing"]
        found += [f"under {fold.title!r} stands nothing" for fold in self.folds if not fold.text.strip()]
        return found + ([] if self.kind == "open" else choice_faults(self.folds))


def markdown_of(notebook) -> str:
    """All Markdown of a notebook in one text."""
    return "\n\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def questions(markdown: str, page: str = "") -> list[Question]:
    """The questions in the Markdown of a page, in order."""
    section = SECTION.search(markdown)
    title = re.search(r"^# (.+)$", markdown, re.MULTILINE)
    if not section:
        return []
    parts = QUESTION.split(section["text"])[1:]  # number, text, number, text …
    found = []
    for number, part in zip(parts[::2], parts[1::2], strict=True):
        folds = [Fold(fold["title"], fold["text"], {}) for fold in FOLD.finditer(part)]
        asked = FOLD.split(part, maxsplit=1)[0].strip()
        found.append(Question(page, title[1] if title else "", int(number), asked, tuple(folds)))
    return found


def of_the_book(chapters="chapters") -> list[Question]:
    """The questions of all pages, in the order of their numbers.

    Raises:
        ValueError: naming every question that nobody could answer, and what is the matter with it.
    """
    found, faults = [], []
    for path in sorted(Path(chapters).glob("*/*.ipynb"), key=reading_order):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        page = path.relative_to(chapters).with_suffix("").as_posix()
        found += questions(markdown_of(notebook), page)
    for question in found:
        faults += [f"{question.page}, question {question.number}: {fault}" for fault in question.faults()]
    if faults:
        raise ValueError("questions that cannot be exported:\n  " + "\n  ".join(faults))
    return found
