"""The still drawings of the pages: they can be made, speak only in the book's colours, and are told in words."""

import ast
import importlib
import inspect
import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from dlbook.page.stills import svg_of
from dlbook.pages.find import rooms

CHAPTERS = Path(__file__).parents[2] / "chapters"
MODULES = [importlib.import_module(name) for name in rooms("drawings")]
DRAWINGS = [
    function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if not name.startswith("_") and function.__module__ == module.__name__
]


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda draw: draw.__name__)
def test_a_drawing_uses_the_palette_only(draw):
    plt.switch_backend("Agg")
    svg = svg_of(draw(), "A drawing that is looked at by a test only.")
    plt.close("all")
    assert re.findall(r"#[0-9a-f]{6}\b", re.sub(r"var\(--dl-\w+, #[0-9a-f]{6}\)", "", svg)) == []
    assert svg.count("<text") >= 2


def shown_as(name):
    """The alternative texts with which pages show a drawing."""
    found = []
    for page in CHAPTERS.glob("*/*.ipynb"):
        for cell in json.loads(page.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and f"{name}(" in source:
                calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
                found += [k.value.value for call in calls for k in call.keywords if k.arg == "alt"]
    return found


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda draw: draw.__name__)
def test_a_drawing_stands_on_a_page_with_its_alternative_text(draw):
    texts = shown_as(draw.__name__)
    assert texts, f"no page shows {draw.__name__}"
    assert all(len(text.split()) >= 12 for text in texts)
