"""A digit or a sentence of the reader's own: what a figure's function receives, and what is refused."""

import altair as alt
import numpy as np
import pytest

from dlbook.live import REGISTRY, Digit, FigureError, Frame, Sentence, live, table
from dlbook.live.kernel import FigureWidget
from dlbook.live.replay import frame_count

WORDS = ["Anna", "Ben", "saw"]
STROKE = np.eye(8)


@pytest.fixture
def figure(monkeypatch):
    """A figure with both controls that says how much ink there is."""
    monkeypatch.setattr("dlbook.live.figure.REGISTRY", dict(REGISTRY))

    @live(
        digit=Digit({"a stroke": STROKE, "paper": 0 * STROKE}, label="digit"),
        words=Sentence("Anna saw Ben", "Ben saw Anna", vocabulary=WORDS, words=3, label="sentence"),
    )
    def made(digit, words):
        """What the reader made."""
        return Frame(tables={"ink": {"ink": digit.sum(axis=0)}}, says=f"{words}: {digit.sum():.1f} pixels of ink.")

    @made.chart
    def chart():
        return alt.Chart(table("ink")).mark_bar().encode(y=alt.Y("ink:Q", scale=alt.Scale(domain=(0, 8))))

    return made


def test_a_digit_is_an_image_whichever_way_it_comes(figure):
    digit = figure.controls["digit"]
    np.testing.assert_array_equal(digit.argument("a stroke"), STROKE)
    np.testing.assert_array_equal(digit.argument([8] * 64), np.full((8, 8), 0.5))
    np.testing.assert_array_equal(digit.argument(STROKE), STROKE)
    assert digit.declaration()["images"][0] == (16 * STROKE).astype(int).ravel().tolist()
    assert digit.start() == 0
    assert digit.text([0] * 64) == "your own"


@pytest.mark.parametrize("wrong", [[0] * 63, [17] * 64, [-1] * 64, np.zeros((8, 9)), np.full((8, 8), 2.0)])
def test_what_is_no_digit_is_refused(figure, wrong):
    with pytest.raises(FigureError, match="expected 64 grey levels from 0 to 16"):
        figure.controls["digit"].argument(wrong)


def test_an_unknown_name_is_refused(figure):
    with pytest.raises(FigureError, match=r"'a dot' is none of \['a stroke', 'paper'\]"):
        figure(digit="a dot")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [("Anna saw Eve", "“Eve” is not one of the 3 words"), ("Anna saw", "has 2 words; it needs 3"), ("", "has 0 words")],
)
def test_what_the_network_cannot_read_is_refused(figure, wrong, said):
    with pytest.raises(FigureError, match=said):
        figure(words=wrong)


def test_a_declaration_that_cannot_work_is_refused():
    with pytest.raises(FigureError, match=r"'a' must be \(8, 8\)"):
        Digit({"a": np.zeros(64), "b": STROKE})
    with pytest.raises(FigureError, match="two or more different stored ones"):
        Digit({"a": STROKE})
    with pytest.raises(FigureError, match="value 'c' is none of"):
        Digit({"a": STROKE, "b": STROKE}, value="c")
    with pytest.raises(FigureError, match="“Eve” is not one"):
        Sentence("Anna saw Ben", "Eve saw Ben", vocabulary=WORDS)
    with pytest.raises(FigureError, match="needs at least one"):
        Sentence("Anna saw Ben", "", vocabulary=WORDS)


def test_the_built_book_stores_frames_of_the_stored_ones_only(figure):
    assert frame_count(figure) == 4
    assert figure().says == "Anna saw Ben: 8.0 pixels of ink."


def test_a_kernel_answers_for_the_readers_own(figure, monkeypatch):
    widget, sent = FigureWidget(figure, poster=""), []
    monkeypatch.setattr(widget, "send", lambda content, buffers=None: sent.append(content))
    widget.answer(widget, {"ask": {"digit": [16] * 64, "words": "Ben saw Ben"}, "number": 1}, [])
    widget.answer(widget, {"ask": {"digit": 1, "words": "Ben saw Eve"}, "number": 2}, [])
    widget.close()
    assert sent[0]["says"] == "Ben saw Ben: 64.0 pixels of ink."
    assert "“Eve” is not one of the 3 words" in sent[1]["error"]
