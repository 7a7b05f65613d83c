"""What a page depends on, and the set-up cell, and the repository's address."""

import re
import subprocess
from pathlib import Path

import nbformat
import pytest
import yaml

from dlbook.page.guesses import page_name
from dlbook.sphinx import setup_cell
from dlbook.sphinx.repository import repository
from dlbook.sphinx.sources import ROOT, dependencies, fingerprint


def names(text):
    return {path.relative_to(ROOT).as_posix() for path in dependencies(text)}


def test_dependencies_follow_imports_through_modules():
    found = names("from dlbook.page import verdict")
    assert {"dlbook/__init__.py", "dlbook/page/__init__.py", "dlbook/page/verdicts.py", "dlbook/page/show.py"} <= found
    assert "dlbook/claims.toml" not in found, "of what is the whole book's, a page's own entries count"
    assert not any(name.startswith("dlbook/grade") for name in found)


def test_data_files_count_with_their_module():
    assert [name for name in names("from dlbook.live import live") if name.endswith(".js")]


@pytest.mark.parametrize("page", sorted(ROOT.glob("chapters/*/*.ipynb")), ids=lambda page: page.stem)
def test_a_page_depends_on_every_file_of_its_room(page):
    code = "\n".join(cell.source for cell in nbformat.read(page, 4).cells if cell.cell_type == "code")
    room = page_name(page.relative_to(ROOT).with_suffix("").as_posix())
    files = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(f"dlbook/pages/{room}/*.py")}
    assert f"dlbook/pages/{room}/exercises.py" in files
    assert files <= names(code)


def test_an_import_inside_a_function_counts():
    assert "dlbook/page/verdicts.py" in names("def f():\n    import dlbook.page.verdicts")


def test_a_bare_import_of_the_package_depends_on_all_of_it():
    every = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dlcore").rglob("*.py")}
    assert every <= names("import dlcore")


def test_foreign_imports_depend_on_nothing():
    assert names("import numpy as np\nfrom matplotlib import pyplot") == set()


def test_the_fingerprint_follows_the_text_and_the_extras():
    base = fingerprint("x = 1")
    assert base == fingerprint("x = 1")
    assert base not in (fingerprint("x = 2"), fingerprint("x = 1", extra=["3.12"]))


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("https://github.com/someone/deep.book.git", "someone/deep.book"),
        ("https://github.com/someone/book", "someone/book"),
        ("git@github.com:some-one/book.git", "some-one/book"),
        ("ssh://git@github.com/someone/book.git", "someone/book"),
        ("https://gitlab.com/someone/book", None),
        ("somewhere/on/disk", None),
    ],
)
def test_the_repository_is_read_from_its_address(address, known):
    assert repository(address) == known


def test_the_git_remote_is_asked_when_there_is_no_setting(monkeypatch):
    def answer(call, **kwargs):
        asks_where = "rev-parse" in call  # the checkout is the book's own
        return subprocess.CompletedProcess(call, 0, stdout=f"{ROOT}\n" if asks_where else "git@github.com:a/b.git\n")

    monkeypatch.setattr(subprocess, "run", answer)
    assert repository("") == "a/b"


@pytest.mark.parametrize("error", [FileNotFoundError("git"), subprocess.CalledProcessError(2, "git")])
def test_without_git_or_remote_the_repository_is_unknown(monkeypatch, error):
    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(subprocess, "run", fail)
    assert repository("") is None


def with_settings(folder, **settings):
    (folder / "_config.yml").write_text(yaml.safe_dump({"sphinx": {"config": settings}}))
    return setup_cell.setup_text(folder)


def test_the_setup_cell_installs_our_distribution_from_the_repository(tmp_path):
    text = with_settings(tmp_path, dlbook_repository="https://github.com/a/b", dlbook_branch="stable")
    assert '%pip install --quiet "deep-learning-demystified @ git+https://github.com/a/b@stable"' in text
    assert "install dlcore" not in text.replace("--quiet ", "")


def test_without_a_repository_the_setup_cell_says_what_to_do_in_colab_and_is_silent_elsewhere(
    tmp_path, monkeypatch, capsys
):
    text = with_settings(tmp_path, dlbook_repository="")
    exec(compile(text, "setup", "exec"), {})
    assert capsys.readouterr().out == ""
    monkeypatch.setitem(__import__("sys").modules, "google.colab", object())
    exec(compile(text, "setup", "exec"), {})
    assert re.search(r"Put the book's folder into Colab.*%pip install --quiet /content/", capsys.readouterr().out, re.S)
    assert "Error" not in text


def test_the_setup_cell_is_written_first_and_once(tmp_path):
    path = tmp_path / "page.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# Title", id="t"), nbformat.v4.new_code_cell("1 + 1", id="c")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    text = setup_cell.setup_text()
    assert setup_cell.problem(nbformat.read(path, 4), text) == "its first code cell is not tagged 'setup'"
    for _ in range(2):
        setup_cell.write(path, text)
        made = nbformat.read(path, 4)
        assert setup_cell.problem(made, text) is None
        assert [cell.id for cell in made.cells] == ["t", "setup", "c"]
    made.cells[1].source += "\n"
    assert setup_cell.problem(made, text) == "its set-up cell differs from the generated one"


NOTEBOOKS = [pytest.param(path, id=path.relative_to(ROOT).as_posix()) for path in setup_cell.notebooks()]


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_every_notebook_is_stripped_and_begins_with_the_setup_cell(path):
    notebook = nbformat.read(path, 4)
    assert setup_cell.problem(notebook, setup_cell.setup_text()) is None, "run: python -m dlbook.sphinx.setup_cell"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None, f"strip it: nbstripout {path}"


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_no_notebook_installs_dlcore_from_an_index(path):
    installs = [line for line in Path(path).read_text(encoding="utf-8").splitlines() if "pip install" in line]
    ours = "deep-learning-demystified @ git+", "--quiet /content/"  # our repository, or a folder of the reader's
    assert all(any(source in line for source in ours) for line in installs)
    assert not any("dlcore" in line for line in installs)
