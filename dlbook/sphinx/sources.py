"""Which project files a piece of Python depends on, so that a result is made again exactly when it could differ."""

import ast
import hashlib
from functools import cache

from dlbook.modules import ROOT, file_of

PACKAGES = ("dlcore", "dlbook")
WHOLE_BOOKS = {"claims.toml"}  # lists for all pages; of these a page's own entries count (dlbook.sphinx.execute)


def fingerprint(text, *, extra=()):
    """SHA-256 of Python source text together with every dlcore and dlbook file that running it can load.

    Args:
        text: Python source (a module's text, or a notebook's code cells joined).
        extra: further strings that the result depends on (versions, options).

    Returns:
        str of 64 hexadecimal digits.
    """
    digest = hashlib.sha256(text.encode())
    for path in sorted(dependencies(text)):
        digest.update(path.relative_to(ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    for item in extra:
        digest.update(str(item).encode())
    return digest.hexdigest()


def dependencies(text):
    """Files of dlcore and dlbook that Python source text can load, directly or through what it imports.

    A module's data files (everything beside it that is no Python) count with it. A module that imports by a computed
    name counts with its whole package, since no reading of its text can tell what it loads.
    """
    found, waiting = set(), list(_imports(text, package=""))
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        path = file_of(module)
        if path is None:
            continue
        found.add(module)
        source = path.read_text(encoding="utf-8")
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        waiting += _imports(source, package)
        waiting += [package] if package else []  # importing a.b runs a/__init__.py first
        waiting += [module.rpartition(".")[0]] if "." in module else []
        if "import_module(" in source:
            waiting += _submodules(package)
    paths = {file_of(module) for module in found}
    return paths | {data for path in paths for data in _data_files(path.parent)}


@cache
def _imports(text, package):
    """Names of the project's modules that source text imports, at any depth of nesting."""
    return tuple(_imported(text, package))


def _imported(text, package):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name in PACKAGES:  # a bare `import dlcore` can reach all of it by attribute
                    yield from _submodules(alias.name)
                elif alias.name.split(".")[0] in PACKAGES:
                    yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            if base.split(".")[0] in PACKAGES:
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)


def _absolute(node, package):
    if not node.level:
        return node.module or ""
    parts = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join(parts + ([node.module] if node.module else []))


@cache
def _submodules(package):
    files = sorted(ROOT.joinpath(*package.split(".")).rglob("*.py"))
    names = (f.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for f in files)
    return [name.removesuffix(".__init__") for name in names]


@cache
def _data_files(folder):
    files = [f for f in sorted(folder.iterdir()) if f.is_file() and f.name not in WHOLE_BOOKS]
    return [f for f in files if f.suffix not in (".py", ".pyc")]
