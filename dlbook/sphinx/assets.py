"""Everything that a page loads, from the book's own site: mathematics, fonts, styles, colours; and nothing else.

Nothing third-party is committed: KaTeX and the fonts come out of the npm packages of book/theme/package.json at
build time. Our style sheets (book/theme/css) become one file, headed by the palette's colours as CSS variables.
What the theme and the extensions of Jupyter Book put on a page beyond that (icon script, widgets, toggles) is
taken off it, and out of the built site.
"""

import hashlib
import re
import shutil
import socket
import time
from pathlib import Path
from subprocess import PIPE, Popen

import sphinxcontrib.katex
from sphinx.errors import ExtensionError
from sphinxcontrib.katex import KaTeXServer

from dlbook.node import node_binary
from dlbook.sphinx import fonts
from dlbook.sphinx.sources import ROOT
from dlcore.palette import DARK, LIGHT

THEME = ROOT / "book" / "theme"

#: in this order, later ones win
STYLES = ("base", "frame", "contents", "search", "content", "boxes", "code", "landing", "print")

#: Styles and scripts that Jupyter Book adds to every page, known by their file or, for inline ones, by their text.
UNNEEDED = re.compile(
    r"pygments|sphinx-book-theme|togglebutton|toggle(Hint|OpenOnPrint)|copybutton|clipboard|mystnb|thebe|katex"
    r"|documentation_options|doctools|sphinx_highlight|DOCUMENTATION_OPTIONS|design-tabs",
    re.IGNORECASE,
)
#: What no page loads need not be in the built site either.
UNUSED_FILES = (
    "scripts", "styles", "vendor", "locales", "images/logo_*", "webpack-macros.html", "sbt-webpack-macros.html",
    "copy-button.svg", "copybutton*", "clipboard*", "togglebutton*", "sphinx-thebe*", "mystnb*", "pygments.css",
    "katex-math.css", "basic.css", "doctools.js", "documentation_options.js", "sphinx_highlight.js", "design-tabs.js",
    "check-solid.svg", "play-solid.svg", "file.png", "minus.png", "plus.png", ".gitignore",
)  # fmt: skip


def palette_css():
    """The palette as CSS variables: by the reader's choice (data-theme), else by the system's; light in print."""
    light = "".join(f"  --dl-{name}: {value};\n" for name, value in LIGHT.items())
    dark = "".join(f"  --dl-{name}: {value};\n" for name, value in DARK.items())
    return (
        f":root {{\n  color-scheme: light;\n{light}}}\n"
        f"@media screen {{\n:root[data-theme='dark'] {{\n  color-scheme: dark;\n{dark}}}\n}}\n"
        "@media screen and (prefers-color-scheme: dark) {\n"
        f":root:not([data-theme='light']) {{\n  color-scheme: dark;\n{dark}}}\n}}\n"
    )


def light(css):
    """A style sheet without its comments and indentation: every page loads it."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))


def own_css():
    """Our style sheets, one after the other."""
    return "\n".join((THEME / "css" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)


def write_assets(app):
    """Put style sheets, fonts and mathematics into the output folder, where they are fingerprinted."""
    if app.builder.format != "html":
        return
    if not fonts.PACKAGES.exists():
        raise ExtensionError(f"The fonts and KaTeX are not installed: run `npm ci` in {THEME.relative_to(ROOT)}.")
    folder = Path(app.outdir) / "_static" / "dl"
    (folder / "fonts").mkdir(parents=True, exist_ok=True)
    sheets = {
        "book.css": light(palette_css() + fonts.text_css(folder / "fonts") + own_css()),
        "katex.css": fonts.katex_css(folder / "fonts"),
    }
    for name, text in sheets.items():
        (folder / name).write_text(text, encoding="utf-8")
    used = "".join(sheets.values())
    for font in (folder / "fonts").iterdir():
        if font.name not in used:  # of an earlier build
            font.unlink()


def fingerprinted(app, name):
    """Address of one of our files below _static, with a mark that changes when the file does."""
    built = Path(app.outdir) / "_static" / name
    source = built if built.exists() else THEME / "static" / name
    return f"_static/{name}?v={hashlib.sha256(source.read_bytes()).hexdigest()[:8]}"


def needed(asset):
    """Whether a style or script that some extension added stays on the page."""
    inline = getattr(asset, "attributes", {}).get("body") or ""
    return not UNNEEDED.search(f"{getattr(asset, 'filename', asset)} {inline}")


def mended(body):
    """The text of a page without two slips of the machinery that screen readers stumble over.

    >>> mended('<summary aria-label="Toggle hidden content">Show the code</summary>')
    '<summary>Show the code</summary>'
    >>> mended('<th class="head"></th>')
    '<td class="head"></td>'
    """
    body = body.replace(' aria-label="Toggle hidden content"', "")  # a summary's own words say more
    return re.sub(r"<th( [^>]*)?>(?:<p></p>)?\s*</th>", r"<td\1></td>", body)  # an empty corner heads nothing


def trim_page(app, pagename, templatename, context, doctree):
    """Leave on a page only what it needs."""
    body = context["body"] = mended(context.get("body") or "")
    context["css_files"] = [
        css
        for css in context.get("css_files", [])
        if needed(css) and ("sphinx-design" not in str(css.filename) or 'class="sd-' in body)
    ]
    context["script_files"] = [js for js in context.get("script_files", []) if needed(js)]
    sheets = ["dl/book.css", "dl/katex.css"] if 'class="katex' in body else ["dl/book.css"]
    context["dl_styles"] = [fingerprinted(app, name) for name in sheets]
    context["dl_colours"] = LIGHT
    context["dl_script"] = fingerprinted(app, "book.js")


def remove_unused(app, exception):
    """Take out of the built site what no page loads."""
    if exception or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for pattern in UNUSED_FILES:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def set_up_katex():
    """Give KaTeX's server our Node, and patience."""
    sphinxcontrib.katex.NODEJS_BINARY, sphinxcontrib.katex.STARTUP_TIMEOUT = node_binary(), 60
    KaTeXServer.start_server_process = start_patiently


def start_patiently(folder, timeout):
    """Start KaTeX's server behind a socket's file; return its process and a socket that has reached it.

    The extension's own way fails on a busy machine, where the file is there before the server listens; its way over a
    port takes 90 ms a formula instead of 1, which the two ends spend waiting for each other's acknowledgements.
    """
    path, end = folder / "katex.sock", time.monotonic() + timeout
    process = Popen(KaTeXServer.build_command(socket=path), stdin=PIPE, stdout=PIPE, cwd=folder)
    line = socket.socket(socket.AF_UNIX)
    while True:
        try:
            line.connect(str(path))
            return process, line
        except (FileNotFoundError, ConnectionRefusedError):
            if time.monotonic() > end:
                raise KaTeXServer.timeout_error(timeout) from None
            time.sleep(0.01)


def setup(app):
    set_up_katex()
    app.setup_extension("dlbook.sphinx.chrome")
    app.setup_extension("dlbook.sphinx.bookmap")
    app.connect("builder-inited", write_assets)
    app.connect("html-page-context", trim_page, priority=900)  # after every extension that adds something
    app.connect("build-finished", remove_unused, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
