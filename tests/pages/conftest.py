"""What the tests of the pages share lies in this folder: `exercise_tests`.

All tests of a page belong to one group, which one worker runs (`--dist loadgroup`): what its room computes, it keeps,
and a network of a page is trained once for its own tests, its figures, its drawings and its exercises.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from dlbook.pages.find import all_figures, find


@cache
def rooms_of_figures():
    """The page of each figure by the figure's name; only asked for where many pages are tested, never inside a page."""
    return {name: find(name).module.split(".")[-2] for name in all_figures()}


def named_by(value):
    """The name of the page that a parameter belongs to: a notebook, a figure, a room, or what stands there."""
    if isinstance(value, Path):
        return re.sub(r"^\d+_", "", value.stem)
    place = value if isinstance(value, str) else getattr(value, "__module__", "")
    return place.split(".")[3] if place.startswith("dlbook.pages.") else rooms_of_figures().get(place)


def page_of(item):
    """The name of the page that a test is about, without its number, or None."""
    if item.path.parent.name != "pages":
        return item.path.stem.removeprefix("test_")
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return next(filter(None, map(named_by, values)), None)


def pytest_collection_modifyitems(config, items):
    if not config.pluginmanager.hasplugin("xdist"):  # inside a page there is one worker
        return
    for item in items:
        if Path(__file__).parent in item.path.parents and (page := page_of(item)):
            item.add_marker(pytest.mark.xdist_group(page))
