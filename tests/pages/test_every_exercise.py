"""Every exercise of a page has right and wrong answers as tests, and a worked solution that passes its own check."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dlbook.page import exercises, listings, stills, verdicts
from dlbook.page.guesses import page_name
from dlbook.pages.find import rooms

HERE = Path(__file__).parent
CHAPTERS = HERE.parents[1] / "chapters"
PAGES = sorted(p for p in CHAPTERS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
CALL = re.compile(r"""check\(\s*["']([^"']+)["']\s*,\s*(.+?)\s*\)\s*$""", re.MULTILINE)
SOLUTION = re.compile(r"<details>\s*<summary>Solution</summary>(.*?)</details>", re.DOTALL)
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def cells(page):
    return [(c["cell_type"], c["id"], "".join(c["source"])) for c in json.loads(page.read_text("utf-8"))["cells"]]


def pairs(page):
    """Return (exercise id, expression checked, number of its cell, solution's code or None), in the page's order."""
    found, waiting = [], []
    for number, (kind, _, source) in enumerate(cells(page)):
        if kind == "code":
            waiting += [(name, answer, number) for name, answer in CALL.findall(source)]
        for text in SOLUTION.findall(source) if kind == "markdown" else ():
            code = "\n".join(FENCE.findall(text))
            if waiting:
                found.append((*waiting.pop(0), code))
    return found + [(*one, None) for one in waiting]


CASES = [(page, *pair) for page in PAGES for pair in pairs(page)]
NAMES = [f"{page.stem}-{pair[0]}" for page, *pair in CASES]


def test_the_pages_that_have_exercises_are_found():
    assert any(page.stem == "2_from_the_cell_to_the_unit" for page, *_ in CASES)


class Run:
    """A page run from its top, further with each exercise; what a solution defines is taken back afterwards."""

    def __init__(self, page, definitions_only):
        self.page, self.definitions_only = page, definitions_only
        self.names, self.after = {"__name__": "__main__"}, -1

    def forward(self, number):
        """Run what stands between the cell reached and this one; of the cells before it perhaps definitions only."""
        for count, (kind, cell, source) in enumerate(cells(self.page)):
            if kind != "code" or not self.after < count <= number:
                continue
            tree = ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE))
            if self.definitions_only and count < number:
                tree.body = [node for node in tree.body if isinstance(node, DEFINITIONS)]
            exec(compile(tree, f"{self.page.name}, cell {cell!r}", "exec"), self.names)
        self.after = number

    def try_solution(self, name, answer, code):
        """Judge the skeleton, then the solution."""
        before, check = dict(self.names), self.names["check"]
        try:
            assert check.judge(name, eval(answer, self.names)).status == "not yet", f"the skeleton of {name}"
            exec(compile(code, f"<solution of {name}>", "exec"), self.names)
            result = check.judge(name, eval(answer, self.names))
        finally:
            self.names.clear()
            self.names.update(before)
        if "NameError" in result.message:
            raise NameError(result.message)
        assert result.passed, f"the solution of {name}: {result.message}"


@pytest.fixture(scope="module")
def whole():
    """The page that runs whole; the one before it is forgotten."""
    return {}


@pytest.mark.parametrize(("page", "name", "answer", "number", "code"), CASES, ids=NAMES)
def test_skeleton_is_not_yet_right_and_solution_passes(page, name, answer, number, code, monkeypatch, whole):
    assert code, f"{page.name}: exercise {name} has no solution with Python code after it"
    for module in (exercises, listings, stills, verdicts):
        monkeypatch.setattr(module, "publish", lambda bundle: None)
    try:
        run = Run(page, definitions_only=True)
        run.forward(number)
        run.try_solution(name, answer, code)
    except NameError:  # the solution uses what an earlier cell computed
        if page not in whole or whole[page].after > number:
            whole.clear()
            whole[page] = Run(page, definitions_only=False)
        whole[page].forward(number)
        whole[page].try_solution(name, answer, code)


WITHOUT_TORCH = """
import runpy, sys
from dlbook.browser import absent

folder, *files = sys.argv[1:]
sys.meta_path.insert(0, absent.Finder)
sys.path.insert(0, folder)
for file in files:
    try:
        runpy.run_path(file)
    except absent.NotInThePage as error:
        print(file, error)
"""


def test_the_tables_of_all_pages_can_be_read_where_there_is_no_torch():
    """They are judged inside the page too. An answer that torch makes is `Made(lambda: …)` there."""
    files = sorted(HERE.glob("*/test_*.py"))
    read = subprocess.run([sys.executable, "-c", WITHOUT_TORCH, HERE, *files], capture_output=True, text=True)
    assert (read.returncode, read.stdout) == (0, ""), read.stderr[-800:]


CHECKS = {module.removesuffix(".exercises"): importlib.import_module(module).check for module in rooms("exercises")}


def room_of(page):
    """The room of a notebook: its path without digits."""
    name = page_name(page.relative_to(CHAPTERS).with_suffix("").as_posix())
    return f"dlbook.pages.{name.replace('/', '.')}"


def test_every_exercise_stands_on_the_page_of_its_room():
    """An exercise that no page calls is forgotten; a page that calls an unknown one is caught above."""
    stand = {}
    for page, name, *_ in CASES:
        stand.setdefault(room_of(page), []).append(name)
    assert {room: sorted(check.checks) for room, check in CHECKS.items()} == {r: sorted(n) for r, n in stand.items()}


def test_no_two_exercises_have_one_name():
    names = [name for check in CHECKS.values() for name in check.checks]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("room", CHECKS)
def test_every_exercise_has_right_answers_and_mistakes_as_tests(room):
    """The tables RIGHT and WRONG of the page's own test file name each of its exercises."""
    part, page = room.split(".")[-2:]
    spec = importlib.util.spec_from_file_location(f"tables_of_{page}", HERE / part / f"test_{page}.py")
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    for table in (tables.RIGHT, tables.WRONG):
        assert {row[0] for row in table} == set(CHECKS[room].checks)
