"""Where Python for the page comes from: any carrier, held to the official hashes; and what is made of it."""

import hashlib
import io
import json
import zipfile

import pytest

from dlbook.browser import packs, parts

WHEELS = {name: f"the wheel of {name}".encode() for name in parts.WHEELS}
LOCK = {
    "info": {"python": "3.14.0"},
    "packages": {
        name: {"file_name": f"{name}.whl", "sha256": hashlib.sha256(data).hexdigest()} for name, data in WHEELS.items()
    },
}


@pytest.fixture
def sources(monkeypatch, tmp_path):
    """Put sources of the test in the place of the real ones; return their list."""
    made = []
    monkeypatch.setattr(parts, "lock", lambda: LOCK)
    monkeypatch.setattr(parts, "CACHE", tmp_path / "wheels")
    monkeypatch.setattr(parts, "SOURCES", made)
    return made


def test_the_first_source_that_has_a_wheel_gives_it_and_it_is_kept(sources):
    def out_of_reach(wanted):
        raise OSError("no way to it")

    asked = []

    def carrier(wanted):
        asked.append(len(wanted))
        yield from ((name, WHEELS[name]) for name in wanted)

    sources += [out_of_reach, carrier]
    assert parts.wheels() == WHEELS
    assert parts.wheels() == WHEELS  # now from the cache
    assert asked == [len(WHEELS)]


def test_a_file_that_is_not_the_official_one_is_refused(sources):
    sources.append(lambda wanted: iter([("numpy", b"another")]))
    sources[0].__name__ = "a_stranger"
    with pytest.raises(parts.PartsError, match=r"missing: numpy.*a stranger: numpy.whl is not the official file"):
        parts.wheels()
    assert not (parts.CACHE / "numpy.whl").exists()


def test_a_cache_that_was_spoilt_is_fetched_anew(sources):
    sources.append(lambda wanted: iter([(name, WHEELS[name]) for name in wanted]))
    sources[0].__name__ = "carrier"
    parts.wheels()
    (parts.CACHE / "numpy.whl").write_bytes(b"spoilt")
    assert parts.wheels() == WHEELS
    assert (parts.CACHE / "numpy.whl").read_bytes() == WHEELS["numpy"]


def test_the_distribution_is_asked_at_the_address_of_the_installed_version(monkeypatch):
    asked = []
    monkeypatch.setattr(parts.urllib.request, "urlopen", lambda url, timeout: asked.append(url) or io.BytesIO(b"x"))
    assert list(parts.from_the_distribution({"numpy": {"file_name": "numpy.whl"}})) == [("numpy", b"x")]
    version = json.loads((parts.CORE / "package.json").read_text(encoding="utf-8"))["version"]
    assert f"/v{version}/full/numpy.whl" in asked[0]


def test_the_lock_that_npm_brings_names_every_wheel_that_a_pack_wants():
    assert set(parts.WHEELS) <= set(parts.lock()["packages"])


def test_archives_lose_what_nothing_reads_and_are_the_same_every_time():
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in ("numpy/core.py", "numpy/tests/test_core.py", "numpy/core.pyi", "numpy/testing/tests/x.py"):
            archive.writestr(name, name)
    once, again = (packs._pruned(held.getvalue(), packs.UNUSED_WHEEL, packs.NEEDED) for _ in range(2))
    assert once == again
    assert zipfile.ZipFile(io.BytesIO(once)).namelist() == ["numpy/core.py", "numpy/testing/tests/x.py"]


def test_the_book_s_pack_holds_what_pages_import_and_not_what_only_the_build_needs():
    names = set(zipfile.ZipFile(io.BytesIO(packs.book())).namelist())
    assert {"dlcore/__init__.py", "dlbook/pages/backprop/loss/exercises.py", "dlbook/browser/tables.npz"} <= names
    assert not [name for name in names if name.startswith(("dlcore/reference", "dlbook/sphinx", "dlbook/grade"))]
