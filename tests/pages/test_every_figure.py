"""Every figure of the book at its default and all corners of its grid: it runs, fits its axes, says what it shows."""

import itertools
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from dlbook.live import Field, FigureError, Frame, LiveFigure
from dlbook.live.markup import element, source
from dlbook.live.replay import FRAMES, frame_count
from dlbook.pages.find import all_figures, find

FIGURES = sorted(all_figures())


def corners(figure):
    """The opening settings, and every combination of first and last positions."""
    ends = ([c.positions()[0], c.positions()[-1]] for c in figure.controls.values())
    yield figure.settings()
    for values in itertools.product(*ends):
        yield dict(zip(figure.controls, values, strict=True))


def moved(figure):
    """The settings after moving one control from where it opens to either of its ends."""
    for name, control in figure.controls.items():
        for end in (control.positions()[0], control.positions()[-1]):
            yield name, figure.settings() | {name: end}


def drawn(figure, settings):
    """What the charts are given: the tables as numbers, and the controls that only the chart uses."""
    tables = figure.frame(settings).tables.values()
    free = [settings[name] for name in figure.controls if name not in figure.arguments]
    return repr([table.values.tolist() if isinstance(table, Field) else
                 {name: column.tolist() for name, column in table.items()} for table in tables] + free)  # fmt: skip


def said(figure, settings):
    return figure.sentence(figure.frame(settings), settings)


def faults(figure):
    """What is wrong with a figure, as sentences; a frame that does not fit its axes raises."""
    _ = figure.panels  # from now on every frame is held against its axes
    found = [
        f"says {sentence!r}"
        for sentence in (said(figure, settings) for settings in corners(figure))
        if "{" in sentence or "nan" in sentence.split()
    ]
    opening = drawn(figure, figure.settings()), said(figure, figure.settings())
    for name, settings in moved(figure):
        if drawn(figure, settings) != opening[0] and said(figure, settings) == opening[1]:
            found.append(f"{name} changes the picture, not the sentence: {opening[1]!r}")
    return found


@pytest.mark.parametrize("name", FIGURES)
def test_figure(name):
    assert faults(find(name)) == []


@pytest.mark.parametrize("name", FIGURES)
def test_between_two_positions(name):
    """Where a slider may stop between two positions, a frame fits there too, and differs from its neighbours'."""
    figure = find(name)
    _ = figure.panels
    for control, slider in figure.controls.items():
        for position in places_between(slider):
            settings = [figure.settings() | {control: slider.asked(at)} for at in (int(position), position)]
            assert drawn(figure, settings[0]) != drawn(figure, settings[1]), (control, position)


def places_between(control):
    """A tenth behind the first position, in the middle, and a tenth before the last."""
    last = len(control.positions()) - 1
    return (0.1, last // 2 + 0.5, last - 0.1) if getattr(control, "between", False) else ()


@pytest.mark.parametrize("name", FIGURES)
def test_within_budget_of_frames(name):
    assert frame_count(find(name)) <= FRAMES


@pytest.mark.parametrize("name", FIGURES)
def test_each_guess_has_an_answer_of_its_own(name):
    asked = find(name).predict
    assert asked, "every figure asks first"
    sentences = list(asked.because.values()) if asked.options else [asked.because, asked.low, asked.high]
    assert len(set(sentences)) == len(sentences) == (len(asked.options) or 3)
    for sentence in sentences:
        assert 20 < len(sentence) < 260 and sentence.endswith(".")


@pytest.mark.parametrize("name", FIGURES)
def test_poster_stands_alone(name):
    """The element is well-formed, draws each panel, and needs no script; every colour answers to dark mode."""
    text = element(find(name))
    tree = ElementTree.fromstring(text)
    pictures = tree.findall(".//svg") + tree.findall(".//{http://www.w3.org/2000/svg}svg")
    assert len(pictures) == sum(map(len, find(name).panels))
    assert not tree.findall(".//script")
    strokes = {e.get(key) for e in tree.iter() for key in ("fill", "stroke") if e.get(key)}
    hexes = {colour for colour in strokes if colour.startswith("#")}
    assert not hexes - {"#000", "#fff"}, "colours that are not the palette's"
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(set(ids)) == len(ids), "an id stands twice"
    assert all(mark == name or mark.startswith(f"{name}-") for mark in ids), "another figure may have the same id"


@pytest.mark.parametrize("name", FIGURES)
def test_code_to_show_is_the_function(name):
    assert source(find(name)).startswith(f"def {name}(")


BREAKS = {
    "leaves its axis": lambda old: old + 1e6,
    "is infinite": lambda old: np.full_like(old, np.inf),
    "changes its length": lambda old: [*old, old[0]],
    "is the same everywhere": lambda old: old,
    "raises": lambda old: 1 / 0,
}


@pytest.mark.parametrize("name", ["two_inputs", "step_size"])
@pytest.mark.parametrize("wrong", BREAKS)
def test_a_broken_function_is_noticed(name, wrong):
    """The test of a figure fails when its function is replaced by a broken one."""
    figure = find(name)
    fields = {table for table, content in figure().tables.items() if isinstance(content, Field)}
    readings = [reading for column in figure.panels for panel in column for reading in panel.readings]
    reading = next(r for r in readings if r.domain and not r.clip and r.table not in fields)

    def broken(**values):
        frame = figure.function(**values)
        table = frame.tables[reading.table]
        changed = BREAKS[wrong](np.array(np.atleast_1d(table[reading.column]), dtype=float))
        tables = frame.tables | {reading.table: table | {reading.column: changed}}
        return Frame(tables, "Always the same." if wrong == "is the same everywhere" else frame.says)

    copy = LiveFigure(figure.function, figure.controls, figure.predict, figure.handles)
    copy.draw, copy.function = figure.draw, broken
    try:
        found = faults(copy)
    except (FigureError, ZeroDivisionError):
        return
    assert found
