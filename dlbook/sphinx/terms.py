"""Links that authors need not write: glossary terms on their first use, and citations to the bibliography.

A term of the glossary is linked where it first stands on a page, with its definition as a preview. A Markdown link to
the address of a work in book/references.bib, such as `[Rosenblatt (1958)](https://doi.org/10.1037/h0042519)`, leads
to that work on the bibliography page; elsewhere (Jupyter, Colab) it still leads to the work itself.
"""

import re
from html import escape
from pathlib import Path

from docutils import nodes
from pybtex.database import parse_file
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

GLOSSARY = "book/glossary"
BIBLIOGRAPHY = "book/bibliography"
REFERENCES = "book/references.bib"

#: Text inside these is never linked.
CLOSED = (nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw,
          nodes.term, nodes.caption, nodes.rubric, nodes.comment)  # fmt: skip


def works(env):
    """Address -> (key, entry) of every work in the bibliography."""
    library = parse_file(str(Path(env.srcdir) / REFERENCES), bib_format="bibtex").entries
    return {address(entry): (key, entry) for key, entry in library.items()}


def address(entry):
    """The lasting address of a work: its DOI where it has one."""
    doi = entry.fields.get("doi")
    return f"https://doi.org/{doi.lower()}" if doi else entry.fields["url"]


def describe(entry):
    """One line that says what a work is: authors, year, title, where it appeared."""
    people = [" ".join([*person.first_names, *person.middle_names, *person.prelast_names, *person.last_names])
              for person in entry.persons.get("author", entry.persons.get("editor", []))]  # fmt: skip
    names = people[0] if len(people) == 1 else ", ".join(people[:-1]) + " and " + people[-1] if people else ""
    get = entry.fields.get
    where = get("journal") or get("booktitle") or get("publisher") or get("institution") or ""
    where += f" {get('volume')}" if get("volume") else ""
    where += f"({get('number')})" if get("number") and get("volume") else ""
    where += f", {get('pages').replace('--', '–')}" if get("pages") else ""
    plain = re.sub(r"[{}]", "", f"{names} ({get('year')}). {get('title')}. {where}".strip(" ."))
    return plain.replace("\\&", "&") + "."


def definitions(env):
    """Term (lower case) -> (anchor, definition) from the glossary page."""
    found = {}
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        meaning = " ".join(d.astext() for d in item.findall(nodes.definition)).replace("\n", " ")
        for term in item.findall(nodes.term):
            found[term.astext().lower()] = (term["ids"][0], meaning)
    return found


class Links(SphinxPostTransform):
    """Turn first uses of terms and links to known works into links with a preview."""

    default_priority = 5
    formats = ("html",)

    def run(self, **kwargs):
        here = self.env.docname
        if here == BIBLIOGRAPHY:
            return
        self._cite(here)
        if here != GLOSSARY and GLOSSARY in self.env.found_docs:
            self._define(here)

    def _cite(self, here):
        known = works(self.env)
        bibliography = self.app.builder.get_relative_uri(here, BIBLIOGRAPHY)
        for link in list(self.document.findall(nodes.reference)):
            uri = link.get("refuri", "").rstrip("/")
            uri = uri.lower() if uri.startswith("https://doi.org/") else uri
            if uri in known:
                key, entry = known[uri]
                link.replace_self(_link(link.astext(), f"{bibliography}#{key}", "dl-cite", describe(entry)))
            elif uri.startswith("https://doi.org/"):
                logger.warning("%s is cited, but is not in book/references.bib", uri, location=link)

    def _define(self, here):
        terms, seen = definitions(self.env), set()
        glossary = self.app.builder.get_relative_uri(here, GLOSSARY)
        pattern = any_of(terms)

        def link(match):
            anchor, meaning = terms[name_of(match)]
            return _link(match[0], f"{glossary}#{anchor}", "dl-term", meaning)

        for text in _runs(self.document):
            first = [m for m in pattern.finditer(text) if name_of(m) not in seen and not seen.add(name_of(m))]
            if first:
                ends = [0, *(m.end() for m in first)]
                between = [nodes.Text(text[end : m.start()]) for end, m in zip(ends, first, strict=False)]
                linked = [node for pair in zip(between, map(link, first), strict=True) for node in pair]
                text.parent.replace(text, [*linked, nodes.Text(text[ends[-1] :])])


def any_of(terms):
    """A pattern that finds each of the terms as a word, also in the plural and across a line end."""
    words = "|".join(re.escape(term).replace(r"\ ", r"\s+") for term in sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])({words})(s|es)?(?![\w-])", re.IGNORECASE)


def name_of(match):
    """The term that a match of `any_of` stands for."""
    return " ".join(match[1].lower().split())


def _runs(document):
    """Every run of text that may carry links; neighbours (the parser splits at line ends) are joined first."""
    for text in list(document.findall(nodes.Text)):
        if text.parent is None or text not in text.parent.children or not _open(text):
            continue
        parent, here = text.parent, text.parent.index(text)
        until = here + 1
        while until < len(parent) and isinstance(parent[until], nodes.Text):
            until += 1
        if until > here + 1:
            text = nodes.Text("".join(parent[here:until]))
            parent[here:until] = [text]
        yield text


def _open(text):
    parent = text.parent
    while parent is not None:
        if isinstance(parent, CLOSED):
            return False
        parent = parent.parent
    return True


def _link(words, href, kind, preview):
    html = f'<a class="{kind}" href="{escape(href)}" data-preview="{escape(preview)}">{escape(words)}</a>'
    return nodes.raw("", html, format="html")


class References(SphinxDirective):
    """`{references}`: every work of book/references.bib, in order of the first author's name."""

    def run(self):
        self.env.note_dependency(REFERENCES)
        items = []
        for key, entry in sorted(works(self.env).values(), key=lambda work: describe(work[1]).lower()):
            line = nodes.paragraph("", describe(entry) + " ")
            line += nodes.reference("", address(entry).removeprefix("https://"), refuri=address(entry))
            items.append(nodes.list_item("", line, ids=[key]))
        return [nodes.bullet_list("", *items, classes=["dl-references"])]


def setup(app):
    app.add_post_transform(Links)
    app.add_directive("references", References)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
