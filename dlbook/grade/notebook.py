"""Reads notebooks as students hand them in: any version, any encoding, half broken; writes clean ones."""

import ast
import json
import re
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

LARGEST = 32 * 2**20  # bytes of a file
ENCODINGS = ["utf-8-sig", "utf-16", "cp1252", "latin-1"]
#: Cell magics whose text is Python that belongs to the notebook; that of others is left out.
PYTHON = ("%%time", "%%timeit", "%%capture", "%%prun", "%%python", "%%python3")
#: What IPython takes for a magic without its sign; where a cell is no Python otherwise, such lines are left out.
BARE = re.compile(r"^([ \t]*)(?:pip3?|conda|mamba|uv|cd|ls|pwd)(?: .*)?$", re.MULTILINE)


AWAIT = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as IPython compiles


class BrokenNotebookError(Exception):
    """A file that cannot be read as a notebook; the text is for the student."""


def decoded(data):
    """The text of a file, whatever editor it went through."""
    order = ENCODINGS if data[:2] not in (b"\xff\xfe", b"\xfe\xff") else ["utf-16", *ENCODINGS]
    for encoding in order:
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BrokenNotebookError("The file is not text.")


def source_of(cell):
    """The text of a cell; notebooks before version 4 call it ``input``."""
    text = cell.get("source", cell.get("input", ""))
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    return text if isinstance(text, str) else ""


def cells_of(tree):
    """The cells of a parsed notebook of version 2, 3 or 4, as dicts."""
    if not isinstance(tree, dict):
        raise BrokenNotebookError("The file is no notebook: a notebook is a JSON object with cells.")
    cells = tree.get("cells")
    if cells is None and isinstance(tree.get("worksheets"), list):
        sheets = [sheet for sheet in tree["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in sheet.get("cells") or []]
    if not isinstance(cells, list):
        raise BrokenNotebookError("The file is no notebook: it has no list of cells.")
    return [cell for cell in cells if isinstance(cell, dict)]


def parse(data):
    """The tree of a notebook from the bytes of its file.

    Raises:
        BrokenNotebookError: saying why, in words for the student.
    """
    if len(data) > LARGEST:
        size = f"{len(data) / 2**20:.0f} MB"
        raise BrokenNotebookError(f"The file has {size}: clear all outputs, save, and hand it in again.")
    if not data.strip():
        raise BrokenNotebookError("The file is empty.")
    try:
        return json.loads(decoded(data))
    except (ValueError, RecursionError) as error:
        raise BrokenNotebookError(f"The file is no notebook, or was cut off: {str(error)[:80]}.") from None


def code_cells(data):
    """The sources of all code cells, in order."""
    cells = cells_of(parse(data))
    return [source_of(c).replace("\r\n", "\n") for c in cells if c.get("cell_type") == "code"][:2000]


def runnable(source):
    """A cell as IPython hands it to Python: magics and shell commands are calls of `get_ipython()`.

    >>> runnable("%matplotlib inline\\nx = 1")
    "get_ipython().run_line_magic('matplotlib', 'inline')\\nx = 1\\n"
    """
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        source = rest if first.split()[0] in PYTHON else ""
    code = TransformerManager().transform_cell(source)
    try:
        compile(code, "<cell>", "exec", AWAIT)
        return code
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return BARE.sub(r"\1pass", code)


def read(path):
    """The tree of one of our own notebooks."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def tags(cell):
    """The tags of a cell."""
    return cell.get("metadata", {}).get("tags", [])


def write(path, tree):
    """Write a notebook without outputs, the way nbformat would."""
    for cell in tree["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        cell["source"] = source_of(cell).splitlines(keepends=True)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(tree, indent=1, ensure_ascii=False, sort_keys=True)
    Path(path).write_text(text + "\n", encoding="utf-8")
