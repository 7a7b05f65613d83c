"""Live figures on the pages of the book: finds them, computes their frames, writes them, and loads the player.

A figure comes onto a page as the output of a cell that ends with it, or by the directive ```{live} name```. Its frames
are computed in parallel and kept in `_build/live` under a key of everything they depend on. A page without figures
loads nothing; a figure over budget fails the build.
"""

import hashlib
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
from dlbook.sphinx.repository import addresses
from dlbook.sphinx.sources import ROOT, dependencies

ELEMENT = re.compile(r'<live-figure name="(\w+)"')
VERSIONS = ("numpy", "altair", "vl-convert-python")


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


def fill_page(app, doctree):
    """Put each figure's element, as it is today, where a page names it, and note which page has which figures."""
    names = {}
    notebook = {f"data-{what}": address for what, address in addresses(app, app.env.docname).items()}
    for node in doctree.findall(nodes.raw):
        match = ELEMENT.match(node.astext().strip())
        if not match:
            continue
        try:
            figure = find(match[1])
            element = markup.element(figure, **notebook)
        except (KeyError, FigureError) as error:
            raise ExtensionError(f"{app.env.docname}: {error.args[0]}") from error
        if figure.name in names:
            raise ExtensionError(
                f"{app.env.docname}: the figure {figure.name!r} stands on this page twice; show it once."
            )
        node.replace_self(nodes.raw("", element, format="html"))
        names[figure.name] = key(figure)
    pages(app.env)[app.env.docname] = names


def pages(env):
    """page → {figure: key}, kept with the environment."""
    if not hasattr(env, "dl_live"):
        env.dl_live = {}
    return env.dl_live


def forget_page(app, env, docname):
    pages(env).pop(docname, None)


def merge_pages(app, env, docnames, other):
    pages(env).update({page: names for page, names in pages(other).items() if page in docnames})


def outdated(app, env, added, changed, removed):
    """Pages whose figures have changed since they were read."""
    return [page for page, names in pages(env).items() if any(gone(name, was) for name, was in names.items())]


def gone(name, was):
    try:
        return key(find(name)) != was
    except KeyError:
        return True


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_files(app, env):
    """Write the data of each figure that some page has, and the player with Vega if there is any."""
    marks = {name: mark for figures in pages(env).values() for name, mark in figures.items()}
    if not marks or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / "live"
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in (("player.js", markup.player()), ("player.css", markup.style()), ("vega.js", markup.vega())):
        (folder / file).write_text(text, encoding="utf-8")
    kept = {name: Path(app.outdir).parent / "live" / f"{name}-{mark[:16]}.js" for name, mark in marks.items()}
    compute_missing(kept)
    for name, path in kept.items():
        shutil.copyfile(path, folder / f"{name}.js")


def compute_missing(kept):
    """Compute the files that no earlier build has kept: one figure a process, those with the most frames first."""
    missing = {name: find(name) for name, path in kept.items() if not path.exists()}
    if not missing:
        return
    names = sorted(missing, key=lambda name: replay.frame_count(missing[name]), reverse=True)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread a process
    pool = ProcessPoolExecutor(min(cores(), len(names)), mp_context=get_context("spawn"))
    try:
        for name, text in zip(names, pool.map(replay.file, [missing[n].module for n in names], names), strict=True):
            count, size = replay.frame_count(missing[name]), replay.weight(text) / 1000
            print(f"  figure {name}: {count:,} frames, {size:.0f} kB", flush=True)
            keep(kept[name], name, text)
    except FigureError as error:
        raise ExtensionError(str(error)) from error
    finally:
        pool.shutdown(cancel_futures=True)


def keep(path, name, text):
    """Put a figure's file where the next build finds it, in the place of the one before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{name}-*.js"):
        old.unlink()
    path.write_text(text, encoding="utf-8")


def load_player(app, pagename, templatename, context, doctree):
    """Only pages with figures load the player."""
    if pages(app.env).get(pagename) and app.builder.format == "html":
        app.add_css_file("live/player.css")
        app.add_js_file("live/player.js", loading_method="defer")


def setup(app):
    app.add_directive("live", Live)
    app.connect("doctree-read", fill_page)
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_pages)
    app.connect("env-get-outdated", outdated)
    app.connect("env-updated", write_files)
    app.connect("html-page-context", load_player)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
