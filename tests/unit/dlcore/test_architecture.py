# ruff: noqa: E501 (tables)
"""The shape of the code: sizes, layers of imports, and what `import dlcore` costs."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FILES = sorted([*ROOT.glob("dlcore/**/*.py"), *ROOT.glob("dlbook/**/*.py")])
CLASS, METHOD, FILE = 40, 15, 350

#: Which layer a module belongs to; the longest name that fits counts. An import goes down, never up or sideways.
LAYERS = {
    "dlcore.absent": -1, "dlcore.torchlike": 5,
    "dlcore.ops": 0, "dlcore.shapes": 0, "dlcore.rng": 0, "dlcore.palette": 0, "dlcore.memory": 0, "dlcore.cuda": 0, "dlcore.saving": 0, "dlcore.dtypes": 0, "dlcore.printing": 0,
    "dlcore.tensor": 1, "dlcore.nn.functions": 2, "dlcore.nn.functional": 2.5, "dlcore.gradcheck": 2, "dlcore.compiler": 2, "dlcore.autograd": 3,
    "dlcore.nn": 3, "dlcore.optim": 3, "dlcore.data": 3, "dlcore.train": 3, "dlcore.utils": 3,
    "dlcore.models": 4, "dlcore.reference": 4, "dlcore.viz": 4, "dlcore.attacks": 4, "dlcore.attribution": 4,
    "dlcore": 3.5,  # the front door: shows what lies below, and is there for everyone above
    "dlbook.grade": 10, "dlbook.live": 11, "dlbook.page": 11, "dlbook.browser": 11.5, "dlbook.playground": 10, "dlbook.pages": 12, "dlbook.sphinx": 13, "dlbook.build": 14,
    "dlbook": 9,
}  # fmt: skip
DOOR = ("dlcore", "dlcore.torchlike")  # the front door lets the room for foreign scripts in; nobody else does
#: The most lines of code in each room of dlcore; what students read, ops, tensor, nn and optim, is counted together too.
ROOMS = {
    "ops": 1030, "tensor": 1120, "nn": 1930, "optim": 440, "data": 640, "models": 430, "reference": 430, "train": 350,
    "utils": 120, "viz": 870, "compiler": 630, "torchlike": 2720, "(files beside the rooms)": 600,
}  # fmt: skip
CORE, MOST = ("ops", "tensor", "nn", "optim"), 4486
#: Who may import by a computed name, and why; everybody else says what it needs where a reader of imports sees it.
COMPUTED = {
    "dlcore": "`dlcore.nn` without a second import, as in torch",
    "dlcore.torchlike": "rooms for foreign scripts, loaded when one asks for a name that is not there",
    "dlbook.pages.find": "the rooms of the pages, found by their files",
    "dlbook.live.replay": "a figure's own module, in a process of its own",
    "dlbook.live.answer": "a figure's own module, for a page that asks for a frame",
    "dlbook.browser.kernel": "whatever a script of the page calls",
}
ONLY_IN = {"torch": "dlcore.reference", "matplotlib": "dlcore.viz", "cycler": "dlcore.viz"}
BASE = {"numpy", "dlcore", *sys.stdlib_module_names}


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module):
    """The entry of LAYERS that a module belongs to."""
    fits = [part for part in LAYERS if module == part or module.startswith(part + ".")]
    return max(fits, key=len)


def is_module(name):
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").exists()


def imports(path, everywhere=True):
    """Names of the modules that a file imports: `from a import b` counts as a.b where that is a module, else as a."""
    tree, home = ast.parse(path.read_text(encoding="utf-8")), ".".join(path.relative_to(ROOT).with_suffix("").parts)
    nodes = ast.walk(tree) if everywhere else tree.body
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = (
                [*home.split(".")[: len(home.split(".")) - node.level], node.module] if node.level else [node.module]
            )
            source = ".".join(part for part in package if part)
            for alias in node.names:
                full = f"{source}.{alias.name}"
                yield full if is_module(full) else source


def computed_imports(path):
    """Calls that import a module by a string: the string, or "…" where it is computed."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = getattr(node, "func", None) and getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in ("import_module", "__import__") and node.args:
            yield node.args[0].value if isinstance(node.args[0], ast.Constant) else "…"


def graph(path_of):
    """Who imports whom: module → the project's modules that it names, wherever in the file it does."""
    found = {}
    for module, path in path_of.items():
        named = [*imports(path), *computed_imports(path)]
        found[module] = sorted({name for name in named if name in path_of and name != module})
    return found


def circle(arrows):
    """A walk through the imports that comes back to where it began, or None."""
    done, path = set(), []

    def walk(module):
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return None
        path.append(module)
        found = next((way for way in map(walk, arrows[module]) if way), None)
        path.pop()
        done.add(module)
        return found

    return next((way for way in map(walk, arrows) if way), None)


def code_lines(node, source):
    """How many lines of code a class or function has: no docstrings, no comments, no blank lines."""
    skip = set()
    for inner in ast.walk(node):
        body = getattr(inner, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(inner, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Module)
        ):
            first = body[0]
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                skip |= set(range(first.lineno, first.end_lineno + 1))
    lines = source.splitlines()
    span = range(getattr(node, "lineno", 1), (getattr(node, "end_lineno", None) or len(lines)) + 1)
    return sum(1 for n in span if n not in skip and lines[n - 1].strip() and not lines[n - 1].strip().startswith("#"))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_sizes(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    too_long = [f"file: {n} lines" for n in [len(source.splitlines())] if n > FILE]
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            n = code_lines(node, source)
            too_long += [f"class {node.name}: {n} lines of code"] if n > CLASS else []
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    n = code_lines(method, source)
                    too_long += [f"{node.name}.{method.name}: {n} lines of code"] if n > METHOD else []
    assert not too_long


def lines_by_room():
    """How many lines of code each room of dlcore has."""
    found = dict.fromkeys(ROOMS, 0)
    for path in FILES:
        parts = path.relative_to(ROOT).parts
        if parts[0] == "dlcore":
            source = path.read_text(encoding="utf-8")
            found[parts[1] if len(parts) > 2 else "(files beside the rooms)"] += code_lines(ast.parse(source), source)
    return found


def test_no_room_grows_unnoticed():
    """The table "lines of code by room" of CONTRIBUTING.md is the one that is counted here."""
    found = lines_by_room()
    core = sum(found[room] for room in CORE)
    rows = [f"| {room} | {found[room]:,} | {ROOMS[room]:,} |" for room in ROOMS]
    table = "\n".join([*rows, f"| ops, tensor, nn and optim together | {core:,} | {MOST:,} |"])
    assert table in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), f"CONTRIBUTING.md should say:\n{table}"
    assert core <= MOST and all(found[room] <= most for room, most in ROOMS.items())


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_go_down(path):
    module, wrong = name_of(path), []
    here = part_of(module)
    for name in imports(path):
        top = name.split(".")[0]
        if top in ("dlcore", "dlbook"):
            there = part_of(name)
            if there != here and not LAYERS[there] < LAYERS[here] and (module, there) != DOOR:
                wrong.append(f"{name} (layer {LAYERS[there]}) from {here} (layer {LAYERS[here]})")
        elif top in ONLY_IN and module.startswith("dlcore") and here != ONLY_IN[top]:
            wrong.append(f"{name} outside of {ONLY_IN[top]}")
    assert not wrong


def test_there_is_no_circle():
    assert circle(graph({name_of(path): path for path in FILES})) is None


def test_a_circle_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    a, b, c = (tmp_path / f"{name}.py" for name in "abc")
    a.write_text("def late():\n    import b\n")
    b.write_text("from importlib import import_module\nimport_module('c')\n")
    c.write_text("import a\n")
    assert circle(graph({"a": a, "b": b, "c": c})) == ["a", "b", "c", "a"]
    c.write_text("import numpy\n")
    assert circle(graph({"a": a, "b": b, "c": c})) is None


def test_nobody_imports_by_a_computed_name_without_a_reason():
    assert {name_of(path) for path in FILES if "…" in computed_imports(path)} == set(COMPUTED)


@pytest.mark.parametrize("path", [p for p in FILES if name_of(p).startswith("dlcore")], ids=name_of)
def test_core_needs_only_numpy_at_its_top(path):
    """scikit-learn may be imported inside functions of dlcore.data; torch and matplotlib where they belong."""
    here = part_of(name_of(path))
    allowed = BASE | {package for package, home in ONLY_IN.items() if home == here}
    found = {name.split(".")[0] for name in imports(path, everywhere=False)}
    assert found <= allowed


def test_import_is_light():
    """`import dlcore` loads NumPy and the standard library, in less than 0.15 s beyond what NumPy takes, and less than that.

    Counted are seconds of this process, not of the clock: a machine at other work makes those longer.
    """
    script = (
        "import time, sys, json; now = time.process_time; start = now(); import numpy, numpy.random; middle = now();"
        "before = set(sys.modules); import dlcore; end = now();"
        "print(json.dumps([middle - start, end - middle, sorted({m.split('.')[0] for m in set(sys.modules) - before})]))"
    )
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout)
        for _ in range(3)
    ]
    assert set(runs[0][2]) <= BASE
    assert min(ours for _, ours, _ in runs) < 0.15
    assert min(ours / numpys for numpys, ours, _ in runs) < 1
