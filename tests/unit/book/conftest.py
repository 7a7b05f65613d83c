"""A miniature book in a temporary folder, built by the same extensions as the real one."""

import io
import re
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
import yaml

from dlbook.sphinx.setup_cell import METADATA, setup_text
from dlbook.sphinx.sources import ROOT

INDEX = "# Mini\n\nA page about a neuron.\n"
GLOSSARY = "# Glossary\n\n```{glossary}\nneuron\n  A unit of a network.\n\nlearning rate\n  The size of a step.\n```\n"
BIBLIOGRAPHY = "# Bibliography\n\n```{references}\n```\n"
BIB = """@article{rosenblatt1958, author = {Rosenblatt, Frank}, title = {The perceptron},
  journal = {Psychological Review}, volume = {65}, number = {6},
  pages = {386--408}, year = {1958}, doi = {10.1037/h0042519}}\n"""


@dataclass
class MiniBook:
    """A book of a few pages: write pages, build, look at what came out."""

    root: Path

    def page(self, name, text):
        path = self.root / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def notebook(self, name, *cells):
        """A notebook page of the given cells: text is Markdown; ("code" or "markdown", source, …) may have metadata."""
        made = [nbformat.v4.new_code_cell(setup_text(), id="setup", metadata=METADATA)]
        for number, cell in enumerate(cells):
            if isinstance(cell, tuple):
                kind, source, *metadata = cell
                make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
                made.append(make(source, id=f"cell-{number}", metadata=dict(*metadata)))
            else:
                made.append(nbformat.v4.new_markdown_cell(cell, id=f"cell-{number}"))
        made.insert(0, nbformat.v4.new_markdown_cell(f"# {name}", id="title"))
        path = self.root / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=KERNEL), path)
        return path

    def build(self):
        """Build; return (whether it succeeded, everything it printed)."""
        from jupyter_book.sphinx import build_sphinx

        pages = sorted(p.relative_to(self.root).with_suffix("").as_posix() for p in self.root.rglob("*.*")
                       if p.suffix in (".md", ".ipynb") and "_build" not in p.parts)  # fmt: skip
        toc = {"format": "jb-book", "root": "index", "chapters": [{"file": p} for p in pages if p != "index"]}
        (self.root / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
        said = io.StringIO()
        with redirect_stdout(said), redirect_stderr(said), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecations inside Sphinx and docutils are not ours to mend
            result = build_sphinx(
                self.root,
                self.root / "_build" / "html",
                noconfig=True,
                path_config=self.root / "_config.yml",
                confoverrides={"external_toc_path": str(self.root / "_toc.yml"), "latex_individualpages": False},
                quiet=True,
                warningiserror=True,
                keep_going=True,
            )
        return result == 0, re.sub(r"\x1b\[[\d;]*m", "", said.getvalue())

    def html(self, name):
        return (self.root / "_build" / "html" / f"{name}.html").read_text(encoding="utf-8")


KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@pytest.fixture
def mini(tmp_path):
    """A miniature book with an index, a glossary and a bibliography, which builds without a warning."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"] |= {
        "html_static_path": [str(ROOT / "book/theme/static")],
        "templates_path": [str(ROOT / "book/theme/templates")],
        "dlbook_repository": "",
    }
    (tmp_path / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    book = MiniBook(tmp_path)
    book.page("index", INDEX)
    book.page("book/glossary", GLOSSARY)
    book.page("book/bibliography", BIBLIOGRAPHY)
    (tmp_path / "book/references.bib").write_text(BIB, encoding="utf-8")
    return book
