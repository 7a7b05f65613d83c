"""Today's cards: the questions of all pages once more, days later, in the reader's own browser.

`{cards}` puts every question with options onto its page, part by part, as the folds that it is on its own page; that is
all where no scripts run. book/theme/scripts/cards.js deals those that are due; when one comes again, says FSRS (npm's
ts-fsrs, bundled as fsrs.js). A card's id in the record is its question's, `backprop/loss#check-1`.
"""

import html
from itertools import groupby
from pathlib import Path

import nbformat
from sphinx.util.docutils import SphinxDirective

from dlbook.page.guesses import page_name, part_title
from dlbook.page.questions import markdown_of, questions
from dlbook.sphinx.folds import raw
from dlbook.sphinx.python import SCRIPTS, bundle
from dlbook.sphinx.record import script

HOME = "book/cards"  # the page that they stand on


class Cards(SphinxDirective):
    """```{cards}``` puts the questions of all pages onto a page."""

    def run(self):
        self.env.note_reread()  # it follows from all other pages
        order = self.env.app.config.external_site_map
        pages = [doc for doc in order if str(self.env.doc2path(doc)).endswith(".ipynb")]
        decks = [node for title, docs in groupby(pages, part_title) for node in self._deck(title, list(docs))]
        return [raw('<div class="dl-cards">'), *decks, raw("</div>")]

    def _deck(self, title, docs):
        """The questions of a part under a fold."""
        cards = [node for doc in docs for question in asked(self.env, doc) for node in self._card(doc, question)]
        opening = f"<details><summary>{html.escape(title)}</summary>"
        return [raw(opening), *cards, raw("</details>")] if cards else []

    def _card(self, doc, question):
        name, right = page_name(doc), next(option.letter for option in question.options if option.right)
        anchor, where = f"check-{question.number}", self.env.app.builder.get_relative_uri(self.env.docname, doc)
        about = {"id": f"{name}#{anchor}", "page": name, "answer": right,
                 "from": f"{question.place} {question.title}", "href": f"{where}#{anchor}"}  # fmt: skip
        told = " ".join(f'data-{key}="{html.escape(value)}"' for key, value in about.items())
        folds = "\n\n".join(
            f"<details><summary>{fold.title}</summary>\n\n{fold.text}\n\n</details>" for fold in question.folds
        )
        asks = self.parse_text_to_nodes(question.text)
        return [raw(f'<div class="dl-card" {told}><div class="dl-asks">'), *asks, raw("</div>"),
                *self.parse_text_to_nodes(folds), raw("</div>")]  # fmt: skip


def asked(env, doc):
    """The questions with options of a page."""
    text = markdown_of(nbformat.read(Path(env.doc2path(doc)), as_version=4))
    return [one for one in questions(text, doc.removeprefix("chapters/")) if one.kind == "choice" and not one.faults()]


def write_scripts(app):
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / "dl"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cards.js").write_text(script("cards", "numbers.js", "record.js", "ask.js"), encoding="utf-8")
        bundle(SCRIPTS / "fsrs.js", folder / "fsrs.js")


def load_scripts(app, pagename, templatename, context, doctree):
    if app.builder.format == "html" and pagename == HOME:
        for name in ("fsrs", "cards"):
            app.add_js_file(f"dl/{name}.js", loading_method="defer")


def setup(app):
    app.add_directive("cards", Cards)
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", load_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
