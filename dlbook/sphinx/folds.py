"""Folds: code that only who asks for it reads stands folded under its question; what it shows stands open below.

A cell's tag says why it is folded, and `"question"` in its metadata what one unfolds:

    experiment   its own question; a cell that follows at once and has none continues the same experiment
    verdict      "How this box is made", unless it has a question
    listing      its own question; the listing is folded too, for it is what is to be read
    hide-input   a drawing: "How this is drawn", unless it has a question

A Markdown cell with the tag `folded` and a question begins a fold of all that follows in its section, results and all.

In the book neighbours of one question become one fold. In a notebook each cell is collapsed, by metadata that follows
from the tags:

    python -m dlbook.sphinx.folds             # write it into every notebook, and say what an author has to mend
    python -m dlbook.sphinx.folds --check     # only say it
"""

import argparse
import sys
from pathlib import Path

import nbformat
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms import SphinxTransform

from dlbook.page.path import begins_a_section
from dlbook.page.show import inline
from dlbook.sphinx.sources import ROOT

#: tag -> what the fold is called where the cell has no question; None where it must have one
TITLES = {
    "experiment": None,
    "verdict": "How this box is made",
    "listing": None,
    "hide-input": "How this is drawn",
}
CELL = 10_000  # MyST-NB counts lines from here on for the first cell, from twice as much for the second …


def kind_of(cell):
    """The tag that folds a cell, or None where it stands open."""
    return next((tag for tag in cell.metadata.get("tags", ()) if tag in TITLES), None)


def continues(cell, before):
    """Whether a cell belongs into the fold of the one before it."""
    same = before is not None and before.cell_type == "code" and kind_of(cell) == kind_of(before)
    return same and cell.metadata.get("question") in (None, before.metadata.get("question"))


def folded(cells):
    """The cells as the book shows them: a fold's cells are one, marked for MyST-NB and with the fold's title."""
    shown = []
    for cell in cells:
        kind, before = kind_of(cell), shown[-1] if shown else None
        if kind and continues(cell, before):
            before.source += f"\n\n\n{cell.source}"
            before.outputs += cell.outputs
            before.metadata["seconds"] = before.metadata.get("seconds", 0) + cell.metadata.get("seconds", 0)
            continue
        shown.append(cell)
        if kind:
            cell.metadata.tags += ["hide-cell" if kind == "listing" else "hide-input"]
            cell.metadata.mystnb = {"code_prompt_show": cell.metadata.get("question") or TITLES[kind]}
    return shown


def fold(app, docname, source):
    """Fold the cells of a notebook that Sphinx has read, after its outputs were put in."""
    if str(app.env.doc2path(docname)).endswith(".ipynb"):
        notebook = nbformat.reads(source[0], as_version=4)
        notebook.cells = folded(notebook.cells)
        source[0] = nbformat.writes(notebook)


class FoldedSections(SphinxTransform):
    """Puts what follows in a section, from a cell with the tag `folded` on, into a fold under that cell's question."""

    default_priority = 252  # when answers have gone into their Predict boxes (dlbook.sphinx.guesses)

    def apply(self):
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".ipynb":
            return
        for number, cell in enumerate(folded(nbformat.read(path, as_version=4).cells), 1):
            if "folded" in cell.metadata.get("tags", ()):
                self._fold(number, cell.metadata["question"])

    def _fold(self, number, question):
        sections = self.document.findall(nodes.section)
        first = next(node for section in sections for node in section if (node.line or 0) // CELL == number)
        section = first.parent
        start = section.index(first)
        end = next((k for k in range(start, len(section)) if isinstance(section[k], nodes.section)), len(section))
        section.insert(end, raw("</details>"))
        section.insert(start, raw(f'<details class="dl-rest"><summary>{inline(question)}</summary>'))


def raw(text):
    return nodes.raw("", text, format="html")


def collapsed(cell):
    """What JupyterLab and VS Code are to hide of a cell at first, as its tags have it."""
    kind = kind_of(cell)
    hidden = {"source_hidden": True} if kind else {}
    return hidden | {"outputs_hidden": True} if kind == "listing" else hidden


def problems(notebook):
    """What an author has to mend in the folds of a notebook, one sentence each, with the cell."""
    before = None
    for cell in notebook.cells:
        found = _faults(cell, before) if cell.cell_type == "code" else _faults_of_text(cell)
        yield from (f"cell {cell.id!r}: {what}" for what in found)
        before = cell


def _faults(cell, before):
    """What is wrong with one cell that comes after another."""
    kinds = [tag for tag in cell.metadata.get("tags", ()) if tag in TITLES]
    question = cell.metadata.get("question")
    if len(kinds) > 1:
        yield f"it is folded as {' and as '.join(kinds)}; one is enough."
    if question and not kinds:
        yield f"it has a question, but stands open; give it one of the tags {', '.join(TITLES)}."
    if question and not question.endswith("?"):
        yield f"{question!r} is no question: it ends without a question mark."
    if kinds and TITLES[kinds[0]] is None and not question and not continues(cell, before):
        yield f'a fold of the kind {kinds[0]} needs {{"question": "…?"}} in its metadata.'
    if "claims" in cell.metadata and "verdict" not in kinds:
        yield "it settles a claim; give it the tag 'verdict'."
    if cell.id.startswith("exercise-") != ("exercise" in cell.metadata.get("tags", ())):
        yield "the tag 'exercise' and an id that begins with 'exercise-' go together."


def _faults_of_text(cell):
    """What is wrong with a Markdown cell: it folds its section without saying why, or together with the heading."""
    if "folded" not in cell.metadata.get("tags", ()):
        return
    if not cell.metadata.get("question", "").endswith("?"):
        yield 'the tag \'folded\' needs {"question": "…?"} in its metadata.'
    if begins_a_section(cell):
        yield "what is folded begins below the heading; put the heading into a cell of its own."


def collapse(notebook):
    """Write into each cell's metadata what its tags say of collapsing; return whether anything changed."""
    wrong = [c for c in notebook.cells if c.cell_type == "code" and c.metadata.get("jupyter", {}) != collapsed(c)]
    for cell in wrong:
        cell.metadata.pop("jupyter", None)
        if collapsed(cell):
            cell.metadata.jupyter = collapsed(cell)
    return bool(wrong)


def main(argv=None):
    parser = argparse.ArgumentParser(description="Collapse in every notebook what is folded in the book.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a notebook differs")
    check = parser.parse_args(argv).check
    said = []
    for path in sorted(ROOT.glob("chapters/**/[!.]*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        said += [f"{path.relative_to(ROOT).as_posix()}: {what}" for what in problems(notebook)]
        if collapse(notebook):
            if check:
                said.append(f"{path.relative_to(ROOT).as_posix()}: what is collapsed differs from what its tags say")
            else:
                Path(path).write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    print("\n".join(said), end="\n" * bool(said))
    return bool(said)


def visit_fold(self, node):
    """A fold with its title as the summary's own text, which is what a screen reader says."""
    classes = " ".join(["hide", *node["classes"]])
    self.body.append(f'<details class="{classes}"><summary>{inline(node["prompt_show"])}</summary>')


def leave_fold(self, node):
    self.body.append("</details>\n")


def setup(app):
    app.setup_extension("myst_nb")
    app.add_node(HideCodeCellNode, override=True, html=(visit_fold, leave_fold))
    app.add_transform(FoldedSections)
    app.connect("source-read", fold, priority=600)  # after dlbook.sphinx.execute
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    sys.exit(main())
