"""What a piece of Python needs besides the standard library, NumPy and the book, found by reading it.

The build says of every cell whether the page can run it; the page asks the same of what its reader has typed.
"""

import ast
import re
import symtable
from functools import cache

from dlbook.modules import file_of

OURS = ("dlcore", "dlbook")

#: what is imported -> the pack of files that brings it into the page; the tables of sklearn.datasets come with the book
PACKS = {"matplotlib": "matplotlib", "mpl_toolkits": "matplotlib", "PIL": "matplotlib", "contourpy": "matplotlib",
         "sklearn": "scikit-learn", "scipy": "scikit-learn", "joblib": "scikit-learn"}  # fmt: skip
TORCH = "torch"
#: scikit-learn's photographs are opened by it and by what comes with matplotlib
PHOTOGRAPHS, OPENED_BY = re.compile(r"\b(photograph|load_sample_image)\("), {"scikit-learn", "matplotlib"}


def needs(source):
    """The packs, and "torch", that running this source needs.

    >>> sorted(needs("import numpy, torch; from dlcore import viz"))
    ['matplotlib', 'torch']
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:  # Python will say so when it runs
        return set()
    by_attribute = (f"dlcore.{name}" for name in re.findall(r"\bdlcore\.(viz|reference)\b", source))
    found = set(OPENED_BY) if PHOTOGRAPHS.search(source) else set()
    waiting, seen = [*imported(ast.walk(tree)), *by_attribute], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        found |= _brought_by(name)
        if name.split(".")[0] in OURS:
            waiting += _loaded_with(name)
            found |= OPENED_BY if _opens_photographs(name) else set()
    return found


def _brought_by(name):
    top = name.split(".")[0]
    if top == "torch" or name == "dlcore.reference":
        return {TORCH}
    return {PACKS[top]} if top in PACKS and name not in ("sklearn", "sklearn.datasets") else set()


def imported(nodes):
    """Names of the modules that some nodes import, and of what is taken out of them, which may be modules too."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
            if node.module != "sklearn.datasets":
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _loaded_with(module):
    """What a module of ours imports as it is loaded: not what its functions import when they are called."""
    path = file_of(module)
    above = [module.rpartition(".")[0]] if "." in module else []
    if path is None or module == "dlcore.reference":
        return above
    return [*imported(ast.parse(path.read_text(encoding="utf-8")).body), *above]


@cache
def _opens_photographs(module):
    """Whether a page's own module does; those that only offer it, in dlcore, say nothing."""
    path = file_of(module) if module.startswith("dlbook.pages.") else None
    return bool(path and PHOTOGRAPHS.search(path.read_text(encoding="utf-8")))


def bound(source):
    """Names that a cell gives a meaning to, for the cells after it.

    >>> sorted(bound("import numpy as np\\nx = [y for y in z]"))
    ['np', 'x']
    """
    scope = _scope(source)
    return {s.get_name() for s in scope.get_symbols() if s.is_assigned() or s.is_imported()} if scope else set()


def used(source):
    """Names that a cell reads before it has given them a meaning itself; what Python has built in is among them.

    >>> sorted(used("for w in v: print(w); x = x + w"))
    ['print', 'v', 'x']
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return set()
    return _taken(body, set())


def _taken(statements, known):
    """What statements take from outside, the known names aside; what they bind becomes known, in their order."""
    found = set()
    for statement in statements:
        blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")] + [
            handler.body for handler in getattr(statement, "handlers", ())
        ]
        if isinstance(statement, BLOCKS):
            head = _flat(part for name, part in ast.iter_fields(statement) if name in ("test", "iter", "items"))
            found |= set().union(*map(_read, head)) - known
            target = [statement.target] if isinstance(statement, ast.For) else []
            known |= {n.id for part in [*head, *target] for n in ast.walk(part) if _is_stored(n)}
            found |= set().union(*(_taken(block, known) for block in blocks))
        else:
            found |= _read(statement) - known
            known |= bound(ast.unparse(statement))
    return found


BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try)


def _flat(parts):
    return [one for part in parts for one in (part if isinstance(part, list) else [part])]


def _is_stored(node):
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _read(node):
    """Names that one statement or expression reads, its functions and comprehensions looked into."""
    if isinstance(node, ast.withitem):
        return _read(node.context_expr)
    added = {node.target.id} if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) else set()
    scope = _scope(ast.unparse(node))
    found, waiting = added, [scope] if scope else []
    while waiting:
        here = waiting.pop()
        waiting += here.get_children()
        found |= {s.get_name() for s in here.get_symbols() if s.is_referenced() and (here is scope or s.is_global())}
    return found


def _scope(source):
    try:
        return symtable.symtable(source, "<cell>", "exec")
    except SyntaxError:
        return None


def imports_without_torch(source):
    """The import statements of a cell that need no PyTorch, for those who pass the cell over."""
    statements = [node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return "\n".join(text for node in statements if TORCH not in needs(text := ast.unparse(node)))


def origins(source, before):
    """Where a cell has its names from: import statements of the cells before it, and whole cells, by their numbers.

    The last cell that makes a name counts. A name that was only imported there costs the import and not the cell.

    >>> origins("plt.plot(x)", ["import numpy as np", "from matplotlib import pyplot as plt", "x = np.ones(2)"])
    {'imports': 'import numpy as np\\nfrom matplotlib import pyplot as plt', 'cells': [2]}
    """
    wanted, cells, lines = used(source), [], []
    for number in reversed(range(len(before))):
        taken, ways = bound(before[number]) & wanted, only_imported(before[number])
        if taken <= ways.keys():
            lines += sorted({ways[name] for name in taken})
            wanted -= taken
        else:
            cells.append(number)
            wanted = (wanted - bound(before[number])) | used(before[number])
    return {"imports": "\n".join(reversed(lines)), "cells": sorted(cells)}


def only_imported(source):
    """name -> the import that gives it, for the names that nothing but the imports of a cell makes."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return {}
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    others = {name for node in body if node not in imports for name in bound(ast.unparse(node))}
    ways = {}
    for node in imports:
        for alias in node.names:
            name = alias.asname or alias.name.split(".")[0]
            one = ast.ImportFrom(node.module, [alias], 0) if isinstance(node, ast.ImportFrom) else ast.Import([alias])
            ways[name] = ast.unparse(one)
    return {name: way for name, way in ways.items() if name not in others}
