"""The kernel's side without a browser: questions, answers, errors; and what a cell's output holds."""

import xml.etree.ElementTree as ElementTree
import zlib

import numpy as np
import pytest

from dlbook.live import Field
from dlbook.live.kernel import FigureWidget, mimebundle
from dlbook.live.markup import script
from dlbook.pages.find import find


@pytest.fixture
def widget(monkeypatch):
    """A widget of two_inputs whose messages to the browser are kept in `sent`."""
    made = FigureWidget(find("two_inputs"), poster="")
    made.sent = []
    monkeypatch.setattr(made, "send", lambda content, buffers=None: made.sent.append((content, buffers)))
    yield made
    made.close()


def test_a_question_gets_the_frame_at_those_positions(widget):
    figure = widget.figure
    asked = {"w1": 0, "w2": 8, "b": 3, "activation": 2}
    widget.answer(widget, {"ask": asked, "number": 5}, [])
    [(reply, _)] = widget.sent
    frame = figure(**{name: figure.controls[name].positions()[i] for name, i in asked.items()})
    assert reply["number"] == 5
    assert reply["says"] == frame.says
    np.testing.assert_array_equal(reply["tables"]["along"]["columns"]["answer"], frame.tables["along"]["answer"])
    field = frame.tables["answer"]
    assert isinstance(field, Field)
    assert reply["tables"]["answer"]["shape"] == field.values.shape
    np.testing.assert_array_equal(reply["tables"]["answer"]["field"], field.values.ravel())


def test_a_position_between_two_is_computed_as_well(widget):
    widget.answer(widget, {"ask": {"w1": 0.3, "w2": 8, "b": 3, "activation": 2}, "number": 1}, [])
    widget.answer(widget, {"ask": {"w1": 0, "w2": 8, "b": 3, "activation": 2}, "number": 2}, [])
    (between, _), (stored, _) = widget.sent
    assert between["says"] != stored["says"] and "−1.85" in between["says"]  # a slider from −2 in steps of 0.5


def test_gaps_travel_as_null(widget):
    widget.answer(widget, {"ask": {"w1": 4, "w2": 4, "b": 0, "activation": 0}, "number": 1}, [])
    assert widget.sent[0][0]["tables"]["border"]["columns"]["x"] == [None, None]


def test_an_error_goes_to_the_figure_with_its_message(widget, monkeypatch):
    def fails(**values):
        raise ZeroDivisionError("no way")

    monkeypatch.setattr(widget.figure, "function", fails)
    widget.answer(widget, {"ask": {"w1": 0, "w2": 0, "b": 0, "activation": 0}, "number": 2}, [])
    assert widget.sent == [({"error": "ZeroDivisionError: no way", "number": 2}, None)]


def test_vega_is_sent_when_asked_for_and_not_stored_with_the_notebook(widget):
    widget.answer(widget, {"want": "vega"}, [])
    [(reply, [packed])] = widget.sent
    assert reply == {"vega": True}
    assert b"dlVegaEmbed" in zlib.decompress(packed)
    assert len(packed) < 320_000
    assert len(str(widget.get_state())) < 150_000


def test_a_cell_offers_a_widget_and_a_poster():
    bundle = mimebundle(find("two_inputs"))
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
    assert bundle["text/html"].startswith('<live-figure name="two_inputs"')
    assert "<svg" in bundle["text/html"]
    assert ElementTree.fromstring(bundle["image/svg+xml"]).get("width")
    assert "crosses the arrow" in bundle["text/plain"]


def test_scripts_are_sent_without_comments_and_with_all_their_code():
    own = "/** Says\n * more. */\nlet a = 1; // stays\n  /** @type {x} */ (a).b();\n// gone\nlet c = 2;\n"
    sent = script(own)
    assert "let a = 1; // stays\n  /** @type {x} */ (a).b();\nlet c = 2;\n" in sent
    assert "Says" not in sent and "gone" not in sent.lower()
    assert "class Question" in sent and ".focus();" in sent
