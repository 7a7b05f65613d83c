"""A page's notebook, as tests read it."""

import json
from pathlib import Path

CHAPTERS = Path(__file__).parents[2] / "chapters"


def cells_of(name):
    """The cells of a notebook below chapters, such as "3_backprop/1_loss"."""
    return json.loads((CHAPTERS / f"{name}.ipynb").read_text("utf-8"))["cells"]


def text_of(name):
    """Everything that stands in its cells."""
    return " ".join("".join(cell["source"]) for cell in cells_of(name))
