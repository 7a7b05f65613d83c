"""The look of the book without a browser: colours, fonts, assets, the list of contents and the map."""

import re

import pytest

from dlbook.sphinx import assets, bookmap, chrome, fonts
from dlbook.sphinx.sources import ROOT
from dlcore.palette import DARK, LIGHT

TEMPLATES = ROOT / "book" / "theme" / "templates"
OWN = "".join((ROOT / "book" / "theme" / "css" / f"{name}.css").read_text(encoding="utf-8") for name in assets.STYLES)


def test_every_colour_of_the_palette_is_a_variable_in_both_themes():
    css = assets.palette_css()
    for name in LIGHT:
        assert css.count(f"--dl-{name}: {LIGHT[name]};") == 1
        assert css.count(f"--dl-{name}: {DARK[name]};") == 2  # by choice, and by the system's preference


def test_no_colour_of_the_palette_is_typed_a_second_time():
    layout = (TEMPLATES / "layout.html").read_text(encoding="utf-8")
    assert not re.findall(r"(?:#|%23)[0-9a-f]{6}\b", (OWN + layout).lower())


def test_every_style_sheet_is_in_the_one_that_pages_load():
    by_scripts = {"playground", "editor"}  # on its page, with the first press of "Run"
    assert {path.stem for path in (ROOT / "book" / "theme" / "css").glob("*.css")} == {*assets.STYLES, *by_scripts}


def test_every_variable_that_is_used_is_defined():
    by_themselves = {"--dl-box", "--dl-wide"}  # a box, a figure
    defined = set(re.findall(r"(--[\w-]+):", assets.palette_css() + OWN)) | by_themselves
    assert set(re.findall(r"var\((--[\w-]+)", OWN)) <= defined


@pytest.mark.parametrize("text", ["_static/togglebutton.js", "https://cdn.example.org/npm/katex/katex.min.css"])
def test_what_a_page_does_not_need_is_taken_off(text):
    assert not assets.needed(text)


def test_what_a_page_needs_stays():
    assert assets.needed("_static/live/player.js")
    assert assets.needed("_static/sphinx-design.min.css")


def test_inline_scripts_are_known_by_their_text():
    class Inline:
        filename = ""
        attributes = {"body": "const THEBE_JS_URL = 1"}

    assert not assets.needed(Inline())


@pytest.mark.parametrize(
    ("ranges", "codes"), [("U+41", {0x41}), ("U+41-43, U+5A", {0x41, 0x42, 0x43, 0x5A}), ("U+3B1-3B2", {0x3B1, 0x3B2})]
)
def test_unicode_ranges_are_read(ranges, codes):
    assert fonts.codepoints(ranges) == codes


@pytest.mark.skipif(not fonts.PACKAGES.exists(), reason="book/theme: npm ci has not run")
def test_cut_fonts_are_smaller_and_keep_their_characters(tmp_path):
    from fontTools.ttLib import TTFont

    face = next(face for face in fonts.FACES if face.package == "jetbrains-mono")
    name = fonts.cut(face.file, "U+20-7E", (), tmp_path)
    kept = TTFont(tmp_path / name).getBestCmap()
    assert set(range(0x20, 0x7F)) <= set(kept)
    assert (tmp_path / name).stat().st_size < face.file.with_name(face.file.name + ".woff2").stat().st_size / 2
    before = (tmp_path / name).stat().st_mtime_ns
    assert fonts.cut(face.file, "U+20-7E", (), tmp_path) == name
    assert (tmp_path / name).stat().st_mtime_ns == before  # made once


@pytest.mark.skipif(not fonts.PACKAGES.exists(), reason="book/theme: npm ci has not run")
def test_mathematics_is_the_sites_own(tmp_path):
    css = fonts.katex_css(tmp_path)
    addresses = re.findall(r"url\(([^)]+)\)", css)
    assert addresses
    assert {address.rsplit("/", 1)[0] for address in addresses} == {"fonts"}
    assert {address.removeprefix("fonts/") for address in addresses} == {path.name for path in tmp_path.iterdir()}
    assert css.count("@font-face") == 2 * css.count(
        '.woff2) format("woff2")}'
    )  # each whole face has a cut one after it


def test_a_part_knows_its_number_and_name():
    part = chrome.Part("3 How a network learns", ())
    assert (part.number, part.title) == ("3", "How a network learns")
    assert (chrome.Part("Behind the book", ()).number, chrome.Part("Behind the book", ()).title) == (
        "",
        "Behind the book",
    )


def test_pages_are_numbered_by_their_files():
    assert chrome._number("chapters/1_neurons/2_from_the_cell_to_the_unit") == "2"
    assert chrome._number("book/glossary") == ""


PARTS = [
    {"title": "Neurons", "says": "One & many.", "pages": ["What it is", "The unit"]},
    {"title": "Activations", "says": "Bend.", "pages": ["Why"]},
]


def test_the_map_links_what_is_written_and_only_that():
    pages = bookmap.written(["book/index", "chapters/1_neurons/2_the_unit", "chapters/odd"])
    assert pages == {(1, 2): "chapters/1_neurons/2_the_unit"}
    html = bookmap.map_html(PARTS, {(1, 2): "../chapters/1_neurons/2_the_unit.html"})
    assert "<li>What it is</li>" in html
    assert '<li><a href="../chapters/1_neurons/2_the_unit.html">The unit</a></li>' in html
    assert "1 of 3 pages are written" in html
    assert "One &amp; many." in html


def test_the_way_in_leads_to_the_first_page_that_is_written():
    assert "Begin with “The unit”" in bookmap.begin_html(PARTS, {(2, 1): "b.html", (1, 2): "a.html"})
    assert bookmap.begin_html(PARTS, {}) == ""


def test_the_map_has_all_pages_of_the_chapters():
    import tomllib

    parts = tomllib.loads(bookmap.MAP.read_text(encoding="utf-8"))["part"]
    names = [p.relative_to(ROOT).with_suffix("").as_posix() for p in ROOT.glob("chapters/*/*.ipynb")]
    for part, page in bookmap.written(names):
        assert 1 <= page <= len(parts[part - 1]["pages"])


def test_every_icon_that_a_template_asks_for_is_drawn():
    drawn = set(re.findall(r'^  "(\w+)": ', (TEMPLATES / "icons.html").read_text(encoding="utf-8"), re.MULTILINE))
    asked = {
        name
        for path in TEMPLATES.glob("*.html")
        for name in re.findall(r'icon\("(\w+)"\)', path.read_text(encoding="utf-8"))
    }
    assert asked <= drawn
    assert {"download", "run", "search"} <= drawn  # the buttons of dlbook.sphinx.repository
