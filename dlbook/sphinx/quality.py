"""Looks over the built pages as they stand, and fails the build with the place of every fault.

Checked: alternative text of every picture, addresses that a page would load from another host, links and anchors
inside the book, formulas that KaTeX could not set, ids that stand twice.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.util import logging

logger = logging.getLogger(__name__)

#: attributes by which a tag makes the browser fetch something
LOADS = dict.fromkeys(["script", "img", "iframe", "source", "video", "audio", "embed", "input"], "src")
LOADS |= {"object": "data"}
LINK_LOADS = {"stylesheet", "preload", "icon", "modulepreload", "manifest", "prefetch", "shortcut"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
GENERATED = {"genindex.html", "search.html"}


@dataclass
class Page:
    """What the checks need to know of one built page."""

    path: Path
    ids: list = field(default_factory=list)
    links: list = field(default_factory=list)
    faults: list = field(default_factory=list)


class Reader(HTMLParser):
    """Collects ids, links and faults of one page."""

    def __init__(self, page):
        super().__init__()
        self.page = page
        self.open = []  # (tag, whether it is hidden from screen readers) of every element around here

    def handle_starttag(self, tag, attrs):
        have = dict(attrs)
        if tag not in VOID:
            self.open.append((tag, have.get("aria-hidden") == "true"))
        self.look_at(tag, have)

    def handle_startendtag(self, tag, attrs):
        self.look_at(tag, dict(attrs))

    def handle_endtag(self, tag):
        for i in range(len(self.open) - 1, -1, -1):
            if self.open[i][0] == tag:
                del self.open[i:]
                break

    def look_at(self, tag, have):
        if "id" in have:
            self.page.ids.append(have["id"])
        if tag == "a" and have.get("href"):
            self.page.links.append(have["href"])
        self._loads(tag, have)
        self._pictures(tag, have)
        if "katex-error" in (have.get("class") or ""):
            self.page.faults.append(f"a formula could not be set: {have.get('title')}")

    def _loads(self, tag, have):
        target = have.get(LOADS.get(tag, ""))
        if tag == "link" and LINK_LOADS & set((have.get("rel") or "").split()):
            target = have.get("href")
        if target and re.match(r"(https?:)?//", target):
            self.page.faults.append(f"<{tag}> loads {target} from another host")

    def _pictures(self, tag, have):
        hidden = have.get("aria-hidden") == "true" or have.get("role") == "presentation" or any(h for _, h in self.open)
        if tag == "img" and not hidden and not (have.get("alt") or "").strip():
            self.page.faults.append(f"image without alternative text: {have.get('src', '')[:80]}")
        if tag == "svg" and not hidden and not (have.get("aria-label") or have.get("aria-labelledby")):
            self.page.faults.append("drawing (<svg>) without aria-label or aria-hidden")


def read(path):
    """Read one built page."""
    page = Page(path)
    Reader(page).feed(path.read_text(encoding="utf-8"))
    page.faults += [f"the id {name!r} stands {n} times" for name, n in Counter(page.ids).items() if n > 1]
    return page


def broken_links(pages, root, part=False):
    """(page, message) for every link inside the book that leads nowhere; in a part of it, pages may be missing."""
    ids = {page.path.resolve(): set(page.ids) for page in pages}
    for page in pages:
        for href in page.links:
            parts = urlsplit(href)
            if parts.scheme or href.startswith("//"):
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path.resolve()
            if not target.exists():
                if part and target.suffix == ".html":
                    continue
                yield page, f"link to {href}, which does not exist"
            elif parts.fragment and target in ids and unquote(parts.fragment).split("?")[0] not in ids[target]:
                yield page, f"link to {href}: that page has no such anchor"


def problems(root, part=False):
    """Every fault of the built book, or part of it, under a folder: lines "page: fault" in the order of the pages."""
    root = Path(root)
    pages = [read(path) for path in sorted(root.rglob("*.html")) if path.name not in GENERATED]
    found = [(page, fault) for page in pages for fault in page.faults] + list(broken_links(pages, root, part))
    return [f"{page.path.relative_to(root).as_posix()}: {fault}" for page, fault in found]


def check_book(app, exception):
    """At the end of a build: a warning, which fails the build, for every fault of a page."""
    if not exception and app.builder.name == "html":
        for fault in problems(app.outdir, app.config.dlbook_part):
            logger.warning("built page %s", fault)


def setup(app):
    app.add_config_value("dlbook_part", False, "")
    app.connect("build-finished", check_book, priority=900)  # after everything that still writes files
    return {"parallel_read_safe": True, "parallel_write_safe": True}
