"""The questions of all pages as decks of Anki, one for each part: to be asked again over days.

A card shows the question with its options; its back, which of them is right and what is said to each. A card keeps its
identity from edition to edition, so a newer deck brings the new questions and leaves what has been learned.
"""

import hashlib
import re
import tempfile
from pathlib import Path

import genanki

from dlbook.page.exports import html
from dlbook.page.guesses import part_title

BOOK = "Deep Learning, Demystified"
STYLE = """.card { font: 20px/1.45 serif; max-width: 36em; margin: 1em auto; padding: 0 1em; text-align: left }
li { margin: .3em 0 } .right { font-weight: bold } .where { opacity: .7; font-size: 80% }"""
FRONT = '{{Question}}{{Options}}<p class="where">{{Where}}</p>'
BACK = "{{FrontSide}}<hr id=answer>{{Answer}}"


def number(name):
    """A number for a name, the same for ever: Anki tells decks and kinds of cards apart by theirs.

    >>> number("a deck") == number("a deck") != number("another")
    True
    """
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) | 1 << 30


MODEL = genanki.Model(
    number(f"{BOOK}: question"),
    f"{BOOK}: question",
    fields=[{"name": name} for name in ("Question", "Options", "Answer", "Where")],
    templates=[{"name": "Question", "qfmt": FRONT, "afmt": BACK}],
    css=STYLE,
)


def note(question):
    """One question as a note of Anki."""
    options = "".join(f"<li>{inline(option.text)}</li>" for option in question.options)
    fields = [
        html(question.text),
        f'<ol type="A">{options}</ol>' if options else "",
        answer(question),
        f"{question.place} {question.title}",
    ]
    tag = re.sub(r"\W+", "_", f"{question.place} {question.title}").strip("_")
    return genanki.Note(MODEL, fields, guid=genanki.guid_for(BOOK, question.ident), tags=[tag])


def answer(question):
    """The back of a card: what is said to each option, or the model answer."""
    if question.kind == "open":
        return html(question.model_answer)
    said = (f"<li{' class=right' if one.right else ''}>{html(one.said)}</li>" for one in question.options)
    return f'<ol type="A">{"".join(said)}</ol>'


def inline(markdown):
    """A line of Markdown as HTML without a paragraph around it."""
    return html(markdown).removeprefix("<p>").removesuffix("</p>")


def anki(questions) -> bytes:
    """A package of Anki with a deck for each part of the book."""
    decks = {}
    for question in questions:
        name = f"{BOOK}::{part_title(question.page)}"
        decks.setdefault(name, genanki.Deck(number(name), name)).add_note(note(question))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cards.apkg"
        genanki.Package(list(decks.values())).write_to_file(path, timestamp=1.0)
        return path.read_bytes()
