"""`python -m benchmarks.book`: what the built book weighs, page by page, and how long it takes to build.

Bytes are those that a compressing server sends (gzip -9; fonts are compressed already), for everything that Chromium
asks for while the page is scrolled to its end. `--builds` also times a build from nothing, one with nothing changed,
and one after an edit to the code of one page.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from dlbook.live.replay import weight

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book" / "_build" / "html"
PACKED = {".woff2", ".woff", ".png", ".jpg"}
FIGURES = "_static/live/"  # live figures have a budget of their own


def sent(path):
    """Bytes that a server with compression sends for a file."""
    return len(path.read_bytes()) if path.suffix in PACKED else weight(path.read_text(encoding="utf-8"))


def page_weight(page, root=BOOK):
    """What one page makes the browser load: bytes of its text part and of its figures, and foreign requests.

    Args:
        page: a Playwright page that is empty so far; it is left at the end of the book's page.
        root: a pair of (file below the book's folder, that folder's path).
    """
    name, folder = root
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / name).as_uri())
    page.wait_for_function("document.fonts.status === 'loaded'")
    for _ in range(40):
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(20)
    page.wait_for_timeout(300)
    files = {urlsplit(url).path for url in asked if url.startswith("file:")}
    sizes = {path: sent(Path(path)) for path in files}
    figures = sum(size for path, size in sizes.items() if FIGURES in path)
    foreign = [url for url in asked if urlsplit(url).scheme not in ("file", "data", "blob")]
    return sum(sizes.values()) - figures, figures, foreign


def weights():
    """Weigh every page of the built book."""
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    from conftest import NOT_PAGES, launch

    names = [p.relative_to(BOOK) for p in sorted(BOOK.rglob("*.html")) if p.name not in NOT_PAGES]
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name in names:
            page = browser.new_page()
            yield name.as_posix(), *page_weight(page, (name, BOOK))
            page.close()
        browser.close()


def timed_build():
    """Seconds that `python -m dlbook.build` takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "dlbook.build"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def builds():
    """Seconds of a build from nothing, one with nothing changed, and one after an edit to the code of one page."""
    shutil.rmtree(ROOT / "book" / "_build", ignore_errors=True)
    cold, warm = timed_build(), timed_build()
    page = next(path for path in sorted(ROOT.glob("chapters/*/*.ipynb")))
    before = page.read_text(encoding="utf-8")
    notebook = json.loads(before)
    last = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][-1]
    last["source"] = [*last["source"], "\n# one comment more"]
    try:
        page.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
        edited = timed_build()
    finally:
        page.write_text(before, encoding="utf-8")
    return {"from nothing": cold, "nothing changed": warm, f"after an edit to {page.stem}": edited}


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.book", description=__doc__.splitlines()[0])
    parser.add_argument("--builds", action="store_true", help="also time builds (removes book/_build first)")
    if parser.parse_args().builds:
        for what, seconds in builds().items():
            print(f"{seconds:7.1f} s  build {what}")
    if not (BOOK / "index.html").exists():
        sys.exit("the book is not built: run make book first")
    print(f"{'page':60}{'text KB':>9}{'figures KB':>12}{'foreign':>9}")
    for name, text, figures, foreign in weights():
        print(f"{name:60}{text / 1000:9.1f}{figures / 1000:12.1f}{len(foreign):9d}")


if __name__ == "__main__":
    main()
