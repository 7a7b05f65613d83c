"""Guesses: the Predict boxes of a page as its author writes them, and what is wrong with one.

    > **Predict.** What does the layer forget first?

    <details><summary>A. The scale</summary>

    It cannot: the next layer divides by it.

    </details>
    <details><summary>B. The order</summary>

    Right. A sum has none.

    </details>

That is a choice. A number is one fold, `<details data-guess="number" data-answer="2.3" data-within="1.1">`, right
within a factor of 1.1; without data-answer nothing is judged, for the page computes the answer. Folds titled "If you
said less" and "If you said more" may follow. Free text is one fold, `<details data-guess="text">`. In a notebook, in
print and without scripts they are folds; on a built page the reader answers first.
"""

import re
from dataclasses import dataclass
from pathlib import Path

BOX = re.compile(r"^> \*\*Predict\.\*\*(?P<question>.*(?:\n>.*)*)\n*", re.MULTILINE)
FOLD = re.compile(
    r"<details(?P<said>[^>]*)><summary>(?P<title>.*?)</summary>(?P<text>.*?)</details>(?:\n+|\Z)", re.DOTALL
)
SAID = re.compile(r'data-([a-z]+)="([^"]*)"')
NUMBER = re.compile(r"-?\d+(\.\d+)?")
RIGHT = re.compile(r"Right[.:,]")
LESS, MORE = "If you said less", "If you said more"


@dataclass(frozen=True)
class Fold:
    """One `<details>` of a guess: an option of a choice, or the answer."""

    title: str
    text: str
    said: dict[str, str]  # its data-… attributes


@dataclass(frozen=True)
class Guess:
    """A Predict box with its folds."""

    question: str
    folds: tuple[Fold, ...]

    @property
    def kind(self) -> str:
        """choice, number or text."""
        return self.folds[0].said.get("guess", "choice") if self.folds else "choice"

    @property
    def answer(self) -> str | None:
        """The letter of the right option, or the number; None where nothing is right or wrong."""
        if self.kind == "choice":
            return next((fold.title[0] for fold in self.folds if RIGHT.match(fold.text.strip())), None)
        return self.folds[0].said.get("answer")

    @property
    def within(self) -> str:
        """The factor within which a number is right."""
        return self.folds[0].said.get("within", "1.25")

    def faults(self) -> list[str]:
        """What its author has to mend, as sentences."""
        found = [] if self.question else ["the box asks nothing"]
        for fold in self.folds:
            if re.search(r"[$*`]", fold.title):
                found.append(f"the title {fold.title!r} has a formula or stars, which would stay as they are")
            if not re.fullmatch(r"\n\n.+\n\n", fold.text, re.DOTALL) or "<details" in fold.text:
                found.append(f"under the fold {fold.title!r} stands no text between empty lines")
        if self.kind not in KINDS:
            return [*found, f'data-guess is "number" or "text", not {self.kind!r}; a choice says nothing']
        return found + KINDS[self.kind](self.folds)


def choice_faults(folds):
    """Two options or more, lettered, one of them right."""
    if len(folds) < 2:
        return [f"expected two options or more, or one answer with data-guess; got {len(folds)}"]
    found, titles = [], [fold.title for fold in folds]
    if any(not title.startswith(f"{letter}. ") for letter, title in zip("ABCDEF", titles, strict=False)):
        found.append(f"options are titled 'A. …', 'B. …', not {titles}")
    right = sum(bool(RIGHT.match(fold.text.strip())) for fold in folds)
    if right != 1:
        found.append(f"one explanation begins with 'Right.', not {right}")
    return found


def number_faults(folds):
    """One answer, with a number if there is one to compare with; sentences for less and for more."""
    found, said = text_faults([fold for fold in folds if fold.title not in (LESS, MORE)]), folds[0].said
    if not NUMBER.fullmatch(said.get("answer", "0")):
        found.append(f"data-answer is a number, not {said['answer']!r}")
    if not NUMBER.fullmatch(said.get("within", "2")) or float(said.get("within", "2")) <= 1:
        found.append(f"data-within is a factor above 1, not {said['within']!r}")
    if len(folds) > 1 and "answer" not in said:
        found.append("less or more than what? Say data-answer")
    return found


def text_faults(folds):
    """One answer, with nothing to choose."""
    return [] if len(folds) == 1 else [f"expected one fold with the answer, got {len(folds)}"]


KINDS = {"choice": choice_faults, "number": number_faults, "text": text_faults}


def guesses(text: str) -> list[Guess]:
    """The Predict boxes of a piece of Markdown, in order."""
    found = []
    for box in BOX.finditer(text):
        folds, end = [], box.end()
        while fold := FOLD.match(text, end):
            folds.append(Fold(fold["title"], fold["text"], dict(SAID.findall(fold["said"]))))
            end = fold.end()
        found.append(Guess(box["question"].replace("\n>", "\n").strip(), tuple(folds)))
    return found


def reading_order(path) -> tuple[int, ...]:
    """The numbers of a page's part and place, by which pages are sorted: 4.10 comes after 4.9.

    >>> reading_order("chapters/4_a/10_last.ipynb") > reading_order("chapters/4_a/9_first.ipynb")
    True
    """
    return tuple(int(number) for number in re.findall(r"(?:^|/)(\d+)_", str(path).replace("\\", "/")))


def page_name(name: str) -> str:
    """The name of a page without the numbers of its place, so that it stays when pages move.

    >>> page_name("chapters/3_backprop/1_loss")
    'backprop/loss'
    """
    return re.sub(r"(^|/)\d+_", r"\1", name.removeprefix("chapters/"))


def part_title(page: str) -> str:
    """The part of the book that a page belongs to, as its folder has it; what comes before the first has no number.

    >>> part_title("chapters/3_backprop/1_loss"), part_title("0_before_you_begin/1_mathematics")
    ('3 Backprop', 'Before you begin')
    """
    number, _, words = Path(page).parent.name.partition("_")
    return f"{number if number != '0' else ''} {words.replace('_', ' ').capitalize()}".strip()
