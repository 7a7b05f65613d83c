"""`python -m benchmarks.page_python`: every code cell of the built book, run in the page by its button.

One line a page: how many cells there are, how many ran, how many of these showed the very text of the book, how many
need PyTorch, their seconds in the page and where the book was built, and the memory of Python at the end; then what did
not run, and why. `--browser firefox` takes Firefox, `--disk` opens the pages from the disk.
"""

import argparse
import functools
import json
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
BOOK = ROOT / "book" / "_build" / "html"
PATIENCE = 600  # seconds for one cell
ABOUT = "JSON.parse(document.getElementById('dl-cells').textContent).cells.filter((cell) => !cell.source)"
#: press "Run" of one cell and wait until something final is said beside it
PRESS = """
const bar = document.getElementById(`run-${id}`), cell = bar.closest(".cell");
for (let fold = bar.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
bar.querySelector("button[data-what=run]").click();
const began = performance.now(), final = /Ran in|PyTorch|error|ended|Stopped/;
const look = () => {
  const said = bar.querySelector(".dl-run-status")?.textContent ?? "";
  if (!final.test(said)) return setTimeout(look, 20);
  const lines = cell.querySelector(".dl-own .traceback")?.innerText.trim().split("\\n") ?? [];
  const texts = (which) => [...cell.querySelectorAll(`.cell_output${which} :is(pre, .dl-box)`)]
    .flatMap((place) => place.textContent.split(/\\s+/).filter(Boolean)).join(" ");
  const shown = { own: texts(".dl-own"), book: texts(":not(.dl-own)") };
  done({ said, seconds: (performance.now() - began) / 1000, error: lines.at(-1) ?? "", ...shown });
};
look();
"""
MEMORY = "dlPython.alive ? dlPython.memory().then(done) : done(0)"


@contextmanager
def chromium():
    """A function that opens an address and returns (run a script that calls `done`, close)."""
    from playwright.sync_api import sync_playwright

    from conftest import launch

    with sync_playwright() as playwright:
        browser = launch(playwright)

        def ask(page, script, **known):
            call = f"({{{', '.join(known)}}}) => new Promise((done) => {{ {script} }})"
            return page.evaluate(call, known)

        def opened(url):
            page = browser.new_page()
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(url)
            return functools.partial(ask, page), page.close

        yield opened
        browser.close()


@contextmanager
def firefox():
    """The same with Firefox."""
    from fox import installed, started

    with started(installed() or sys.exit("no Firefox here")) as driver:
        driver.timeout.script = PATIENCE

        def ask(script, **known):
            call = f"const [{{{', '.join(known)}}}, done] = arguments; {script}"
            return driver.execute_async_script(call, [known], new_sandbox=False, sandbox=None)

        def opened(url):
            driver.navigate(url)
            return ask, lambda: None

        yield opened


def cells_of(opened, url):
    """What became of each cell of a page, and Python's megabytes at its end."""
    ask, close = opened(url)
    about = ask(f"done({ABOUT})")
    found = [{**cell, "seconds_built": cell["seconds"], **ask(PRESS, id=cell["id"])} for cell in about]
    memory = ask(MEMORY) / 1e6
    close()
    return found, memory


def outcome(cell):
    """In one word what became of a cell."""
    if "Ran in" in cell["said"]:
        return "ran"
    return "torch" if "PyTorch" in cell["said"] else "not"


def row(name, cells, memory):
    """One line of the table, and why cells did not run."""
    ran = [cell for cell in cells if outcome(cell) == "ran"]
    torch = sum(outcome(cell) == "torch" for cell in cells)
    there, here = sum(cell["seconds_built"] for cell in ran), sum(cell["seconds"] for cell in ran)
    same = sum(cell["own"] == cell["book"] for cell in ran)
    print(
        f"| {name} | {len(cells)} | {len(ran)} | {same} | {torch} | {here:.0f} | {there:.0f} | {memory:.0f} |",
        flush=True,
    )
    return [f"{name} {c['id']}: {c['said']} {c['error']}" for c in cells if outcome(c) == "not"]


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_python", description=__doc__)
    parser.add_argument("--browser", choices=("chromium", "firefox"), default="chromium")
    parser.add_argument("--disk", action="store_true", help="from file://, without a server")
    parser.add_argument("--json", metavar="FILE", help="write everything measured there")
    parser.add_argument("pages", nargs="*", help="parts of names of pages; all unless named")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT / "tests" / "browser"))
    from live_site import serve

    names = [p.relative_to(BOOK).as_posix() for p in sorted((BOOK / "chapters").rglob("*.html"))]
    names = [name for name in names if not given.pages or any(part in name for part in given.pages)]
    print("| page | cells | ran | same text | need PyTorch | seconds | where built | MB |", "|---" * 8 + "|", sep="\n")
    why, everything = [], {}
    with {"chromium": chromium, "firefox": firefox}[given.browser]() as opened, serve(BOOK) as site:
        for name in names:
            url = (BOOK / name).as_uri() if given.disk else f"{site}/{name}"
            cells, memory = cells_of(opened, url)
            why += row(name.removeprefix("chapters/").removesuffix(".html"), cells, memory)
            everything[name] = {"cells": cells, "memory": memory}
    print("\n".join(["", *why]))
    if given.json:
        Path(given.json).write_text(json.dumps(everything, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
