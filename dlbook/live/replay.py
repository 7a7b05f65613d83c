"""The built book's side: all frames of a figure, computed over its grid, quantised and packed into one small file.

A column of at most 64 different numbers, or of whole numbers, stays exact. Any other is quantised to 16,384 levels
between its smallest and largest value anywhere in the grid (in the logarithm where its axis is logarithmic), a field
to 128. Rows that repeat are stored once; of several ways to take differences the one that compresses best is kept.
The file is a classic script, so that it loads from `file://` too.
"""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import math
import zlib
from collections.abc import Iterator
from importlib import import_module

import numpy as np

from dlbook.live.controls import FigureError
from dlbook.live.figure import REGISTRY, Figure
from dlbook.live.frame import Field, Frame
from dlbook.live.markup import data, element

FRAMES = 2_000
BYTES = 300_000
LEVELS = 16_383
SHADES = 127
FEW = 64
GAP = 65_535  # the code of nan


# ── computing ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def grid(figure: Figure) -> Iterator[dict]:
    """The settings of every frame, in the order in which the file stores them."""
    start = figure.settings()
    for values in itertools.product(*(figure.controls[name].positions() for name in figure.arguments)):
        yield start | dict(zip(figure.arguments, values, strict=True))


def frame_count(figure: Figure) -> int:
    """How many frames the figure's grid has."""
    return math.prod(len(figure.controls[name].positions()) for name in figure.arguments)


def compute(figure: Figure) -> list[Frame]:
    """Every frame of the grid, in order; refuses a grid over budget before it starts."""
    count = frame_count(figure)
    if count > FRAMES:
        sizes = " × ".join(f"{len(figure.controls[n].positions())} {n}" for n in figure.arguments)
        raise FigureError(
            f"figure {figure.name!r}: {sizes} = {count:,} frames, {count - FRAMES:,} over the budget of {FRAMES:,}. "
            f"Take fewer steps, or let the chart alone use one of the controls."
        )
    _ = figure.panels  # compiled once, so that every frame is held against its axes
    return [frame_or_reason(figure, settings) for settings in grid(figure)]


def frame_or_reason(figure: Figure, settings: dict) -> Frame:
    """A frame; where the author's function fails, an error that says at which values."""
    try:
        return figure.frame(settings)
    except FigureError:
        raise
    except Exception as error:
        values = ", ".join(f"{name}={settings[name]!r}" for name in figure.arguments)
        raise FigureError(f"figure {figure.name!r} at {values}: {type(error).__name__}: {error}") from error


# ── packing ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def quantise(values: np.ndarray, levels: int, log: bool) -> tuple[np.ndarray, dict]:
    """Codes for numbers (GAP for nan) and what is needed to read them back.

    Whole numbers, and columns of few different numbers, stay exact, so that a chart can compare them with a control.
    """
    gaps = np.isnan(values)
    present = values[~gaps]
    if log and not (present > 0).all():
        raise FigureError("a logarithmic axis cannot show numbers that are not positive; write nan there")
    few = np.unique(present)
    if len(few) <= FEW:
        return coded(np.searchsorted(few, np.where(gaps, np.inf, values)), gaps), {"words": few.tolist()}
    if (present == present.round()).all() and np.ptp(present) < GAP:
        return coded(values - present.min(), gaps), {"low": float(present.min()), "step": 1, "log": False}
    shown = np.log10(present) if log else present
    low, step = shown.min(), np.ptp(shown) / levels
    codes = (np.log10(np.where(gaps, 1, values)) if log else values) - low
    return coded(codes / step, gaps), {"low": float(low), "step": float(step), "log": bool(log)}


def coded(codes: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Codes as 16-bit numbers, GAP where there is none."""
    return np.where(gaps, GAP, codes).round().astype(np.uint16)


def differences(codes: np.ndarray, stride: int = 0) -> tuple[int, bytes]:
    """The rows of a (rows, length) array as bytes, by the way of differences that compresses best.

    The ways add up: 1 to the neighbour in the row, 2 to the row before, 4 to the cell below, `stride` entries before.
    Low bytes come first, then high bytes.
    """
    best = None
    for way in range(8 if stride else 4):
        values = codes.astype(np.int64)
        for bit, axis, lag in ((1, 1, 1), (2, 0, 1), (4, 1, stride)):
            if way & bit:
                values = since(values, lag, axis)
        folded = values.astype(np.int16).astype(np.int32)  # modulo 2^16, as the player adds up again
        zigzag = ((folded << 1) ^ (folded >> 31)).astype(np.uint16)
        data = (zigzag & 255).astype(np.uint8).tobytes() + (zigzag >> 8).astype(np.uint8).tobytes()
        size = len(zlib.compress(data, 6))
        if best is None or size < best[0]:
            best = (size, way, data)
    return best[1], best[2]


def since(values: np.ndarray, lag: int, axis: int) -> np.ndarray:
    """Each entry minus the one `lag` before it along an axis; the first ones stay as they are."""
    result = values.copy()
    ahead, behind = [slice(None)] * 2, [slice(None)] * 2
    ahead[axis], behind[axis] = slice(lag, None), slice(None, -lag)
    result[tuple(ahead)] -= values[tuple(behind)]
    return result


def pack_column(columns: list[np.ndarray], levels: int, log: bool, stride: int = 0) -> tuple[dict, bytes]:
    """One column of all frames: texts by a dictionary, numbers quantised, repeated rows once, their lengths."""
    lengths = [len(column) for column in columns]
    flat = np.concatenate(columns) if columns else np.zeros(0)
    if flat.dtype == object:
        words, codes = np.unique(flat.astype(str), return_inverse=True)
        said: dict = {"words": words.tolist()}
    else:
        codes, said = quantise(flat, levels, log)
    width = max(lengths)
    table = np.full((len(columns), width), GAP, dtype=np.uint16)
    for row, part in zip(table, np.split(codes, np.cumsum(lengths)[:-1]), strict=True):
        row[: len(part)] = part
    unique, which = first_unique(table)
    way, data = differences(unique, stride)
    order_way, order = differences(which[None, :].astype(np.uint16))
    header = said | {"rows": len(unique), "width": width, "way": way, "stride": stride, "order": order_way}
    if len(set(lengths)) > 1:
        header["lengths"] = lengths
    return header, data + order


def first_unique(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different rows in order of appearance, and for each row which of them it is."""
    seen: dict[bytes, int] = {}
    which = np.array([seen.setdefault(row.tobytes(), len(seen)) for row in table])
    _, first = np.unique(which, return_index=True)
    return table[first], which


def pack(figure: Figure, frames: list[Frame]) -> tuple[dict, bytes]:
    """All frames as a header and one run of bytes."""
    logs = {(r.table, r.column) for col in figure.panels for p in col for r in p.readings if r.log}
    header: dict = {"tables": {}, "told": {}, "says": [frame.says for frame in frames]}
    buffers = []
    for name, first in frames[0].tables.items():
        if isinstance(first, Field):
            said, data = pack_column(
                [f.tables[name].values.ravel() for f in frames], SHADES, False, first.values.shape[1]
            )
            header["tables"][name] = {"field": said, "extent": first.extent, "shape": first.values.shape}
            buffers.append(data)
            continue
        header["tables"][name] = {"columns": {}}
        for column in first:
            try:
                said, data = pack_column([f.tables[name][column] for f in frames], LEVELS, (name, column) in logs)
            except FigureError as error:
                raise FigureError(f"figure {figure.name!r}, table {name!r}, column {column!r}: {error}") from None
            header["tables"][name]["columns"][column] = said
            buffers.append(data)
    told = [frame.told() for frame in frames]
    for key in dict.fromkeys(key for one in told for key in one):  # a sentence need not quote what others quote
        texts = [np.array(one.get(key, []), dtype=object) for one in told]
        header["told"][key], data = pack_column(texts, LEVELS, False)
        buffers.append(data)
    return header, b"".join(buffers)


def script(figure: Figure, frames: list[Frame], extra: dict) -> str:
    """The figure's data file; refused when it is over budget."""
    header, data = pack(figure, frames)
    head = json.dumps(header | extra, ensure_ascii=False, separators=(",", ":")).encode()
    packed = zlib.compress(len(head).to_bytes(4, "little") + head + data, 9)
    text = f'dlbook.frames("{figure.name}","{base64.b64encode(packed).decode()}");\n'
    size = weight(text)
    if size > BYTES:
        raise FigureError(
            f"figure {figure.name!r}: {len(frames):,} frames take {size:,} bytes compressed, {size - BYTES:,} over the "
            f"budget of {BYTES:,}. Take fewer steps, a coarser mesh, or shorter lines."
        )
    return text


def made(module: str, name: str) -> tuple[str, str]:
    """Element and data file of the figure that a module declares, in whichever process this is."""
    if name not in REGISTRY:
        import_module(module)
    figure = REGISTRY[name]
    return element(figure), script(figure, compute(figure), data(figure))


def weight(text: str) -> int:
    """Bytes of a file as a server sends it, compressed."""
    return len(gzip.compress(text.encode(), 9))
