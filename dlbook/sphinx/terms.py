"""Links that authors need not write: a term of the glossary is linked where it first stands on a page, with a preview.

Some terms are everyday words too. Their entries say in which phrases they mean what the glossary explains:

    bit
        A unit of information … {linked-in}`bits, one bit`
    unit
        The artificial neuron … {not-linked-in}`unit of length, one unit on`

The first links only inside the phrases, the second everywhere else. The roles show nothing.
"""

import re
from html import escape
from typing import NamedTuple

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

logger = logging.getLogger(__name__)

GLOSSARY = "book/glossary"

#: Text inside these is never linked.
CLOSED = (nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw,
          nodes.term, nodes.caption, nodes.rubric, nodes.comment, pending_xref)  # fmt: skip


class Sense(nodes.Inline, nodes.Element):
    """What an entry of the glossary says about where it is linked: its role's name, and phrases."""


def sense(name, rawtext, text, lineno, inliner, options=None, content=None):
    """The roles `linked-in` and `not-linked-in`."""
    return [Sense(role=name, phrases=[phrase.strip() for phrase in text.split(",")])], []


class Entry(NamedTuple):
    """A term of the glossary: its anchor, its definition, and the phrases that decide whether it is meant."""

    anchor: str
    meaning: str
    only: list
    never: list

    def is_meant(self, context, start, end):
        """Whether the term that stands at these places of a text has the sense of the glossary."""

        def inside(phrases):
            found = (match for phrase in phrases for match in any_of([phrase]).finditer(context))
            return any(match.start() <= start and end <= match.end() for match in found)

        return (not self.only or inside(self.only)) and not inside(self.never)

    def link(self, words, page):
        """Words as a link to this entry, whose glossary stands on that page."""
        return link_with_preview(words, f"{page}#{self.anchor}", "dl-term", self.meaning)


def definitions(env):
    """Term (lower case) -> its Entry, from the glossary page."""
    found = {}
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        meaning = " ".join(d.astext() for d in item.findall(nodes.definition)).replace("\n", " ").strip()
        said = {node["role"]: node["phrases"] for node in item.findall(Sense)}
        for term in item.findall(nodes.term):
            name = term.astext().lower()
            found[name] = Entry(term["ids"][0], meaning, said.get("linked-in", []), said.get("not-linked-in", []))
            for phrase in (p for phrases in said.values() for p in phrases if not any_of([name]).search(p)):
                logger.warning("glossary: the phrase %r has no %r in it, so it decides nothing", phrase, name)
    return found


class Terms(SphinxPostTransform):
    """Turn the first use of each term into a link with a preview."""

    default_priority = 6  # after the citations: what they make of a link holds no terms
    formats = ("html",)

    def run(self, **kwargs):
        here = self.env.docname
        if here in (GLOSSARY, "book/bibliography") or GLOSSARY not in self.env.found_docs:
            return
        terms, seen = definitions(self.env), set()
        page = self.app.builder.get_relative_uri(here, GLOSSARY)
        pattern = any_of(terms)
        for text, context, offset in [(text, *around(text)) for text in _runs(self.document)]:
            first = []
            for match in pattern.finditer(text):
                name, place = name_of(match), (offset + match.start(), offset + match.end())
                if name not in seen and terms[name].is_meant(context, *place):
                    seen.add(name)
                    first.append((match, terms[name].link(match[0], page)))
            put_links(text, first)


def put_links(text, links):
    """Replace matches in a run of text by their links: pairs in the order of the text."""
    pieces, end = [], 0
    for match, link in links:
        pieces += [nodes.Text(text[end : match.start()]), link]
        end = match.end()
    at = next(i for i, child in enumerate(text.parent) if child is text)  # `index` would ask for an equal one
    text.parent[at : at + 1] = [*pieces, nodes.Text(text[end:])]


def any_of(terms):
    """A pattern that finds each of the terms as a word, also in the plural and across a line end."""
    words = "|".join(re.escape(term).replace(r"\ ", r"\s+") for term in sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])({words})(s|es)?(?![\w-])", re.IGNORECASE)


def name_of(match):
    """The term that a match of `any_of` stands for."""
    return " ".join(match[1].lower().split())


def around(text):
    """The paragraph in which a run of text stands, as text, and where in it the run begins."""
    block = text.parent
    while isinstance(block, nodes.Inline):
        block = block.parent
    pieces = list(block.findall(nodes.Text))
    at = next(i for i, piece in enumerate(pieces) if piece is text)
    return "".join(pieces), sum(map(len, pieces[:at]))


def _runs(document):
    """Every run of text that may carry links; neighbours (the parser splits at line ends) are joined first."""
    for parent in document.findall(nodes.TextElement):
        for i in range(len(parent) - 1, 0, -1):
            if isinstance(parent[i], nodes.Text) and isinstance(parent[i - 1], nodes.Text):
                parent[i - 1 : i + 1] = [nodes.Text(parent[i - 1] + parent[i])]
    return [text for text in document.findall(nodes.Text) if _open(text)]


def _open(text):
    parent = text.parent
    while parent is not None:
        if isinstance(parent, CLOSED):
            return False
        parent = parent.parent
    return True


def link_with_preview(words, href, kind, preview):
    """A link that shows a text when it is pointed at."""
    html = f'<a class="{kind}" href="{escape(href)}" data-preview="{escape(preview)}">{escape(words)}</a>'
    return nodes.raw("", html, format="html")


def _show_nothing(translator, node):
    raise nodes.SkipNode


def setup(app):
    app.add_node(Sense, **dict.fromkeys(("html", "latex", "text", "man", "texinfo"), (_show_nothing, None)))
    app.add_role("linked-in", sense)
    app.add_role("not-linked-in", sense)
    app.add_post_transform(Terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
