"""The still drawings of the pages: they can be made, speak only in the book's colours, and are told in words."""

import ast
import importlib
import inspect
import json
import re
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import Patch

from dlbook.page import steps
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
STEPPING = [
    drawing
    for module in MODULES
    for drawing in vars(module).values()
    if isinstance(drawing, steps.Stepping) and drawing.__module__ == module.__name__
]


def dashes_without_width(fig):
    """Areas with no outline, which is dashed by the cycle of styles: matplotlib 3.10 refuses to draw them."""
    return [one for one in fig.findobj(Patch) if one.get_linewidth() == 0 and one.get_linestyle() not in ("solid", "-")]


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda draw: draw.__name__)
def test_a_drawing_uses_the_palette_only(draw):
    plt.switch_backend("Agg")
    fig = draw()
    assert dashes_without_width(fig) == []
    svg = svg_of(fig, "A drawing that is looked at by a test only.")
    plt.close("all")
    assert re.findall(r"#[0-9a-f]{6}\b", re.sub(r"var\(--dl-\w+, #[0-9a-f]{6}\)", "", svg)) == []
    assert svg.count("<text") >= 2


@pytest.mark.parametrize("drawing", STEPPING, ids=lambda drawing: drawing.name)
def test_a_stepping_drawing_uses_the_palette_only_and_every_step_differs(drawing, monkeypatch):
    plt.switch_backend("Agg")
    bundles = []
    monkeypatch.setattr(steps, "publish", bundles.append)
    drawing.show(alt="A drawing that is looked at by a test only.")  # refuses what jumps and what is too heavy
    pictures = re.findall(r"<svg.*?</svg>", bundles[0]["text/html"], re.DOTALL)
    assert len(pictures) == len(drawing)
    assert [dashes_without_width(drawing(step)) for step in range(1, len(drawing) + 1)] == [[]] * len(drawing)
    plt.close("all")
    bare = [re.sub(r'aria-label="[^"]*"|f[0-9a-f]{8}-', "", svg) for svg in pictures]  # ids begin with a hash
    assert len(set(bare)) == len(bare)
    for svg in pictures:
        assert re.findall(r"#[0-9a-f]{6}\b", re.sub(r"var\(--dl-\w+, #[0-9a-f]{6}\)", "", svg)) == []
        assert svg.count("<text") >= 2


def shown_as(call):
    """The alternative texts with which pages show a drawing."""
    found = []
    for page in CHAPTERS.glob("*/*.ipynb"):
        for cell in json.loads(page.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and f"{call}(" in source:
                calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
                found += [k.value.value for node in calls for k in node.keywords if k.arg == "alt"]
    return found


@pytest.mark.parametrize("call", [*(d.__name__ for d in DRAWINGS), *(f"{d.name}.show" for d in STEPPING)])
def test_a_drawing_stands_on_a_page_with_its_alternative_text(call):
    texts = shown_as(call)
    assert texts, f"no page calls {call}"
    assert all(len(text.split()) >= 12 for text in texts)
