"""Live figures on the pages of the book: finds them, computes their frames, writes them, and loads the player.

A figure comes onto a page as the output of a cell that ends with it, or by the directive ```{live} name```. Its frames
are computed in parallel and kept in `_build/live` under a key of everything they depend on. A page without figures
loads nothing; a figure over budget fails the build.
"""

import hashlib
import html
import os
import re
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from multiprocessing import get_context
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from dlbook.live import FigureError, markup, replay
from dlbook.pages.find import find
from dlbook.sphinx.execute import cores
from dlbook.sphinx.notes import PageNotes
from dlbook.sphinx.repository import addresses
from dlbook.sphinx.sources import ROOT, dependencies
from dlbook.whole import write_whole

ELEMENT = re.compile(r'<live-figure name="(\w+)"')
VERSIONS = ("numpy", "altair", "vl-convert-python")
PAGES = PageNotes("dl_live")  # page → {figure: key}


class Live(SphinxDirective):
    """```{live} name``` puts the live figure of that name onto a page."""

    required_arguments = 1
    has_content = False

    def run(self):
        return [nodes.raw("", f'<live-figure name="{self.arguments[0]}"', format="html")]


def key(figure):
    """A hash of everything that a figure's frames and charts depend on."""
    source = Path(sys.modules[figure.module].__file__)
    text = source.read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode())
    for path in sorted(p for p in dependencies(text) if p.suffix == ".py"):
        digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    for name in VERSIONS:
        digest.update(f"{name} {metadata.version(name)}".encode())
    return digest.hexdigest()


def note_figures(app, doctree):
    """Note which figures a page has, as they are today; nothing but its name stays of each."""
    names, page = {}, app.env.docname
    for node, name in figures(doctree):
        try:
            mark = key(find(name))
        except KeyError as error:
            raise ExtensionError(f"{page}: {error.args[0]}") from error
        if name in names:
            raise ExtensionError(f"{page}: the figure {name!r} stands on this page twice; show it once.")
        node.replace_self(nodes.raw("", f'<live-figure name="{name}">', format="html"))
        names[name] = mark
    PAGES.of(app.env)[page] = names


def fill_page(app, doctree, page):
    """Put the element of each figure, which has been made by now, where the page names it."""
    notebook = "".join(f' data-{what}="{html.escape(where)}"' for what, where in addresses(app, page).items())
    for node, name in figures(doctree):
        text = kept(app, name, PAGES.of(app.env)[page][name]).with_suffix(".html").read_text(encoding="utf-8")
        named = f'<live-figure name="{name}"'
        text = text.replace(named, named + notebook, 1)
        node.replace_self(nodes.raw("", text, format="html"))


def figures(doctree):
    """Each place of a page that names a figure, and the name."""
    found = [(node, ELEMENT.match(node.astext().strip())) for node in doctree.findall(nodes.raw)]
    return [(node, match[1]) for node, match in found if match]


def outdated(app, env, added, changed, removed):
    """Pages whose figures have changed since they were read."""
    return [page for page, names in PAGES.of(env).items() if any(gone(name, was) for name, was in names.items())]


def gone(name, was):
    try:
        return key(find(name)) != was
    except KeyError:
        return True


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_files(app, env):
    """Write the data of each figure that some page has, and the player with Vega if there is any."""
    marks = {name: mark for names in PAGES.of(env).values() for name, mark in names.items()}
    if not marks or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "live"
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in (("player.js", markup.player()), ("player.css", markup.style()), ("vega.js", markup.vega())):
        (folder / file).write_text(text, encoding="utf-8")
    paths = {name: kept(app, name, mark) for name, mark in marks.items()}
    make_missing(paths)
    for name, path in paths.items():
        shutil.copyfile(path, folder / f"{name}.js")


def kept(app, name, mark):
    """Where the data file of a figure stays for later builds; its element lies beside it, as .html."""
    return Path(app.outdir).parent / "live" / f"{name}-{mark[:16]}.js"


def make_missing(paths):
    """Make the figures that no earlier build has kept: one figure a process, those with the most frames first."""
    missing = {name: find(name) for name, path in paths.items() if not path.exists()}
    if not missing:
        return
    names = sorted(missing, key=lambda name: replay.frame_count(missing[name]), reverse=True)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread a process
    pool = ProcessPoolExecutor(min(cores(), len(names)), mp_context=get_context("spawn"))
    try:
        made = pool.map(replay.made, [missing[n].module for n in names], names)
        for name, (element, text) in zip(names, made, strict=True):
            count, size = replay.frame_count(missing[name]), replay.weight(text) / 1000
            print(f"  figure {name}: {count:,} frames, {size:.0f} kB", flush=True)
            keep(paths[name], name, element, text)
    except FigureError as error:
        raise ExtensionError(str(error)) from error
    finally:
        pool.shutdown(cancel_futures=True)


def keep(path, name, element, text):
    """Put a figure's files where the next build finds them, in the place of the ones before."""
    for old in path.parent.glob(f"{name}-*"):
        old.unlink()
    write_whole(path.with_suffix(".html"), element)
    write_whole(path, text)  # the last one: a figure is kept when it is there


def load_player(app, pagename, templatename, context, doctree):
    """Only pages with figures load the player."""
    if PAGES.of(app.env).get(pagename) and app.builder.format == "html":
        app.add_css_file("live/player.css")
        app.add_js_file("live/player.js", loading_method="defer")


def setup(app):
    app.add_directive("live", Live)
    PAGES.connect(app)
    app.connect("doctree-read", note_figures)
    app.connect("doctree-resolved", fill_page)
    app.connect("env-get-outdated", outdated)
    app.connect("env-updated", write_files)
    app.connect("html-page-context", load_player)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
