"""Numbers on a grid: heat maps, confusion, attention, pictures, filters.

Strength is opacity, sign is colour: blue above zero, vermilion below. Zero is the paper itself, light or dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from dlcore.palette import LIGHT, SHEET
from dlcore.viz.look import WIDTH, array, bare, canvas, label, number, tint

#: Grids up to this many cells are drawn as rectangles, which stay sharp and change colour with the page; larger ones
#: as one embedded picture.
VECTOR = 2500


def heat(
    values: Any,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    x: str = "",
    y: str = "",
    title: str = "",
    limit: float | None = None,
    numbers: bool | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a matrix as coloured cells: blue above zero, vermilion below, more opaque for larger.

    Args:
        values: (R, C) numbers.
        rows, columns: names of the rows (from the top) and columns.
        x, y: labels of the axes.
        title: a heading.
        limit: the size that is fully opaque; by default the largest there is.
        numbers: write the numbers into the cells; by default for at most 12 × 12 cells.
        ax: axes to draw on.

    Returns:
        The axes; cell (r, c) is centred at x = c, y = r.

    Raises:
        ValueError: if values is not a matrix with at least one cell, or the names do not match its shape.

    >>> heat([[1.0, -2.0]], columns=["a", "b"]).get_title(loc="left")
    ''
    """
    v = _matrix("heat", values, rows, columns)
    ax = canvas(ax, _size(v.shape))
    limit = limit or _largest(v)
    cells(ax, tint(v / limit), gap=0.04 if v.size <= 400 else 0)
    if numbers if numbers is not None else max(v.shape) <= 12:
        for (r, c), value in np.ndenumerate(v):
            ink = "paper" if abs(value) > 0.7 * limit else "ink"
            ax.text(c, r, number(value, 2), ha="center", va="center", fontsize=8.5, color=LIGHT[ink])
    _ticks(ax, rows, columns)
    return label(ax, x, y, title)


def confusion(matrix: Any, classes: Sequence[str] | None = None, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix: right answers in blue, mistakes in vermilion; the larger their share, the more opaque.

    Args:
        matrix: (K, K) counts, row = true class, column = predicted class.
        classes: names of the classes.
        title: a heading.
        ax: axes to draw on.

    Returns:
        The axes; zeros are left blank.

    Raises:
        ValueError: if matrix is not square, or the names do not match.

    >>> confusion([[5, 1], [0, 4]]).get_xlabel()
    'predicted class'
    """
    m = _matrix("confusion", matrix, classes, classes)
    if m.shape[0] != m.shape[1]:
        raise ValueError(f"confusion: expected a square matrix (K, K); got {m.shape}.")
    names = list(classes) if classes else [str(k) for k in range(len(m))]
    share = m / np.maximum(m.sum(axis=1, keepdims=True), 1)
    right = np.eye(len(m), dtype=bool)
    ax = canvas(ax, _size(m.shape))
    cells(ax, tint(np.where(right, share, -np.sqrt(share))), gap=0.04)
    for (r, c), count in np.ndenumerate(m):
        if count:
            deep = share[r, c] > (0.55 if r == c else 0.3)
            ax.text(c, r, f"{count:g}", ha="center", va="center", fontsize=8.5, color=LIGHT["paper" if deep else "ink"])
    _ticks(ax, names, names)
    return label(ax, "predicted class", "true class", title)


def attention(
    weights: Any,
    queries: Sequence[str] | None = None,
    keys: Sequence[str] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw one head's attention: each row is a token that asks, each column a token that is looked at.

    Args:
        weights: (T, S); each row adds up to 1.
        queries: T tokens that ask; by default the keys.
        keys: S tokens that are looked at.
        title: a heading.
        ax: axes to draw on.

    Returns:
        The axes; opacity is the weight from 0 to 1, not scaled by the largest.

    Raises:
        ValueError: if weights is not a matrix, or the tokens do not match. For several heads: one call per head, on
            `panels(heads)`.

    >>> attention(np.eye(2), keys=["a", "b"]).get_ylabel()
    'asks (query)'
    """
    rows = queries if queries is not None else keys
    w = _matrix("attention", weights, rows, keys)
    ax = canvas(ax, _size(w.shape))
    cells(ax, tint(w, positive=LIGHT["activation"]), gap=0.04 if w.size <= 400 else 0)
    _ticks(ax, rows, keys, above=True)
    return label(ax, "is looked at (key)", "asks (query)", title)


def images(
    pictures: Any,
    columns: int | None = None,
    captions: Sequence[str] | None = None,
    limits: tuple[float, float] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw pictures side by side: one channel as ink on the page (1 is ink), three channels as colour photographs.

    Args:
        pictures: (N, H, W), (N, 1, H, W) or (N, 3, H, W); one grey picture (H, W) will do, too.
        columns: pictures per row; by default about as many as rows.
        captions: one short text below each picture.
        limits: values drawn as blank and as full; by default (0, 1) for colour, the smallest and largest for ink.
        title: a heading.
        ax: axes to draw on.

    Returns:
        The axes, without ticks.

    Raises:
        ValueError: if the shape is another or there is no picture, or the captions are not N.

    >>> ax = images(np.eye(8)[None].repeat(3, 0), captions=["a", "b", "c"])
    >>> [t.get_text() for t in ax.texts]
    ['a', 'b', 'c']
    """
    p = _pictures(array(pictures))
    low, high = limits or ((0.0, 1.0) if p.shape[1] == 3 else (float(np.nanmin(p)), float(np.nanmax(p))))
    p = np.clip((p - low) / max(high - low, 1e-12), 0, 1)
    if p.shape[1] == 1:
        return _mosaic("images", tint(p[:, 0], positive=LIGHT["ink"]), columns, captions, title, ax, frame=True)
    photographs = np.concatenate([p.transpose(0, 2, 3, 1), np.ones((len(p), *p.shape[2:], 1))], axis=-1)
    return _mosaic("images", photographs, columns, captions, title, ax, frame=False)


def on_paper(pictures: Any) -> np.ndarray:
    """Grey pictures as colour photographs of ink on paper, dark on light, on light and on dark pages alike.

    Args:
        pictures: (N, H, W) or (N, 1, H, W), from 0, blank, to 1, ink.

    Returns:
        (N, 3, H, W), from 0 to 1.

    >>> on_paper(np.zeros((2, 8, 8))).shape
    (2, 3, 8, 8)
    """
    paper, ink = (np.array(to_rgb(colour)).reshape(3, 1, 1) for colour in SHEET)
    return paper + np.clip(_pictures(array(pictures)), 0, 1) * (ink - paper)


def filters(
    weights: Any,
    columns: int | None = None,
    captions: Sequence[str] | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the weights of a convolution: blue excites, vermilion inhibits, all on one scale.

    Args:
        weights: (O, C, kh, kw), (O, kh, kw) or one filter (kh, kw); with C > 1 each filter becomes a row of C squares.
        columns: squares per row.
        captions: one short text below each square.
        title: a heading.
        ax: axes to draw on.

    Returns:
        The axes, without ticks.

    Raises:
        ValueError: if the shape is another or the captions are not as many as squares.

    >>> len(filters(np.ones((4, 1, 3, 3))).patches)
    4
    """
    w = array(weights)
    w = w[None] if w.ndim == 2 else w
    if w.ndim == 4:
        columns = columns or (w.shape[1] if w.shape[1] > 1 else None)
        w = w.reshape(-1, *w.shape[2:])
    if w.ndim != 3 or not w.size:
        raise ValueError(f"filters: expected weights of shape (O, C, kh, kw), (O, kh, kw) or (kh, kw); got {w.shape}.")
    return _mosaic("filters", tint(w / _largest(w)), columns, captions, title, ax, frame=True)


def cells(ax: Axes, colours: np.ndarray, gap: float = 0.0, at: tuple[float, float] = (0.0, 0.0)) -> None:
    """Fill a grid of unit cells with RGBA colours (R, C, 4); the upper left cell is centred at `at` = (x, y)."""
    r, c = colours.shape[:2]
    x0, y0 = at[0] - 0.5, at[1] - 0.5
    if r * c > VECTOR:
        ax.imshow(colours, extent=(x0, x0 + c, y0 + r, y0), interpolation="nearest", aspect="equal")
    else:
        corner = np.array([[gap, gap], [1 - gap, gap], [1 - gap, 1 - gap], [gap, 1 - gap]])
        place = np.stack(np.meshgrid(np.arange(c), np.arange(r)), axis=-1).reshape(-1, 1, 2) + [x0, y0]
        flat = colours.reshape(-1, 4)
        seen = flat[:, 3] > 0.004  # what is fully transparent need not be drawn
        squares = PolyCollection((place + corner)[seen], facecolors=flat[seen], linewidths=0, antialiased=gap > 0)
        ax.add_collection(squares, autolim=False)
    ax.set(xlim=(x0, x0 + c), ylim=(y0 + r, y0), aspect="equal")


def _mosaic(
    where: str, tiles: np.ndarray, columns: int | None, captions: Any, title: str, ax: Axes | None, frame: bool
) -> Axes:
    """Lay (N, H, W, 4) tiles out in rows; one unit is one pixel of a tile."""
    n, h, w, _ = tiles.shape
    if captions is not None and len(captions) != n:
        raise ValueError(f"{where}: {n} pictures need {n} captions; got {len(captions)}.")
    across = min(n, columns or int(np.ceil(np.sqrt(n * h / w * 1.6))))
    rows = -(-n // across)
    pitch_x, pitch_y = 1.12 * w, (1.3 if captions is not None else 1.12) * h
    width = min(WIDTH, (0.95 if w <= 64 else 2.7) * across + 0.2)
    ax = bare(canvas(ax, (width, width * rows * pitch_y / (across * pitch_x) + (0.35 if title else 0.1))))
    vector = tiles.shape[0] * h * w <= VECTOR
    for i, tile in enumerate(tiles):
        x0, y0 = (i % across) * pitch_x, (i // across) * pitch_y
        if vector:
            cells(ax, tile, at=(x0 + 0.5, y0 + 0.5))
        else:
            ax.imshow(_opaque(tile), extent=(x0, x0 + w, y0 + h, y0), interpolation="nearest")
        if frame:
            ax.add_patch(_outline(x0, y0, w, h))
        if captions is not None:
            ax.text(x0 + w / 2, y0 + 1.04 * h, captions[i], ha="center", va="top", fontsize=8.5, color=LIGHT["ink"])
    ax.set(xlim=(-0.03 * w, across * pitch_x - 0.09 * w), ylim=(rows * pitch_y - 0.09 * h, -0.03 * h), aspect="equal")
    return label(ax, title=title)


def _outline(x: float, y: float, width: float, height: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, fill=False, edgecolor=LIGHT["grid"], linewidth=0.6)


def _opaque(tile: np.ndarray) -> np.ndarray:
    """Lay a tile on paper: an embedded picture cannot change its colours with the page, so it brings its own ground."""
    alpha = tile[..., 3:]
    return tile[..., :3] * alpha + np.array(to_rgb(LIGHT["paper"])) * (1 - alpha)


def _pictures(p: np.ndarray) -> np.ndarray:
    p = p[None] if p.ndim == 2 else p
    p = p[:, None] if p.ndim == 3 else p
    if p.ndim != 4 or p.shape[1] not in (1, 3) or not p.size:
        raise ValueError(
            f"images: expected shape (N, H, W), (N, 1, H, W) or (N, 3, H, W), channels first; got {p.shape}. "
            "One colour photograph (3, H, W) needs a first axis: picture[None]."
        )
    return p.astype(float)


def _matrix(where: str, values: Any, rows: Sequence[str] | None, columns: Sequence[str] | None) -> np.ndarray:
    v = array(values).astype(float)
    if v.ndim != 2 or not v.size:
        raise ValueError(f"{where}: expected a matrix (rows, columns) with at least one cell; got shape {v.shape}.")
    for axis, names in enumerate((rows, columns)):
        if names is not None and len(names) != v.shape[axis]:
            raise ValueError(
                f"{where}: {v.shape[axis]} {('rows', 'columns')[axis]} need {v.shape[axis]} names, got {len(names)}."
            )
    return v


def _largest(v: np.ndarray) -> float:
    finite = np.abs(v[np.isfinite(v)])
    return float(finite.max(initial=0)) or 1.0


def _size(shape: tuple[int, ...]) -> tuple[float, float]:
    """A size in inches at which cells are squares and names can be read."""
    cell = min(0.5, 4.2 / max(shape))
    return max(2.2, cell * shape[1] + 1.3), max(1.5, cell * shape[0] + 0.9)


def _ticks(ax: Axes, rows: Sequence[str] | None, columns: Sequence[str] | None, above: bool = False) -> None:
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_yticks(range(len(rows)) if rows is not None else [], rows or [], color=LIGHT["ink"])
    ax.set_xticks(range(len(columns)) if columns is not None else [], columns or [], color=LIGHT["ink"])
    long = columns is not None and max(map(len, columns), default=0) > 4
    if above:
        ax.xaxis.tick_top()
        ax.xaxis.set_label_position("top")
    if long:
        for tick in ax.get_xticklabels():
            tick.set(rotation=45, ha="left" if above else "right", rotation_mode="anchor")
