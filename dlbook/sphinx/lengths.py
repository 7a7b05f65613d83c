"""How long each page takes: its two paths in minutes under the title, and a word to the author where it is too long.

What counts, and how long a short path may be, stands in dlbook.page.path.
"""

from pathlib import Path

import nbformat
from sphinx.util import logging

from dlbook.page.path import lengths
from dlbook.sphinx.execute import Execution, filled, store

logger = logging.getLogger(__name__)


def lengths_of(env, docname):
    """The Length of a page's short path, and of everything in it, listings included; None for a page without code."""
    path, execution = Path(env.doc2path(docname)), Execution.load(store(env.app.outdir, docname))
    if path.suffix != ".ipynb" or execution is None:
        return None
    return lengths(filled(nbformat.read(path, as_version=4), execution))


def check_limits(app, env):
    """Say which pages have too long a short path: a fault."""
    for docname in sorted(env.found_docs):
        measured = lengths_of(env, docname)
        if measured and (excess := measured[0].excess):
            logger.warning("the short path has %s; fold or cut", excess, location=docname)


def note_minutes(app, pagename, templatename, context, doctree):
    """Put under the title what reading and running the page take."""
    measured = lengths_of(app.env, pagename) if doctree else None
    if measured:
        short, whole = (length.minutes for length in measured)
        seconds = Execution.load(store(app.outdir, pagename)).seconds
        context["dl_minutes"] = f"Short path {short} min · everything {whole} min · runs in {seconds:.0f} s"


def setup(app):
    app.connect("env-check-consistency", check_limits)
    app.connect("html-page-context", note_minutes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
