"""What passes between the judge and a worker: JSON for the tree, ``.npy`` without pickle for the arrays.

A worker runs somebody else's code, so nothing that arrives is trusted: sizes are checked before memory is
allocated, only plain numbers are let in, and there is no message that says "passed".
"""

import functools
import io
import json
import math
import socket
import struct
import time
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

LIMIT = 32 * 2**20  # bytes of one message
TREE = 2 * 2**20  # bytes of its JSON part, which takes many times its size when it is read
TEXT = 500  # characters of a text that a worker may send
NODES = 20_000  # numbers, texts and lists in a tree that a worker may send; an array counts as twenty of them
DEPTH = 20  # lists in lists
LONG = 1000  # a longer list of numbers travels as an array


class WireError(Exception):
    """The other side sent something that is not a message."""


class GoneError(Exception):
    """The other side is dead, or has closed the line."""


class SlowError(Exception):
    """The other side did not answer in time."""


BROKEN = (WireError, GoneError, SlowError)  # after any of these a process is of no more use


@dataclass(frozen=True)
class Ref:
    """Stands for a function or an object that stays where it is: the ``number``-th thing that an owner has lent."""

    owner: str  # "student" or "teacher"
    number: int
    kind: str = ""


def as_data(value, depth=0):
    """Reduce any answer to numbers, arrays, texts, lists and dicts; whatever else it was is left behind.

    Runs in the worker, so an object whose ``__eq__`` or ``__array__`` lies can only lie about itself:
    what leaves is an array, and the judge compares arrays.

    Raises:
        TypeError: if the answer holds anything that is not made of numbers.

    >>> as_data((1, [2.5, None], Fraction(1, 4), np.array([1, [2, 3]], dtype=object)))
    [1, [2.5, None], 0.25, [1, [2, 3]]]
    """
    if depth > 8:
        raise TypeError("lists inside lists, more than eight deep")
    if value is None or type(value) in (bool, float):
        return value
    if type(value) is int:
        return value if abs(value) < 2**63 else float(value)
    if type(value) is str:
        return value[:TEXT]
    if value is Ellipsis:
        return {"missing": True}
    if isinstance(value, Fraction | Decimal):
        return float(value)
    if isinstance(value, list | tuple):  # a named tuple too
        many = len(value) * (len(value[0]) if len(value) and isinstance(value[0], list | tuple) else 1)
        return long_list(value) if many > LONG else [as_data(v, depth + 1) for v in value]
    if type(value) is dict:
        return {str(k)[:TEXT]: as_data(v, depth + 1) for k, v in list(value.items())[:10_000]}
    if hasattr(value, "requires_grad"):  # a tensor of PyTorch or dlcore
        value = value.detach().numpy()
    array = np.array(value, subok=False)
    if array.dtype.kind == "O" and array.ndim:
        return as_data(array.tolist(), depth + 1)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"a {type(value).__name__} instead of numbers")
    return array


def long_list(value):
    """Many numbers, or lists of as many numbers each, as an array.

    Raises:
        TypeError, ValueError: if they are anything else; nobody asks for so many of those.
    """
    array = np.array(value[:LIMIT])
    if array.dtype.kind not in "biuf":
        raise TypeError(f"a list of {len(value)} things that are not numbers")
    return array


@functools.lru_cache(256)
def header(dtype, shape):
    """The first bytes of a ``.npy`` file.

    Raises:
        ValueError: if it would hold objects.
    """
    if dtype.hasobject:
        raise ValueError("an array of objects cannot be sent")
    buffer, form = io.BytesIO(), np.lib.format
    form.write_array_header_1_0(buffer, {"descr": form.dtype_to_descr(dtype), "fortran_order": False, "shape": shape})
    return buffer.getvalue()


@functools.lru_cache(256)
def meaning(head):
    """Shape, order and type in the first bytes of a ``.npy`` file."""
    stream = io.BytesIO(head)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise WireError("not a version 1.0 .npy")
    return np.lib.format.read_array_header_1_0(stream, max_header_size=1000)


def pack(tree, most=math.inf):
    """Bytes of a tree: the length of the JSON part, the JSON part, the arrays one after the other.

    Raises:
        WireError: if it has more than ``most`` parts.
    """
    blobs, parts = [], 0

    def walk(node):
        nonlocal parts
        parts += 20 if isinstance(node, np.ndarray | np.generic) else 1
        if parts > most:
            raise WireError(f"an answer of more than {most} parts")
        if isinstance(node, np.ndarray | np.generic):
            array = np.asarray(node, order="C")
            blobs.append(header(array.dtype, array.shape) + array.tobytes())
            return {"npy": len(blobs[-1])} | ({"one": 1} if isinstance(node, np.generic) else {})
        if isinstance(node, Ref):
            return {"ref": [node.owner, node.number, node.kind]}
        if isinstance(node, dict):
            return {"dict": [[key, walk(value)] for key, value in node.items()]}
        return [walk(value) for value in node] if isinstance(node, list | tuple) else node

    head = json.dumps(walk(tree)).encode()
    return struct.pack(">I", len(head)) + head + b"".join(blobs)


def array_of(blob):
    """An array from ``.npy`` bytes; the header is believed only where it agrees with the number of bytes."""
    start = 10 + int.from_bytes(blob[8:10], "little")
    shape, fortran, dtype = meaning(bytes(blob[:start]))
    body = blob[start:]
    if dtype.kind not in "biuf" or any(n < 0 for n in shape) or math.prod(shape) * dtype.itemsize != len(body):
        raise WireError("an array whose header and size disagree")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C").copy()


class Reader:
    """Makes the tree of ``pack`` from its parts; of what a worker sends only a small tree with short texts."""

    def __init__(self, data, at, trusted):
        self.data, self.at, self.trusted = data, at, trusted
        self.left, self.room = NODES, LIMIT // 8

    def tree(self, node, depth=0):
        """The tree that a node of the JSON part stands for."""
        self.left -= 1
        if not self.trusted and (self.left < 0 or depth > DEPTH):
            raise WireError("a tree with too many things in it")
        if isinstance(node, list):
            return [self.tree(value, depth + 1) for value in node]
        if not isinstance(node, dict):
            return node if self.trusted else harmless(node)
        if "dict" in node:
            return {self.tree(str(key), depth): self.tree(value, depth + 1) for key, value in node["dict"]}
        if "ref" in node:
            owner, number, kind = node["ref"]
            return Ref(harmless(str(owner)), int(number), harmless(str(kind))[:40])
        return self.array(node)

    def array(self, node):
        """The next array; a single number where it was one."""
        self.left -= 20
        size = int(node["npy"])
        self.at += size
        array = array_of(self.data[self.at - size : self.at])
        self.room -= array.size
        if not self.trusted and self.room < 0:
            raise WireError("arrays that would be larger than the limit as numbers of eight bytes")
        return array[()] if "one" in node and not array.shape else array


def harmless(leaf):
    """A number or text of a worker's: no number too large for an array, no text too long, or with half a letter."""
    if isinstance(leaf, str):
        return leaf[:TEXT].encode("utf-8", "replace").decode()
    if type(leaf) is int and abs(leaf) >= 2**63:
        raise WireError("a number that is too large")
    return leaf


def unpack(data, trusted=True):
    """The tree of ``pack``; anything malformed raises ``WireError`` and nothing else.

    >>> unpack(pack({"x": [1, np.arange(2.0)]}))
    {'x': [1, array([0., 1.])]}
    """
    try:
        (length,) = struct.unpack(">I", data[:4])
        if length > TREE:
            raise WireError("a tree larger than the limit")
        return Reader(data, 4 + length, trusted).tree(json.loads(data[4 : 4 + length]))
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"malformed message ({type(error).__name__})") from None


def send(sock, tree, seconds=None, most=math.inf):
    """Send one message.

    Raises:
        WireError: if it is larger than a message may be, or has more than ``most`` parts.
        SlowError: if the other side has not taken it after ``seconds``.
        GoneError: if the other side has closed.
    """
    data = pack(tree, most)
    if len(data) > LIMIT:
        raise WireError(f"an answer of {len(data) / 2**20:.0f} MB; {LIMIT / 2**20:.0f} MB is the limit")
    if seconds is not None:
        sock.settimeout(max(seconds, 0.001))
    try:
        sock.sendall(struct.pack(">I", len(data)) + data)
    except TimeoutError:
        raise SlowError from None
    except OSError:
        raise GoneError from None


def exactly(sock, count, deadline):
    """``count`` bytes, or ``GoneError`` / ``SlowError``."""
    parts, left = [], count
    while left:
        remaining = None if deadline is None else deadline - time.monotonic()
        if remaining is not None and remaining <= 0:
            raise SlowError
        sock.settimeout(remaining)
        try:
            part = sock.recv(min(left, 2**20))
        except TimeoutError:
            raise SlowError from None
        except OSError:
            raise GoneError from None
        if not part:
            raise GoneError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def receive(sock, seconds=None, trusted=True):
    """The next message; of one that is not ``trusted`` only a small tree with short texts is read.

    Raises:
        SlowError: if it is not complete after ``seconds``.
        GoneError: if the other side has closed.
        WireError: if it is no message, or a too large one.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    (length,) = struct.unpack(">I", exactly(sock, 4, deadline))
    if length > LIMIT:
        raise WireError("a message larger than the limit")
    return unpack(exactly(sock, length, deadline), trusted)


def command(control):
    """The judge's next command to the worker, and the sockets that come with it; the empty one once it has hung up."""
    try:
        return socket.recv_fds(control, 1, 2)[:2]
    except ConnectionError:  # it hung up without having read our last word
        return b"", []


def answer_to(number, sock, seconds):
    """The reply to one question, from a process that is not trusted.

    Raises:
        SlowError, GoneError, WireError: that process is then of no more use.
    """
    reply = receive(sock, seconds, trusted=False)
    if not isinstance(reply, dict) or type(reply.get("id")) is not int or reply["id"] != number:
        raise WireError("an answer to another question")
    if reply.get("slow") is True:
        raise SlowError
    return reply


def error_in(sent):
    """The description of an error with the parts that it has; whatever else was sent is dropped.

    >>> error_in({"type": "ValueError", "text": ["no"], "more": 1})
    {'type': 'ValueError', 'text': '', 'line': 0}
    """
    sent = sent if isinstance(sent, dict) else {}
    kind, text, line = (sent.get(key) for key in ("type", "text", "line"))
    words = {"type": kind[:40] if isinstance(kind, str) else "", "text": text[:300] if isinstance(text, str) else ""}
    return words | {"line": line if type(line) is int and 0 < line < 10**6 else 0}
