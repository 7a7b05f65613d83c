"""Every worked solution of every page passes its own check, and every exercise of a page has one."""

import ast
import json
import re
from pathlib import Path

import pytest

from dlbook.page import exercises, listings, stills, verdicts
from dlbook.page.exercises import judge, known_exercises

CHAPTERS = Path(__file__).parents[3] / "chapters"
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


@pytest.mark.parametrize(("page", "name", "answer", "number", "code"), CASES, ids=NAMES)
def test_skeleton_is_not_yet_right_and_solution_passes(page, name, answer, number, code, monkeypatch):
    assert code, f"{page.name}: exercise {name} has no solution with Python code after it"
    for module in (exercises, listings, stills, verdicts):
        monkeypatch.setattr(module, "publish", lambda bundle: None)
    try:
        _try_solution(page, name, answer, code, _names_after(page, number, definitions_only=True))
    except NameError:  # the solution uses what an earlier cell computed
        _try_solution(page, name, answer, code, _names_after(page, number))


def _try_solution(page, name, answer, code, names):
    """Judge the skeleton, then the solution."""
    assert judge(name, eval(answer, names)).status == "not yet", f"{page.name}: the skeleton of {name}"
    exec(compile(code, f"<solution of {name}>", "exec"), names)
    result = judge(name, eval(answer, names))
    if "NameError" in result.message:
        raise NameError(result.message)
    assert result.passed, f"{page.name}: the solution of {name}: {result.message}"


def _names_after(page, number, definitions_only=False):
    """Run the page's code up to the exercise's cell, or only its imports, functions and classes."""
    names = {"__name__": "__main__"}
    for count, (kind, cell, source) in enumerate(cells(page)[: number + 1]):
        if kind != "code":
            continue
        tree = ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE))
        if definitions_only and count < number:
            tree.body = [node for node in tree.body if isinstance(node, DEFINITIONS)]
        exec(compile(tree, f"{page.name}, cell {cell!r}", "exec"), names)
    return names


def test_every_check_is_used_by_a_page():
    """A check that no page calls is forgotten; a page that calls an unknown check is caught above."""
    assert known_exercises() == sorted(name for _, name, *_ in CASES)
