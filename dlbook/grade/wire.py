"""What passes between the judge and a worker: JSON for the tree, ``.npy`` without pickle for the arrays.

A worker runs somebody else's code, so nothing that arrives is trusted: sizes are checked before memory is
allocated, only plain numbers are let in, and there is no message that says "passed".
"""

import io
import json
import math
import struct
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np

LIMIT = 32 * 2**20  # bytes of one message
TREE = 2 * 2**20  # bytes of its JSON part, which takes many times its size when it is read
TEXT = 500  # characters of a text that a worker may send


class WireError(Exception):
    """The other side sent something that is not a message."""


class GoneError(Exception):
    """The other side is dead, or has closed the line."""


class SlowError(Exception):
    """The other side did not answer in time."""


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
        return [as_data(v, depth + 1) for v in value[:10_000]]
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


def pack(tree):
    """Bytes of a tree: the length of the JSON part, the JSON part, the arrays one after the other."""
    blobs = []

    def walk(node):
        if isinstance(node, np.ndarray | np.generic):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(node, order="C"), allow_pickle=False)
            blobs.append(buffer.getvalue())
            return {"npy": len(blobs[-1])}
        if isinstance(node, dict):
            return {"dict": [[key, walk(value)] for key, value in node.items()]}
        return [walk(value) for value in node] if isinstance(node, list | tuple) else node

    head = json.dumps(walk(tree)).encode()
    return struct.pack(">I", len(head)) + head + b"".join(blobs)


def array_of(blob):
    """An array from ``.npy`` bytes; the header is believed only where it agrees with the number of bytes."""
    stream = io.BytesIO(blob)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise WireError("not a version 1.0 .npy")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=1000)
    body = blob[stream.tell() :]
    if dtype.kind not in "biuf" or any(n < 0 for n in shape) or math.prod(shape) * dtype.itemsize != len(body):
        raise WireError("an array whose header and size disagree")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C").copy()


def unpack(data):
    """The tree of ``pack``; anything malformed raises ``WireError`` and nothing else.

    >>> unpack(pack({"x": [1, np.arange(2.0)]}))
    {'x': [1, array([0., 1.])]}
    """
    try:
        (length,) = struct.unpack(">I", data[:4])
        if length > TREE:
            raise WireError("a tree larger than the limit")
        at = 4 + length

        def walk(node):
            nonlocal at
            if isinstance(node, list):
                return [walk(value) for value in node]
            if not isinstance(node, dict):
                return node
            if "dict" in node:
                return {str(key): walk(value) for key, value in node["dict"]}
            at += node["npy"]
            return array_of(data[at - node["npy"] : at])

        return walk(json.loads(data[4:at]))
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"malformed message ({type(error).__name__})") from None


def send(sock, tree):
    """Send one message.

    Raises:
        WireError: if it is larger than a message may be.
    """
    data = pack(tree)
    if len(data) > LIMIT:
        raise WireError(f"an answer of {len(data) / 2**20:.0f} MB; {LIMIT / 2**20:.0f} MB is the limit")
    sock.sendall(struct.pack(">I", len(data)) + data)


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


def receive(sock, seconds=None):
    """The next message.

    Raises:
        SlowError: if it is not complete after ``seconds``.
        GoneError: if the other side has closed.
        WireError: if it is no message, or a too large one.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    (length,) = struct.unpack(">I", exactly(sock, 4, deadline))
    if length > LIMIT:
        raise WireError("a message larger than the limit")
    return unpack(exactly(sock, length, deadline))
