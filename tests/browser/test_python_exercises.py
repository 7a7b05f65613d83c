"""Every exercise is answered in the page: by its own solution, and by the right and wrong ones of its tests."""

import ast
import importlib.util
import sys

import pytest
from look import ROOT, address
from page_python import pytest_there, run
from reader import Reader

from dlbook.browser.needs import needs
from dlbook.pages.find import rooms

sys.path.insert(0, str(ROOT / "tests" / "pages"))
spec = importlib.util.spec_from_file_location("every_exercise", ROOT / "tests" / "pages" / "test_every_exercise.py")
every = importlib.util.module_from_spec(spec)
spec.loader.exec_module(every)

PAGES = [page for page in every.PAGES if every.pairs(page)]
FIRST = {"matplotlib": "import matplotlib.pyplot", "scikit-learn": "import sklearn.svm"}  # brings the pack
NAMES = [page.relative_to(ROOT).with_suffix(".html").as_posix() for page in PAGES]


@pytest.fixture(params=zip(PAGES, NAMES, strict=True), ids=NAMES)
def reading(request, browser, site):
    """A page with exercises: its notebook, and a reader of it."""
    page, name = request.param
    reader = Reader.of(browser, address(site, name))
    yield page, reader
    reader.close()


def test_the_solution_of_every_exercise_passes_where_it_is_read(reading):
    page, reader = reading
    cells = every.cells(page)
    failed = {}
    for name, answer, number, code in every.pairs(page):
        cell, source = cells[number][1:]
        imports = "\n".join(
            ast.unparse(n) for n in ast.parse(source).body if isinstance(n, ast.Import | ast.ImportFrom)
        )
        reader.type(cell, f"{imports}\n{code}\ncheck({name!r}, {answer})")
        reader.run(cell)
        if "Right." not in reader.output(cell):
            failed[name] = reader.status(cell), reader.output(cell)[-600:]
    assert failed == {}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_right_and_wrong_answers_are_told_apart_in_the_page(python_there, page):
    part, name = every.room_of(page).split(".")[-2:]
    own = f"tests/pages/{part}/test_{name}.py"
    found = pytest_there(
        python_there,
        own,
        "-k",
        "right_answers_pass or usual_mistakes_are_named or nothing_written",
        first="\n".join(FIRST[pack] for pack in needs((ROOT / own).read_text("utf-8")) if pack in FIRST),
    )
    assert found["texts"] == []
    assert set(found["outcomes"]) <= {"passed", "torch"}
    assert found["outcomes"]["passed"] >= 12


def test_the_rooms_of_all_pages_load_in_the_page(python_there):
    kinds = ("experiment", "exercises", "figures", "drawings")
    answer = run(python_there, "\n".join(f"import {room}" for kind in kinds for room in rooms(kind)))
    assert answer.get("ok"), answer
