"""The still drawings of the pages: they can be made, and speak only in the book's colours."""

import importlib
import inspect
import pkgutil
import re

import matplotlib.pyplot as plt
import pytest

import dlbook.drawings
from dlbook.page import steps
from dlbook.page.stills import svg_of

MODULES = [importlib.import_module(f"dlbook.drawings.{m.name}") for m in pkgutil.iter_modules(dlbook.drawings.__path__)]
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


@pytest.mark.parametrize("drawing", STEPPING, ids=lambda drawing: drawing.name)
def test_a_stepping_drawing_uses_the_palette_only_and_every_step_differs(drawing, monkeypatch):
    plt.switch_backend("Agg")
    bundles = []
    monkeypatch.setattr(steps, "publish", bundles.append)
    drawing.show(alt="A drawing that is looked at by a test only.")  # refuses what jumps and what is too heavy
    pictures = re.findall(r"<svg.*?</svg>", bundles[0]["text/html"], re.DOTALL)
    assert len(pictures) == len(drawing)
    bare = [re.sub(r'aria-label="[^"]*"|f[0-9a-f]{8}-', "", svg) for svg in pictures]  # ids begin with a hash
    assert len(set(bare)) == len(bare)
    for svg in pictures:
        assert re.findall(r"#[0-9a-f]{6}\b", re.sub(r"var\(--dl-\w+, #[0-9a-f]{6}\)", "", svg)) == []
        assert svg.count("<text") >= 2


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda draw: draw.__name__)
def test_a_drawing_uses_the_palette_only(draw):
    plt.switch_backend("Agg")
    svg = svg_of(draw(), "A drawing that is looked at by a test only.")
    plt.close("all")
    assert re.findall(r"#[0-9a-f]{6}\b", re.sub(r"var\(--dl-\w+, #[0-9a-f]{6}\)", "", svg)) == []
    assert svg.count("<text") >= 2


def test_cell_and_unit_names_all_parts():
    plt.switch_backend("Agg")
    [draw] = [d for d in DRAWINGS if d.__name__ == "cell_and_unit"]
    words = set(re.findall(r"<text[^>]*>([^<]+)<", svg_of(draw(), "A drawing that is looked at by a test only.")))
    plt.close("all")
    parts = {"synapses", "dendrites", "soma", "threshold", "axon", "inputs", "weights", "sum z", "bias b", "answer a"}
    assert parts <= words
