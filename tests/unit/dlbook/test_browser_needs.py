"""What a cell needs, found by reading it; and whose names it takes."""

import ast
import doctest

import pytest

from dlbook.browser import needs as reading
from dlbook.browser.needs import PACKS, bound, imported, imports_without_torch, needs, origins, used
from dlbook.modules import ROOT

ROOMS = sorted((ROOT / "dlbook" / "pages").rglob("*.py"))


def test_examples_hold():
    assert doctest.testmod(reading).failed == 0


@pytest.mark.parametrize(
    ("source", "packs"),
    [
        ("import numpy as np", set()),
        ("import matplotlib.pyplot as plt", {"matplotlib"}),
        ("from dlcore import viz", {"matplotlib"}),
        ("import dlcore\ndlcore.viz.panels(2)", {"matplotlib"}),
        ("from sklearn.datasets import load_digits", set()),
        ("from sklearn.svm import SVC", {"scikit-learn"}),
        ("import scipy.stats", {"scikit-learn"}),
        ("import contourpy", {"matplotlib"}),
        ("import torch.nn.functional as F", {"torch"}),
        ("from dlcore import reference", {"torch"}),
        ("def later():\n    import torch", {"torch"}),
        ("import dlcore\nfrom dlcore import nn, optim, data", set()),
        ("from dlbook.pages.backprop.loss.exercises import check", set()),
        ("from dlbook.pages.backprop.loss.drawings import from_scores", {"matplotlib"}),
        ("from dlcore import data\ndata.photograph('china')", {"matplotlib", "scikit-learn"}),
        ("from dlbook.pages.architectures.convolution import experiment", {"matplotlib", "scikit-learn"}),
        ("for", set()),
    ],
)
def test_packs_are_found_by_what_is_imported_directly_or_by_our_own_modules(source, packs):
    assert needs(source) == packs


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_room_imports_at_its_top_what_a_page_must_load(path):
    """What a function imports when it is called is not seen by who reads a cell: it would be missing in the page."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = [node for function in functions_of(tree) for node in ast.walk(function)]
    late = [name for name in imported(inside) if name.split(".")[0] in PACKS and name != "sklearn.datasets"]
    assert late == [], "put what needs them into a file of its own, which imports them at its top"


def functions_of(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("y = x + 1", {"x"}),
        ("x = 1\ny = x", set()),
        ("x = x + 1", {"x"}),
        ("x += 1", {"x"}),
        ("[a for a in b]", {"b"}),
        ("def f(a):\n    return a + c", {"c"}),
        ("for i in rows:\n    total = i\nmore = i", {"rows"}),
        ("with opened as file:\n    file.read(size)", {"opened", "size"}),
        ("try:\n    here\nexcept E:\n    there\nfinally:\n    z", {"here", "there", "z"}),
        ("if a:\n    b = 1\nelse:\n    b = c\nb", {"a", "c"}),
        ("broken(", set()),
    ],
)
def test_names_that_a_cell_takes_from_those_before_it(source, names):
    assert used(source) == names


def test_names_that_a_cell_gives():
    assert bound("import numpy as np\nfrom a import b as c\ndef f(): inner = 1\nclass K: pass\nx, (y, *z) = v") == {
        "np", "c", "f", "K", "x", "y", "z"
    }  # fmt: skip


def test_a_cell_comes_from_the_last_that_made_its_names_and_from_what_those_took():
    before = ["a = 1", "b = a", "a = 2", "c = 3"]
    assert origins("print(b, c)", before)["cells"] == [0, 1, 3]
    assert origins("print(a)", before)["cells"] == [2]
    assert origins("print(nothing)", before) == {"imports": "", "cells": []}


def test_a_name_that_was_only_imported_costs_its_import():
    before = ["import numpy as np\nimport torch\nfrom sklearn.svm import SVC, NuSVC as nu\nx = 1", "import os.path"]
    assert origins("np.ones(2)", before) == {"imports": "import numpy as np", "cells": []}
    assert origins("nu(os)", before)["imports"].splitlines() == [
        "from sklearn.svm import NuSVC as nu",
        "import os.path",
    ]
    assert origins("x", before) == {"imports": "", "cells": [0]}
    assert origins("np.ones(x)", before)["cells"] == [0]  # it brings np too


def test_a_name_that_is_given_another_meaning_after_its_import_is_not_only_imported():
    assert origins("np", ["import numpy as np\nnp = 3"])["cells"] == [0]


def test_of_a_cell_that_needs_pytorch_the_other_imports_remain():
    source = "import torch\nimport numpy as np\nfrom dlcore import nn\nx = torch.ones(2)"
    assert imports_without_torch(source).splitlines() == ["import numpy as np", "from dlcore import nn"]
