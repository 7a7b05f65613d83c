"""`python -m dlbook.build`: a build that failed or was interrupted is never taken for finished."""

import pytest
import yaml

from dlbook import build


@pytest.fixture
def sphinx(tmp_path, monkeypatch):
    """A stand-in for Jupyter Book in a scratch folder: it writes a page, then does what the test tells it to."""

    def fake(root, html, **settings):
        fake.found_old_pages = html.exists()
        html.mkdir(parents=True, exist_ok=True)
        (html / "index.html").write_text("page")
        if isinstance(fake.result, BaseException):
            raise fake.result
        return fake.result

    fake.result = 0
    monkeypatch.setattr(build, "BUILD", tmp_path / "_build")
    monkeypatch.setattr(build, "install_theme_packages", lambda: None)
    monkeypatch.setattr("jupyter_book.sphinx.build_sphinx", fake)
    return fake


def test_a_finished_build_is_continued(sphinx):
    assert build.build() and build.build()
    assert sphinx.found_old_pages


@pytest.mark.parametrize("result", [1, ValueError("an extension failed")])
def test_a_failed_build_is_not(sphinx, result):
    build.build()
    sphinx.result = result
    if isinstance(result, Exception):
        with pytest.raises(ValueError, match="an extension failed"):
            build.build()
    else:
        assert not build.build()
    sphinx.result = 0
    assert build.build()
    assert not sphinx.found_old_pages


def test_an_interrupted_build_is_not(sphinx):
    sphinx.result = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        build.build()
    sphinx.result = 0
    assert build.build()
    assert not sphinx.found_old_pages


def test_other_machinery_starts_afresh_and_keeps_what_ran(sphinx, monkeypatch):
    build.build()
    ran = build.BUILD / "executed" / "page.json"
    ran.parent.mkdir()
    ran.write_text("{}")
    monkeypatch.setattr(build, "machinery", lambda: "another version")
    assert build.build()
    assert not sphinx.found_old_pages and ran.exists()


def test_the_command_says_where_the_book_is(sphinx, capsys):
    assert build.main([]) == 0
    assert "html/index.html" in capsys.readouterr().out
    sphinx.result = 1
    assert build.main([]) == 1
    assert "was not built" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["1.2", "chapters/1_neurons/2_from_the_cell_to_the_unit",
                                  "chapters/1_neurons/2_from_the_cell_to_the_unit.ipynb"])  # fmt: skip
def test_a_page_is_known_by_its_number_and_by_its_path(name):
    assert build.page_named(name) == "chapters/1_neurons/2_from_the_cell_to_the_unit"


@pytest.mark.parametrize("name", ["9.9", "1", "1.", "chapters/1_neurons"])
def test_what_is_no_page_is_refused_with_an_example(name):
    with pytest.raises(SystemExit, match=r"is no page of book/_toc.yml. Say its number \(3.1\) or its path \(book/"):
        build.page_named(name)


def test_a_page_alone_has_a_folder_of_its_own_and_what_it_leans_on(sphinx, capsys):
    build.build()
    assert build.main(["--page", "1.2"]) == 0
    assert "_build/page/chapters/1_neurons/2_from_the_cell_to_the_unit.html" in capsys.readouterr().out
    toc = yaml.safe_load((build.BUILD / "page_toc.yml").read_text(encoding="utf-8"))
    files = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    leans_on = ["book/record", "book/glossary", "book/bibliography"]
    assert files == ["chapters/1_neurons/2_from_the_cell_to_the_unit", *leans_on]
    assert (build.BUILD / "finished_html").exists() and (build.BUILD / "finished_page").exists()


def test_another_page_alone_starts_afresh(sphinx):
    build.build(page="a")
    build.build(page="a")
    assert sphinx.found_old_pages
    build.build(page="b")
    assert not sphinx.found_old_pages
