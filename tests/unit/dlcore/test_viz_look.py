"""The common look: every drawing function in one table, drawn, and checked for colours, ground, labels, type."""

import io
import re

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

import dlcore
from dlcore import nn, train, viz
from dlcore.palette import LIGHT
from dlcore.viz import look


def rng():
    """The same numbers for each drawing, whichever was drawn before."""
    return np.random.default_rng(0)


A = dlcore.tensor([3.0], requires_grad=True)

#: name -> (a call, does it have labelled axes?)
DRAWINGS = {
    "attention": (lambda ax=None: viz.attention(np.eye(4), keys=list("abcd"), ax=ax), True),
    "bars": (lambda ax=None: viz.bars({"one": 1.0, "two": -0.5}, x="gain (nats)", spread={"one": 0.1}, ax=ax), True),
    "confusion": (lambda ax=None: viz.confusion([[9, 1], [2, 8]], ["cat", "dog"], ax=ax), True),
    "curves": (lambda ax=None: viz.curves({"a": [1, 2, 3.0], "b": [1, 2, 2.9]}, ax=ax), True),
    "density": (lambda ax=None: viz.density(rng().normal(size=(50, 2)), ax=ax), True),
    "filters": (lambda ax=None: viz.filters(rng().normal(size=(4, 1, 3, 3)), title="filters", ax=ax), False),
    "graph": (lambda ax=None: viz.graph(lambda: A * A + A, a=A, ax=ax), False),
    "heat": (lambda ax=None: viz.heat(rng().normal(size=(3, 4)), x="feature", y="unit", ax=ax), True),
    "histogram": (lambda ax=None: viz.histogram({"a": rng().normal(size=50), "b": np.ones(3)}, ax=ax), True),
    "images": (lambda ax=None: viz.images(rng().random((3, 8, 8)), captions=list("abc"), ax=ax), False),
    "network": (lambda ax=None: viz.network([2, 12, 1], inputs=["x₁", "x₂"], names=["in", "h", "out"], ax=ax), False),
    "points": (lambda ax=None: viz.points(rng().normal(size=(9, 2)), np.arange(9) % 3, list("abc"), ax=ax), True),
    "regions": (lambda ax=None: viz.regions(nn.Linear(2, 3), rng().normal(size=(9, 2)), np.arange(9) % 3, ax=ax), True),
    "reliability": (
        lambda ax=None: viz.reliability(train.calibration(np.array([[0.2, 0.8]] * 5), np.ones(5, int)), ax=ax),
        True,
    ),
    "surface": (lambda ax=None: viz.surface(lambda u, v: u * u + v * v, (-1, 1, -1, 1), [[1, 1], [0, 0]], ax=ax), True),
}
HELPERS = {"label", "legend", "on_paper", "panels", "style"}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def svg(ax):
    with look.style():
        out = io.StringIO()
        ax.figure.savefig(out, format="svg")
    return out.getvalue()


def test_every_public_function_is_in_the_table():
    assert set(viz.__all__) == DRAWINGS.keys() | HELPERS


@pytest.mark.parametrize("name", DRAWINGS)
def test_only_colours_of_the_palette_are_used(name):
    """So that the book can swap each for its dark twin."""
    text = svg(DRAWINGS[name][0]())
    colours = {c.lower() for c in re.findall(r"#[0-9a-fA-F]{6}\b", text)}
    assert colours and colours <= set(LIGHT.values())
    assert "fill: #000000" not in text and "<image" not in text


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_text_is_left_in_matplotlibs_black(name):
    """Text without a fill of its own would be black on a dark page."""
    text = svg(DRAWINGS[name][0]())
    for attributes in re.findall(r"<text([^>]*)>", text):
        assert "fill" in attributes or "fill" in text[: text.index(attributes)].rsplit("<g", 1)[-1], attributes


@pytest.mark.parametrize("name", DRAWINGS)
def test_ground_is_transparent_and_text_stays_text(name):
    ax = DRAWINGS[name][0]()
    text = svg(ax)
    assert "<text" in text or not ax.texts
    picture = io.BytesIO()
    ax.figure.savefig(picture, format="png", dpi=60)
    picture.seek(0)
    assert plt.imread(picture)[0, 0, 3] == 0 and ax.get_facecolor()[3] == 0


@pytest.mark.parametrize("name", DRAWINGS)
def test_axes_are_returned_labelled_and_can_be_given(name):
    draw, labelled = DRAWINGS[name]
    ax = draw()
    assert ax.figure.axes == [ax]
    assert bool(ax.get_xlabel()) == bool(ax.get_ylabel() or name == "bars") == labelled
    mine = plt.subplots(figsize=(5, 4))[1]
    figures = plt.get_fignums()
    assert draw(mine) is mine and plt.get_fignums() == figures
    assert not mine.spines["top"].get_visible() and not mine.spines["right"].get_visible()


@pytest.mark.parametrize("name", DRAWINGS)
def test_nothing_is_cut_off_and_no_text_is_tiny(name):
    ax = DRAWINGS[name][0]()
    figure = ax.figure
    figure.canvas.draw()
    box, page = figure.get_tightbbox(), figure.get_size_inches()
    slack = 0.06  # inches
    assert box.x0 >= -slack and box.y0 >= -slack and box.x1 <= page[0] + slack and box.y1 <= page[1] + slack
    assert all(t.get_fontsize() >= 7 for t in ax.texts)


def test_the_same_drawing_gives_the_same_bytes():
    def once():
        with look.style():
            out = io.StringIO()
            viz.heat([[1.0, -1.0]]).figure.savefig(out, format="svg", metadata={"Date": None})
        return out.getvalue()

    assert once() == once()


def test_style_sets_restores_and_refuses():
    before = plt.rcParams["font.size"]
    with viz.style(font_size=13, axes_grid=True):
        assert plt.rcParams["font.size"] == 13 and plt.rcParams["axes.grid"] and plt.rcParams["savefig.transparent"]
        assert plt.rcParams["svg.fonttype"] == "none"
    assert plt.rcParams["font.size"] == before
    with (
        pytest.raises(KeyError, match=r"style: matplotlib has no setting 'font\.colour'"),
        viz.style(font_colour="red"),
    ):
        pass


def test_series_differ_in_dash_and_marker_as_well_as_in_colour():
    ax = viz.curves({str(i): [0, i] for i in range(6)}, marks=True)
    looks = [
        (str(line.get_linestyle()) + str(line._dash_pattern), line.get_marker(), line.get_color()) for line in ax.lines
    ]
    assert all(len(set(column)) == 6 for column in zip(*looks, strict=True))
    ax = viz.points(np.zeros((6, 2)), np.arange(6))
    assert len({tuple(map(tuple, c.get_paths()[0].vertices)) for c in ax.collections}) == 6


def test_axes_whose_figure_is_gone_are_named():
    ax = plt.subplots()[1]
    ax.remove()
    with pytest.raises(ValueError, match="these axes belong to no figure any more"):
        viz.points(np.zeros((1, 2)), ax=ax)


def test_panels_come_in_reading_order():
    axes = viz.panels(2, rows=2)
    assert axes.shape == (4,) and len(set(axes)) == 4 and len({a.figure for a in axes}) == 1
    assert axes[1].get_subplotspec().colspan.start == 1


def test_label_leaves_out_what_is_not_given():
    ax = viz.label(viz.panels(1)[0], title="only this")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) == ("", "", "only this")
