"""The start page's map of the book, and its way in.

    {book-map}   the parts of the book and their pages, from book/map.toml; what is written is a link, the rest is grey
    {begin}      a link to the first page that is written

Whether a page is written is not typed anywhere: it is when the table of contents has it.
"""

import re
import tomllib
from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from dlbook.sphinx.sources import ROOT

MAP = ROOT / "book" / "map.toml"


class BookMap(nodes.General, nodes.Element):
    """Stands for the map until all pages are known."""


class BookMapDirective(SphinxDirective):
    """Leaves the place of the map or, as `{begin}`, of the way in."""

    def run(self):
        self.env.note_dependency(str(MAP))
        self.env.note_reread()  # a page that is written later changes the map without changing this page
        return [BookMap(kind=self.name)]


def written(names):
    """(part number, page number) -> name, of every chapter among the names of the book's pages; part 0 is no part."""
    found = {}
    for name in names:
        match = re.match(r"chapters/(\d+)_[^/]*/(\d+)_", name)
        if match and int(match[1]):
            found[int(match[1]), int(match[2])] = name
    return found


def map_html(parts, links):
    """The map as HTML.

    Args:
        parts: the parts of book/map.toml.
        links: (part number, page number) -> address, of the pages that are written.
    """
    total = sum(len(part["pages"]) for part in parts)
    lines = [f'<p class="map-count">{len(links)} of {total} pages are written; the others are on their way.</p>']
    for i, part in enumerate(parts, 1):
        pages = "".join(
            f'<li><a href="{escape(links[i, k])}">{escape(title)}</a></li>'
            if (i, k) in links
            else f"<li>{escape(title)}</li>"
            for k, title in enumerate(part["pages"], 1)
        )
        head = f'<h3><span class="number">{i}</span> {escape(part["title"])}</h3>'
        lines.append(f"<section>{head}<p>{escape(part['says'])}</p><ol>{pages}</ol></section>")
    return f'<div class="book-map">{"".join(lines)}</div>'


def begin_html(parts, links):
    """The way in: a link to the first written page, or nothing while there is none."""
    if not links:
        return ""
    i, k = min(links)
    title = escape(parts[i - 1]["pages"][k - 1])
    return f'<p class="begin"><a href="{escape(links[i, k])}">Begin with “{title}”</a></p>'


def draw_map(app, doctree, docname):
    """Replace each map by its HTML, now that every page is known."""
    if app.builder.format != "html":
        return
    for place in list(doctree.findall(BookMap)):
        parts = tomllib.loads(MAP.read_text(encoding="utf-8"))["part"]
        pages = written(app.env.found_docs)
        links = {at: app.builder.get_relative_uri(docname, name) for at, name in pages.items()}
        draw = map_html if place["kind"] == "book-map" else begin_html
        place.replace_self(nodes.raw("", draw(parts, links), format="html"))


def setup(app):
    app.add_node(BookMap)
    app.add_directive("book-map", BookMapDirective)
    app.add_directive("begin", BookMapDirective)
    app.connect("doctree-resolved", draw_map)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
