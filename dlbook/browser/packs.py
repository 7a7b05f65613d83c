"""Packs: what the page loads at the first press of "Run", pruned, compressed, and cut so that a browser keeps most.

A pack holds named files. It is written twice: `<name>.bin`, gzip, for pages that are served; and `<name>.js`, the same
in letters, for pages that are opened from a disk, where a browser reads nothing but scripts.
"""

import base64
import gzip
import hashlib
import io
import json
import re
import struct
import subprocess
import zipfile
from functools import cache
from pathlib import Path

from dlbook.browser import parts, tables
from dlbook.browser.parts import THEME
from dlbook.modules import ROOT
from dlbook.node import node_binary
from dlbook.whole import write_whole

#: Files that nothing in the page reads.
UNUSED_LIBRARY = re.compile(
    r"(idlelib|lib2to3|pydoc_data|pdb\.|test/|tkinter|turtle|ensurepip|venv|sqlite3|curses|dbm|mailbox|imaplib"
    r"|poplib|smtplib|ftplib|nntplib|http/(server|cookiejar|cookies)|xmlrpc|wsgiref|zipapp|pickletools"
    r"|tabnanny|trace\.|profile\.|cProfile|pstats|imghdr|sndhdr|wave\.|aifc|chunk\.|netrc|webbrowser"
    r"|encodings/(?!utf|ascii|latin|idna|__init|aliases|cp437|raw_uni|unicode|punycode|hex|base64))"
)
UNUSED_WHEEL = re.compile(
    r".*\.(pyi|pxd|pyx|h|hpp|c|cpp|a|cmake|ini|pc|f|f90)$|.*/tests?/|numpy/(f2py|distutils|random/_examples)"
    r"|matplotlib/(mpl-data/(sample_data|images)|backends/(web_backend|qt_editor))|mpl_toolkits/.*/tests/"
    r"|scipy/.*/tests/"
)
#: numpy imports its testing package when scipy and scikit-learn do, and f2py when they take all its names
NEEDED = re.compile(
    r"numpy/testing/|numpy/f2py/(?!tests/).*\.py$|sklearn/utils/.*test|scipy/_lib/_testutils|numpy/_core/tests/_natype\.py"
)
BOOK = ("dlcore", "dlbook/__init__.py", "dlbook/modules.py", "dlbook/page", "dlbook/pages", "dlbook/live",
        "dlbook/browser", "dlbook/playground", "dlbook/claims.toml")  # fmt: skip
NOT_BOOK = ("dlcore/reference", "dlbook/live/player", "dlbook/browser/parts.py", "dlbook/browser/packs.py")
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def write(folder):
    """Write all packs into a folder; return what the page must know of them: name -> {file, bytes}.

    What has not changed since the last time stays as it is.

    Raises:
        PartsError: where Python for the page cannot be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known, entries = folder / "packs.json", parts.lock()["packages"]
    before = json.loads(known.read_text(encoding="utf-8")) if known.exists() else {}
    now = {}
    for name, packages in parts.PACKS.items():
        key = _key(name, [entries[one]["sha256"] for one in packages])
        same = before.get(name, {}).get("key") == key and (folder / f"{before[name]['file']}.js").exists()
        now[name] = before[name] if same else _write(folder, name, _library(name)) | {"key": key}
    now["book"] = _write(folder, "book", {"book.zip": book()})
    kept = {about["file"] for about in now.values()} | {known.stem}
    for path in folder.iterdir():
        if path.stem not in kept:  # of an earlier build
            path.unlink(missing_ok=True)  # by another build at the same time
    write_whole(known, json.dumps(now))
    return {name: {"file": about["file"], "bytes": about["bytes"]} for name, about in now.items()}


def _key(name, hashes):
    """A hash of everything that a pack is made of."""
    own = [Path(__file__).read_bytes(), (Path(__file__).parent / "product.wat").read_bytes()]
    core = [path.read_bytes() for path in sorted(parts.CORE.glob("p*")) if path.is_file()] if name == "core" else []
    return hashlib.sha256(b"".join([*own, *core, *map(str.encode, hashes)])).hexdigest()


def _library(name):
    """The files of a pack of libraries; Python itself goes with the core."""
    pruned = _pruned_wheels()
    entries = parts.lock()["packages"]
    files = {entries[one]["file_name"]: pruned[entries[one]["file_name"]] for one in parts.PACKS[name]}
    return files | (_core(pruned) if name == "core" else {})


@cache
def _pruned_wheels():
    """file name -> what the page needs of each wheel."""
    entries = parts.lock()["packages"]
    return {entries[one]["file_name"]: _pruned(data, UNUSED_WHEEL, NEEDED) for one, data in parts.wheels().items()}


def _core(pruned):
    """Python itself, and the lock that names the pruned wheels by their own hashes."""
    files = {name: (parts.CORE / name).read_bytes() for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")}
    library = _pruned((parts.CORE / "python_stdlib.zip").read_bytes(), UNUSED_LIBRARY)
    whole = parts.lock()
    packages = {name: dict(whole["packages"][name]) for name in parts.WHEELS}
    for entry in packages.values():
        entry["sha256"] = hashlib.sha256(pruned[entry["file_name"]]).hexdigest()
    held = json.dumps({**whole, "packages": packages}).encode()
    return files | {"python_stdlib.zip": library, "pyodide-lock.json": held, "product.wasm": product()}


def _pruned(data, unused, needed=re.compile(r"(?!)")):
    """An archive without the members that match; stored, not compressed: the pack is compressed as a whole."""
    source, out = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for member in source.namelist():
            if not unused.match(member) or needed.match(member):
                target.writestr(zipfile.ZipInfo(member, _EARLIEST), source.read(member))
    return out.getvalue()


def product():
    """The product of matrices (product.wat), assembled."""
    script = (
        "require(process.argv[1])().then(w => {"
        " const m = w.parseWat('product.wat', require('fs').readFileSync(0, 'utf8'));"
        " m.resolveNames(); m.validate(); process.stdout.write(Buffer.from(m.toBinary({}).buffer)); })"
    )
    call = [node_binary(), "-e", script, str(THEME / "node_modules" / "wabt")]
    source = (ROOT / "dlbook" / "browser" / "product.wat").read_bytes()
    return subprocess.run(call, input=source, check=True, capture_output=True).stdout


def book():
    """What the page needs of dlcore and dlbook, as one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for path in sorted(path for top in BOOK for path in _files(ROOT / top)):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(NOT_BOOK):
                target.writestr(zipfile.ZipInfo(name, _EARLIEST), path.read_bytes())
        held = io.BytesIO()
        tables.write(held)
        target.writestr(zipfile.ZipInfo("dlbook/browser/tables.npz", _EARLIEST), held.getvalue())
    return out.getvalue()


def _files(top):
    if top.is_file():
        return [top]
    return [p for p in top.rglob("*") if p.is_file() and p.suffix in (".py", ".toml", ".txt", ".css", ".js")]


def _write(folder, name, files):
    """Write one pack in both forms."""
    head = json.dumps({file: len(data) for file, data in files.items()}).encode()
    whole = struct.pack("<I", len(head)) + head + b"".join(files.values())
    packed = gzip.compress(whole, 9, mtime=0)
    stem = f"{name}-{hashlib.sha256(packed).hexdigest()[:10]}"
    write_whole(folder / f"{stem}.bin", packed)
    letters = base64.b64encode(packed).decode()
    write_whole(folder / f"{stem}.js", f'dlPython.packs.arrived("{name}", "{letters}");\n')
    return {"file": stem, "bytes": len(packed)}
