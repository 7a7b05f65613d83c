"""Predict boxes ask: the folds under one are its answers, kept back by a script until the reader has guessed.

What a box may look like, and what is wrong with one, says dlbook/page/guesses.py. Its id is the page's name without
numbers and the id of its cell, `backprop/loss#predict-ignorance`: under it the reader's browser keeps the guess.
Markdown pages have no cells; there it stays a box.
"""

import html
from collections import Counter
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from dlbook.live import markup
from dlbook.page.guesses import guesses, page_name
from dlbook.sphinx.assets import THEME
from dlbook.sphinx.folds import CELL, folded, raw
from dlbook.sphinx.notes import PageNotes

logger = logging.getLogger(__name__)

SCRIPT = "dl/guesses.js"
IDS = PageNotes("dl_guesses")  # page → ids of its guesses


class Guesses(SphinxTransform):
    """The folds after a Predict box go into it, with what the script must know of them."""

    default_priority = 251  # when the quotes have become boxes

    def apply(self):
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".ipynb":
            return
        cells = folded(nbformat.read(path, as_version=4).cells)  # what MyST-NB has counted
        for box in list(self.document.findall(nodes.admonition)):
            if "dl-predict" in box["classes"]:
                self._ask(box, cells[box.line // CELL - 1])

    def _ask(self, box, cell):
        found = guesses("".join(cell["source"]))
        faults = found[0].faults() if len(found) == 1 else ["a cell holds one Predict box; give each its own"]
        if faults:
            logger.warning("the guess in cell %r: %s", cell["id"], "; ".join(faults), location=box)
            return
        guess, name = found[0], f"{page_name(self.env.docname)}#{cell['id']}"
        said = {"id": name, "guess": guess.kind, "answer": guess.answer, "within": guess.within}
        told = "".join(f' data-{key}="{html.escape(value)}"' for key, value in said.items() if value is not None)
        folds = following(box, len(guess.folds))
        box += [raw(f'<div class="dl-guess" id="{cell["id"]}"{told}>'), *folds, raw("</div>")]
        IDS.of(self.env).setdefault(self.env.docname, []).append(name)


def following(box, count):
    """Take that many folds out of the nodes after a box."""
    taken = []
    for node in box.parent[box.parent.index(box) + 1 :]:
        if count <= 0:
            break
        box.parent.remove(node)
        taken.append(node)
        count -= node.astext().count("</details>") if isinstance(node, nodes.raw) else 0
    return taken


def refuse_duplicates(app, env):
    """Two guesses of one id would overwrite each other in the reader's browser."""
    places = [(name, page) for page, names in IDS.of(env).items() for name in names]
    for name, count in Counter(name for name, _ in places).items():
        if count > 1:
            pages = ", ".join(sorted(page for other, page in places if other == name))
            logger.warning("the guess %r stands %d times, on %s; give the cells, or the pages, names of their own",
                           name, count, pages)  # fmt: skip


def write_script(app):
    """The script of the guesses, with what it shares with live figures."""
    if app.builder.format == "html":
        path = Path(app.outdir) / "_static" / SCRIPT
        path.parent.mkdir(parents=True, exist_ok=True)
        own = (THEME / "scripts" / "guesses.js").read_text(encoding="utf-8")
        path.write_text(markup.script(own), encoding="utf-8")


def load_script(app, pagename, templatename, context, doctree):
    """Only pages that ask load it."""
    if IDS.of(app.env).get(pagename) and app.builder.format == "html":
        app.add_js_file(SCRIPT, loading_method="defer")


def setup(app):
    app.add_transform(Guesses)
    IDS.connect(app)
    app.connect("env-updated", refuse_duplicates)
    app.connect("builder-inited", write_script)
    app.connect("html-page-context", load_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
