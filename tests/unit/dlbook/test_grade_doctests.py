"""The examples in the docstrings of dlbook.grade are true."""

import doctest
import importlib
from pathlib import Path

import pytest

import dlbook.grade

MODULES = sorted(path.stem for path in Path(dlbook.grade.__file__).parent.glob("*.py") if not path.stem.startswith("_"))
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(f"dlbook.grade.{name}")
    assert doctest.testmod(module, optionflags=OPTIONS).failed == 0
