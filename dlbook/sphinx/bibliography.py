"""Citations lead to the bibliography, and the bibliography is a list that people can read.

A Markdown link to the address of a work in book/references.bib, such as `[Rosenblatt (1958)](https://doi.org/10.1037/h0042519)`,
leads to that work on the bibliography page; elsewhere (Jupyter, Colab) it still leads to the work itself.
"""

import unicodedata
from pathlib import Path

from docutils import nodes
from pybtex.backends.plaintext import Backend
from pybtex.database import parse_file
from pybtex.richtext import Text
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from dlbook.sphinx.terms import link_with_preview

logger = logging.getLogger(__name__)

PLAIN_TEXT = Backend()
BIBLIOGRAPHY = "book/bibliography"
REFERENCES = "book/references.bib"

#: Letters that are no letter with an accent, and sort as another all the same.
SORTS_AS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})


def works(env):
    """Address -> (key, entry) of every work in the bibliography."""
    library = parse_file(str(Path(env.srcdir) / REFERENCES), bib_format="bibtex").entries
    return {address(entry): (key, entry) for key, entry in library.items()}


def address(entry):
    """The lasting address of a work: its DOI where it has one."""
    doi = entry.fields.get("doi")
    return f"https://doi.org/{doi.lower()}" if doi else entry.fields["url"]


def plain(latex):
    """What a field of a BibTeX file says, as text: accents are letters, braces are gone, -- is a dash."""
    return Text.from_latex(latex or "").render(PLAIN_TEXT)


def people(entry):
    """A work's authors, or its editors where it has no authors."""
    return entry.persons.get("author") or entry.persons.get("editor") or []


def family(person):
    """A family name as it is written: with its van or von. Of an organisation, which has no other name, all of it."""
    return plain(" ".join([*person.prelast_names, *person.last_names]))


def given(person):
    return plain(" ".join([*person.first_names, *person.middle_names]))


def describe(entry):
    """One line that says what a work is: authors, year, title, where it appeared. It begins as the list is sorted."""
    first, *others = people(entry)
    names = [", ".join(filter(None, [family(first), given(first)]))]
    names += [f"{given(person)} {family(person)}".strip() for person in others]
    said = names[0] if not others else f"{', '.join(names[:-1])}, and {names[-1]}"
    return (
        f"{said} ({plain(entry.fields.get('year'))}). {plain(entry.fields.get('title'))}. {where(entry)}".strip(" .")
        + "."
    )


def where(entry):
    """Where a work appeared: the journal with volume, number and pages; the proceedings; the publisher."""
    journal, number = (entry.fields.get(name) for name in ("journal", "number"))
    home = journal or next(
        (entry.fields[k] for k in ("booktitle", "publisher", "institution") if k in entry.fields), ""
    )
    volume, pages = (entry.fields.get(name) for name in ("volume", "pages"))
    home += f" {volume}" if volume else ""
    home += f"({number})" if number and volume else ""
    return plain(home + (f", {pages}" if pages else ""))


def order(entry):
    """What the list is sorted by: the first author's family name without van or von, given names, year, title."""
    first = people(entry)[0]
    name = plain(" ".join(first.last_names)).removeprefix("The ")
    return [
        in_alphabet(text) for text in (name, given(first), entry.fields.get("year", ""), plain(entry.fields["title"]))
    ]


def in_alphabet(text):
    """A text as an English index sorts it: small letters, accents aside."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).translate(SORTS_AS)


class Citations(SphinxPostTransform):
    """Turn links to known works into links to the bibliography, with a preview."""

    default_priority = 5
    formats = ("html",)

    def run(self, **kwargs):
        here = self.env.docname
        if here == BIBLIOGRAPHY:
            return
        known = works(self.env)
        page = self.app.builder.get_relative_uri(here, BIBLIOGRAPHY)
        for link in list(self.document.findall(nodes.reference)):
            uri = link.get("refuri", "").rstrip("/")
            uri = uri.lower() if uri.startswith("https://doi.org/") else uri
            if uri in known:
                key, entry = known[uri]
                link.replace_self(link_with_preview(link.astext(), f"{page}#{key}", "dl-cite", describe(entry)))
            elif uri.startswith("https://doi.org/"):
                logger.warning("%s is cited, but is not in book/references.bib", uri, location=link)


class References(SphinxDirective):
    """`{references}`: every work of book/references.bib, sorted by family name."""

    def run(self):
        self.env.note_dependency(REFERENCES)
        items = []
        for key, entry in sorted(works(self.env).values(), key=lambda work: order(work[1])):
            line = nodes.paragraph("", describe(entry) + " ")
            line += nodes.reference("", address(entry).removeprefix("https://"), refuri=address(entry))
            items.append(nodes.list_item("", line, ids=[key]))
        return [nodes.bullet_list("", *items, classes=["dl-references"])]


def setup(app):
    app.add_post_transform(Citations)
    app.add_directive("references", References)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
