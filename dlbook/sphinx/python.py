"""Python in the page: ships it with the book, and tells each page what its cells need.

Pyodide, NumPy, dlcore and the rooms of the pages become packs beside the pages (dlbook/browser/packs.py); nothing of
them is loaded before a reader presses "Run". Where the parts cannot be had there is no button, and the build says so;
under CI it fails.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
from sphinx.errors import ExtensionError

from dlbook.browser import packs, parts
from dlbook.browser.needs import TORCH, bound, imports_without_torch, needs, only_imported, origins, used
from dlbook.live.markup import part
from dlbook.node import node_binary
from dlbook.sphinx.assets import THEME, fingerprinted
from dlbook.sphinx.notes import PageNotes

CELLS = PageNotes("dl_cells")  # page → what its cells need
SHOWING = {"verdict", "hide-input", "remove-input", "listing"}  # tags of cells that may be there only to show something
SCRIPTS = THEME / "scripts"
STORE = parts.BUILD / "python"
ESBUILD = THEME / "node_modules" / "esbuild" / "bin" / "esbuild"


def note_cells(app, docname, source):
    """Note what each code cell of a notebook needs, once its folds are made."""
    if str(app.env.doc2path(docname)).endswith(".ipynb"):
        CELLS.of(app.env)[docname] = described(nbformat.reads(source[0], as_version=4).cells)


def described(cells):
    """For each code cell: its id, what it needs, how long it took, and which cells above are run before it.

    An exercise needs only what its names come from, so it answers at once; every other cell needs all before it but
    exercises, and but those that only show something, a drawing or a verdict, and make no name that such a cell takes.
    Imports come along by themselves.
    """
    cells = [c for c in cells if c.cell_type == "code" and "setup" not in c.metadata.get("tags", ())]
    told, torch = [], set()  # torch: names that only a cell with PyTorch makes
    for number, cell in enumerate(cells):
        tags, source, wanted = set(cell.metadata.get("tags", ())), cell.source, needs(cell.source)
        if torch & used(source):
            wanted.add(TORCH)
        made = bound(source)
        torch = torch | (made - bound(imports_without_torch(source))) if TORCH in wanted else torch - made
        about = {"id": cell.id, "needs": sorted(wanted), "seconds": cell.metadata.get("seconds", 0)}
        about["from"] = origins(source, [one.source for one in cells[:number]])
        about["kind"] = "exercise" if "exercise" in tags else "shows" if tags & SHOWING else "runs"
        if "remove-input" in tags:  # the page does not hold its text
            about["source"] = source
        told.append(about)
    needed = set()
    for about, cell in zip(reversed(told), reversed(cells), strict=True):
        made = bound(cell.source) - only_imported(cell.source).keys()
        if about["kind"] == "shows" and made & needed:
            about["kind"] = "runs"
        needed |= used(cell.source) if about["kind"] == "runs" else set()
    _leave_out_what_runs_anyway(told, cells)
    return told


def _leave_out_what_runs_anyway(told, cells):
    """Before a cell that runs, all such cells above it have run: of where its names come from only the rest is told."""
    made = set()
    for about, cell in zip(told, cells, strict=True):
        if about["kind"] == "runs":
            lines = about["from"]["imports"].splitlines()
            about["from"] = {"imports": "\n".join(line for line in lines if not bound(line) <= made), "cells": []}
            made |= bound(cell.source)


def write_scripts(app):
    """Put the packs and the scripts beside the pages."""
    if app.builder.format != "html":
        return
    app.builder.dl_python = available(app)
    if not app.builder.dl_python:
        return
    folder = Path(app.outdir) / "_static" / "dl"
    folder.mkdir(parents=True, exist_ok=True)
    about = {name: {**known, "packages": parts.PACKS.get(name, ())} for name, known in app.builder.dl_python.items()}
    worker = (SCRIPTS / "worker.js").read_text(encoding="utf-8")
    put_script(folder, "python", f"const PACKS = {json.dumps(about)};\nconst WORKER = {json.dumps(worker)};\n")
    style = (THEME / "css" / "editor.css").read_text(encoding="utf-8")
    put_script(folder, "cells", f"const STYLE = {json.dumps(style)};\n{part('record.js')}")
    put_script(folder, "run")
    bundle(SCRIPTS / "editor.js", folder / "editor.js")


def available(app):
    """What the packs are, written into the built site; None where Python cannot be had."""
    try:
        known = packs.write(STORE)
    except parts.PartsError as error:
        if os.environ.get("CI"):
            raise ExtensionError(str(error)) from None
        print(f"NO PYTHON IN THE PAGE: pages get no Run button. {error}", flush=True)
        return None
    target = Path(app.outdir) / "_static" / "python"
    target.mkdir(parents=True, exist_ok=True)
    wanted = {f"{about['file']}{kind}" for about in known.values() for kind in (".bin", ".js")}
    for path in target.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name in wanted:
        if not (target / name).exists():
            shutil.copyfile(STORE / name, target / name)
    return known


def put_script(folder, name, known=""):
    """Write one of the theme's scripts as a classic script with a scope of its own, after what the build knows."""
    own = (SCRIPTS / f"{name}.js").read_text(encoding="utf-8")
    (folder / f"{name}.js").write_text(f'(() => {{\n"use strict";\n{known}{own}}})();\n', encoding="utf-8")


def bundle(source, target):
    """One classic script out of a module and everything that it imports."""
    call = [node_binary(), str(ESBUILD), str(source), "--bundle", "--minify", "--format=iife", "--legal-comments=eof",
            "--log-level=warning", f"--outfile={target}"]  # fmt: skip
    subprocess.run(call, check=True, env={**os.environ, "NODE_PATH": str(THEME / "node_modules")})


def add_to_page(app, pagename, templatename, context, doctree):
    """Give a page what its cells need, and the script that adds the buttons."""
    cells = CELLS.of(app.env).get(pagename)
    if app.builder.format != "html" or not cells or not app.builder.dl_python:
        return
    context["dl_cells"] = json.dumps({"page": pagename, "cells": cells}).replace("</", "<\\/")
    context["dl_run"] = fingerprinted(app, "dl/run.js")
    later = {name: context["pathto"](fingerprinted(app, f"dl/{name}.js"), 1) for name in ("python", "cells", "editor")}
    context["dl_run_later"] = json.dumps(later)


def setup(app):
    CELLS.connect(app)
    app.connect("source-read", note_cells, priority=700)  # after dlbook.sphinx.folds
    app.connect("builder-inited", write_scripts)
    app.connect("html-page-context", add_to_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
