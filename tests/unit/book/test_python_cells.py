"""What the build tells a page of its cells: what they need, and which run before them."""

import nbformat.v4 as nb
import pytest
from sphinx.errors import ExtensionError

from dlbook.browser import packs, parts
from dlbook.sphinx import python
from dlbook.sphinx.python import described


def cell(source, *tags, **more):
    return nb.new_code_cell(source, metadata={"tags": list(tags), **more})


def kinds(*cells):
    return [one["kind"] for one in described(list(cells))]


def test_the_set_up_cell_and_texts_are_no_cells_of_the_page():
    made = [nb.new_markdown_cell("text"), cell("install()", "setup"), cell("x = 1")]
    assert [one["id"] for one in described(made)] == [made[2].id]


def test_exercises_and_what_only_shows_are_told_from_what_runs():
    assert kinds(cell("x = 1"), cell("draw(x)", "hide-input"), cell("check(x)", "exercise")) == [
        "runs", "shows", "exercise"
    ]  # fmt: skip


def test_what_shows_runs_too_where_a_later_cell_takes_its_names():
    assert kinds(cell("y = 1", "verdict"), cell("z = y")) == ["runs", "runs"]
    assert kinds(cell("y = 1", "verdict"), cell("print(y)", "verdict")) == ["shows", "shows"]
    assert kinds(cell("import math\nmath.pi", "hide-input"), cell("z = math.e")) == ["shows", "runs"]
    assert kinds(cell("y = 1", "verdict"), cell("z = y", "verdict"), cell("z")) == ["runs", "runs", "runs"]


def test_names_that_pytorch_made_need_it_until_they_are_made_anew():
    found = described([cell("import torch\nx = torch.ones(2)"), cell("x + 1"), cell("x = 3"), cell("x + 1")])
    assert [one["needs"] for one in found] == [["torch"], ["torch"], [], []]


def test_an_import_beside_pytorch_is_not_pytorchs():
    assert described([cell("import torch\nimport numpy as np"), cell("np.ones(2)")])[1]["needs"] == []


def test_a_cell_comes_from_imports_and_cells():
    found = described([cell("import numpy as np"), cell("x = 1"), cell("check(np, x)", "exercise")])
    assert found[2]["from"] == {"imports": "import numpy as np", "cells": [1]}


def test_the_page_gets_the_text_only_of_cells_that_it_does_not_hold():
    found = described([cell("x = 1", seconds=2.5), cell("figure", "remove-input")])
    assert [one.get("source") for one in found] == [None, "figure"]
    assert [one["seconds"] for one in found] == [2.5, 0]


class App:
    outdir = "nowhere"


@pytest.mark.parametrize("ci", [True, False])
def test_where_python_cannot_be_had_the_build_says_so_and_fails_under_ci(ci, monkeypatch, capsys):
    def missing(folder):
        raise parts.PartsError("no way to numpy")

    monkeypatch.setattr(packs, "write", missing)
    monkeypatch.setenv("CI", "true") if ci else monkeypatch.delenv("CI", raising=False)
    if ci:
        with pytest.raises(ExtensionError, match="no way to numpy"):
            python.available(App)
    else:
        assert python.available(App) is None
        assert "NO PYTHON IN THE PAGE" in capsys.readouterr().out


def test_of_a_cell_that_runs_only_what_does_not_run_before_it_is_told():
    shown = cell("import math\nmath.pi", "hide-input")
    first, second, third = described([cell("import numpy as np\nx = 1"), shown, cell("np.ones(x) * math.e")])
    assert third["from"] == {"imports": "import math", "cells": []}
