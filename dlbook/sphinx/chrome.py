"""What the page's frame shows: the parts of the book with their pages, and where in them a page stands.

The templates of book/theme/templates find it in their context as `dl_parts`, `dl_here` and `dl_sections`.
"""

import re
from dataclasses import dataclass

from sphinx import addnodes
from sphinx.environment.adapters.toctree import TocTree


@dataclass(frozen=True)
class Page:
    """A page of the book, as the list of contents shows it."""

    name: str
    title: str
    number: str  # its place within the part, as its file's name has it; "" outside the numbered parts


@dataclass(frozen=True)
class Part:
    """A part of the book: "1 Neurons" and its pages."""

    caption: str
    pages: tuple

    @property
    def number(self):
        """The part's number, or "" where it has none."""
        return re.match(r"\d*", self.caption)[0]

    @property
    def title(self):
        """The part's name without its number."""
        return self.caption[len(self.number) :].strip()


def parts_of(env, root):
    """The parts of the book in reading order, from the table of contents."""
    found = []
    for tree in env.get_doctree(root).findall(addnodes.toctree):
        names = [name for _, name in tree["entries"] if name in env.titles]
        pages = tuple(Page(name, env.titles[name].astext(), _number(name)) for name in names)
        found.append(Part(tree.get("caption") or "", pages))
    return found


def _number(name):
    match = re.match(r"(\d+)_", name.rsplit("/", 1)[-1])
    return match[1] if match else ""


def sections_of(app, name):
    """The page's own sections as an HTML list, or "" where there are fewer than two."""
    if name not in app.env.tocs:
        return ""
    title = next(iter(TocTree(app.env).get_toc_for(name, app.builder)), ())
    if len(title) < 2 or len(title[1]) < 2:
        return ""
    return app.builder.render_partial(title[1])["fragment"]


def add_frame(app, pagename, templatename, context, doctree):
    """Put the book's parts and the page's place in them into the template's context."""
    if not hasattr(app.builder, "dl_parts"):
        app.builder.dl_parts = parts_of(app.env, app.config.root_doc)
    context["dl_parts"] = app.builder.dl_parts
    here = [(part, page) for part in app.builder.dl_parts for page in part.pages if page.name == pagename]
    context["dl_here"] = dict(zip(("part", "page"), here[0], strict=True)) if here else {}
    context["dl_sections"] = sections_of(app, pagename) if pagename != app.config.root_doc else ""


def setup(app):
    app.connect("html-page-context", add_frame)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
