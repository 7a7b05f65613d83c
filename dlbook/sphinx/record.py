"""The reader's record: what she has guessed, answered, solved and read, in her own browser, sent nowhere.

`{record}` puts it onto its page: the questions of all pages, read from the notebooks, for the script that looks up what
was said to them (book/theme/scripts/your_record.js). On every page `reading.js` notes what is read, and marks the map.
"""

import json
import re
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from dlbook.live import markup
from dlbook.page.exports import plain
from dlbook.page.guesses import guesses, page_name, part_title
from dlbook.page.questions import markdown_of, questions
from dlbook.pages.find import find
from dlbook.sphinx.assets import THEME

HOME = "book/record"  # the page that it stands on
FIGURE = re.compile(r"^from dlbook\.pages\.[\w.]+\.figures import (.+)$", re.MULTILINE)
ELEMENT = """<div class="dl-record"><p>Where scripts run, your record stands here.</p>
<script type="application/json">{}</script></div>"""
LONGEST = 140  # letters of a question in a list


class Record(SphinxDirective):
    """```{record}``` puts the record onto a page."""

    def run(self):
        self.env.note_reread()  # it follows from all other pages
        order = self.env.app.config.external_site_map
        pages = [doc for doc in order if str(self.env.doc2path(doc)).endswith(".ipynb")]
        parts = {}
        for doc in pages:
            where = self.env.app.builder.get_relative_uri(self.env.docname, doc)
            parts.setdefault(part_title(doc), []).append({**about(Path(self.env.doc2path(doc)), doc), "href": where})
        told = [{"title": title, "pages": held} for title, held in parts.items()]
        return [nodes.raw("", ELEMENT.format(json.dumps(told).replace("</", "<\\/")), format="html")]


def about(path, doc):
    """A page's name, number and title, and the ids of what it asks."""
    notebook, name = nbformat.read(path, as_version=4), page_name(doc)
    text, cells = markdown_of(notebook), notebook.cells
    guessed = [(cell.id, guess.question) for cell in cells if is_text(cell) for guess in guesses(cell.source)]
    figures = [figure for cell in cells if not is_text(cell) for figure in shown(cell.source) if figure.predict]
    checks = [(f"check-{one.number}", one.text) for one in questions(text) if one.kind == "choice"]
    return {
        "name": name,
        "number": ".".join(re.findall(r"(?:^|/)(\d+)_", doc)),
        "title": re.search(r"^# (.+)$", text, re.MULTILINE)[1],
        "guesses": [entry(f"{name}#{anchor}", anchor, asks) for anchor, asks in guessed]
        + [entry(f"figure/{figure.name}", figure.name, figure.predict.question) for figure in figures],
        "checks": [entry(f"{name}#{anchor}", anchor, asks) for anchor, asks in checks],
        "exercises": [f"{name}#{cell.id}" for cell in cells if "exercise" in cell.metadata.get("tags", ())],
    }


def is_text(cell):
    return cell.cell_type == "markdown"


def entry(ident, anchor, asks):
    """A question: its id in the record, where on its page it stands, and its first words."""
    return {"id": ident, "anchor": anchor, "asks": short(asks)}


def shown(source):
    """The live figures that a cell imports."""
    return [find(name.strip()) for match in FIGURE.finditer(source) for name in match[1].split(",")]


def short(text):
    """The first words of a question, as plain text."""
    words = plain(text)
    return words if len(words) <= LONGEST else f"{words[:LONGEST].rsplit(' ', 1)[0]} …"


def script(name, *shared):
    """One of the theme's scripts, after pieces that it shares with live figures."""
    return markup.script((THEME / "scripts" / f"{name}.js").read_text(encoding="utf-8"), shared=shared)


def write_scripts(app):
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static" / "dl"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "reading.js").write_text(script("reading", "record.js"), encoding="utf-8")  # every page loads it
        (folder / "your_record.js").write_text(script("your_record", *markup.SHARED), encoding="utf-8")


def load_scripts(app, pagename, templatename, context, doctree):
    """Every page notes that it is read; the page of the record shows it."""
    if app.builder.format != "html" or not doctree:
        return
    notebook = str(app.env.doc2path(pagename)).endswith(".ipynb")
    name = page_name(pagename) if notebook else ""
    app.add_js_file("dl/reading.js", loading_method="defer", **{"data-page": name})
    if pagename == HOME:
        app.add_js_file("dl/your_record.js", loading_method="defer")


def setup(app):
    app.add_directive("record", Record)
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", load_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
