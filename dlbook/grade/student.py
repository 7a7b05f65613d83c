"""Makes the student version of a master notebook, and refuses to if anything of the teacher's is left in it."""

import ast
import copy
import re

import numpy as np

from dlbook.grade import notebook
from dlbook.grade.check import pack_checks, unpack_checks
from dlbook.grade.spec import Variant, sealed

SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\b.*?^[ \t]*### END SOLUTION[^\n]*$", re.S | re.M)
HIDDEN = re.compile(r"^[ \t]*### BEGIN HIDDEN TESTS\b.*?^[ \t]*### END HIDDEN TESTS[^\n]*\n?", re.S | re.M)
SHORT = 12  # characters, blanks not counted: a shorter line is nobody's secret
CHECKS = """\
#@title The visible checks (run this cell once; there is nothing to read in it)
# made for {variant}
# No module named 'dlbook'? The book's package, deep-learning-demystified, is missing: your teacher says where it is.
from dlbook.grade import notebook_checks

check, hint = notebook_checks(\"\"\"{text}\"\"\")"""


class LeakError(Exception):
    """Something of the teacher's is still in the student version."""


def visible(assignment, variant):
    """All that a student's notebook may know: titles, points, hints, visible checks."""
    checks = assignment.prepare(False, variant, "notebook")
    checks = [sealed(c, variant.tag() + c["question"] + c["check"]) if c["value"] else c for c in checks]
    questions = assignment.questions.values()
    about = {q.key: {"title": q.title, "points": q.points, "hints": q.steps} for q in questions}
    return {"title": assignment.title, "variant": variant.tag(), "questions": about, "checks": checks}


def checks_cell(assignment, variant):
    """The text of the cell that brings the visible checks."""
    data = visible(assignment, variant)
    word = pack_checks(data["title"], data["variant"], data["questions"], data["checks"])
    return CHECKS.format(variant=data["variant"], text=word)


def literal(value):
    """A number, list or array as a student would write it."""
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()})"
    return repr(value.item() if isinstance(value, np.generic) else value)


def constants_cell(assignment, key, variant):
    """The text of the cell that gives the numbers of a question."""
    lines = [f"{name} = {literal(value)}" for name, value in assignment.constants(key, variant).items()]
    return "\n".join([f"# The numbers of {key}: yours may differ from your neighbour's.", *lines])


def stub(region, names):
    """What stands in place of a solution."""
    indent, text = region.group(1), region.group(0)
    if indent:
        return f"{indent}# your code here\n{indent}raise NotImplementedError"
    tree = ast.parse(text)
    targets = [t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)]
    asked = [name for name in targets if name in names]
    return "\n".join(f"{name} = ...  # your answer here" for name in asked) or "# your code here"


def cleared(cell, assignment, variant):
    """One cell of the student version."""
    source, marks = notebook.source_of(cell), notebook.tags(cell)
    names = {question.name for question in assignment.questions.values()}
    if "checks" in marks:
        source = checks_cell(assignment, variant)
        cell["metadata"] |= {"cellView": "form", "jupyter": {"source_hidden": True}}
    for mark in marks:
        if mark.startswith("constants:"):
            source = constants_cell(assignment, mark.partition(":")[2], variant)
    if cell["cell_type"] == "code":
        cell["outputs"], cell["execution_count"] = [], None
    source = HIDDEN.sub("", source).rstrip("\n")
    cell["source"] = SOLUTION.sub(lambda region: stub(region, names), source)
    return cell


def student_version(assignment, variant=None):
    """The student's notebook, as a tree.

    Raises:
        LeakError: if a line of a solution, of our answers, or of a hidden check is in it.
    """
    variant = variant or Variant()
    master = notebook.read(assignment.folder / f"{assignment.name}.ipynb")
    tree = copy.deepcopy(master)
    cells = [cell for cell in tree["cells"] if "teacher" not in notebook.tags(cell)]
    tree["cells"] = [cleared(cell, assignment, variant) for cell in cells]
    found = leaks(tree, master, assignment, variant)
    if found:
        raise LeakError("the student version would give away:\n  " + "\n  ".join(found))
    return tree


def squeezed(text):
    """A text without blanks, so that indentation hides nothing."""
    return re.sub(r"\s+", "", text)


def regions(master):
    """The texts in the master that no student may see."""
    for cell in master["cells"]:
        source = notebook.source_of(cell)
        yield from (match.group(0) for pattern in (SOLUTION, HIDDEN) for match in pattern.finditer(source))
        if "teacher" in notebook.tags(cell):
            yield source


def bodies(assignment):
    """The bodies of our answers and of the usual mistakes: of all functions of ``spec.py`` that are not recipes."""
    tree = ast.parse((assignment.folder / "spec.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    recipes = {k.value.id for call in calls for k in call.keywords if k.arg == "call" and isinstance(k.value, ast.Name)}
    for node in tree.body:
        given = isinstance(node, ast.ClassDef) or getattr(node, "name", "") in recipes  # with all that is in it
        for function in ast.walk(node) if not given else []:
            if isinstance(function, ast.FunctionDef) and function.name not in recipes:
                yield from map(ast.unparse, function.body)
    for call in calls:
        mistaken = isinstance(call.func, ast.Call) and getattr(call.func.func, "attr", "") == "mistake"
        yield from (ast.unparse(a.body) for a in call.args if mistaken and isinstance(a, ast.Lambda))


def secrets(master, assignment, variant):
    """Lines that must not be in a student version, squeezed, each with the line itself."""
    lines = [line for text in (*regions(master), *bodies(assignment)) for line in text.splitlines()]
    for question in assignment.questions.values():
        lines += [text for check in question.checks if check.hidden for text in (check.name, check.says)]
    for check in assignment.prepare(False, variant, "notebook"):
        values = np.ravel(check["expected"]) if check["value"] else []
        lines += [f"{v!r:.12s}" for v in np.asarray(values, float).tolist()]
    marks = ("###", "#")
    return {squeezed(s): s.strip() for s in lines if len(squeezed(s)) >= SHORT and not s.lstrip().startswith(marks)}


def strings(tree):
    """All texts in a tree."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from (key, *strings(value))
    elif isinstance(tree, list | tuple):
        for value in tree:
            yield from strings(value)
    elif isinstance(tree, str):
        yield tree


def leaks(tree, master, assignment, variant):
    """What of the teacher's is in a student version, wherever it hides; an empty list is what one wants."""
    texts = ["".join(notebook.source_of(cell)) for cell in tree["cells"]]
    for text in list(texts):
        word = re.search(r'notebook_checks\("""(.*?)"""\)', text, re.S)
        if word:
            texts += strings(unpack_checks(word.group(1)))
    texts += strings(tree)
    everything = "\0".join(squeezed(text) for text in texts)
    found = [line for short, line in secrets(master, assignment, variant).items() if short in everything]
    marked = [mark for mark in ("BEGINSOLUTION", "BEGINHIDDENTESTS", "spec.py", "master_checks") if mark in everything]
    return found + marked
