"""What a worker may send, and what the judge does with everything else."""

import socket
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlbook.grade import wire

NUMBERS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), st.text(max_size=20)
)
TREES = st.recursive(NUMBERS, lambda t: st.lists(t, max_size=4) | st.dictionaries(st.text(max_size=5), t, max_size=4))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(TREES)
def test_trees_survive_the_journey(tree):
    assert wire.unpack(wire.pack(tree)) == tree


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint16, np.int64, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 3)])
def test_arrays_survive_the_journey(dtype, shape):
    array = np.ones(shape, dtype)
    back = wire.unpack(wire.pack({"a": [array]}))["a"][0]
    assert back.dtype == dtype and back.shape == shape and np.array_equal(back, array)
    assert back.flags.writeable


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_a_wire_error(data):
    try:
        wire.unpack(data)
    except wire.WireError:
        pass


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data())
def test_a_message_with_a_changed_byte_does_no_harm(data):
    message = bytearray(wire.pack({"x": [np.arange(5.0), 1, "a"], "y": np.zeros((2, 2))}))
    message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    try:
        wire.unpack(bytes(message))
    except wire.WireError:
        pass


def npy(header, body=b""):
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + body


@pytest.mark.parametrize(
    "blob",
    [
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}\n", b"12345678"),
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}\n", b"12345678"),
        npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}\n", b"12345678"),
        npy("{'descr': '<U2', 'fortran_order': False, 'shape': (1,)}\n", b"12345678"),
        npy("{'descr': '<M8[s]', 'fortran_order': False, 'shape': (1,)}\n", b"12345678"),
    ],
)
def test_an_array_is_not_believed(blob):
    with pytest.raises(wire.WireError, match="disagree"):
        wire.array_of(blob)


def test_pickles_are_not_opened(tmp_path):
    opened = tmp_path / "opened"

    class Bomb:
        def __reduce__(self):
            return (opened.touch, ())

    np.save(tmp_path / "bomb.npy", np.array([Bomb()], dtype=object), allow_pickle=True)
    with pytest.raises(wire.WireError):
        wire.array_of((tmp_path / "bomb.npy").read_bytes())
    assert not opened.exists()


class Liar:
    def __eq__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        return np.array([1.0, 2.0])


class Subclass(np.ndarray):
    def __eq__(self, other):
        return True


def test_what_leaves_a_worker_is_numbers_only():
    assert wire.as_data((1, [2.5, None], {"a": True})) == [1, [2.5, None], {"a": True}]
    assert type(wire.as_data(np.zeros(2).view(Subclass))) is np.ndarray
    assert type(wire.as_data(Liar())) is np.ndarray
    assert wire.as_data(...) == {"missing": True}
    assert wire.as_data(2**70) == float(2**70)
    for value in (object(), lambda: 1, {1, 2}, np.array([object()]), 1j):
        with pytest.raises((TypeError, ValueError)):
            wire.as_data(value)


def test_a_list_within_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(TypeError, match="more than eight deep"):
        wire.as_data(endless)


def test_slow_gone_and_too_large_are_told_apart():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(wire.SlowError):
            wire.receive(ours, 0.05)
        theirs.sendall(struct.pack(">I", wire.LIMIT + 1))
        with pytest.raises(wire.WireError, match="larger than the limit"):
            wire.receive(ours, 1)
        theirs.close()
        with pytest.raises(wire.GoneError):
            wire.receive(ours, 1)


def test_a_message_that_never_ends_is_slow():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack(">I", 1000) + b"x" * 10)
        with pytest.raises(wire.SlowError):
            wire.receive(ours, 0.05)


def test_a_large_tree_is_not_read():
    with pytest.raises(wire.WireError, match="a tree larger"):
        wire.unpack(wire.pack([0] * 10**6))


def test_a_large_answer_is_refused_at_the_source():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(wire.WireError, match="is the limit"):
        wire.send(ours, np.zeros(wire.LIMIT // 8 + 1))


def test_an_answer_of_too_many_parts_is_refused_on_both_sides():
    ours, theirs = socket.socketpair()
    many = [[0] * 300] * 100
    with ours, theirs, pytest.raises(wire.WireError, match="an answer of more than 20000 parts"):
        wire.send(ours, many, most=wire.NODES)
    for tree in (many, [np.zeros(1)] * 1001, [np.zeros(3 * 10**6, np.int8)] * 2):
        assert len(wire.unpack(wire.pack(tree))) == len(tree)
        with pytest.raises(wire.WireError):
            wire.unpack(wire.pack(tree), trusted=False)


def test_long_lists_travel_as_arrays():
    for value in ([0.5] * 5000, [[1, 2]] * 5000, [[1.0] * 200] * 200):
        assert (
            np.array_equal(wire.as_data(value), value)
            and wire.unpack(wire.pack(wire.as_data(value)), trusted=False).size
        )
    with pytest.raises(TypeError, match="a list of 5000 things that are not numbers"):
        wire.as_data(["a"] * 5000)


def test_a_single_number_stays_one():
    back = wire.unpack(wire.pack([np.float64(2), np.array(2.0)]))
    assert f"{back[0]:.1f}" == "2.0" and isinstance(back[0], np.float64) and isinstance(back[1], np.ndarray)
