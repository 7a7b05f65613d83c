"""Boxes: a blockquote that opens with a known bold title becomes a box of the book.

    > **In plain words.** A neuron adds up what it hears.

Authors write plain Markdown, so the same text reads well in Jupyter, in Colab and on a code host.
"""

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)

#: title -> CSS class of the box
BOXES = {
    "In plain words": "dl-plain",
    "Predict": "dl-predict",
    "Common mistake": "dl-mistake",
    "Key points": "dl-key",
    "Aside": "dl-aside",  # stands in the margin where there is one
}


class Boxes(SphinxTransform):
    """Blockquotes with a known bold title become admonitions; an unknown title is a warning."""

    default_priority = 250

    def apply(self):
        for quote in list(self.document.findall(nodes.block_quote)):
            opening = _opening(quote)
            if opening is None:
                continue
            title = opening.astext().strip().rstrip(".:")
            if title not in BOXES:
                known = ", ".join(BOXES)
                logger.warning("a box is titled %r; the book has: %s", title, known, location=quote)
                continue
            quote.replace_self(_box(quote, opening, title))


def _opening(quote):
    """The bold words that a blockquote starts with, or None."""
    first = quote[0] if len(quote) else None
    if not isinstance(first, nodes.paragraph):
        return None
    spoken = next((node for node in first if node.astext()), None)  # the parser puts empty text before bold words
    return spoken if isinstance(spoken, nodes.strong) else None


def _box(quote, opening, title):
    paragraph = opening.parent
    rest = paragraph[paragraph.index(opening) + 1 :]
    if rest and isinstance(rest[0], nodes.Text):
        rest[0] = nodes.Text(rest[0].lstrip())
    paragraph[:] = rest
    body = quote[0 if paragraph.astext() else 1 :]
    box = nodes.admonition("", nodes.title("", title), *body, classes=["dl-box", BOXES[title]])
    box.source, box.line = quote.source, quote.line
    return box


def setup(app):
    app.add_transform(Boxes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
