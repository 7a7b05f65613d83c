"""Every figure of the book at its default and all corners of its grid: it runs, fits its axes, says what it shows."""

import itertools
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from dlbook.figures.activations import trained
from dlbook.figures.backprop import BATCH, BENDS, REMEDIES, SIZE, gradient_norms
from dlbook.figures.find import all_figures, find
from dlbook.live import Field, FigureError, Frame, LiveFigure
from dlbook.live.markup import element, source
from dlbook.live.replay import FRAMES, frame_count
from dlcore import Tensor, manual_seed
from dlcore.rng import default_generator

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


def test_two_inputs_by_hand():
    """1·x₁ + 1.5·x₂ − 1 = 0 lies 1/√3.25 = 0.55 from the centre."""
    frame = find("two_inputs")(w1=1.0, w2=1.5, b=-1.0)
    assert "x₁ + 1.5 x₂ − 1 = 0" in frame.says
    assert "0.55" in frame.says
    ends = frame.tables["border"]
    np.testing.assert_allclose(ends["x"] + 1.5 * ends["y"], 1)
    along = frame.tables["along"]
    at = np.interp(frame.tables["foot"]["distance"], along["distance"], along["answer"])
    np.testing.assert_allclose(at, 0.5, atol=1e-6)  # the sigmoid of 0


@pytest.mark.parametrize(("surface", "limit"), [("round bowl", 2.0), ("valley", 0.2)])
def test_step_size_limit_is_exact(surface, limit):
    """Below the limit the loss shrinks, at it the steepest direction swings, beyond it the loss grows."""
    figure = find("step_size")
    rates = figure.controls["rate"].positions()
    at = rates.index(limit)
    losses = [figure(rate=rate, surface=surface).tables["loss"]["loss"] for rate in rates[at - 1 : at + 2]]
    assert losses[0][-1] < losses[0][0] < losses[2][-1]
    assert losses[1][-1] == pytest.approx(losses[1][-2])
    assert figure(surface=surface).tables["limit"]["rate"].item() == limit


def test_depth_without_a_bend_is_one_line():
    """Linear layers multiply out: the field of a trained deep linear network is a function of one direction."""
    figure = find("depth_and_bend")
    answer = figure(depth=4, activation="none").tables["answer"].values
    logits = np.log(answer / (1 - answer))
    np.testing.assert_allclose(np.diff(logits, n=2, axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.diff(logits, n=2, axis=1), 0, atol=1e-4)
    bent = figure(depth=2, activation="ReLU").tables["answer"].values
    assert np.abs(np.diff(bent, n=2, axis=0)).max() > 0.1


def test_training_for_a_figure_leaves_the_readers_random_numbers_alone():
    manual_seed(7)
    before = default_generator.get_state()
    trained.__wrapped__(1, "tanh", 2)
    assert default_generator.get_state() == before


def test_vanishing_is_the_gradient():
    """The share of the first layer against finite differences of the loss."""

    def loss(nudge_at, nudge):
        rng = np.random.default_rng(0)
        h, target = Tensor(rng.normal(size=(BATCH, SIZE))), rng.normal(size=(BATCH, SIZE))
        for layer in range(3):
            h = REMEDIES["both"](h, Tensor(rng.normal(0, 1 / SIZE**0.5, (SIZE, SIZE))), BENDS["tanh"])
            if layer == nudge_at:
                h = h + Tensor(nudge)
        return float((h.numpy() * target).mean())

    rng, estimates = np.random.default_rng(1), []
    for layer in (0, 2):
        nudges = [rng.normal(size=(BATCH, SIZE)) for _ in range(60)]
        slopes = [(loss(layer, 1e-2 * d) - loss(layer, -1e-2 * d)) / 2e-2 for d in nudges]
        estimates.append(np.sqrt(np.mean(np.square(slopes))))  # E (g·d)² = |g|²
    share = gradient_norms(3, "tanh", 1.0, "both")[0]
    assert estimates[0] / estimates[1] == pytest.approx(share, rel=0.35)
