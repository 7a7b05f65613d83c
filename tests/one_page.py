"""`python -m tests.one_page 3.1` (which is `make check PAGE=3.1`): all that must hold of one page, quickly.

Its style and spelling, its own tests, its build alone, and its tests in the browser. The whole of `make test` finds
more: links to other pages, what pages share, the notebook run as a test.
"""

import ast
import os
import sys
from pathlib import Path

from dlbook.build import BUILD, page_named
from dlbook.page.guesses import page_name
from tests.timed import main as timed

ROOT = Path(__file__).parents[1]
BROWSER = ("accessibility", "layout", "weight")


def declared(path):
    """The names of the figures and drawings that a file declares: public functions, of figures those under `@live`."""
    if not path.exists():
        return []
    functions = [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    calls = [node for node in functions if path.stem == "drawings" or "live(" in decorators(node)]
    return [node.name for node in calls if not node.name.startswith("_")]


def decorators(node):
    return " ".join(ast.unparse(decorator) for decorator in node.decorator_list)


def steps(page):
    """(name, arguments of Python) of every step."""
    part, name = page_name(page).split("/")
    room, own = ROOT / "dlbook" / "pages" / part / name, ROOT / "tests" / "pages" / part / f"test_{name}.py"
    notebook = f"{page}.ipynb"
    files = [str(path) for path in (room, own) if path.exists()]
    names = [Path(page).name, f"{part}.{name}", *declared(room / "figures.py"), *declared(room / "drawings.py")]
    names.append("tables_of_all_pages")
    every = [str(path) for path in sorted((ROOT / "tests" / "pages").glob("test_every_*.py"))]
    looks = [f"tests/browser/test_look_{look}.py" for look in BROWSER]
    yield "style", ["-m", "ruff", "check", *files]
    yield "format", ["-m", "ruff", "format", "--check", *files]
    yield "spelling", ["-m", "codespell_lib", *files, notebook]
    yield "set-up cells", ["-m", "dlbook.sphinx.setup_cell", "--check"]
    yield "stripped", ["-m", "nbstripout", "--keep-id", "--verify", notebook]
    if own.exists():
        yield "its own tests", ["-m", "pytest", "-q", str(own)]
    yield "tests of every page", ["-m", "pytest", "-q", *every, "-k", " or ".join(names)]
    yield "its build", ["-m", "dlbook.build", "--page", page]
    yield "in the browser", ["-m", "pytest", "-q", *looks, "tests/browser/test_live_book.py", "-k", f"{page}.html"]


def main(name):
    page = page_named(name)
    os.environ["DLBOOK_HTML"] = str(BUILD / "page")
    for step, arguments in steps(page):
        if timed(step, sys.executable, *arguments):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
