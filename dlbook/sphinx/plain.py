"""Each page as Markdown beside its HTML (`page.md`), and `llms.txt`, a list of them: for readers who ask a machine.

A notebook's cells stand one after the other: text as written, code, what it printed, and instead of a picture the
words for who cannot see it. What waits for a reader's own answer is left out. Where the build itself writes a part of a
page (a map, a table of verdicts), a link to the page stands there.
"""

import re
from itertools import groupby
from pathlib import Path

import nbformat

from dlbook.sphinx.execute import Execution, filled, store
from dlbook.sphinx.live import ELEMENT

FENCE = re.compile(r"^```\{(?P<what>[\w-]+)\}[^\n]*\n(?P<text>.*?)^```\n", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(\]\([^()\s]+)\.ipynb(?=[)#])")
ABOUT = """# {title}

> An interactive textbook of deep learning: every page is a notebook, every claim is measured. Here are its pages as
> Markdown, with what their code printed; the same addresses with `.html` have figures that answer and exercises.

"""


def markdown(page, notebook):
    """A page made of cells, with their outputs, as Markdown."""
    parts = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", ())
        if cell.cell_type == "markdown":
            parts.append(cell.source.strip())
        elif "setup" not in tags:
            question = cell.metadata.get("question")
            parts += [f"*{question}*"] if question else []
            parts += [] if "remove-input" in tags else [fenced(cell.source, "python")]
            parts += [] if "exercise" in tags else results(page, cell.outputs)
    return LINK.sub(r"\1.md", "\n\n".join(parts)) + "\n"


def results(page, outputs):
    """The outputs of a cell in words; what it printed bit by bit is one."""
    for printed, some in groupby(outputs, lambda output: output.output_type == "stream"):
        if printed:
            text = "".join(output.text for output in some)
            yield from [fenced(text)] if text.strip() else []
        else:
            yield from filter(None, (shown(page, output) for output in some))


def shown(page, output):
    """What a cell showed, in words; "" for what says nothing."""
    words = output.data.get("text/plain", "").strip()
    figure = ELEMENT.match(output.data.get("text/html", ""))
    if figure:
        return f"[Figure that moves: {words}]({Path(page).name}.html#{figure[1]})"
    return words if output.output_type == "display_data" else fenced(words)


def fenced(text, language=""):
    text = text.strip("\n").rstrip()
    return f"```{language}\n{text}\n```"


def written(page, text):
    """A page that was written as Markdown, without what only the build understands."""
    link = f"(The build writes this part: [{Path(page).name}.html]({Path(page).name}.html).)\n"
    kept = {"glossary": lambda match: match["text"], "rst-class": lambda match: ""}
    return LINK.sub(r"\1.md", FENCE.sub(lambda match: kept.get(match["what"], lambda _: link)(match), text))


def plain(app, page):
    """The Markdown of one page of the book."""
    path = Path(app.env.doc2path(page))
    if path.suffix == ".ipynb":
        return markdown(page, filled(nbformat.read(path, as_version=4), Execution.load(store(app.outdir, page))))
    return written(page, path.read_text(encoding="utf-8"))


def write_pages(app, exception):
    """Put the Markdown of each page beside its HTML, and the list of all at the top."""
    if exception or app.builder.name != "html":
        return
    lines, top = [ABOUT.format(title=app.config.html_title)], Path(app.outdir)
    for page in app.config.external_site_map:
        text = plain(app, page)
        (top / f"{page}.md").write_text(text, encoding="utf-8")
        asks = re.search(r"^\*\*(.+?)\*\*$", text, re.MULTILINE)
        lines.append(f"- [{app.env.titles[page].astext()}]({page}.md){f': {asks[1]}' if asks else ''}\n")
    (top / "llms.txt").write_text("".join(lines), encoding="utf-8")


def name_markdown(app, pagename, templatename, context, doctree):
    """Tell each page's head where its Markdown is."""
    context["dl_markdown"] = f"{Path(pagename).name}.md" if doctree else ""


def setup(app):
    app.connect("html-page-context", name_markdown)
    app.connect("build-finished", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
