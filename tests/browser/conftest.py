"""The built book in a real browser: one Chromium and one server for all tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from live_site import serve
from look import BOOK, PAGES, address, opened, without
from page_python import bring_tests, start
from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
USUAL_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync",
         "--disable-component-update"]  # fmt: skip


def installed_browser():
    """Path of a Chromium or Chrome on this machine, or None."""
    found = [path for name in NAMES if (path := shutil.which(name))]
    return next(iter([*found, *(place for place in USUAL_PLACES if Path(place).exists())]), None)


def launch(playwright):
    """Start the machine's browser; where there is none, install Playwright's.

    Raises:
        Error: when neither is to be had.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    options = {"args": [*QUIET, *(["--no-sandbox"] if root else [])], "executable_path": installed_browser()}
    if options["executable_path"] is None:
        try:
            return playwright.chromium.launch(**options)  # installed by Playwright earlier
        except Error:
            subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return playwright.chromium.launch(**options)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium. Where none can be found or installed: a failure under CI, elsewhere a loud skip."""
    with sync_playwright() as playwright:
        try:
            started = launch(playwright)
        except Error as error:
            without(f"NO BROWSER: the built book was NOT checked. Install Chromium or Chrome. ({error})")
        yield started
        started.close()


@pytest.fixture(scope="session")
def book_html():
    """The folder of the built book."""
    if not (BOOK / "index.html").exists():
        pytest.fail("the book is not built: run `make book` (or python -m dlbook.build) first")
    return BOOK


@pytest.fixture(scope="session")
def pages(book_html):
    """Every page of the book, as a path below the book's folder."""
    return PAGES


@pytest.fixture(scope="session")
def site(book_html):
    """The address at which the built book is served."""
    with serve(book_html) as address:
        yield address


@pytest.fixture(scope="session")
def python_there(browser, site):
    """A page with Python in it that has the project's tests, and pytest: started once for all that run there."""
    page = opened(browser, address(site, "chapters/3_backprop/1_loss.html"))
    page.set_default_timeout(300_000)
    start(page)
    bring_tests(page)
    yield page
    page.context.close()
