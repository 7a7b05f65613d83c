"""Packing and unpacking: what comes back equals what went in, within the stated quantisation."""

import base64
import json
import re
import zlib
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dlbook.live import Frame, markup, replay
from dlbook.live.replay import FEW, GAP, LEVELS, differences, first_unique, pack_column, quantise
from dlbook.pages.find import find


def undo(data, rows, width, way, stride=0):
    """The player's `undo`, in Python."""
    count = rows * width
    raw = np.frombuffer(data, np.uint8).astype(np.int64)
    zigzag = raw[:count] | (raw[count:] << 8)
    codes = ((zigzag >> 1) ^ -(zigzag & 1)) & 65535
    codes = codes.reshape(rows, width)
    if way & 4:
        for i in range(stride, width):
            codes[:, i] += codes[:, i - stride]
    if way & 2:
        codes = codes.cumsum(axis=0)
    if way & 1:
        codes = codes.cumsum(axis=1)
    return (codes & 65535).astype(np.uint16)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(arrays.arrays(np.uint16, st.tuples(st.integers(1, 6), st.integers(1, 9))), st.integers(0, 3))
def test_differences_are_undone(codes, stride):
    way, data = differences(codes, stride)
    np.testing.assert_array_equal(undo(data, *codes.shape, way, stride), codes)


def read(codes, said):
    """Codes back to numbers, as the player does it."""
    if "words" in said:
        return np.array([*said["words"], np.nan])[np.minimum(codes, len(said["words"]))]
    values = said["low"] + codes * said["step"]
    return np.where(codes == GAP, np.nan, 10**values if said["log"] else values)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(arrays.arrays(float, 100, elements=st.floats(-1e6, 1e6) | st.just(np.nan)))
def test_numbers_come_back_within_half_a_level(values):
    codes, said = quantise(values, LEVELS, log=False)
    back = read(codes, said)
    np.testing.assert_array_equal(np.isnan(back), np.isnan(values))
    span = np.ptp(values[~np.isnan(values)]) if not np.isnan(values).all() else 0
    assert np.nanmax(np.abs(back - values), initial=0) <= 0.5001 * span / LEVELS


def test_logarithmic_columns_keep_the_relative_error():
    values = np.geomspace(1e-9, 1e6, 777)
    codes, said = quantise(values, LEVELS, log=True)
    assert np.max(np.abs(np.log10(read(codes, said) / values))) <= 0.5001 * 15 / LEVELS


def test_few_and_whole_numbers_stay_exact():
    few = np.tile([0.1, 0.3, np.nan], 50)
    whole = np.arange(-3.0, 4 * FEW)
    for values in (few, whole):
        np.testing.assert_array_equal(read(*quantise(values, LEVELS, log=False)), values)


def test_rows_that_repeat_are_stored_once():
    rows = np.array([[1, 2], [3, 4], [1, 2]], dtype=np.uint16)
    unique, which = first_unique(rows)
    assert unique.tolist() == [[1, 2], [3, 4]]
    assert which.tolist() == [0, 1, 0]


def test_texts_and_lengths():
    header, _ = pack_column([np.array(["b", "a"], object), np.array(["a"], object)], LEVELS, False)
    assert header["words"] == ["a", "b"]
    assert header["lengths"] == [2, 1]


def test_a_sentence_need_not_quote_what_others_quote():
    """A frame that quotes a column of its own tells it; one that quotes none tells none."""
    figure = SimpleNamespace(panels=[], name="quotes")
    tables = {"loss": {"last": np.array([0.5, 2.0])}, "hits": {"share": np.array([90.0, 10.0])}}
    said = ["No number.", "The loss is {loss.last}.", "{hits.share} % are right."]
    header, _ = replay.pack(figure, [Frame(tables, says) for says in said])
    assert list(header["told"]) == ["loss.last", "hits.share"]
    assert [header["told"][key]["lengths"] for key in header["told"]] == [[0, 2, 0], [0, 0, 2]]


@pytest.fixture(scope="module")
def packed():
    figure = find("measured_slope")
    frames = replay.compute(figure)
    return figure, frames, replay.script(figure, frames, {"specs": [], "source": ""})


def test_the_file_is_a_classic_script_with_every_frame(packed):
    figure, frames, text = packed
    name, data = re.fullmatch(r'dlbook\.frames\("(\w+)","([\w+/=]+)"\);\n', text).groups()
    content = zlib.decompress(base64.b64decode(data))
    head = json.loads(content[4 : 4 + int.from_bytes(content[:4], "little")])
    assert name == "measured_slope"
    assert head["says"] == [frame.says for frame in frames]
    assert len(frames) == replay.frame_count(figure) == len(list(replay.grid(figure)))


def test_the_file_of_a_figure_has_its_frames_its_charts_and_its_code(packed):
    figure, frames, _ = packed
    assert replay.made(figure.module, figure.name)[1] == replay.script(figure, frames, markup.data(figure))
