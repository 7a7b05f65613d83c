"""figure(...): inline SVG with words, named colours, ids of its own, the same bytes each time."""

import re
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest

from dlbook.page import stills
from dlbook.page.stills import StillError, figure, svg_of
from dlcore.palette import LIGHT

ALT = "A line that rises from the lower left to the upper right."


@pytest.fixture(autouse=True)
def agg(monkeypatch):
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def drawing(name="input"):
    fig, ax = plt.subplots(figsize=(3, 2))
    ax.plot([0, 1, 2], [0, 1, 4], color=LIGHT[name], marker="o", label="$x_1$ line")
    ax.scatter([1], [1], color=LIGHT["loss"])
    ax.set_xlabel("current (nA)", weight="bold")
    ax.legend()
    ax.imshow(np.eye(2), extent=(0, 1, 0, 1))
    return fig


def shown(fig, monkeypatch, **words):
    bundles = []
    monkeypatch.setattr(stills, "publish", bundles.append)
    figure(fig, **{"alt": ALT, **words})
    return bundles[0]


def test_the_bundle_has_svg_words_and_a_picture(monkeypatch):
    bundle = shown(drawing(), monkeypatch, caption="Does it rise? See `x`.")
    assert f'<svg role="img" aria-label="{ALT}" viewBox="0 0 ' in bundle["text/html"]
    assert "<figcaption>Does it rise? See <code>x</code>.</figcaption></figure>" in bundle["text/html"]
    assert bundle["text/plain"] == f"[Figure: {ALT}]"
    assert bundle["image/png"].startswith("iVBORw0KGgo")
    assert plt.get_fignums() == []


def test_palette_colours_become_names_and_no_hex_stays_alone():
    svg = svg_of(drawing(), ALT)
    assert f"stroke: var(--dl-input, {LIGHT['input']})" in svg and f"var(--dl-loss, {LIGHT['loss']})" in svg
    assert f"fill:var(--dl-ink, {LIGHT['ink']})" in svg
    bare = re.sub(r"var\(--dl-\w+, #[0-9a-f]{6}\)", "", svg)
    assert set(re.findall(r"#[0-9a-f]{6}\b", bare)) <= {"#cccccc"}  # matplotlib's own legend frame
    assert "#000000" not in svg


def test_text_stays_text_in_the_font_of_the_page():
    svg = svg_of(drawing(), ALT)
    assert ">current (nA)</text>" in svg and re.search("font-weight: ?700", svg)
    assert "DejaVu" not in svg and svg.count("font-family") == 1 and "font-family:inherit" in svg


def test_words_can_be_given_a_least_size_but_parts_of_formulas_keep_theirs():
    words = re.findall(r"<text[^>]*>[^<]+</text>", svg_of(drawing(), ALT))
    parts = re.findall(r"<tspan[^>]*>", svg_of(drawing(), ALT))
    assert words and all(re.search(r"font-size:max\([\d.]+px, var\(--dl-least, 0px\)\)", one) for one in words)
    assert parts and not any("max(" in one for one in parts)


def test_nothing_leaks_onto_the_page():
    svg = svg_of(drawing(), ALT)
    assert not re.search(r"<style|<metadata|<!--|<\?xml|DOCTYPE|xmlns|width=\"[\d.]+pt", svg)
    ElementTree.fromstring(svg)


def test_every_reference_finds_its_id_and_every_id_is_used():
    svg = svg_of(drawing(), ALT)
    ids = re.findall(r' id="([^"]+)"', svg)
    used = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))
    assert used and set(ids) == used and len(ids) == len(used)


def test_same_figure_same_bytes_other_figure_other_ids():
    first, again, other = svg_of(drawing(), ALT), svg_of(drawing(), ALT), svg_of(drawing("weight"), ALT)
    assert first == again
    assert not set(re.findall(r' id="([^"]+)"', first)) & set(re.findall(r' id="([^"]+)"', other))


def test_coordinates_are_short():
    assert not re.search(r"\d\.\d{3,}", re.sub(r'(viewBox|href)="[^"]*"', "", svg_of(drawing(), ALT)))


@pytest.mark.parametrize(
    ("alt", "said"),
    [
        ("", "say what is to be seen"),
        ("A rising line", "at least six words"),
        ("Plot of a line that rises from the left to the right", "not with the word for a picture"),
        ("The figure of a line that rises from left to right", "not with the word for a picture"),
    ],
)
def test_empty_words_are_refused(alt, said):
    with pytest.raises(StillError, match=said):
        figure(drawing(), alt=alt)


def test_a_caption_that_repeats_the_alternative_text_is_refused():
    with pytest.raises(StillError, match="the caption asks, the alternative text describes"):
        figure(drawing(), alt=ALT, caption=ALT[:-1])


def test_alt_is_escaped_in_the_attribute(monkeypatch):
    html = shown(drawing(), monkeypatch, alt='A "line" where a < b & b < c, all the way')["text/html"]
    assert 'aria-label="A &quot;line&quot; where a &lt; b &amp; b &lt; c, all the way"' in html


def test_other_things_than_figures_are_refused():
    with pytest.raises(StillError, match="expected a matplotlib Figure, received list"):
        figure([], alt=ALT)
