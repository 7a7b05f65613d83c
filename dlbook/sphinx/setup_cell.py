"""The first code cell of every notebook: one text, generated, the same everywhere.

    python -m dlbook.sphinx.setup_cell            # write it into every notebook of the book
    python -m dlbook.sphinx.setup_cell --check    # only say which notebooks differ

In Colab the cell installs our distribution from the repository; anywhere else it does nothing, so the built page leaves
it out. It never installs `dlcore` by that name from an index: the name there belongs to somebody else.
A copy of the book that does not know its repository (`dlbook_repository` in _config.yml) can only say what to do there.
"""

import argparse
import sys
from pathlib import Path

import nbformat
import yaml

from dlbook.sphinx.repository import repository
from dlbook.sphinx.sources import ROOT

CELL_ID = "setup"
METADATA = {"tags": ["setup", "remove-cell"]}

KNOWN = """\
# Set-up: in Colab this installs the book's package from its repository; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    %pip install --quiet "deep-learning-demystified @ git+https://github.com/{repository}@{branch}"
"""

UNKNOWN = """\
# Set-up: in Colab this says how to install the book's package; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    print("This notebook needs the book's package. Put the book's folder into Colab (Files, at the left), then run")
    print("    %pip install --quiet /content/NAME-OF-THE-FOLDER")
    print("in a cell of its own, and this notebook from here on.")
"""


def setup_text(root=ROOT):
    """The text of the set-up cell, as the settings in _config.yml make it."""
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    url = settings.get("dlbook_repository") or ""
    known = repository(url) if url else None  # the text must not differ between clones: no look at the remote
    if known is None:
        return UNKNOWN.rstrip("\n")
    return KNOWN.format(repository=known, branch=settings.get("dlbook_branch", "main")).rstrip("\n")


def notebooks(root=ROOT):
    """Every notebook that a reader may open: the chapters' and the assignments'."""
    found = [*root.glob("chapters/**/*.ipynb"), *root.glob("assignments/**/*.ipynb")]
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def problem(notebook, text):
    """What is wrong with a notebook's set-up cell, in words; None when it is right."""
    first = next((cell for cell in notebook.cells if cell.cell_type == "code"), None)
    if first is None or "setup" not in first.metadata.get("tags", []):
        return "its first code cell is not tagged 'setup'"
    if first.source != text or first.metadata != METADATA or first.get("id") != CELL_ID:
        return "its set-up cell differs from the generated one"
    return None


def write(path, text):
    """Make the notebook's set-up cell the generated one: replace it, or put it before the first code cell."""
    notebook = nbformat.read(path, as_version=4)
    new = nbformat.v4.new_code_cell(text, id=CELL_ID, metadata=METADATA)
    cells = notebook.cells
    first = next((i for i, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    replaced = first < len(cells) and "setup" in cells[first].metadata.get("tags", [])
    cells[first : first + replaced] = [new]
    Path(path).write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def main(argv=None):
    parser = argparse.ArgumentParser(description="Write the generated set-up cell into every notebook of the book.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a notebook differs")
    check = parser.parse_args(argv).check
    text = setup_text()
    wrong = {p: w for p in notebooks() if (w := problem(nbformat.read(p, as_version=4), text))}
    for path, what in wrong.items():
        print(f"{path.relative_to(ROOT).as_posix()}: {what}" + ("" if check else "; written"))
        if not check:
            write(path, text)
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main())
